"""From a surprise to a claim: on how many quiet days of this chain would anything be this surprising?

Every statistic on every chain keeps one line here. A day leaves its highest quiet surprise; the share of days above a
value is a conformal rank among them, (above + 1) / (days + 1), and beyond the highest quarter of days a generalised
Pareto tail fitted to their excesses by probability-weighted moments (Hosking and Wallis 1987), its shape shrunk towards
a heavy one since a few dozen days tell little of it, its scale widened by one
standard error. Days are the unit since the surprises of one day rest on each other and follow the hour; a budget of
false alarms is stated in days too.

The answer is a *rate*: expected quiet days a day (at most 1) that reach this surprise; so one rate means the same for
every statistic. Drift: when the last `_RECENT` days lie higher than the remembered ones by the median, the difference
is forgiven.

What passes the ceiling is an alarm, and its day is learnt as if it had just reached it. Were such days not counted at
all, the limit would be fitted to a past without its highest days, and be passed more often than it promises. A run of
them counts once, so a drain makes itself no room from day to day; after `_REGIME_DAYS` active days in a row it is how
things are now, and learnt whole, no longer a drain that could still be stopped.
"""

from __future__ import annotations

import math

import numpy as np

from detectors.compiled import kernel

DAYS = 256
"""Active days that a line remembers."""

_DAY = 0  # the day that HIGH belongs to; -1 before the first flow
_FIRST_DAY = 1
_HIGH = 2  # the day's highest surprise, at most the ceiling; -1: none yet
_ACTIVE = 3  # days ever remembered
CEILING = 4
"""From this surprise on the claim is an alarm, and no more than this is learnt; infinite until enough was seen."""
_THRESHOLD = 5  # where the fitted tail begins
_SCALE = 6
_SHAPE = 7
_TAIL_DAYS = 8  # days above the threshold
_ACTIVE_SHARE = 9  # of all days, those on which anything was seen
_DRIFT = 10
_STREAK = 11  # active days in a row with something at or above the ceiling
_IS_ODD_DAY = 12  # 1: today was one
ALARM_UNTIL_S = 13
"""No alarm is stated again before this time unless it became a graver one."""
ALARM_LEVEL = 14
_HIGHS = 15
_SORTED = _HIGHS + DAYS
WIDTH = _SORTED + DAYS
"""Numbers that one line holds."""

_RECENT = 28
_REGIME_DAYS = 7
_DAYS_MIN = 10
_SCALE_MIN = 0.5  # bits: nobody's days are so alike that a doubling twice over is a wonder
_SHAPE_PRIOR = 0.25  # daily volumes of bridges are heavy-tailed; 0 would be exponential
_SHAPE_PRIOR_DAYS = 30.0
_SHAPE_MIN = 0.05
_SHAPE_MAX = 0.8
_NEVER = 1e300  # the ceiling of who puts up with no alarm at all


def empty_tails(lines: int) -> np.ndarray:
    """Lines that have seen nothing."""
    tails = np.zeros((lines, WIDTH))
    tails[:, _DAY] = -1.0
    tails[:, _HIGH] = -1.0
    tails[:, CEILING] = np.inf
    return tails


@kernel()
def rate_of(tail: np.ndarray, surprise: float) -> float:
    """Quiet days a day that reach this surprise, in (0, 1]; infinite until enough was seen."""
    if tail[CEILING] == np.inf:
        return np.inf
    days = int(min(tail[_ACTIVE], DAYS))
    value = surprise - tail[_DRIFT]
    if value <= tail[_THRESHOLD]:
        low = 0
        high = days
        while low < high:
            middle = (low + high) // 2
            if tail[_SORTED + middle] < value:
                low = middle + 1
            else:
                high = middle
        return float(tail[_ACTIVE_SHARE] * (days - low + 1) / (days + 1))
    excess = (value - tail[_THRESHOLD]) / tail[_SCALE]
    beyond = (1.0 + tail[_SHAPE] * excess) ** (-1.0 / tail[_SHAPE])
    return float(tail[_ACTIVE_SHARE] * (tail[_TAIL_DAYS] + 1.0) / (days + 1) * beyond)


@kernel()
def _remember(tail: np.ndarray, high: float) -> None:
    """One more day, in the oldest one's place when the line is full; the sorted days stay sorted."""
    days = int(min(tail[_ACTIVE], DAYS))
    newest = _HIGHS + int(tail[_ACTIVE]) % DAYS
    last = _SORTED + days
    if days == DAYS:
        last -= 1
        forgotten = _SORTED
        while tail[forgotten] != tail[newest]:
            forgotten += 1
        for at in range(forgotten, last):
            tail[at] = tail[at + 1]
    at = last
    while at > _SORTED and tail[at - 1] > high:
        tail[at] = tail[at - 1]
        at -= 1
    tail[at] = high
    tail[newest] = high
    tail[_ACTIVE] += 1.0


