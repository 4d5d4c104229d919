from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detectors import flows
from detectors.stats.unusual_amount import UnusualAmount

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86_400
USUAL = 10**9


@pytest.fixture(scope="module")
def past(bench: Any) -> NDArray[Any]:
    """Sixty days of ten releases each, spread over a factor of a thousand."""
    rows = [
        bench.flow(day * DAY_S + 1_000 * part, int(USUAL * 2.0 ** ((day * 7 + part * 3) % 11 - 5)), who=f"{day} {part}")
        for day in range(60)
        for part in range(10)
    ]
    return bench.fold(UnusualAmount, bench.array(rows))[1]


def surprise(
    bench: Any, state: NDArray[Any], value: int, *, who: str = "thief", day: int = 61, token: int = 2
) -> float:
    row = bench.flow(day * DAY_S, value, who=who, token=token)
    return float(bench.fold(UnusualAmount, bench.array([row]), state=state.copy())[0][0])


def test_the_larger_the_rarer_one_bit_for_each_doubling_beyond_the_largest(bench: Any, past: NDArray[Any]) -> None:
    seen = [surprise(bench, past, USUAL << power) for power in (0, 3, 5, 10, 15, 20)]
    assert seen == sorted(seen)
    assert seen[0] < 2
    assert seen[3] > 5
    assert seen[5] - seen[4] == pytest.approx(5, abs=0.1)


def test_who_moved_as_much_on_an_earlier_day_surprises_less(bench: Any, past: NDArray[Any]) -> None:
    large = USUAL << 16
    stranger = surprise(bench, past, large)
    for is_release in (True, False):
        row = bench.flow(61 * DAY_S, large, who="exchange", release=is_release)
        _, state = bench.fold(UnusualAmount, bench.array([row]), state=past.copy())
        assert surprise(bench, state, large, who="exchange", day=61) == pytest.approx(surprise(bench, state, large))
        assert surprise(bench, state, large, who="exchange", day=62) < stranger - 5
        assert surprise(bench, state, large << 5, who="exchange", day=62) > 5, "much more than its own highest"


def test_a_small_test_before_the_drain_buys_nothing(bench: Any, past: NDArray[Any]) -> None:
    _, state = bench.fold(UnusualAmount, bench.array([bench.flow(61 * DAY_S, USUAL, who="thief")]), state=past.copy())
    assert surprise(bench, state, USUAL << 20, day=63) > surprise(bench, past, USUAL << 20) - 2


def test_a_flood_of_small_parties_displaces_no_whale(bench: Any, past: NDArray[Any]) -> None:
    large = USUAL << 16
    rows = [bench.flow(61 * DAY_S, large, who="exchange")]
    rows += [bench.flow(62 * DAY_S + k, USUAL // 1000, who=f"flood {k}") for k in range(5_000)]
    _, state = bench.fold(UnusualAmount, bench.array(rows), state=past.copy())
    assert surprise(bench, state, large, who="exchange", day=64) <= 2
    assert surprise(bench, state, large, day=64) > 8


def test_a_token_without_a_past_is_judged_by_its_chain(bench: Any, past: NDArray[Any]) -> None:
    assert surprise(bench, past, USUAL, token=9) < 2
    assert surprise(bench, past, USUAL << 20, token=9) > 10


def test_a_single_shot_surprises_more_than_anything_in_quiet_weeks(bench: Any, quiet: NDArray[Any]) -> None:
    surprises, state = bench.fold(UnusualAmount, quiet)
    usual = surprises[quiet[:, flows.TIME_S] > quiet[0, 0] + 30 * DAY_S].max()
    day = int(quiet[-1, 0]) // DAY_S + 1
    token = max(range(2, 14), key=lambda token: bench.balance(quiet, token))
    escrow = bench.balance(quiet, token)
    assert surprise(bench, state, escrow * 3 // 4, token=token, day=day) > usual
    assert surprise(bench, state, escrow // 10_000, token=token, day=day) < usual
