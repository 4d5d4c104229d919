"""Rate limits: what may pass a pool per lane and direction, what each pool version takes, and what makes sense.

A bucket holds `capacity` and refills by `rate` a second, both in the smallest units of the token on the pool's chain.
What the versions take was tried on their bytecode (tests/ccip_core/tokens/test_limit_rules.py):

    version         on                        off            lockdown, the nearest to nothing
    before 1.6.1    0 < rate < capacity       both 0         capacity 2, rate 1
    from 1.6.1      rate <= capacity          both 0         capacity 0, rate 0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.amounts import amount_text, convert_decimals
from ccip_core.deployment import NOBODY
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.refusal import BadRequest
from ccip_core.tokens.facts import UNLIMITED, PoolFacts, Remote, TokenFacts, Version
from ccip_core.tokens.plans import Plan, Step, call_step

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.views import TokenBucket

CONFIG = "(bool,uint128,uint128)"
INBOUND_PERCENT = 110
"""Inbound limits stand above what the other end may send, so that what may leave may also arrive."""
_ZERO_ALLOWED_FROM = (1, 6, 1)
_UINT128 = 1 << 128


class Limits(NamedTuple):
    """Both directions of a pool towards one remote chain."""

    outbound: RateLimiterConfig = UNLIMITED
    inbound: RateLimiterConfig = UNLIMITED


def lockdown(version: Version) -> RateLimiterConfig:
    """The bucket through which next to nothing passes, in the form that this pool version takes."""
    if version.number >= _ZERO_ALLOWED_FROM:
        return RateLimiterConfig(is_enabled=True, capacity=0, rate=0)
    return RateLimiterConfig(is_enabled=True, capacity=2, rate=1)


def fault(version: Version, config: RateLimiterConfig) -> str | None:
    """Why a pool of this version would refuse the configuration; None when it would not."""
    enabled, capacity, rate = config
    if capacity >= _UINT128 or rate >= _UINT128:
        return "the bucket counts in uint128; lower it"
    if not enabled:
        return "a limit that is off has neither capacity nor rate" if capacity or rate else None
    if version.number >= _ZERO_ALLOWED_FROM:
        return "rate is above capacity; lower it" if rate > capacity else None
    if not 0 < rate < capacity:
        return f"{version} wants 0 < rate < capacity; its lockdown is capacity 2, rate 1 in smallest units"
    return None


def widened(outbound: RateLimiterConfig, decimals: int, remote_decimals: int) -> RateLimiterConfig:
    """The inbound limit for what an outbound limit at the other end lets out, in this end's units."""
    if not outbound.is_enabled:
        return UNLIMITED
    capacity, rate = (
        convert_decimals(amount, remote_decimals, decimals) * INBOUND_PERCENT // 100
        for amount in (outbound.capacity, outbound.rate)
    )
    return RateLimiterConfig(is_enabled=True, capacity=capacity, rate=rate)


def plan_limits(facts: TokenFacts, remote: ChainSelector, wanted: Limits, remote_name: str) -> Plan:
    """Make the pool's limits towards and from a remote chain these.

    Raises:
        BadRequest: the pool is not connected to it, or would refuse the limits.
    """
    goal = f"limit {facts.label} towards {remote_name}"
    known = facts.pool.remotes.get(remote)
    if known is None:
        raise BadRequest(
            f"remote = {remote_name}: the pool of {facts.token.symbol} is not connected to it; "
            "`ccip token connect` first"
        )
    check(facts.pool, wanted)
    if wanted == current(known):
        return Plan(goal, ())
    return Plan(goal, (_limit_step(facts, remote, wanted, goal),), tuple(_cautions(facts, known, wanted, remote_name)))


def current(remote: Remote) -> Limits:
    """What is set now."""
    return Limits(_config(remote.outbound), _config(remote.inbound))


def check(pool: PoolFacts, wanted: Limits) -> None:
    """Raises BadRequest when the pool would refuse one of them."""
    for direction, config in zip(Limits._fields, wanted, strict=True):
        why = fault(pool.version, config)
        if why is not None:
            raise BadRequest(f"{direction} = capacity {config.capacity}, rate {config.rate}: {why}")


def _limit_step(facts: TokenFacts, remote: ChainSelector, wanted: Limits, goal: str) -> Step:
    decimals = facts.token.decimals
    shown = "; ".join(
        f"{name} {config_text(config, decimals)}" for name, config in zip(Limits._fields, wanted, strict=True)
    )
    admin = facts.pool.rate_limit_admin
    return call_step(
        facts.chain,
        facts.pool.owner if admin == NOBODY else admin,
        facts.pool.address,
        f"{goal}: {shown}",
        f"setChainRateLimiterConfig(uint64,{CONFIG},{CONFIG})",
        remote,
        *wanted,
    )


def config_text(config: RateLimiterConfig, decimals: int) -> str:
    """`at most 100, refilled by 1 a second`, in whole tokens."""
    if not config.is_enabled:
        return "unlimited"
    capacity, rate = amount_text(config.capacity, decimals), amount_text(config.rate, decimals)
    return f"at most {capacity}, refilled by {rate} a second"


def _config(bucket: TokenBucket) -> RateLimiterConfig:
    return RateLimiterConfig(bucket.is_enabled, bucket.capacity, bucket.rate)


def _cautions(facts: TokenFacts, known: Remote, wanted: Limits, remote_name: str) -> list[str]:
    said = []
    for direction, bucket, config in zip(Limits._fields, known[2:], wanted, strict=True):
        if config.is_enabled and config.capacity > bucket.tokens and not bucket.is_enabled:
            wait = f"full after {-(-config.capacity // config.rate)} s" if config.rate else "and never fills"
            said.append(f"{direction} {facts.label}, {remote_name}: a limit that was off starts empty, {wait}")
        if config.is_enabled and config.rate == 0 and config.capacity > 0:
            said.append(f"{direction} {facts.label}, {remote_name}: with rate 0 the bucket empties once and for all")
    return said


def lane_warnings(near: TokenFacts, far: TokenFacts, near_limits: Limits, far_limits: Limits) -> tuple[str, ...]:
    """Where one end lets out what the other can't take in: such messages fail and must be executed by hand."""
    said = []
    for source, dest, outbound, inbound in (
        (near, far, near_limits.outbound, far_limits.inbound),
        (far, near, far_limits.outbound, near_limits.inbound),
    ):
        if not inbound.is_enabled:
            continue
        leaves = convert_decimals(outbound.capacity, source.token.decimals, dest.token.decimals)
        if not outbound.is_enabled or leaves * INBOUND_PERCENT // 100 > inbound.capacity:
            lets = config_text(outbound, source.token.decimals)
            takes = config_text(inbound, dest.token.decimals)
            said.append(
                f"{source.token.symbol} from {source.chain.name} to {dest.chain.name}: {lets} leave, {takes} arrive; "
                f"let {INBOUND_PERCENT} % of what may leave arrive"
            )
    return tuple(said)
