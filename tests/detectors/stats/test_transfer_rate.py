from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors import flows
from detectors.statistic import NOT_MINE
from detectors.stats.transfer_rate import TransferRate

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86_400
HOUR_S = 3_600


@pytest.fixture(scope="module")
def seasonal(bench: Any) -> NDArray[Any]:
    """Eight weeks: twenty releases in each hour of the afternoon, one in each other hour."""
    rows = []
    for hour in range(56 * 24):
        count = 20 if 12 <= hour % 24 < 18 else 1
        rows += [bench.flow(hour * HOUR_S + HOUR_S * part // count, 10**9) for part in range(count)]
    return bench.fold(TransferRate, bench.array(rows))[1]


def highest(bench: Any, state: NDArray[Any], start_s: int, count: int, gap_s: int, *, token: int = 2) -> float:
    rows = [bench.flow(start_s + gap_s * k, 10**9, token=token) for k in range(count)]
    return float(bench.fold(TransferRate, bench.array(rows), state=state.copy())[0].max())


def test_the_hour_of_the_week_says_what_is_usual(bench: Any, seasonal: NDArray[Any]) -> None:
    busy_s, quiet_s = 56 * DAY_S + 14 * HOUR_S, 56 * DAY_S + 3 * HOUR_S
    assert highest(bench, seasonal, busy_s, 20, 170) < 3
    assert highest(bench, seasonal, quiet_s, 20, 170) > 6
    assert highest(bench, seasonal, quiet_s, 200, 17) > highest(bench, seasonal, busy_s, 200, 17) > 8


def test_one_release_alone_is_no_burst_however_rare_its_token(bench: Any, seasonal: NDArray[Any]) -> None:
    assert highest(bench, seasonal, 70 * DAY_S, 1, 1, token=9) == 0.0


def test_a_burst_of_one_token_is_seen_in_the_traffic_of_others(bench: Any, seasonal: NDArray[Any]) -> None:
    rows = [bench.flow(56 * DAY_S + HOUR_S * k, 1, token=5) for k in range(0, 480, 24)]
    _, state = bench.fold(TransferRate, bench.array(rows), state=seasonal.copy())
    at_s = 76 * DAY_S + 14 * HOUR_S
    assert highest(bench, state, at_s, 15, 30, token=5) > highest(bench, state, at_s, 15, 30, token=2) + 3


def test_no_opinion_in_the_first_week(bench: Any) -> None:
    rows = bench.array(bench.flow(DAY_S * day + 1, 1) for day in range(10))
    surprises, _ = bench.fold(TransferRate, rows)
    assert (surprises[:7] == NOT_MINE).all()
    assert (surprises[8:] >= 0).all()


def test_silence_of_years_costs_no_more_than_a_month(bench: Any, seasonal: NDArray[Any]) -> None:
    surprises, state = bench.fold(TransferRate, bench.array([bench.flow(2**40, 1)]), state=seasonal.copy())
    assert surprises[0] == 0.0
    assert np.isfinite(state).all()


def test_a_crowd_surprises_more_than_anything_in_quiet_weeks(bench: Any, quiet: NDArray[Any]) -> None:
    surprises, state = bench.fold(TransferRate, quiet)
    usual = surprises[quiet[:, flows.TIME_S] > quiet[0, 0] + 30 * DAY_S].max()
    start_s = int(quiet[-1, 0]) + 7_200
    assert highest(bench, state, start_s, 600, 5) > usual
    assert highest(bench, state, start_s, 3, 60) < usual
