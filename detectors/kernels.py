"""The compiled folds, nothing else.

A fold is `step(state, key, …) -> score`: it scores the row against the state, then learns from it in place. State is
one plain int64 array, a line a key; sums are integers; so live, batch, chunked and restored agree with `==`. Compiled
code is cached beside this file, or under NUMBA_CACHE_DIR where that can't be written.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

# -- outflow: what leaves through a key in the last 10 and 60 minutes, against the highest of each earlier day

MINUTES = 60
"""Buckets of one minute; the long window is all of them, the short one the newest ten."""
SHORT_MINUTES = 10
DAYS = 256
"""Active days that a key remembers."""

_NEWEST = 0  # minute of the newest bucket; -1 before the first row
_DAY = 1  # the day that the highest outflows below belong to
_SHORT_HIGH = 2  # highest quiet outflow of that day in the short window
_LONG_HIGH = 3
_ACTIVE_DAYS = 4  # days ever pushed
_SHORT_CENTRE = 5  # of log2 of the remembered days' highest outflows, times _ONE
_SHORT_SPREAD = 6
_LONG_CENTRE = 7
_LONG_SPREAD = 8
_BUCKETS = 9
_SHORT_DAYS = _BUCKETS + MINUTES
_LONG_DAYS = _SHORT_DAYS + DAYS
OUTFLOW_WIDTH = _LONG_DAYS + DAYS
"""Numbers that one key's line holds."""

_ONE = 1 << 16  # fixed point: one bit of a log2
_SPREAD_MIN = _ONE // 2  # nobody's days are so alike that a doubling twice over is a wonder
_Q90 = 1.2815515655446004  # where the standard normal distribution has 90 % below it
_INT64_MAX = np.iinfo(np.int64).max


@njit("int64(int64)", cache=True)
def _log2_fixed(value: int) -> int:
    return int(math.floor(math.log2(value) * _ONE))  # noqa: RUF046  compiled, floor gives a float


@njit("int64(int64[:, ::1], int64, int64, int64, int64)", cache=True)
def _ranked(state: np.ndarray, key: int, first: int, count: int, rank: int) -> int:
    """The number that `rank` of the `count` numbers from `first` on are below, by counting: a sort compiles longer."""
    for candidate in range(first, first + count):
        number = state[key, candidate]
        below = equal = 0
        for other in range(first, first + count):
            below += state[key, other] < number
            equal += state[key, other] == number
        if below <= rank < below + equal:
            return int(number)
    return 0


