"""`ccip token deploy-pool`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.session import AsJson, DeploymentPath, parse_address
from ccip_core.cli.token import journal
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.creations import Creations, pool_name
from ccip_core.cli.token.options import (
    PASSWORD_ENV,
    Creator,
    Keys,
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
from ccip_core.tokens.creation import NewToken


def deploy_pool(
    *,
    symbol: Symbol,
    chain: OnChain,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="0x… who alone may send it; may be repeated; fixed for good")
    ] = None,
    creator: Creator = None,
    only_plan: OnlyPlan = False,
    safe: SafeFolder = None,
    keystore: Keystore = None,
    password_env: PasswordEnv = PASSWORD_ENV,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Create another pool for a token, for `upgrade-pool` to put in the place of the present one."""
    place = find_place(deployment, chain, symbol)
    allowed = tuple(parse_address("allow", account) for account in allow or ())
    token = place.token
    wish = NewToken(symbol, token.decimals, token.pool_type, address=token.address, allowlist=allowed)
    sending = Sending(only_plan, safe, keystore, password_env, as_json)
    keys = Keys(place.deployment, keystore, password_env)
    account = None if creator is None else parse_address("from", creator)
    with Chains(place.deployment) as chains:
        creation = Creations(place.session, keys, account=account).plan_pool(chains, place.chain, wish)
        begun = creation.token.model_copy(update={"symbol": pool_name(symbol)})
        done = carry_out(
            chains, creation.plan, sending, keys, lambda: journal.remember(place.session.path, place.chain, begun)
        )
    report(done, as_json, {"symbol": symbol, "pool": hex_text(creation.token.pool)})
