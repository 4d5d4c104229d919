"""`ccip token connect`."""

from ccip_core.chains import Chains
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import Capacity, OnChain, Rate, Remote, Sending, Symbol, find_place, read_bucket, sends
from ccip_core.cli.token.report import remote_json, report
from ccip_core.tokens import facts
from ccip_core.tokens.connections import plan_connect
from ccip_core.tokens.limits import Limits, widened


@sends
def connect(
    *, symbol: Symbol, chain: OnChain, remote: Remote, capacity: Capacity = None, rate: Rate = None, sending: Sending
) -> None:
    """Make the pools of two chains known to each other, both ways; what may arrive is 110 % of what may leave.

    Without limits, a new connection has none and one that stands keeps its own.
    """
    place, twin = find_place(sending.deployment, chain, symbol), find_place(sending.deployment, remote, symbol)
    near_limits = far_limits = None
    if capacity is not None or rate is not None:
        near, far = (read_bucket(capacity, rate, end.token.decimals) for end in (place, twin))
        near_limits = Limits(near, widened(far, place.token.decimals, twin.token.decimals))
        far_limits = Limits(far, widened(near, twin.token.decimals, place.token.decimals))
    with Chains(place.deployment) as chains:
        here, there = (facts.read(chains, end.chain, end.token) for end in (place, twin))
        done = carry_out(chains, plan_connect(here, there, near_limits, far_limits), sending)
        after = facts.read_pool(chains.rpc(place.chain.selector), place.token, place.token.pool).remotes
    report(
        done,
        sending.as_json,
        remote_json(symbol, twin.chain.selector, after[twin.chain.selector]) if sending.as_json and done else None,
    )
