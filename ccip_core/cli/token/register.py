"""`ccip token register`."""

from ccip_core.chains import Chains
from ccip_core.cli.session import AsJson, DeploymentPath
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import (
    PASSWORD_ENV,
    Keystore,
    OnChain,
    OnlyPlan,
    PasswordEnv,
    SafeFolder,
    Sending,
    Symbol,
    find_place,
)
from ccip_core.cli.token.report import report
from ccip_core.tokens import facts
from ccip_core.tokens.registration import plan_register


def register(
    *,
    symbol: Symbol,
    chain: OnChain,
    only_plan: OnlyPlan = False,
    safe: SafeFolder = None,
    keystore: Keystore = None,
    password_env: PasswordEnv = PASSWORD_ENV,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Propose the token's CCIP admin, or its owner, as its administrator."""
    place = find_place(deployment, chain, symbol)
    sending = Sending(only_plan, safe, keystore, password_env, as_json)
    with Chains(place.deployment) as chains:
        plan = plan_register(facts.read(chains, place.chain, place.token))
        report(carry_out(chains, plan, sending), as_json)
