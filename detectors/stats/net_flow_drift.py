"""Day after day more of a token leaves than comes in, beyond what is usual for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import usual, windows
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY = 0
_DRIFT = 1  # at the start of the day, in spreads, fixed point
_NET = 2  # today's outflow less inflow
_QUIET_NET = 3  # the same of what was not anomalous
_IS_ACTIVE = 4  # 1: something today was not anomalous
_TURNOVER = 5  # today's, quiet
_USUAL_TURNOVER = 6
_DAYS = 7
_WIDTH = _DAYS + usual.WIDTH

_ALLOWANCE = 0.5  # spreads a day: Page's choice to see soonest a drift of one spread a day
_STEP_MAX = 3.0  # spreads a day: one large day is a spike, not a drift
_DRIFT_MAX = 16.0  # 23 bits; a migration is forgiven within a month
_BITS_A_SPREAD = 2.0 * _ALLOWANCE / math.log(2.0)
_NET_MAX = 1 << 54  # so that 128 days' sum is an int64: 18 thousand million dollars
_SPREAD_TURNOVER_SHARE = 4  # who turns over 100 a day may well keep 25 of it
_TURNOVER_DAYS = 16


@kernel()
def _add_net(net: int, value: int, is_release: int) -> int:
    """Today's net flow after one more; it stops at `_NET_MAX` either way."""
    capped = min(value, _NET_MAX)
    return min(_NET_MAX, net + capped) if is_release == 1 else max(-_NET_MAX, net - capped)


@kernel()
def _drift(line: NDArray[Any], prior: NDArray[Any], is_priced: int) -> int:
    """What has piled up until now, in spreads, fixed point; at least 0."""
    usual_net = max(0, usual.usual_level(line, prior, _DAYS, is_priced))
    spread = usual.usual_spread(line, prior if is_priced == 1 else line, _DAYS)
    spread = max(1, spread, line[_USUAL_TURNOVER] // _SPREAD_TURNOVER_SHARE)
    today = min(_STEP_MAX, max(-_STEP_MAX, (line[_NET] - usual_net) / spread)) - _ALLOWANCE
    return int(min(_DRIFT_MAX * usual.ONE, max(0.0, line[_DRIFT] + math.floor(today * usual.ONE))))


@kernel()
def _close_day(line: NDArray[Any], prior: NDArray[Any], is_priced: int, day: int) -> None:
    if not usual.is_cold(line, prior, _DAYS, is_priced):
        idle = math.floor(min(day - line[_DAY] - 1, _DRIFT_MAX / _ALLOWANCE) * _ALLOWANCE * usual.ONE)
        line[_DRIFT] = max(0, _drift(line, prior, is_priced) - idle)
    if line[_IS_ACTIVE] == 1:
        usual.remember_day(line, _DAYS, line[_QUIET_NET])
        usual.remember_day(prior, _DAYS, line[_QUIET_NET])
        line[_USUAL_TURNOVER] += (line[_TURNOVER] - line[_USUAL_TURNOVER]) // _TURNOVER_DAYS
    line[_NET] = 0
    line[_QUIET_NET] = 0
    line[_TURNOVER] = 0
    line[_IS_ACTIVE] = 0
    line[_DAY] = day


@kernel()
def step(state: NDArray[Any], flow: NDArray[Any], ceiling: float) -> float:
    """Add the flow to its token's net of the day; a release is judged by what has piled up."""
    if flow[TOKEN] <= 1:
        return NOT_MINE
    line = state[flow[TOKEN]]
    is_priced = flow[IS_PRICED]
    prior = state[is_priced]
    is_release = flow[IS_RELEASE]
    value = flow[VALUE]
    day = flow[TIME_S] // windows.DAY_S
    if day > line[_DAY]:
        _close_day(line, prior, is_priced, day)
    line[_NET] = _add_net(line[_NET], value, is_release)
    surprise = NOT_MINE
    if is_release == 1 and not usual.is_cold(line, prior, _DAYS, is_priced):
        surprise = _drift(line, prior, is_priced) / usual.ONE * _BITS_A_SPREAD
    if surprise < ceiling:
        line[_QUIET_NET] = _add_net(line[_QUIET_NET], value, is_release)
        line[_TURNOVER] = windows.add_saturating(line[_TURNOVER], value)
        line[_IS_ACTIVE] = 1
    return surprise


class NetFlowDrift(Statistic):
    """How far the outflow of a token less its inflow has run ahead of the usual, over as many days as it takes.

    Measured in bits: Page's cumulative sum of the net flow of days, in spreads of the token's earlier days, less half a
    spread for each day that passes; one spread more of it is 1.4 bits rarer if nets are normal. A day adds at most
    three spreads, up or down: a single large day is `outflow_spike`'s business. A quarter of the usual turnover is the
    least spread. What a day usually loses is no drift.

    Assumes that the net flows of quiet days neither trend nor depend on each other much. Fails on an honest migration,
    which is a drift; on a drip of less than half a spread a day; on one that somebody pays for by inflow, which isn't a
    loss; and after a rise in price, when what comes out is worth more than what came in.

    Says 0 until something has piled up, and has no opinion before the chain has shown 10 token-days in the unit (a
    token without a price: 7 days of its own); a token with few days is judged by the spread of its chain's tokens. Does
    not learn from what was anomalous. Rests on both releases and the messages that lock.

    Source: Page, Continuous inspection schemes, 1954; Siegmund's exponential bound for the bits; the rest is ours.
    """

    name: ClassVar[str] = "net_flow_drift"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "For days more of {token} has left the bridge than came in, beyond the usual."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token: the day, the drift, a memory of days."""
        state = np.zeros((lines, _WIDTH), dtype=np.int64)
        for line in state:
            usual.clear_days(line, _DAYS)
        return state
