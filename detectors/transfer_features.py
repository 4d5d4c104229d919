"""Compiled: seven numbers that describe a release against its token's and its chain's past, in integers.

The state is int64, a line a token; levels are log2 in fixed point. `look` books a flow and fills in the features of a
release from what was known before it, `learn` adds it to what is usual. Features rest on quantities that mean the same
on every bridge: spreads, ratios and bits, never dollars.
"""

from __future__ import annotations

import math

import numpy as np

from detectors import windows
from detectors.compiled import kernel
from detectors.flows import AMOUNT, IS_PRICED, IS_RELEASE, RECEIVER, TIME_S, TOKEN, VALUE
from detectors.usual import NO_LEVEL, ONE, level_of

AMOUNT_ABOVE = 0
"""Spreads by which log2 of the value lies above the token's mean."""
OUTFLOW_ABOVE = 1
"""Spreads by which the token's last hour lies above the mean day's highest hour."""
NET_SHARE = 2
"""The token's outflow less its inflow for each unit of turnover, last 24 hours, -1 to 1."""
PACE = 3
"""log2 of the chain's releases in 10 minutes over the usual number, one added to both."""
IS_NEW = 4
"""1: the receiver isn't among the token's remembered ones."""
REPEATS = 5
"""log2 of one more than how many of the token's last 16 releases were of exactly this amount."""
QUIET_HOUR = 6
"""How much quieter than the mean hour this one usually is on such a day, log2."""
FEATURES = 7

_MINUTES = 10
_PARTS = 12  # of five minutes: the hour
_PART_S = 300
_HOURS = 24
_SLOTS = 48  # hours of a working day, hours of a weekend's
_LATEST = 16
_RECEIVERS = 256

_DAY = 0
_SEEN = 1  # quiet releases
_MEAN = 2  # of their levels
_SQUARE = 3  # mean squared distance from it
_DAYS = 4  # days learnt
_DAY_MEAN = 5  # of the highest hours' levels
_DAY_SQUARE = 6
_TODAY = 7  # highest quiet hour of the day
_CAME = 8  # releases of the day
_USUAL_CAME = 9  # releases a day
_AT_LATEST = 10
_NOW_S = 11  # of the chain: the latest time seen
_HOUR_OUT = 12
_DAY_OUT = _HOUR_OUT + windows.OVERHEAD + _PARTS
_DAY_IN = _DAY_OUT + windows.OVERHEAD + _HOURS
_PACE = _DAY_IN + windows.OVERHEAD + _HOURS
_SEASON = _PACE + windows.OVERHEAD + _MINUTES
_AMOUNTS = _SEASON + _SLOTS
_NAMES = _AMOUNTS + _LATEST
WIDTH = _NAMES + _RECEIVERS

_CHAIN = 0  # the line that counts all releases
_SEEN_MAX = 256  # releases that a mean rests on, so that it follows
_DAYS_MAX = 32
_PRIOR = 20  # a token's own score of releases weighs as much as its chain's
_PRIOR_DAYS = 10
_GRACE = 50
_SPREAD_MIN = ONE // 2
_SQUARE_FIRST = 4 * ONE  # two bits of spread, until more is known
_SQUARE_MAX = 1 << 40
_CAME_ONE = 1 << 10  # fixed point
_CAME_DAYS = 14
_SEASON_ONE = 1 << 10
_SEASON_FADE = 64
_SEASON_FLAT = 8  # releases that every slot is imagined to have had


