"""`ccip token limits`."""

from typing import Annotated, Literal

import typer

from ccip_core.chains import Chains
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import Capacity, OnChain, Rate, Remote, Sending, Symbol, find_place, read_bucket, sends
from ccip_core.cli.token.report import remote_facts, remote_json, report
from ccip_core.deployment import Chain
from ccip_core.protocol.messages import ChainSelector, RateLimiterConfig
from ccip_core.refusal import BadRequest
from ccip_core.tokens import facts
from ccip_core.tokens.facts import TokenFacts
from ccip_core.tokens.limits import Limits, current, lane_warnings, lockdown, plan_limits, widened

Direction = Literal["both", "outbound", "inbound"]


@sends
def limits(
    *,
    symbol: Symbol,
    chain: OnChain,
    remote: Remote,
    capacity: Capacity = None,
    rate: Rate = None,
    direction: Annotated[Direction, typer.Option("--direction", help="both: inbound gets 110 % of these")] = "both",
    off: Annotated[bool, typer.Option("--off", help="no limit")] = False,
    lock: Annotated[bool, typer.Option("--lockdown", help="next to nothing passes, as this pool version can")] = False,
    sending: Sending,
) -> None:
    """Show a lane's limits at one end; with --capacity and --rate, --off or --lockdown, change them."""
    place = find_place(sending.deployment, chain, symbol)
    twin = place.deployment.find_chain(remote)
    has_numbers = capacity is not None or rate is not None
    if has_numbers + off + lock > 1:
        raise BadRequest("off, lockdown, capacity: they exclude each other; give one")
    with Chains(place.deployment) as chains:
        now = facts.read(chains, place.chain, place.token)
        if twin.selector not in now.pool.remotes:
            raise BadRequest(
                f"remote = {remote}: the pool of {symbol} is not connected to it; `ccip token connect` first"
            )
        if not (has_numbers or off or lock):
            known = now.pool.remotes[twin.selector]
            shown = remote_json(symbol, twin.selector, known)
            return report(
                {},
                sending.as_json,
                shown if sending.as_json else remote_facts(place.deployment, place.token, twin.selector, known),
            )
        bucket = lockdown(now.pool.version) if lock else read_bucket(capacity, rate, place.token.decimals)
        wanted = _wanted(now, twin.selector, bucket, direction, is_widened=has_numbers)
        plan = plan_limits(now, twin.selector, wanted, twin.name)
        if plan.steps and not lock:
            plan = plan._replace(warnings=plan.warnings + _lane_notes(chains, now, twin, wanted))
        done = carry_out(chains, plan, sending)
        after = facts.read(chains, place.chain, place.token).pool.remotes[twin.selector]
    shown = remote_json(symbol, twin.selector, after)
    return report(
        done,
        sending.as_json,
        shown if sending.as_json else remote_facts(place.deployment, place.token, twin.selector, after),
    )


def _wanted(
    now: TokenFacts, remote: ChainSelector, bucket: RateLimiterConfig, direction: Direction, *, is_widened: bool
) -> Limits:
    set_now = current(now.pool.remotes[remote])
    if direction == "outbound":
        return set_now._replace(outbound=bucket)
    if direction == "inbound":
        return set_now._replace(inbound=bucket)
    decimals = now.token.decimals
    return Limits(bucket, widened(bucket, decimals, decimals) if is_widened else bucket)


def _lane_notes(chains: Chains, now: TokenFacts, twin: Chain, wanted: Limits) -> tuple[str, ...]:
    """How the limits fit those at the other end."""
    for token in twin.tokens:
        if token.symbol == now.token.symbol:
            far = facts.read(chains, twin, token)
            known = far.pool.remotes.get(now.chain.selector)
            if known is not None:
                return lane_warnings(now, far, wanted, current(known))
    return ()
