"""More value leaves the bridge in a short while, in all tokens together, than on its quiet days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import usual, windows
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, TIME_S, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MINUTES = 10
_PARTS = 12  # of five minutes: the hour
_PART_S = 300

_DAY = 0
_MINUTES_WINDOW = 1
_HOUR_WINDOW = _MINUTES_WINDOW + windows.OVERHEAD + _MINUTES
_MINUTES_DAYS = _HOUR_WINDOW + windows.OVERHEAD + _PARTS
_HOUR_DAYS = _MINUTES_DAYS + usual.WIDTH
_WIDTH = _HOUR_DAYS + usual.WIDTH


@kernel()
def step(state: NDArray[np.int64], flow: NDArray[np.int64], ceiling: float) -> float:
    """Add a priced release to the chain's windows; the rarer of them says how surprising it is."""
    if flow[IS_RELEASE] != 1 or flow[IS_PRICED] != 1:
        return NOT_MINE
    line = state[0]
    day = flow[TIME_S] // windows.DAY_S
    if day > line[_DAY]:
        usual.close_today_alone(line, _MINUTES_DAYS)
        usual.close_today_alone(line, _HOUR_DAYS)
        line[_DAY] = day
    time_s = max(flow[TIME_S], line[_DAY] * windows.DAY_S)
    in_minutes = usual.level_of(windows.slide(line, _MINUTES_WINDOW, _MINUTES, windows.MINUTE_S, time_s, flow[VALUE]))
    in_hour = usual.level_of(windows.slide(line, _HOUR_WINDOW, _PARTS, _PART_S, time_s, flow[VALUE]))
    surprise = NOT_MINE
    if not usual.is_cold(line, line, _HOUR_DAYS, 0):
        spreads = max(
            usual.deviation(line, line, _MINUTES_DAYS, 0, in_minutes),
            usual.deviation(line, line, _HOUR_DAYS, 0, in_hour),
        )
        surprise = usual.bits_above(line, _HOUR_DAYS, 0, spreads)
    if surprise < ceiling:
        usual.note_today(line, _MINUTES_DAYS, in_minutes)
        usual.note_today(line, _HOUR_DAYS, in_hour)
    return surprise


class OutflowValue(Statistic):
    """The value that all of a chain's pools release together within 10 minutes and within 1 hour.

    Measured in micro-USD; a release without a price is left out. Each active day leaves its highest quiet outflow of
    either window; the surprise is how rare, in bits, a day is whose highest lies so far above, in the rarer window.

    Assumes that the highest outflows of days are roughly lognormal and that yesterday resembles the last third of a
    year. Fails on what stays below the chain's usual days, on tokens without a price, and in a market panic.

    Says 0 until a window holds more than usual, and has no opinion before 10 active days. Does not learn from what was
    anomalous. Rests on releases alone.

    Source: research/detection.md section 3 (B3, B4); the rest is ours.
    """

    name: ClassVar[str] = "outflow_value"
    kind: ClassVar[Kind | None] = "value"
    summary: ClassVar[str] = "Unusually much value left the bridge within the hour."
    is_per_token: ClassVar[bool] = False
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:  # noqa: ARG004  one line, whatever the tokens
        """One line: the day, two windows, two memories."""
        state = np.zeros((1, _WIDTH), dtype=np.int64)
        for at in (_MINUTES_DAYS, _HOUR_DAYS):
            usual.clear_days(state[0], at)
        return state
