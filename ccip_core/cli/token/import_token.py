"""`ccip token import`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.session import AsJson, DeploymentPath, open_session, parse_address
from ccip_core.cli.token import journal
from ccip_core.cli.token.options import OnChain, Symbol
from ccip_core.cli.token.report import report
from ccip_core.deployment import Token
from ccip_core.refusal import BadRequest
from ccip_core.rpc import RpcMalformed, RpcRefused
from ccip_core.tokens import facts
from ccip_core.tokens.creation import PoolType
from ccip_core.views import ask


def import_token(
    *,
    symbol: Symbol,
    chain: OnChain,
    token: Annotated[str, typer.Option("--token", help="0x… of the token")],
    pool: Annotated[str, typer.Option("--pool", help="0x… of its pool")],
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """Take a token and a pool that stand already into the deployment file. Nothing is sent."""
    session = open_session(deployment)
    place = session.deployment.find_chain(chain)
    if any(known.symbol == symbol for known in place.tokens):
        raise BadRequest(f"SYMBOL = {symbol}: {place.name} has it already; choose another")
    address, pool_address = parse_address("token", token), parse_address("pool", pool)
    with Chains(session.deployment) as chains:
        rpc = chains.rpc(place.selector)
        try:
            decimals = int(ask(rpc, address, "decimals()", returns=("uint8",))[0])
        except (RpcRefused, RpcMalformed):
            raise BadRequest(f"token = {token}: no token stands there on {place.name}; check the address") from None
        kind = _pool_type(facts.pool_version(rpc, pool_address).name)
        found = Token(symbol=symbol, address=address, pool=pool_address, pool_type=kind, decimals=decimals)
        facts.read_pool(rpc, found, pool_address)
    journal.conclude(session.deployment, session.path, place, found)
    report(
        {}, as_json, {"symbol": symbol, "address": hex_text(address), "pool": hex_text(pool_address), "pool_type": kind}
    )


def _pool_type(name: str) -> PoolType:
    return "lock_release" if "LockRelease" in name else "burn_mint"
