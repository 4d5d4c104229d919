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


def weeks(bench: Any, quiet_remote: int) -> NDArray[Any]:
    """After eight weeks of a busy lane, twenty an hour, and two releases a day from another chain."""
    rows = [bench.flow(HOUR_S // 20 * k, 10**9) for k in range(56 * 24 * 20)]
    rows += [bench.flow(DAY_S // 2 * k + 7, 10**9, remote=quiet_remote) for k in range(1, 112)]
    return bench.fold(TransferRate, bench.array(sorted(rows)))[1]


def test_a_burst_on_a_quiet_lane_is_seen_beside_a_busy_one(bench: Any) -> None:
    def burst(state: NDArray[Any], remote: int) -> float:
        rows = [bench.flow(56 * DAY_S + 40 * k, 10**9, remote=remote) for k in range(1, 13)]
        return float(bench.fold(TransferRate, bench.array(rows), state=state.copy())[0].max())

    state = weeks(bench, quiet_remote=2)
    assert burst(state, remote=1) < 3, "twelve within ten minutes are little for the busy lane"
    assert burst(state, remote=2) > burst(state, remote=1) + 5
    assert burst(weeks(bench, quiet_remote=0), remote=0) < 3, "of a release that does not name its remote, no lane says"


def test_a_lane_that_appears_is_expected_to_draw_a_quarter(bench: Any) -> None:
    state = weeks(bench, quiet_remote=2)
    rows = [bench.flow(56 * DAY_S + 700 * k, 10**9, remote=3) for k in range(1, 6)]
    assert bench.fold(TransferRate, bench.array(rows), state=state)[0].max() < 3


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
