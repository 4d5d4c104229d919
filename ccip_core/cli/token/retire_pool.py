"""`ccip token retire-pool`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.session import parse_address
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.cli.token.upgrade_pool import other_ends
from ccip_core.tokens import facts
from ccip_core.tokens.flight import from_pool
from ccip_core.tokens.upgrades import plan_retire


@sends
def retire_pool(
    *,
    symbol: Symbol,
    chain: OnChain,
    pool: Annotated[str, typer.Option("--pool", help="0x… of the old pool")],
    sending: Sending,
) -> None:
    """Have everyone forget a pool that was replaced, once nothing that left by it is on its way."""
    place = find_place(sending.deployment, chain, symbol)
    old_pool = parse_address("pool", pool)
    with Chains(place.deployment) as chains:
        old = facts.read_pool(chains.rpc(place.chain.selector), place.token, old_pool)
        now = facts.read(chains, place.chain, place.token)
        in_flight = from_pool(chains, place.chain, old_pool)
        plan = plan_retire(chains, old, now, other_ends(chains, place), in_flight)
        report(carry_out(chains, plan, sending), sending.as_json)
