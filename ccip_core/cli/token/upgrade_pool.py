"""`ccip token upgrade-pool`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.session import parse_address
from ccip_core.cli.token import journal
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.creations import pool_name
from ccip_core.cli.token.options import OnChain, Place, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.deployment import NOBODY
from ccip_core.refusal import BadRequest
from ccip_core.tokens import facts
from ccip_core.tokens.facts import TokenFacts
from ccip_core.tokens.upgrades import plan_upgrade


@sends
def upgrade_pool(
    *,
    symbol: Symbol,
    chain: OnChain,
    pool: Annotated[str, typer.Option("--pool", help="0x… of the new pool")],
    sending: Sending,
) -> None:
    """Put a new pool in the place of the old one. Messages on their way arrive; `retire-pool` is for later."""
    place = find_place(sending.deployment, chain, symbol)
    wanted = parse_address("pool", pool)
    with Chains(place.deployment) as chains:
        rpc = chains.rpc(place.chain.selector)
        new_kind = facts.pool_version(rpc, wanted).name
        if ("LockRelease" in new_kind) != (place.token.pool_type == "lock_release"):
            raise BadRequest(
                f"pool = {pool}: a {new_kind} can't follow a {place.token.pool_type} pool: locked is not minted"
            )
        if place.token.pool == wanted:
            raise BadRequest(f"pool = {pool}: the deployment has this pool for {symbol} already; name the new one")
        old = facts.read_pool(rpc, place.token, place.token.pool)
        new = facts.read(chains, place.chain, place.token, wanted)
        done = carry_out(chains, plan_upgrade(chains, old, new, other_ends(chains, place)), sending)
    if done is None:
        return
    changed = place.token.model_copy(update={"pool": wanted})
    journal.conclude(place.deployment, place.session.path, place.chain, changed)
    journal.forget(place.session.path, place.chain, pool_name(symbol))
    shown = {"symbol": symbol, "pool": hex_text(wanted), "old_pool": hex_text(place.token.pool)}
    report(done, sending.as_json, shown)


def other_ends(chains: Chains, place: Place) -> list[TokenFacts]:
    """The token on the other chains."""
    return [
        facts.read(chains, chain, token)
        for chain in place.deployment.chains
        if chain.selector != place.chain.selector
        for token in chain.tokens
        if token.symbol == place.token.symbol and token.pool != NOBODY
    ]
