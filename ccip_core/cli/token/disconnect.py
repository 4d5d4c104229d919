"""`ccip token disconnect`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Remote, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.tokens import facts
from ccip_core.tokens.connections import plan_disconnect
from ccip_core.tokens.flight import to_chain


@sends
def disconnect(
    *,
    symbol: Symbol,
    chain: OnChain,
    remote: Remote,
    now: Annotated[bool, typer.Option("--now", help="even if messages from there are on their way: they fail")] = False,
    sending: Sending,
) -> None:
    """Have a token's pool forget a remote chain: nothing goes there and nothing comes from there."""
    place = find_place(sending.deployment, chain, symbol)
    there = place.deployment.find_chain(remote)
    with Chains(place.deployment) as chains:
        plan = plan_disconnect(facts.read(chains, place.chain, place.token), there.selector, there.name)
        if plan.steps and not now:
            twins = [token for token in there.tokens if token.symbol == symbol]
            to_chain(
                chains, place.chain, dict.fromkeys([there.selector], twins[0].pool) if twins else {}
            ).refuse_if_any(plan.goal)
        report(carry_out(chains, plan, sending), sending.as_json)