@kernel(makes_arrays=True)
def _fit(tail: np.ndarray, grace_days: float, limit_rate: float) -> None:
    """Threshold, tail and ceiling from the remembered days."""
    days = int(min(tail[_ACTIVE], DAYS))
    span_days = tail[_DAY] - tail[_FIRST_DAY]
    if days < _DAYS_MIN or span_days < grace_days:
        return
    tail[_ACTIVE_SHARE] = min(1.0, tail[_ACTIVE] / span_days)
    ordered = tail[_SORTED : _SORTED + days]
    recent = min(days, _RECENT)
    latest = np.empty(recent)
    for back in range(recent):
        latest[back] = tail[_HIGHS + (int(tail[_ACTIVE]) - 1 - back) % DAYS]
    tail[_DRIFT] = max(0.0, np.median(latest) - ordered[days // 2])
    above = max(5, days // 4)
    threshold = ordered[days - above - 1]
    mean = 0.0
    weighted = 0.0
    for rank in range(above):
        excess = ordered[days - above + rank] - threshold
        mean += excess
        weighted += excess * (above - 1 - rank) / max(1, above - 1)
    mean /= above
    weighted /= above
    shape = _SHAPE_PRIOR
    scale = mean * (1.0 - shape)
    divisor = mean - 2.0 * weighted
    if divisor > 0.0:
        fitted = min(_SHAPE_MAX, max(-_SHAPE_MAX, 2.0 - mean / divisor))
        shape = (above * fitted + _SHAPE_PRIOR_DAYS * _SHAPE_PRIOR) / (above + _SHAPE_PRIOR_DAYS)
        shape = min(_SHAPE_MAX, max(_SHAPE_MIN, shape))
        scale = mean * (1.0 - shape)
    tail[_THRESHOLD] = threshold
    tail[_TAIL_DAYS] = above
    tail[_SHAPE] = shape
    tail[_SCALE] = max(scale * (1.0 + 1.0 / math.sqrt(above)), _SCALE_MIN)
    tail[CEILING] = _ceiling(tail, days, limit_rate)


@kernel()
def _ceiling(tail: np.ndarray, days: int, limit_rate: float) -> float:
    """The surprise whose rate is the limit."""
    if limit_rate <= 0.0:
        return _NEVER
    at_threshold = tail[_ACTIVE_SHARE] * (tail[_TAIL_DAYS] + 1.0) / (days + 1)
    if limit_rate < at_threshold:
        excess = ((at_threshold / limit_rate) ** tail[_SHAPE] - 1.0) / tail[_SHAPE]
        return float(tail[_THRESHOLD] + tail[_SCALE] * excess + tail[_DRIFT])
    rank = int(limit_rate / tail[_ACTIVE_SHARE] * (days + 1)) - 1
    return float(tail[_SORTED + max(0, days - 1 - rank)] + tail[_DRIFT])


@kernel()
def ceiling_at(tail: np.ndarray, time_s: int, grace_days: float, limit_rate: float) -> float:
    """Close the days that have passed, then say the most that is learnt of a surprise now."""
    day = max(float(time_s // 86400), tail[_DAY])
    if day != tail[_DAY]:
        if tail[_IS_ODD_DAY] > 0:
            tail[_STREAK] += 1.0
        elif tail[_HIGH] >= 0:
            tail[_STREAK] = 0.0
        if tail[_HIGH] >= 0:
            _remember(tail, tail[_HIGH])
        tail[_DAY] = day
        tail[_HIGH] = -1.0
        tail[_IS_ODD_DAY] = 0.0
        _fit(tail, grace_days, limit_rate)
    return float(np.inf if tail[_STREAK] >= _REGIME_DAYS else tail[CEILING])


@kernel()
def learn(tail: np.ndarray, surprise: float, ceiling: float) -> None:
    """Remember a surprise for today: a quiet one as it is, the first day's that passes the ceiling as if it reached it.

    Of the days that follow it without a quiet one between, only that they came.
    """
    if surprise >= tail[CEILING]:
        tail[_IS_ODD_DAY] = 1.0
        if tail[_STREAK] > 0 and ceiling < np.inf:
            return
    if tail[_ACTIVE] == 0 and tail[_HIGH] < 0:
        tail[_FIRST_DAY] = tail[_DAY]
    tail[_HIGH] = max(tail[_HIGH], min(surprise, ceiling))


@kernel()
def bits_of(rate: float) -> float:
    """How rare, in bits: 1 is every other day, 10 one day in 1,024; 0 for what says nothing."""
    return float(max(0.0, -math.log2(rate))) if rate < 1.0 else 0.0
