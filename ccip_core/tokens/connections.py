"""Pools that know each other. A second pool at the other end is added, never put in the place of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.protocol.codec import encode_address
from ccip_core.refusal import CcipRefusal
from ccip_core.tokens import limits
from ccip_core.tokens.limits import CONFIG, Limits
from ccip_core.tokens.plans import Plan, Step, call_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.tokens.facts import TokenFacts

_UPDATE = f"(uint64,bytes[],bytes,{CONFIG},{CONFIG})"


def plan_connect(near: TokenFacts, far: TokenFacts, near_limits: Limits | None, far_limits: Limits | None) -> Plan:
    """Let two pools trade, both ways. Limits of None: unlimited where the pools do not know each other, else as set.

    Raises:
        CcipRefusal: a pool takes another contract for the token at the other end.
        BadRequest: a pool would refuse its limits.
    """
    ends = ((near, far, near_limits), (far, near, far_limits))
    plans = [_plan_end(here, there, wanted) for here, there, wanted in ends]
    settled = [_settled(here, there, wanted) for here, there, wanted in ends]
    goal = f"connect {near.token.symbol} on {near.chain.name} and {far.chain.name}"
    whole = Plan.of(goal, plans)
    if not whole.steps:
        return whole
    return whole._replace(warnings=(*whole.warnings, *limits.lane_warnings(near, far, *settled)))


def _plan_end(here: TokenFacts, there: TokenFacts, wanted: Limits | None) -> Plan:
    remote = there.chain.selector
    goal = f"connect {here.label} to {there.chain.name}"
    known = here.pool.remotes.get(remote)
    if known is None:
        chosen = wanted or Limits()
        limits.check(here.pool, chosen)
        return Plan(goal, (add_chain_step(here, remote, [encode_address(there.pool.address)], there, chosen),))
    if known.token != encode_address(there.token.address):
        raise CcipRefusal(
            f"{goal}: its pool takes 0x{known.token.hex()} for the token there, not "
            f"0x{there.token.address.hex()}; remove that connection first (`ccip token disconnect`)"
        )
    steps = () if encode_address(there.pool.address) in known.pools else (add_pool_step(here, there),)
    limited = Plan(goal, ()) if wanted is None else limits.plan_limits(here, remote, wanted, there.chain.name)
    return Plan(goal, (*steps, *limited.steps), limited.warnings)


def plan_disconnect(here: TokenFacts, remote: ChainSelector, remote_name: str) -> Plan:
    """Have the pool forget a remote chain: nothing goes there and nothing comes from there."""
    goal = f"disconnect {here.label} from {remote_name}"
    if remote not in here.pool.remotes:
        return Plan(goal, ())
    signature = f"applyChainUpdates(uint64[],{_UPDATE}[])"
    return Plan(goal, (call_step(here.chain, here.pool.owner, here.pool.address, goal, signature, [remote], ()),))


def add_chain_step(
    here: TokenFacts, remote: ChainSelector, pools: Sequence[bytes], there: TokenFacts, wanted: Limits
) -> Step:
    """The transaction that introduces a remote chain, with every pool there. Its buckets start full."""
    decimals = here.token.decimals
    return call_step(
        here.chain,
        here.pool.owner,
        here.pool.address,
        f"connect {here.label} to {there.chain.name}, outbound {limits.config_text(wanted.outbound, decimals)}, "
        f"inbound {limits.config_text(wanted.inbound, decimals)}",
        f"applyChainUpdates(uint64[],{_UPDATE}[])",
        (),
        [(remote, tuple(pools), encode_address(there.token.address), *wanted)],
    )


def add_pool_step(here: TokenFacts, there: TokenFacts) -> Step:
    """The transaction that lets one more pool of the other end in."""
    return call_step(
        here.chain,
        here.pool.owner,
        here.pool.address,
        f"accept 0x{there.pool.address.hex()} on {there.chain.name} as one more pool of {here.label}",
        "addRemotePool(uint64,bytes)",
        there.chain.selector,
        encode_address(there.pool.address),
    )


def _settled(here: TokenFacts, there: TokenFacts, wanted: Limits | None) -> Limits:
    known = here.pool.remotes.get(there.chain.selector)
    return wanted or (Limits() if known is None else limits.current(known))
