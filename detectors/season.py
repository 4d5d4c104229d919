"""Compiled: how much busier or quieter than usual an hour of the week is, learned and shrunk towards flat.

A season stands in a float64 line from `at` on: for each hour of the week what came in it and how often it was seen,
both fading by an eighth a week. Few arrivals tell little: an hour of the week is shrunk towards its hour of the day,
that towards flat, each as if `_FLAT` arrivals had come just as expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.compiled import kernel

if TYPE_CHECKING:
    import numpy as np

WEEK = 168
_CAME = 0
_SEEN = WEEK
_FACTORS = 2 * WEEK
WIDTH = 3 * WEEK
"""Numbers that one season takes."""

_KEPT = 0.875  # a week's weight after another: two months are remembered
_FLAT = 16.0  # arrivals: the chance error of an hour's share is then a quarter of it
_DAY = 24


@kernel()
def learn_hour(line: np.ndarray, at: int, hour: int, came: float) -> None:
    """An hour is over: remember how many came in it; at the end of a day learn the factors anew."""
    slot = hour % WEEK
    line[at + _CAME + slot] = line[at + _CAME + slot] * _KEPT + came
    line[at + _SEEN + slot] = line[at + _SEEN + slot] * _KEPT + 1.0
    if hour % _DAY == _DAY - 1:
        _fit(line, at)


@kernel()
def _fit(line: np.ndarray, at: int) -> None:
    came = 0.0
    seen = 0.0
    for slot in range(WEEK):
        came += line[at + _CAME + slot]
        seen += line[at + _SEEN + slot]
    mean = came / seen
    for hour in range(_DAY):
        came = _FLAT
        expected = _FLAT
        for slot in range(hour, WEEK, _DAY):
            came += line[at + _CAME + slot]
            expected += line[at + _SEEN + slot] * mean
        of_day = came / expected
        for slot in range(hour, WEEK, _DAY):
            expected = line[at + _SEEN + slot] * mean * of_day
            line[at + _FACTORS + slot] = of_day * (line[at + _CAME + slot] + _FLAT) / (expected + _FLAT)


@kernel()
def factor_of(line: np.ndarray, at: int, hour: int) -> float:
    """How many times the mean hour's arrivals this hour, counted from 1970, should bring; 1 before a day is over."""
    factor = line[at + _FACTORS + hour % WEEK]
    return float(factor) if factor > 0.0 else 1.0