@kernel()
def _follow(line: np.ndarray, at: int, count: int, level: int) -> None:
    """Move a mean and its mean square at `at` towards one more level, by the count's share."""
    distance = level - line[at]
    line[at] += distance // count
    square = min(distance * distance // ONE, _SQUARE_MAX)
    if count == 1:
        line[at + 1] = _SQUARE_FIRST
    else:
        line[at + 1] += (square - line[at + 1]) // count


@kernel()
def _above(  # noqa: PLR0917  kernels take plain numbers
    line: np.ndarray, prior: np.ndarray, at: int, weight: int, lent: int, level: int
) -> float:
    """Spreads by which a level lies above the mean, key and prior weighed by what they rest on."""
    total = max(1, weight + lent)
    mean = (weight * line[at] + lent * prior[at]) // total
    square = (weight * line[at + 1] + lent * prior[at + 1]) // total
    spread = max(math.sqrt(square / ONE) * ONE, _SPREAD_MIN)
    return float((level - mean) / spread)


@kernel()
def _slot(time_s: int) -> int:
    hour = time_s // windows.HOUR_S
    is_weekend = (hour // 24 + 3) % 7 >= 5  # 1970 began on a Thursday, the fourth day
    return int(hour % 24 + (24 if is_weekend else 0))


@kernel()
def _quiet_hour(chain: np.ndarray, slot: int) -> float:
    total = 0
    for at in range(_SEASON, _SEASON + _SLOTS):
        total += chain[at] * (5 if at < _SEASON + 24 else 2)
    mean = total / 168.0 + _SEASON_FLAT * _SEASON_ONE
    return math.log2(mean / (chain[_SEASON + slot] + _SEASON_FLAT * _SEASON_ONE))


@kernel()
def _close_day(line: np.ndarray, prior: np.ndarray, day: int, is_priced: int) -> None:
    if line[_TODAY] > NO_LEVEL:
        line[_DAYS] += 1
        _follow(line, _DAY_MEAN, min(line[_DAYS], _DAYS_MAX), line[_TODAY])
        if is_priced == 1:
            prior[_DAYS] += 1
            _follow(prior, _DAY_MEAN, min(prior[_DAYS], _DAYS_MAX), line[_TODAY])
        line[_TODAY] = NO_LEVEL
    line[_DAY] = day


@kernel()
def _close_chain_day(chain: np.ndarray, day: int) -> None:
    weight = _CAME_DAYS if chain[_USUAL_CAME] > 0 else 1
    chain[_USUAL_CAME] += (chain[_CAME] * _CAME_ONE - chain[_USUAL_CAME]) // weight
    chain[_CAME] = 0
    for at in range(_SEASON, _SEASON + _SLOTS):
        chain[at] -= chain[at] // _SEASON_FADE
    chain[_DAY] = day


@kernel()
def look(state: np.ndarray, flow: np.ndarray, features: np.ndarray) -> bool:
    """Book a flow; True when it is a release of which enough is known, and `features` were filled in."""
    line = state[flow[TOKEN]]
    is_priced = flow[IS_PRICED]
    prior = state[is_priced]
    chain = state[_CHAIN]
    time_s = max(flow[TIME_S], chain[_NOW_S])
    chain[_NOW_S] = time_s
    day = time_s // windows.DAY_S
    if day > line[_DAY]:
        _close_day(line, prior, day, is_priced)
    value = flow[VALUE]
    is_release = flow[IS_RELEASE] == 1
    gone = windows.slide(line, _DAY_OUT, _HOURS, windows.HOUR_S, time_s, value if is_release else 0)
    came = windows.slide(line, _DAY_IN, _HOURS, windows.HOUR_S, time_s, 0 if is_release else value)
    if not is_release:
        return False
    if day > chain[_DAY]:
        _close_chain_day(chain, day)
    hour = level_of(max(1, windows.slide(line, _HOUR_OUT, _PARTS, _PART_S, time_s, value)))
    pace = windows.slide(chain, _PACE, _MINUTES, windows.MINUTE_S, time_s, 1)
    seen = min(line[_SEEN], _SEEN_MAX)
    days = min(line[_DAYS], _DAYS_MAX)
    lent = _PRIOR if is_priced == 1 else 0
    features[AMOUNT_ABOVE] = _above(line, prior, _MEAN, seen, lent, level_of(max(1, value)))
    features[OUTFLOW_ABOVE] = _above(line, prior, _DAY_MEAN, days, _PRIOR_DAYS if is_priced == 1 else 0, hour)
    features[NET_SHARE] = (float(gone) - float(came)) / max(1.0, float(gone) + float(came))
    features[PACE] = math.log2((1.0 + pace) / (1.0 + chain[_USUAL_CAME] / (_CAME_ONE * 144.0)))
    features[IS_NEW] = 0.0 if line[_NAMES + flow[RECEIVER] % _RECEIVERS] == flow[RECEIVER] else 1.0
    repeats = 0
    for at in range(_AMOUNTS, _AMOUNTS + _LATEST):
        repeats += line[at] == flow[AMOUNT]
    features[REPEATS] = math.log2(1.0 + repeats)
    features[QUIET_HOUR] = _quiet_hour(chain, _slot(time_s))
    line[_AMOUNTS + line[_AT_LATEST] % _LATEST] = flow[AMOUNT]
    line[_AT_LATEST] += 1
    return bool(prior[_SEEN] >= _GRACE if is_priced == 1 else line[_SEEN] >= _GRACE)


@kernel()
def learn(state: np.ndarray, flow: np.ndarray) -> None:
    """Add a quiet release, just looked at, to what is usual."""
    line = state[flow[TOKEN]]
    prior = state[flow[IS_PRICED]]
    chain = state[_CHAIN]
    level = level_of(max(1, flow[VALUE]))
    line[_SEEN] += 1
    _follow(line, _MEAN, min(line[_SEEN], _SEEN_MAX), level)
    if flow[IS_PRICED] == 1:
        prior[_SEEN] += 1
        _follow(prior, _MEAN, min(prior[_SEEN], _SEEN_MAX), level)
    line[_TODAY] = max(line[_TODAY], level_of(max(1, line[_HOUR_OUT + windows.SUM])))
    chain[_CAME] += 1
    chain[_SEASON + _slot(chain[_NOW_S])] += _SEASON_ONE
    line[_NAMES + flow[RECEIVER] % _RECEIVERS] = flow[RECEIVER]


def empty_features(lines: int) -> np.ndarray:
    """Lines of tokens that have seen nothing."""
    state = np.zeros((lines, WIDTH), dtype=np.int64)
    state[:, _TODAY] = NO_LEVEL
    return state
