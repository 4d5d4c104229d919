"""What a rate limit on each lane would have let pass: a token bucket as CCIP's, in USD, set from the past alone.

Capacity is what left in an hour before, exceeded in one hour of a thousand, and it refills in an hour. A transaction
passes whole or not at all. What has no price passes: a limiter in USD can't count it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import Lane
    from detectors.backtest.traffic import Traffic

WINDOW_S = 3600
QUANTILE = 0.999
_SAMPLE_S = 300
"""How often the hour that ends then is looked at: by the clock, not by releases, or one busy hour counts many times."""
_WARM_UP_S = 86_400
"""The buckets are full a day before the time in question, so that they are then as the traffic left them."""


class Limited(NamedTuple):
    """A stretch of history behind limiters."""

    capacity_usd: Mapping[Lane, float]
    """Only of lanes that released anything before; the others have no limit."""
    is_blocked: NDArray[np.bool_]
    """For each outcome."""


def limit(traffic: Traffic, from_s: int, until_s: int) -> Limited:
    """What limiters set from honest releases before `from_s` block from a day before then up to `until_s`."""
    capacity: dict[Lane, float] = {}
    is_blocked = np.zeros(len(traffic.time_s), dtype=np.bool_)
    for index, lane in enumerate(traffic.lanes):
        of_lane = traffic.is_release & (traffic.lane == index)
        before = of_lane & ~traffic.is_attack & (traffic.time_s < from_s)
        if not before.any():
            continue
        hours = trailing_sums(traffic.time_s[before], traffic.usd[before], from_s)
        capacity[lane] = float(np.quantile(hours, QUANTILE))
        test = np.flatnonzero(of_lane & (traffic.time_s >= from_s - _WARM_UP_S) & (traffic.time_s <= until_s))
        is_blocked[_blocked(traffic, test, capacity[lane])] = True
    return Limited(capacity, is_blocked)


def trailing_sums(time_s: NDArray[np.int64], usd: NDArray[np.float64], until_s: int) -> NDArray[np.float64]:
    """What was released in the window that ends at each sample, from the first release on; times ascend."""
    total = np.append(0.0, np.cumsum(usd))
    ends = np.arange(int(time_s[0]), until_s, _SAMPLE_S)
    last, first = (np.searchsorted(time_s, at, side="right") for at in (ends, ends - WINDOW_S))
    return np.asarray(total[last] - total[first], dtype=np.float64)


def _blocked(traffic: Traffic, test: NDArray[np.int64], capacity: float) -> list[int]:
    """The positions, of those in `test`, that a bucket that is full at first does not let pass."""
    blocked: list[int] = []
    level, last_s = capacity, 0
    transactions: dict[tuple[int, str], list[int]] = {}
    for position in test.tolist():
        outcome = traffic.outcomes[position]
        transactions.setdefault((outcome.time_s, outcome.tx_hash), []).append(position)
    for (time_s, _), positions in transactions.items():
        level = min(capacity, level + capacity * (time_s - last_s) / WINDOW_S)
        last_s = time_s
        usd = float(traffic.usd[positions].sum())
        if usd <= level:
            level -= usd
        else:
            blocked += positions
    return blocked
