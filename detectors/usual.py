"""Compiled: what is usual for a key, from the level that each of its earlier days left, and how far above it is.

A level is a log2 in fixed point. A token's days are weighed against those of all tokens of its chain in the same unit
(its prior line), so that one with a thin history is judged by its chain's. Levels in micro-USD compare between tokens.
Levels in tokens don't: there the prior remembers how far days lay from their own token's usual one, lends its spread
alone, and a token is not judged before it has days of its own. Above the median, a day's distance is taken as that of
a normal distribution with the spread seen; since median and spread come from so few days, the claim is that of
Student's t with as many: a short past makes nothing a wonder.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors.compiled import kernel

if TYPE_CHECKING:
    import numpy as np

DAYS = 128
"""Active days that a memory holds: a third of a year, so that a season's end is forgotten before the next one's."""

ONE = 1 << 16
"""Fixed point: one bit of a log2."""
NO_LEVEL = -(1 << 40)
"""The level of a day that left none; below every log2."""

_TODAY = 0  # highest quiet level of the day that is not over
_COUNT = 1  # days ever remembered
_CENTRE = 2
_SPREAD = 3
_RING = 4  # the days as they came
_RANKED = _RING + DAYS  # and in order of their level
WIDTH = _RANKED + DAYS
"""Numbers that one memory takes."""

_PRIOR_DAYS = 10  # a token's own fortnight outweighs its chain's days
_GRACE_DAYS = 10  # token-days of the chain below which nothing is said: no spread can be told from fewer
_OWN_DAYS = 7  # a token's first days are tests with dust, and tell nothing of what follows
_SPREAD_MIN = ONE // 2  # nobody's days are so alike that a doubling twice over is a wonder
_DEGREES_MAX = 30.0  # logs of bridges' volumes are heavier-tailed than normal; more days don't change that
_Q90 = 1.2815515655446004  # where the standard normal distribution has 90 % below it
_DEVIATION_MAX = 1e6  # its square is far from the largest float
_NORMAL_MAX = 37.0  # the tail beyond it is no float64


@kernel()
def level_of(value: int) -> int:
    """log2 in fixed point, rounded down; `NO_LEVEL` of 0."""
    return math.floor(math.log2(value) * ONE) if value > 0 else NO_LEVEL


def clear_days(line: np.ndarray, at: int) -> None:
    """Make a memory that has seen nothing. Not compiled: it makes empty states, where compiling costs more."""
    line[at : at + WIDTH] = 0
    line[at + _TODAY] = NO_LEVEL


@kernel()
def note_today(line: np.ndarray, at: int, level: int) -> None:
    """Let a quiet level be remembered when the day is over, if it stays its highest."""
    line[at + _TODAY] = max(line[at + _TODAY], level)


@kernel()
def _place(line: np.ndarray, ranked: int, count: int, level: int) -> int:
    """How many of the ranked levels are below this one."""
    low = 0
    high = count
    while low < high:
        middle = (low + high) // 2
        if line[ranked + middle] < level:
            low = middle + 1
        else:
            high = middle
    return low


@kernel()
def remember_day(line: np.ndarray, at: int, level: int) -> None:
    """Add a day's level, for the oldest of `DAYS`, and learn centre and spread anew."""
    ranked = at + _RANKED
    held = min(line[at + _COUNT], DAYS)
    slot = at + _RING + line[at + _COUNT] % DAYS
    if held == DAYS:
        for place in range(_place(line, ranked, held, line[slot]), held - 1):
            line[ranked + place] = line[ranked + place + 1]
        held -= 1
    here = _place(line, ranked, held, level)
    for place in range(held, here, -1):
        line[ranked + place] = line[ranked + place - 1]
    line[ranked + here] = level
    line[slot] = level
    line[at + _COUNT] += 1
    held += 1
    centre = line[ranked + held // 2]
    line[at + _CENTRE] = centre
    line[at + _SPREAD] = int((line[ranked + (9 * held) // 10] - centre) / _Q90)


@kernel()
def close_today(line: np.ndarray, prior: np.ndarray, at: int, is_comparable: int) -> None:
    """The day is over: remember its highest quiet level, if there was one, for the key and for its chain."""
    level = line[at + _TODAY]
    if level > NO_LEVEL:
        if is_comparable == 1:
            remember_day(prior, at, level)
        elif line[at + _COUNT] >= _OWN_DAYS:
            remember_day(prior, at, level - line[at + _CENTRE])
        remember_day(line, at, level)
        line[at + _TODAY] = NO_LEVEL


@kernel()
def close_today_alone(line: np.ndarray, at: int) -> None:
    """The same for a key that has no prior."""
    if line[at + _TODAY] > NO_LEVEL:
        remember_day(line, at, line[at + _TODAY])
        line[at + _TODAY] = NO_LEVEL


@kernel()
def is_cold(line: np.ndarray, prior: np.ndarray, at: int, is_comparable: int) -> bool:
    """Too little was seen to say anything of this key."""
    return bool(prior[at + _COUNT] < _GRACE_DAYS or (is_comparable != 1 and line[at + _COUNT] < _OWN_DAYS))


@kernel()
def usual_level(line: np.ndarray, prior: np.ndarray, at: int, is_comparable: int) -> int:
    """The median day's highest level of a key that isn't cold."""
    if is_comparable != 1:
        return int(line[at + _CENTRE])
    days = min(line[at + _COUNT], DAYS)  # below: exact, as both numbers are far below 2^53; faster than //
    level: int = math.floor((days * line[at + _CENTRE] + _PRIOR_DAYS * prior[at + _CENTRE]) / (days + _PRIOR_DAYS))
    return level


@kernel()
def usual_spread(line: np.ndarray, prior: np.ndarray, at: int) -> int:
    """How far a key's days lie from the median, as a normal distribution's spread; at least 0."""
    days = min(line[at + _COUNT], DAYS)
    spread: int = math.floor((days * line[at + _SPREAD] + _PRIOR_DAYS * prior[at + _SPREAD]) / (days + _PRIOR_DAYS))
    return spread


@kernel()
def deviation(line: np.ndarray, prior: np.ndarray, at: int, is_comparable: int, level: int) -> float:
    """By how many spreads a level lies above the usual one of a key that isn't cold; negative below it."""
    spread = max(usual_spread(line, prior, at), _SPREAD_MIN)
    return float((level - usual_level(line, prior, at, is_comparable)) / spread)


@kernel()
def bits_above(line: np.ndarray, at: int, is_comparable: int, spreads: float) -> float:
    """How rare, in bits, a day is that comes so many spreads above the usual, as far as the days seen can tell."""
    days = float(min(line[at + _COUNT], DAYS) + (_PRIOR_DAYS if is_comparable == 1 else 0))
    t = min(spreads, _DEVIATION_MAX) / math.sqrt(1.0 + 1.0 / days)
    return normal_bits(_normal_of_student(t, min(days - 1.0, _DEGREES_MAX)))


@kernel()
def _normal_of_student(t: float, degrees: float) -> float:
    """The standard normal deviate that is as rare as Student's t (Wallace 1959)."""
    z = math.sqrt(degrees * math.log1p(t * t / degrees)) * (8.0 * degrees + 1.0) / (8.0 * degrees + 3.0)
    return math.copysign(z, t)


@kernel()
def normal_bits(z: float) -> float:
    """-log2 of the chance that a standard normal number exceeds z; at least 0."""
    return max(0.0, -math.log2(0.5 * math.erfc(min(z, _NORMAL_MAX) / math.sqrt(2.0))))