@njit("void(int64[:, ::1], int64, int64, int64)", cache=True)
def _fit(state: np.ndarray, key: int, days_at: int, out: int) -> None:
    """Centre and spread of the remembered days: median, and what the 90th percentile lies above it, as a normal's."""
    n = min(state[key, _ACTIVE_DAYS], DAYS)
    centre = _ranked(state, key, days_at, n, n // 2)
    state[key, out] = centre
    state[key, out + 1] = int((_ranked(state, key, days_at, n, (9 * n) // 10) - centre) / _Q90)


@njit("void(int64[:, ::1], int64, int64, int64)", cache=True)
def _push_day(state: np.ndarray, key: int, short_high: int, long_high: int) -> None:
    slot = state[key, _ACTIVE_DAYS] % DAYS
    state[key, _SHORT_DAYS + slot] = _log2_fixed(short_high)
    state[key, _LONG_DAYS + slot] = _log2_fixed(long_high)
    state[key, _ACTIVE_DAYS] += 1
    _fit(state, key, _SHORT_DAYS, _SHORT_CENTRE)
    _fit(state, key, _LONG_DAYS, _LONG_CENTRE)


@njit("void(int64[:, ::1], int64, int64, int64)", cache=True)
def _roll(state: np.ndarray, key: int, prior: int, minute: int) -> None:
    """Bring the key's line to this minute: empty the buckets that time has passed, close the day that has ended."""
    newest = state[key, _NEWEST]
    if newest < 0 or minute - newest >= MINUTES:
        for slot in range(MINUTES):
            state[key, _BUCKETS + slot] = 0
    else:
        for passed in range(newest + 1, minute + 1):
            state[key, _BUCKETS + passed % MINUTES] = 0
    state[key, _NEWEST] = minute
    day = minute // 1440
    if day != state[key, _DAY]:
        if state[key, _SHORT_HIGH] > 0:
            _push_day(state, key, state[key, _SHORT_HIGH], state[key, _LONG_HIGH])
            _push_day(state, prior, state[key, _SHORT_HIGH], state[key, _LONG_HIGH])
        state[key, _DAY] = day
        state[key, _SHORT_HIGH] = 0
        state[key, _LONG_HIGH] = 0


@njit("int64(int64, int64)", cache=True)
def _add_saturating(one: int, other: int) -> int:
    return one + other if one <= _INT64_MAX - other else _INT64_MAX


@njit("float64(int64[:, ::1], int64, int64, int64, int64, int64)", cache=True)
def _deviation(  # noqa: PLR0917  kernels take plain numbers
    state: np.ndarray, key: int, prior: int, prior_days: int, centre_at: int, outflow: int
) -> float:
    """By how many spreads log2(outflow) lies above its centre; key and prior weighed by their days."""
    n = min(state[key, _ACTIVE_DAYS], DAYS)
    weight = n + prior_days
    centre = (n * state[key, centre_at] + prior_days * state[prior, centre_at]) // weight
    spread = (n * state[key, centre_at + 1] + prior_days * state[prior, centre_at + 1]) // weight
    return float((_log2_fixed(outflow) - centre) / max(spread, _SPREAD_MIN))


@njit("float64(int64[:, ::1], int64, int64, int64, int64, int64, int64, float64)", cache=True)
def outflow_step(  # noqa: PLR0917
    state: np.ndarray, key: int, prior: int, time_s: int, value: int, prior_days: int, grace_days: int, limit: float
) -> float:
    """Add an outflow to its key and score both windows; remember the day's highest unless it was above `limit`.

    `prior` is the line of the chain's days over all keys of the same unit. The score is the probability that a quiet
    day's highest outflow stays below this one, if log2 of daily highs is normally distributed; 0 until the prior holds
    `grace_days` days. A time before the key's newest minute counts as that minute. `prior_days` is at least 1.
    """
    minute = max(time_s // 60, state[key, _NEWEST])
    _roll(state, key, prior, minute)
    slot = _BUCKETS + minute % MINUTES
    state[key, slot] = _add_saturating(state[key, slot], value)
    short = long = 0
    for back in range(MINUTES):
        if minute - back >= 0:
            bucket = state[key, _BUCKETS + (minute - back) % MINUTES]
            long = _add_saturating(long, bucket)
            if back < SHORT_MINUTES:
                short = _add_saturating(short, bucket)
    if long == 0:
        return 0.0
    score = 0.0
    if state[prior, _ACTIVE_DAYS] >= grace_days and state[prior, _ACTIVE_DAYS] > 0:
        deviation = _deviation(state, key, prior, prior_days, _LONG_CENTRE, long)
        if short > 0:
            deviation = max(deviation, _deviation(state, key, prior, prior_days, _SHORT_CENTRE, short))
        score = 0.5 * math.erfc(-deviation / math.sqrt(2.0))
    if score < limit:
        state[key, _SHORT_HIGH] = max(state[key, _SHORT_HIGH], short)
        state[key, _LONG_HIGH] = max(state[key, _LONG_HIGH], long)
    return score


@njit(cache=True)
def outflow_batch(  # noqa: PLR0917
    state: np.ndarray,
    keys: np.ndarray,
    priors: np.ndarray,
    times_s: np.ndarray,
    values: np.ndarray,
    prior_days: int,
    grace_days: int,
    limit: float,
) -> np.ndarray:
    """`outflow_step` over many rows, in order; their scores."""
    scores = np.empty(len(keys))
    for row in range(len(keys)):
        scores[row] = outflow_step(
            state, keys[row], priors[row], times_s[row], values[row], prior_days, grace_days, limit
        )
    return scores


def empty_outflow_state(keys: int) -> np.ndarray:
    """Lines of keys that have seen nothing."""
    state = np.zeros((keys, OUTFLOW_WIDTH), dtype=np.int64)
    state[:, _NEWEST] = -1
    return state


def warm_up() -> None:
    """Compile, or load from the cache, what the live corridor calls, so that no block waits for it."""
    state = empty_outflow_state(2)
    outflow_step(state, 1, 0, 0, 1, 1, 0, 1.0)
