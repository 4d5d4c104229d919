from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detectors import flows
from detectors.statistic import NOT_MINE
from detectors.stats.outflow_share_of_liquidity import OutflowShareOfLiquidity

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86_400
ESCROW = 10**12


def days_of(bench: Any, *, token: int = 2, scale: int = 1) -> list[Any]:
    """An escrow of a million dollars, of which some percent goes and comes each day for sixty days."""
    rows = [bench.flow(1_000, ESCROW * scale, release=False, token=token)]
    for day in range(1, 60):
        value = ESCROW * scale // 100 * (1 + day * 37 % 5)
        rows.append(bench.flow(day * DAY_S + 40_000, value, token=token))
        rows.append(bench.flow(day * DAY_S + 80_000, value, token=token, release=False))
    return rows


@pytest.fixture(scope="module")
def past(bench: Any) -> NDArray[Any]:
    rows = sorted(days_of(bench) + days_of(bench, token=3, scale=20))
    return bench.fold(OutflowShareOfLiquidity, bench.array(rows))[1]


def highest(bench: Any, past: NDArray[Any], rows: list[Any]) -> float:
    return float(bench.fold(OutflowShareOfLiquidity, bench.array(rows), state=past.copy())[0].max())


def test_the_larger_the_share_that_leaves_the_larger_the_surprise(bench: Any, past: NDArray[Any]) -> None:
    seen = [highest(bench, past, [bench.flow(61 * DAY_S, ESCROW * part // 100)]) for part in (2, 10, 30, 75, 99)]
    assert seen == sorted(seen)
    assert seen[0] < 3
    assert seen[2] > 8
    assert seen[4] > seen[3] + 3, "what is left counts, not only what is gone"


def test_parts_add_up_within_the_hour_alone(bench: Any, past: NDArray[Any]) -> None:
    parts = [bench.flow(61 * DAY_S + 100 * k, ESCROW * 3 // 100) for k in range(20)]
    apart = [bench.flow(61 * DAY_S + 4_000 * k, ESCROW * 3 // 100) for k in range(10)]
    assert highest(bench, past, parts) > highest(bench, past, apart) + 5


def test_a_drain_of_many_tokens_is_seen_in_their_sum(bench: Any, past: NDArray[Any]) -> None:
    """A new token says little of itself, but the chain's escrow shrinks."""
    small = highest(bench, past, [bench.flow(61 * DAY_S, ESCROW * 20 // 2, token=3)])
    both = [bench.flow(61 * DAY_S, ESCROW * 20 // 2, token=3), bench.flow(61 * DAY_S + 5, ESCROW // 2)]
    assert highest(bench, past, both) >= small > 8


def test_no_opinion_of_a_release_that_shows_the_balance_to_be_unknown(bench: Any, past: NDArray[Any]) -> None:
    """An honest whale from an escrow that was filled before the watch began is no drain."""
    assert highest(bench, past, [bench.flow(61 * DAY_S, 13 * ESCROW // 10)]) > 8
    assert highest(bench, past, [bench.flow(61 * DAY_S, 30 * ESCROW)]) == NOT_MINE


def test_no_opinion_while_the_day_holds_a_release_from_nowhere(bench: Any, past: NDArray[Any]) -> None:
    """What is left of the known balance is nothing to compare with what was mostly never in it."""
    start_s = 61 * DAY_S
    unknown = bench.flow(start_s, 30 * ESCROW)
    more = bench.flow(start_s + 3_600, ESCROW // 10, release=False)

    def after(later_s: int) -> float:
        rows = bench.array([unknown, more, bench.flow(start_s + later_s, ESCROW // 50)])
        return float(bench.fold(OutflowShareOfLiquidity, rows, state=past.copy())[0][-1])

    assert after(7_200) == NOT_MINE
    assert after(DAY_S - 1) == NOT_MINE
    assert 0 <= after(DAY_S + 7_200) < 8
    covered = [bench.flow(start_s, ESCROW * 3 // 4), bench.flow(start_s + 7_200, ESCROW // 5)]
    assert highest(bench, past, covered) > 8, "a drain in two steps of what was seen to come is one"


def test_no_opinion_of_a_token_that_is_minted_here(bench: Any) -> None:
    rows = [bench.flow(1_000 + day * DAY_S + part, 10**9, release=part > 0) for day in range(60) for part in range(4)]
    surprises, state = bench.fold(OutflowShareOfLiquidity, bench.array(rows))
    assert (surprises == NOT_MINE).all()
    assert bench.fold(OutflowShareOfLiquidity, bench.array([bench.flow(61 * DAY_S, 10**13)]), state=state)[0][0] < 0


def test_a_drain_surprises_more_than_anything_in_quiet_weeks(bench: Any, quiet: NDArray[Any]) -> None:
    surprises, state = bench.fold(OutflowShareOfLiquidity, quiet)
    usual = surprises[quiet[:, flows.TIME_S] > quiet[0, 0] + 30 * DAY_S].max()
    start_s = int(quiet[-1, 0]) + 7_200
    token = max(range(2, 14), key=lambda token: bench.balance(quiet, token))
    escrow = bench.balance(quiet, token)
    shapes = {
        "single shot": [bench.flow(start_s, escrow * 3 // 4, token=token)],
        "crowd": [bench.flow(start_s + 8 * k, escrow * 3 // 4 // 300, token=token) for k in range(300)],
        "sweep": [bench.flow(start_s + 60 * k, bench.balance(quiet, 2 + k) * 6 // 10, token=2 + k) for k in range(10)],
    }
    for shape, rows in shapes.items():
        assert bench.fold(OutflowShareOfLiquidity, bench.array(rows), state=state.copy())[0].max() > usual, shape
    airdrop = [bench.flow(start_s + 30 * k, escrow // 100_000, token=token) for k in range(100)]
    assert bench.fold(OutflowShareOfLiquidity, bench.array(airdrop), state=state)[0].max() < usual
