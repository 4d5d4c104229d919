"""A new token on many chains in one go: created, registered, its pools set, every pair connected, limits in place."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.amounts import convert_decimals
from ccip_core.deployment import NOBODY
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.tokens import limits
from ccip_core.tokens.connections import plan_connect
from ccip_core.tokens.limits import Limits
from ccip_core.tokens.plans import Plan
from ccip_core.tokens.registration import accept_step, plan_register, set_pool_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.tokens.creation import Creation
    from ccip_core.tokens.facts import TokenFacts


class LimitWish(NamedTuple):
    """The same outbound limit for every lane, in smallest units of a token with `decimals`."""

    outbound: RateLimiterConfig
    decimals: int


def plan_setup(creations: Sequence[Creation], wish: LimitWish | None) -> Plan:
    """Everything that is missing until the token moves between all these chains."""
    parts = [part for creation in creations for part in (creation.plan, _registered(creation.facts))]
    parts += [
        plan_connect(near.facts, far.facts, _limits(near, far, wish), _limits(far, near, wish))
        for near, far in combinations(creations, 2)
    ]
    symbol = creations[0].token.symbol
    return Plan.of(f"set up {symbol} on {', '.join(creation.facts.chain.name for creation in creations)}", parts)


def _registered(facts: TokenFacts) -> Plan:
    """Registered, accepted, its pool set: each step follows from the one before, so all can be planned at once."""
    proposal = plan_register(facts)
    steps = list(proposal.steps)
    known = facts.registration
    taker = steps[0].sender if steps else known.pending_administrator
    if known.administrator == NOBODY and taker != NOBODY:
        steps.append(accept_step(facts, taker))
    if known.pool != facts.pool.address:
        holder = known.administrator if known.administrator != NOBODY else taker
        summary = f"set 0x{facts.pool.address.hex()} as the pool of {facts.label}"
        steps.append(set_pool_step(facts, holder, facts.pool.address, summary))
    return Plan(proposal.goal, tuple(steps))


def _limits(here: Creation, there: Creation, wish: LimitWish | None) -> Limits | None:
    if wish is None:
        return None
    near, far = (_in_units(wish, end.token.decimals) for end in (here, there))
    return Limits(near, limits.widened(far, here.token.decimals, there.token.decimals))


def _in_units(wish: LimitWish, decimals: int) -> RateLimiterConfig:
    enabled, capacity, rate = wish.outbound
    return RateLimiterConfig(
        enabled,
        convert_decimals(capacity, wish.decimals, decimals),
        convert_decimals(rate, wish.decimals, decimals),
    )
