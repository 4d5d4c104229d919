"""More of a token leaves the bridge in a short while than on any of its quiet days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import usual, windows
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MINUTES = 10
_PARTS = 12  # of five minutes: the hour
_PART_S = 300
_HOURS = 24

_DAY = 0
_MINUTES_WINDOW = 1
_HOUR_WINDOW = _MINUTES_WINDOW + windows.OVERHEAD + _MINUTES
_DAY_WINDOW = _HOUR_WINDOW + windows.OVERHEAD + _PARTS
_MINUTES_DAYS = _DAY_WINDOW + windows.OVERHEAD + _HOURS
_HOUR_DAYS = _MINUTES_DAYS + usual.WIDTH
_DAY_DAYS = _HOUR_DAYS + usual.WIDTH
_WIDTH = _DAY_DAYS + usual.WIDTH


@kernel()
def step(state: NDArray[Any], flow: NDArray[Any], ceiling: float) -> float:
    """Add a release to its token's windows; the rarest of them says how surprising it is."""
    if flow[IS_RELEASE] != 1:
        return NOT_MINE
    line = state[flow[TOKEN]]
    is_priced = flow[IS_PRICED]
    prior = state[is_priced]
    day = flow[TIME_S] // windows.DAY_S
    if day > line[_DAY]:
        usual.close_today(line, prior, _MINUTES_DAYS, is_priced)
        usual.close_today(line, prior, _HOUR_DAYS, is_priced)
        usual.close_today(line, prior, _DAY_DAYS, is_priced)
        line[_DAY] = day
    time_s = max(flow[TIME_S], line[_DAY] * windows.DAY_S)
    value = flow[VALUE]
    in_minutes = usual.level_of(windows.slide(line, _MINUTES_WINDOW, _MINUTES, windows.MINUTE_S, time_s, value))
    in_hour = usual.level_of(windows.slide(line, _HOUR_WINDOW, _PARTS, _PART_S, time_s, value))
    in_day = usual.level_of(windows.slide(line, _DAY_WINDOW, _HOURS, windows.HOUR_S, time_s, value))
    surprise = NOT_MINE
    if not usual.is_cold(line, prior, _DAY_DAYS, is_priced):
        spreads = max(
            usual.deviation(line, prior, _MINUTES_DAYS, is_priced, in_minutes),
            usual.deviation(line, prior, _HOUR_DAYS, is_priced, in_hour),
            usual.deviation(line, prior, _DAY_DAYS, is_priced, in_day),
        )
        surprise = usual.bits_above(line, _DAY_DAYS, is_priced, spreads)
    if surprise < ceiling:
        usual.note_today(line, _MINUTES_DAYS, in_minutes)
        usual.note_today(line, _HOUR_DAYS, in_hour)
        usual.note_today(line, _DAY_DAYS, in_day)
    return surprise


class OutflowSpike(Statistic):
    """What a chain's pools release of one token within 10 minutes, 1 hour and 24 hours, against its earlier days.

    Measured in micro-USD at the price last stated on the chain, in millionths of a token where there is none; sums
    saturate. Each active day leaves its highest quiet outflow of each window; the surprise is how rare, in bits, a day
    is whose highest lies so far above, in the window where that is rarest.

    Assumes that the highest outflows of days are roughly lognormal and that yesterday resembles the last third of a
    year. Fails on an attack that grows slowly from day to day, on one that stays below the token's usual days, and in a
    market panic, when honest outflow is a spike. A large release keeps the surprise high for the 24 hours in which it
    counts. Who makes many tokens of their own and moves them for days shifts the prior of tokens without a past.

    Says 0 until a window holds more than usual, and has no opinion before the chain has shown 10 token-days in the
    unit. A token with few days of its own is judged by those of its chain's, 10 of which weigh as much as 10 of its
    own; one without a price, whose amounts compare with no other's, is not judged in its first 7 days. Does not learn
    from what was anomalous. Rests on releases alone.

    Source: window sums and lognormal volumes as in research/detection.md section 3 (B3, B4); the rest is ours.
    """

    name: ClassVar[str] = "outflow_spike"
    kind: ClassVar[Kind | None] = "value"
    summary: ClassVar[str] = "Unusually much of {token} left the bridge within a day."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token: the day, three windows, three memories."""
        state = np.zeros((lines, _WIDTH), dtype=np.int64)
        for line in state:
            for at in (_MINUTES_DAYS, _HOUR_DAYS, _DAY_DAYS):
                usual.clear_days(line, at)
        return state
