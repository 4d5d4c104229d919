"""`ccip token deploy-pool`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.session import parse_address
from ccip_core.cli.token import journal
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.creations import Creations, pool_name
from ccip_core.cli.token.options import Creator, Keys, OnChain, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.tokens.creation import NewToken


@sends
def deploy_pool(
    *,
    symbol: Symbol,
    chain: OnChain,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="0x… who alone may send it; may be repeated; fixed for good")
    ] = None,
    creator: Creator = None,
    sending: Sending,
) -> None:
    """Create another pool for a token, for `upgrade-pool` to put in the place of the present one."""
    place = find_place(sending.deployment, chain, symbol)
    allowed = tuple(parse_address("allow", account) for account in allow or ())
    token = place.token
    wish = NewToken(symbol, token.decimals, token.pool_type, address=token.address, allowlist=allowed)
    keys = Keys(place.deployment, sending.keystore, sending.password_env)
    account = None if creator is None else parse_address("from", creator)
    with Chains(place.deployment) as chains:
        creation = Creations(place.session, keys, account=account).plan_pool(chains, place.chain, wish)
        begun = creation.token.model_copy(update={"symbol": pool_name(symbol)})
        done = carry_out(
            chains, creation.plan, sending, keys, lambda: journal.remember(place.session.path, place.chain, begun)
        )
    report(done, sending.as_json, {"symbol": symbol, "pool": hex_text(creation.token.pool)})
