from __future__ import annotations

import pytest
from scipy import stats

from detectors.backtest.intervals import bootstrap_bounds, poisson_below, share_bounds, upper_95


@pytest.mark.parametrize(("count", "mean"), [(0, 0.0), (0, 2.0), (3, 1.5), (40, 55.0), (5000, 5050.0)])
def test_poisson_sums_are_exact(count: int, mean: float) -> None:
    assert poisson_below(count, mean) == pytest.approx(stats.poisson.cdf(count, mean), rel=1e-9)


@pytest.mark.parametrize("count", [0, 1, 7, 3000])
def test_the_upper_bound_leaves_five_percent(count: int) -> None:
    bound = upper_95(count, 2.0)
    assert bound is not None
    assert stats.poisson.cdf(count, 2.0 * bound) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize(("hits", "of"), [(3, 10), (1, 2), (390, 400)])
def test_shares_have_clopper_and_pearsons_bounds(hits: int, of: int) -> None:
    low, high = share_bounds(hits, of) or (None, None)
    assert low == pytest.approx(stats.beta.ppf(0.025, hits, of - hits + 1), rel=1e-6)
    assert high == pytest.approx(stats.beta.ppf(0.975, hits + 1, of - hits), rel=1e-6)


def test_all_or_nothing_is_bounded_on_one_side() -> None:
    assert share_bounds(0, 0) is None
    assert share_bounds(0, 5) == (0.0, pytest.approx(0.5218, abs=1e-4))
    assert share_bounds(5, 5) == (pytest.approx(0.4782, abs=1e-4), 1.0)


def test_the_bootstrap_needs_two_attacks_and_repeats_itself() -> None:
    assert bootstrap_bounds([0.9], [5.0]) is None
    assert bootstrap_bounds([0.9, 0.1], [0.0, 0.0]) is None
    bounds = bootstrap_bounds([0.9, 0.1, 0.5, 0.6], [1.0, 1.0, 1.0, 1.0])
    assert bounds is not None
    low, high = bounds
    assert 0.1 <= low < 0.525 < high <= 0.9
    assert bounds == bootstrap_bounds([0.9, 0.1, 0.5, 0.6], [1.0, 1.0, 1.0, 1.0])
