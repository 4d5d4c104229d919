"""`ccip token transfer-admin`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.session import AsJson, DeploymentPath, parse_address
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
from ccip_core.tokens.registration import plan_transfer_admin


def transfer_admin(
    *,
    symbol: Symbol,
    chain: OnChain,
    new_admin: Annotated[str, typer.Option("--to", help="0x… who may accept; 0x00… takes an offer back")],
    only_plan: OnlyPlan = False,
    safe: SafeFolder = None,
    keystore: Keystore = None,
    password_env: PasswordEnv = PASSWORD_ENV,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Offer the administrator's role to another account."""
    place = find_place(deployment, chain, symbol)
    sending = Sending(only_plan, safe, keystore, password_env, as_json)
    with Chains(place.deployment) as chains:
        plan = plan_transfer_admin(facts.read(chains, place.chain, place.token), parse_address("to", new_admin))
        report(carry_out(chains, plan, sending), as_json)
