"""How sure a count or a mean is: exact bounds for rates and shares, the bootstrap for means over attacks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HALVINGS = 60
_RESAMPLES = 2000
_REACH = 40.0
"""Terms of a Poisson sum further below than so many standard deviations are nothing."""
_TAIL = 0.025
"""Each side of a two-sided 95 % interval."""


def poisson_below(count: int, mean: float) -> float:
    """The probability of at most `count` events where `mean` are expected."""
    if mean <= 0:
        return 1.0
    lowest = max(0, count - round(_REACH * math.sqrt(count + 1)))
    terms = (events * math.log(mean) - mean - math.lgamma(events + 1) for events in range(lowest, count + 1))
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def upper_95(count: int, days: float) -> float | None:
    """The rate a day that a Poisson count like this stays below with 95 % probability; 3/days for none."""
    if days <= 0:
        return None
    highest = count + 10.0 + 5.0 * math.sqrt(count)
    return _where(lambda mean: poisson_below(count, mean) <= 0.05, 0.0, highest) / days


def share_bounds(hits: int, of: int) -> tuple[float, float] | None:
    """Clopper and Pearson's exact 95 % interval of a share; None of nothing."""
    if of == 0:
        return None
    low = 0.0 if hits == 0 else _where(lambda share: 1 - _binomial_below(hits - 1, of, share) >= _TAIL, 0.0, 1.0)
    high = 1.0 if hits == of else _where(lambda share: _binomial_below(hits, of, share) <= _TAIL, 0.0, 1.0)
    return low, high


def bootstrap_bounds(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % interval of a weighted mean when attacks are drawn anew; None for fewer than two, or of no weight."""
    value, weight = np.array(values), np.array(weights)
    if len(value) < 2 or weight.sum() <= 0:
        return None
    drawn = np.random.default_rng(0).integers(0, len(value), size=(_RESAMPLES, len(value)))
    sums = weight[drawn].sum(axis=1)
    means = (value * weight)[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.quantile(means, [_TAIL, 1 - _TAIL])
    return float(low), float(high)


def _binomial_below(hits: int, of: int, share: float) -> float:
    """The probability of at most `hits` of `of`."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return float(hits >= of)
    ways = (math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1) for k in range(hits + 1))
    odds = (k * math.log(share) + (of - k) * math.log1p(-share) for k in range(hits + 1))
    return min(1.0, math.fsum(math.exp(way + odd) for way, odd in zip(ways, odds, strict=True)))


def _where(is_reached: Callable[[float], bool], low: float, high: float) -> float:
    """The point from which on it is reached, by halving."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return high
