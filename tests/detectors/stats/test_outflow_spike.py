from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors import flows
from detectors.statistic import NOT_MINE
from detectors.stats.outflow_spike import OutflowSpike

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86_400


@pytest.fixture(scope="module")
def days(bench: Any) -> NDArray[np.int64]:
    """Sixty days of one release each, between half and twice a thousand dollars."""
    return bench.array(bench.flow(day * DAY_S + 40_000, 10**9 * (50 + day * 37 % 150) // 100) for day in range(60))


def highest(bench: Any, days: NDArray[np.int64], rows: list[Any]) -> float:
    _, state = bench.fold(OutflowSpike, days)
    return float(bench.fold(OutflowSpike, bench.array(rows), state=state)[0].max())


def test_the_usual_is_no_surprise_and_a_spike_is_at_once(bench: Any, days: NDArray[np.int64]) -> None:
    assert highest(bench, days, [bench.flow(61 * DAY_S, 10**9)]) < 2
    assert highest(bench, days, [bench.flow(61 * DAY_S, 10**12)]) > 20


def test_many_small_ones_add_up_within_each_window_and_later_ones_do_not(bench: Any, days: NDArray[np.int64]) -> None:
    for gap_s in (5, 30, 800):  # 100 of them take 10 minutes, an hour, a day
        burst = [bench.flow(61 * DAY_S + gap_s * k, 10**9) for k in range(100)]
        assert highest(bench, days, burst) > 15, gap_s
    assert highest(bench, days, [bench.flow((61 + k) * DAY_S + 1, 10**9) for k in range(30)]) < 3


def test_a_burst_in_minutes_weighs_more_than_the_same_over_the_hour(bench: Any) -> None:
    days = bench.array(bench.flow(day * DAY_S + 600 * part, 10**9) for day in range(60) for part in range(6))
    slow = highest(bench, days, [bench.flow(61 * DAY_S + 600 * part, 10**9) for part in range(6)])
    fast = highest(bench, days, [bench.flow(61 * DAY_S, 6 * 10**9)])
    assert fast > slow + 5


def test_a_token_without_a_past_is_judged_by_its_chain(bench: Any, days: NDArray[np.int64]) -> None:
    assert highest(bench, days, [bench.flow(61 * DAY_S, 10**9, token=7)]) < 3
    assert highest(bench, days, [bench.flow(61 * DAY_S, 10**13, token=7)]) > 15


def test_tokens_without_a_price_are_judged_by_their_own_days_alone(bench: Any) -> None:
    rows = [
        bench.flow(day * DAY_S + token, 10**9 * (50 + day * 37 % 150) // 100 * 1000**token, token=token, priced=0)
        for day in range(40)
        for token in (2, 3)
    ]
    _, state = bench.fold(OutflowSpike, bench.array(rows))
    fresh = [bench.flow((41 + day) * DAY_S, 10**16, token=4, priced=0) for day in range(9)]
    surprises, _ = bench.fold(OutflowSpike, bench.array(fresh), state=state.copy())
    assert surprises[0] == NOT_MINE
    assert 0 <= surprises[-1] < 3, "as large as it always was, though a million times what others are"
    spike = bench.array([bench.flow(41 * DAY_S, 10**12 * 1000**3, token=3, priced=0)])
    assert bench.fold(OutflowSpike, spike, state=state)[0][0] > 15


def test_a_drain_surprises_more_than_anything_in_quiet_weeks(bench: Any, quiet: NDArray[np.int64]) -> None:
    surprises, state = bench.fold(OutflowSpike, quiet)
    usual = surprises[quiet[:, flows.TIME_S] > quiet[0, 0] + 30 * DAY_S].max()
    start_s = int(quiet[-1, 0]) + 7_200
    tokens = range(2, 2 + 8)
    sweep = [
        bench.flow(start_s + 60 * k, bench.balance(quiet, token) * 6 // 10, token=token, who="thief")
        for k, token in enumerate(tokens)
    ]
    assert bench.fold(OutflowSpike, bench.array(sweep), state=state.copy())[0].max() > usual
    airdrop = [bench.flow(start_s + 30 * k, 2 * 10**8, who=k) for k in range(100)]
    assert bench.fold(OutflowSpike, bench.array(airdrop), state=state)[0].max() < usual
