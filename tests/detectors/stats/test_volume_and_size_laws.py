from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors import flows
from detectors.quiet_traffic import quiet_flows
from detectors.statistic import NOT_MINE, Statistic
from detectors.stats.net_flow_drift import NetFlowDrift
from detectors.stats.outflow_share_of_liquidity import OutflowShareOfLiquidity
from detectors.stats.outflow_spike import OutflowSpike
from detectors.stats.transfer_rate import TransferRate
from detectors.stats.unusual_amount import UnusualAmount
from detectors.stats.unusual_transfer import UnusualTransfer

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAMILY: list[type[Statistic]] = [
    OutflowSpike,
    OutflowShareOfLiquidity,
    NetFlowDrift,
    TransferRate,
    UnusualAmount,
    UnusualTransfer,
]
PAST = quiet_flows(3, days=40, a_day=60, tokens=3)

ROWS = st.lists(
    st.tuples(
        st.integers(-100_000, 400_000) | st.integers(0, 90),
        st.booleans(),
        st.integers(2, 5),
        st.integers(0, 2**63 - 1) | st.integers(0, 10**12),
        st.integers(0, 5) | st.integers(0, 2**63 - 1),
    ),
    max_size=60,
)


def rows_of(steps: list[tuple[int, bool, int, int, int]], after_s: int = 0) -> NDArray[np.int64]:
    """Times that mostly grow; token 2 is priced, 3 isn't."""
    rows = []
    time_s = after_s
    for gap_s, is_release, token, value, who in steps:
        time_s = max(0, time_s + gap_s)
        sender = 0 if is_release else who
        rows.append(
            (time_s, int(is_release), token, 1 - token % 2, value % 4, sender, who, who ^ token, value, who % 7 == 0)
        )
    return np.array(rows, dtype=np.int64).reshape(-1, flows.WIDTH)


@pytest.fixture(params=FAMILY, ids=lambda statistic: statistic.name)
def statistic(request: pytest.FixtureRequest) -> Any:
    return request.param


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=ROWS, cut=st.integers(0, 60), is_warm=st.booleans())
# INV-DET-1
def test_step_by_step_and_any_chunks_are_equal_to_the_bit(
    statistic: type[Statistic], bench: Any, steps: list[Any], cut: int, is_warm: bool
) -> None:
    _, past = bench.fold(statistic, PAST if is_warm else PAST[:0], lines=6)
    rows = rows_of(steps, int(PAST[-1, flows.TIME_S]) if is_warm else 0)
    whole, state = bench.fold(statistic, rows, state=past.copy(), ceiling=8.0)
    other = past.copy()
    first, _ = bench.fold(statistic, rows[:cut], state=other, ceiling=8.0)
    second, _ = bench.fold(statistic, rows[cut:], state=other, ceiling=8.0)
    alone = past.copy()
    single = [statistic.step(alone, row, 8.0) for row in rows]
    assert whole.tolist() == [*first.tolist(), *second.tolist()] == single
    assert (state == other).all()
    assert (state == alone).all()
    assert np.isfinite(whole).all()
    assert ((whole >= 0) | (whole == NOT_MINE)).all()


# INV-DET-1
def test_more_lines_change_nothing_of_those_that_were_there(statistic: type[Statistic], bench: Any) -> None:
    few, narrow = bench.fold(statistic, PAST, lines=5)
    half = len(PAST) // 2
    _, grown = bench.fold(statistic, PAST[:half], lines=5)
    grown = np.concatenate([grown, statistic.empty_state(9)[5:]])
    later, grown = bench.fold(statistic, PAST[half:], state=grown)
    assert few[half:].tolist() == later.tolist()
    assert (grown[:5] == narrow).all()
    assert (grown[5:] == statistic.empty_state(9)[5:]).all()


def test_a_time_that_runs_backwards_counts_as_the_latest_seen(statistic: type[Statistic], bench: Any) -> None:
    _, state = bench.fold(statistic, PAST, lines=6)
    now_s = int(PAST[-1, flows.TIME_S]) + 50_000
    hour_s = now_s - now_s % 3600
    rows = bench.array([bench.flow(hour_s, 10**9), bench.flow(hour_s, 10**9), bench.flow(hour_s, 10**9)])
    late = rows.copy()
    late[1:, flows.TIME_S] = 5
    forward, one = bench.fold(statistic, rows, state=state.copy())
    backward, other = bench.fold(statistic, late, state=state.copy())
    assert forward.tolist() == backward.tolist()
    assert (one == other).all()


def test_it_judges_releases_alone_and_stays_small(statistic: type[Statistic], bench: Any) -> None:
    surprises, state = bench.fold(statistic, PAST, lines=5)
    is_release = PAST[:, flows.IS_RELEASE] == 1
    assert (surprises[~is_release] == NOT_MINE).all()
    assert (surprises[is_release][-200:] >= 0).all()
    assert state.nbytes <= 5 * 11 * 1024
    assert state.flags.c_contiguous
    assert state.ndim == 2
    assert state.dtype in {np.dtype(np.int64), np.dtype(np.float64)}
    data_alone = PAST[:1].copy()
    data_alone[0, [flows.IS_RELEASE, flows.TOKEN, flows.VALUE]] = (0, 1, 0)
    assert bench.fold(statistic, data_alone, lines=5)[0].tolist() == [NOT_MINE]


def test_the_biggest_numbers_neither_overflow_nor_turn_into_nothing(statistic: type[Statistic], bench: Any) -> None:
    _, state = bench.fold(statistic, PAST, lines=6)
    start_s = int(PAST[-1, flows.TIME_S])
    rows = [bench.flow(start_s + 3_000 * k, 2**63 - 1, release=k % 3 != 0, who=k % 7) for k in range(400)]
    surprises, _ = bench.fold(statistic, bench.array(rows), state=state)
    assert np.isfinite(surprises).all()


def test_a_cold_chain_gets_no_opinion(statistic: type[Statistic], bench: Any) -> None:
    surprises, _ = bench.fold(statistic, bench.array([bench.flow(1_000 + 60 * k, 10**15) for k in range(9)]))
    assert (surprises == NOT_MINE).all()


def test_what_was_anomalous_is_not_learnt(statistic: type[Statistic], bench: Any) -> None:
    """Weeks of drains, each called anomalous, surprise in the end no less than at first."""
    _, state = bench.fold(statistic, PAST, lines=5)
    start_s = int(PAST[-1, flows.TIME_S]) + 3600

    def drain(day: int) -> NDArray[np.int64]:
        drained = [bench.flow(start_s + 86_400 * day + 20 * k, 10**16, who=f"{day} {k}") for k in range(60)]
        if statistic is OutflowShareOfLiquidity:  # what is drained must have come before
            drained.insert(0, bench.flow(start_s + 86_400 * day - 60, 60 * 10**16, release=False))
        return bench.array(drained)

    tried = state.copy()
    first = bench.fold(statistic, drain(0), state=tried.copy())[0].max()
    for day in range(20):
        bench.fold(statistic, drain(2 * day), state=tried, ceiling=0.0)
    last = bench.fold(statistic, drain(70), state=tried, ceiling=0.0)[0].max()
    learnt = state.copy()
    for day in range(20):
        bench.fold(statistic, drain(2 * day), state=learnt)
    then = bench.fold(statistic, drain(70), state=learnt)[0].max()
    assert last >= 0.9 * first
    assert then < last


@pytest.mark.parametrize("word", ["Measured in", "Assumes", "Fails", "Says 0 until", "Source:"])
def test_the_docstring_says(statistic: type[Statistic], word: str) -> None:
    assert word in (statistic.__doc__ or "")
