from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detectors import flows
from detectors.stats.net_flow_drift import NetFlowDrift

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86_400
USUAL = 10**9


def day_of(bench: Any, day: int, net: int) -> list[Any]:
    """Ten thousand dollars each way, and a net outflow."""
    return [
        bench.flow(day * DAY_S + 10_000, 10 * USUAL, release=False),
        bench.flow(day * DAY_S + 50_000, 10 * USUAL + net),
    ]


@pytest.fixture(scope="module")
def past(bench: Any) -> NDArray[Any]:
    """Sixty days whose nets lie between minus and plus eight thousand."""
    rows = [row for day in range(60) for row in day_of(bench, day, USUAL * (day * 37 % 17 - 8))]
    return bench.fold(NetFlowDrift, bench.array(rows))[1]


def highest(bench: Any, past: NDArray[Any], nets: list[int]) -> float:
    rows = [row for day, net in enumerate(nets, start=60) for row in day_of(bench, day, net)]
    return float(bench.fold(NetFlowDrift, bench.array(rows), state=past.copy())[0].max())


def test_a_slow_drip_piles_up_while_no_day_of_it_is_unusual(bench: Any, past: NDArray[Any]) -> None:
    drip = 8 * USUAL
    seen = [highest(bench, past, [drip] * days) for days in (1, 4, 8, 16)]
    assert seen == sorted(seen)
    assert seen[0] < 2
    assert seen[-1] > 12


def test_one_large_day_is_no_drift(bench: Any, past: NDArray[Any]) -> None:
    assert highest(bench, past, [10**15]) < 5
    assert highest(bench, past, [10**15, 10**15, 10**15, 10**15]) > 12


def test_quiet_days_and_inflow_let_it_fade(bench: Any, past: NDArray[Any]) -> None:
    rows = [row for day in range(60, 70) for row in day_of(bench, day, 8 * USUAL)]
    _, state = bench.fold(NetFlowDrift, bench.array(rows), state=past.copy())
    soon, _ = bench.fold(NetFlowDrift, bench.array([bench.flow(71 * DAY_S, 1)]), state=state.copy())
    late, _ = bench.fold(NetFlowDrift, bench.array([bench.flow(110 * DAY_S, 1)]), state=state.copy())
    paid = [bench.flow(71 * DAY_S, 10**12, release=False), bench.flow(71 * DAY_S + 1, 1)]
    back, _ = bench.fold(NetFlowDrift, bench.array(paid), state=state.copy())
    assert soon[0] > 5
    assert late[0] == 0.0
    assert back[1] < soon[0] - 3


def test_what_a_token_loses_every_day_is_no_drift(bench: Any) -> None:
    """Minted here, burnt elsewhere: more goes out than comes in all the time."""
    rows = [row for day in range(90) for row in day_of(bench, day, USUAL * (30 + day * 37 % 17))]
    surprises, _ = bench.fold(NetFlowDrift, bench.array(rows))
    assert surprises[60:].max() < 6


def test_a_slow_drip_surprises_more_than_anything_in_quiet_weeks(bench: Any, quiet: NDArray[Any]) -> None:
    surprises, state = bench.fold(NetFlowDrift, quiet)
    usual = surprises[quiet[:, flows.TIME_S] > quiet[0, 0] + 30 * DAY_S].max()
    start_s = int(quiet[-1, 0]) + 7_200
    token = max(range(2, 14), key=lambda token: bench.balance(quiet, token))
    part = bench.balance(quiet, token) // 100
    drip = [bench.flow(start_s + 10_800 * k, part, token=token) for k in range(80)]
    assert bench.fold(NetFlowDrift, bench.array(drip), state=state.copy())[0].max() > usual
    airdrop = [bench.flow(start_s + 30 * k, part // 1000, token=token) for k in range(100)]
    assert bench.fold(NetFlowDrift, bench.array(airdrop), state=state)[0].max() < usual
