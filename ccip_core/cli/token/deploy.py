"""`ccip token deploy`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.session import open_session, parse_address
from ccip_core.cli.token import journal
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.creations import Creations
from ccip_core.cli.token.options import Creator, Keys, OnChain, Sending, Symbol, read_amount, sends
from ccip_core.cli.token.report import report
from ccip_core.tokens.creation import NewToken, PoolType


@sends
def deploy(
    *,
    symbol: Symbol,
    chain: OnChain,
    decimals: Annotated[int, typer.Option("--decimals", min=0, max=77)] = 18,
    pool: Annotated[PoolType, typer.Option("--pool")] = "burn_mint",
    supply: Annotated[str, typer.Option("--supply", help="whole tokens for the deployer; 0 for none")] = "1000000",
    token: Annotated[str | None, typer.Option("--token", help="0x… that stands already and needs a pool only")] = None,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="0x… who alone may send it; may be repeated; fixed for good")
    ] = None,
    factory: Annotated[bool, typer.Option("--factory", help="by the TokenPoolFactory, in one transaction")] = False,
    creator: Creator = None,
    sending: Sending,
) -> None:
    """Deploy a token and its pool, and write them into the deployment file. The factory also registers it."""
    session = open_session(sending.deployment)
    place = session.deployment.find_chain(chain)
    wish = NewToken(
        symbol,
        decimals,
        pool,
        0 if supply == "0" else read_amount("supply", supply, decimals),
        None if token is None else parse_address("token", token),
        tuple(parse_address("allow", account) for account in allow or ()),
    )
    account = None if creator is None else parse_address("from", creator)
    keys = Keys(session.deployment, sending.keystore, sending.password_env)
    with Chains(session.deployment) as chains:
        creation = Creations(session, keys, factory, account).plan(chains, place, wish)
        done = carry_out(
            chains, creation.plan, sending, keys, lambda: journal.remember(session.path, place, creation.token)
        )
    if done is not None:
        journal.conclude(session.deployment, session.path, place, creation.token)
    made = creation.token
    report(done, sending.as_json, {"symbol": symbol, "address": hex_text(made.address), "pool": hex_text(made.pool)})
