"""A large part of what a bridge holds of a token, or of all tokens together, leaves within an hour or a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import escrow, usual, windows
from detectors.compiled import kernel
from detectors.flows import IS_MINTED, IS_PRICED, IS_RELEASE, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MINUTES = 10
_PARTS = 12  # of five minutes: the hour
_PART_S = 300
_HOURS = 24

_MINUTES_WINDOW = escrow.WIDTH
_HOUR_WINDOW = _MINUTES_WINDOW + windows.OVERHEAD + _MINUTES
_DAY_WINDOW = _HOUR_WINDOW + windows.OVERHEAD + _PARTS
_MINUTES_DAYS = _DAY_WINDOW + windows.OVERHEAD + _HOURS
_HOUR_DAYS = _MINUTES_DAYS + usual.WIDTH
_DAY_DAYS = _HOUR_DAYS + usual.WIDTH
_CHAIN_HOUR_DAYS = _DAY_DAYS + usual.WIDTH  # in a prior's line: the chain's own, all its tokens together
_CHAIN_DAY_DAYS = _CHAIN_HOUR_DAYS + usual.WIDTH
_UNKNOWN_UNTIL_S = _CHAIN_DAY_DAYS + usual.WIDTH  # a window still holds what came from nowhere we saw
_WIDTH = _UNKNOWN_UNTIL_S + 1

_LEFT_HIGH_SHARE = 64  # the last 64th is dust: who takes it takes nothing more
_LEFT_CHAIN_SHARE = 1_024  # a token that holds a thousandth of the chain's value is small change
_COMPARABLE = 1  # shares compare between tokens, whatever their unit


@kernel()
def _odds(left_level: int, gone: int) -> int:
    """log2 of what has gone for each unit that is left, in fixed point."""
    return int(usual.level_of(gone) - left_level) if gone > 0 else usual.NO_LEVEL


@kernel()
def _judge_token(line: NDArray[Any], prior: NDArray[Any], in_minutes: int, in_hour: int, in_day: int) -> float:
    if not escrow.is_known(line) or usual.is_cold(line, prior, _HOUR_DAYS, _COMPARABLE):
        return NOT_MINE
    spreads = max(
        usual.deviation(line, prior, _MINUTES_DAYS, _COMPARABLE, in_minutes),
        usual.deviation(line, prior, _HOUR_DAYS, _COMPARABLE, in_hour),
        usual.deviation(line, prior, _DAY_DAYS, _COMPARABLE, in_day),
    )
    return float(usual.bits_above(line, _HOUR_DAYS, _COMPARABLE, spreads))


@kernel()
def _judge_chain(chain: NDArray[Any], in_hour: int, in_day: int) -> float:
    if not escrow.is_known(chain) or usual.is_cold(chain, chain, _CHAIN_HOUR_DAYS, _COMPARABLE):
        return NOT_MINE
    spreads = max(
        usual.deviation(chain, chain, _CHAIN_HOUR_DAYS, _COMPARABLE, in_hour),
        usual.deviation(chain, chain, _CHAIN_DAY_DAYS, _COMPARABLE, in_day),
    )
    return float(usual.bits_above(chain, _CHAIN_HOUR_DAYS, _COMPARABLE, spreads))


@kernel()
def _left_level(line: NDArray[Any], chain: NDArray[Any], is_priced: int) -> int:
    """Of the known balance, but no less than what is dust for the token or small change for the chain."""
    dust = max(1, line[escrow.HIGH] // _LEFT_HIGH_SHARE)
    if is_priced == 1:
        dust = max(dust, chain[escrow.HIGH] // _LEFT_CHAIN_SHARE)
    return int(usual.level_of(max(dust, line[escrow.BALANCE])))


@kernel()
def _is_yardstick(line: NDArray[Any], value: int, uncovered: int, time_s: int) -> bool:
    """Whether the known balance held nearly all of each release that is in the windows, this one included."""
    if not escrow.holds(value, uncovered):
        line[_UNKNOWN_UNTIL_S] = time_s + windows.DAY_S
    return bool(time_s >= line[_UNKNOWN_UNTIL_S])


@kernel()
def _end_days(line: NDArray[Any], chain: NDArray[Any], day: int) -> None:
    """Close the days that have passed for a token, then for its chain."""
    if day > line[escrow.DAY]:
        escrow.fade(line, day - line[escrow.DAY])
        usual.close_today(line, chain, _MINUTES_DAYS, _COMPARABLE)
        usual.close_today(line, chain, _HOUR_DAYS, _COMPARABLE)
        usual.close_today(line, chain, _DAY_DAYS, _COMPARABLE)
        line[escrow.DAY] = day
    if day > chain[escrow.DAY]:
        escrow.fade(chain, day - chain[escrow.DAY])
        usual.close_today_alone(chain, _CHAIN_HOUR_DAYS)
        usual.close_today_alone(chain, _CHAIN_DAY_DAYS)
        chain[escrow.DAY] = day


@kernel()
def step(state: NDArray[Any], flow: NDArray[Any], ceiling: float) -> float:
    """Book the flow in its token's balance and its chain's; judge a release by what is left."""
    is_priced = flow[IS_PRICED]
    if flow[TOKEN] <= 1 or flow[IS_MINTED] == 1:
        return NOT_MINE
    line = state[flow[TOKEN]]
    chain = state[is_priced]
    value = flow[VALUE]
    _end_days(line, chain, flow[TIME_S] // windows.DAY_S)
    if flow[IS_RELEASE] != 1:
        escrow.receive(line, value)
        if is_priced == 1:
            escrow.receive(chain, value)
        return NOT_MINE
    time_s = max(flow[TIME_S], line[escrow.DAY] * windows.DAY_S)
    uncovered = escrow.release(line, value)
    left = _left_level(line, chain, is_priced)
    in_minutes = _odds(left, windows.slide(line, _MINUTES_WINDOW, _MINUTES, windows.MINUTE_S, time_s, value))
    in_hour = _odds(left, windows.slide(line, _HOUR_WINDOW, _PARTS, _PART_S, time_s, value))
    in_day = _odds(left, windows.slide(line, _DAY_WINDOW, _HOURS, windows.HOUR_S, time_s, value))
    surprise = NOT_MINE
    if _is_yardstick(line, value, uncovered, time_s):
        surprise = _judge_token(line, chain, in_minutes, in_hour, in_day)
    chain_hour = chain_day = usual.NO_LEVEL
    if is_priced == 1:
        chain_uncovered = escrow.release(chain, value)
        left = _left_level(chain, chain, is_priced)
        chain_hour = _odds(left, windows.slide(chain, _HOUR_WINDOW, _PARTS, _PART_S, time_s, value))
        chain_day = _odds(left, windows.slide(chain, _DAY_WINDOW, _HOURS, windows.HOUR_S, time_s, value))
        if _is_yardstick(chain, value, chain_uncovered, time_s):
            surprise = max(surprise, _judge_chain(chain, chain_hour, chain_day))
        if surprise < ceiling:
            escrow.learn(chain, value, chain_uncovered)
    if surprise < ceiling:
        escrow.learn(line, value, uncovered)
        usual.note_today(line, _MINUTES_DAYS, in_minutes)
        usual.note_today(line, _HOUR_DAYS, in_hour)
        usual.note_today(line, _DAY_DAYS, in_day)
        usual.note_today(chain, _CHAIN_HOUR_DAYS, chain_hour)
        usual.note_today(chain, _CHAIN_DAY_DAYS, chain_day)
    return surprise


class OutflowShareOfLiquidity(Statistic):
    """What has left of a token within 10 minutes, 1 hour and 24 hours for each unit left, against its earlier days.

    Measured in bits: the odds of leaving against staying, log2, where the balance is what was locked less what was
    released since the watch began, never below 0; so a drain to the last is seen as such, whatever the size of the
    escrow. Each active day leaves its highest quiet odds; the surprise is how rare a day is whose highest lies so far
    above. The same is asked of the sum of all priced tokens within 1 hour and 24 hours; the rarest counts.

    Assumes that liquidity comes in through the bridge that is watched; no opinion of a token that the chain mints,
    where its pool's type says so. Fails on tokens whose escrow was filled before the watch began or by liquidity
    providers, or that are minted though nobody says so: no opinion while more than a quarter of recent quiet releases
    came from nowhere, nor on a release of which more than a quarter does, nor for a day after it, while the windows
    hold it: a pool that gives more than we saw come holds more than we know. A balance in micro-USD is what it was
    worth when it came: after a fall in price it is too high, and a drain looks smaller. A drain of many days looks like
    many outflows.

    Says 0 until the odds are above the usual ones, and has no opinion before the chain has shown 10 token-days; a token
    with few days of its own is judged by those of its chain's tokens, since shares compare. Does not learn from what
    was anomalous. Rests on both releases and the messages that lock.

    Source: outflow over what the lane holds as in research/detection.md section 3 (B6); the rest is ours.
    """

    name: ClassVar[str] = "outflow_share_of_liquidity"
    kind: ClassVar[Kind | None] = "value"
    summary: ClassVar[str] = "An unusual share of what the bridge holds of {token} left within a day."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token: balances, three windows, five memories."""
        state = np.zeros((lines, _WIDTH), dtype=np.int64)
        for line in state:
            for at in (_MINUTES_DAYS, _HOUR_DAYS, _DAY_DAYS, _CHAIN_HOUR_DAYS, _CHAIN_DAY_DAYS):
                usual.clear_days(line, at)
        return state
