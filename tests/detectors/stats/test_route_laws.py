from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import flows
from detectors.statistic import NOT_MINE, Statistic
from detectors.stats.fan import Fan
from detectors.stats.repeated_amount import RepeatedAmount
from detectors.stats.round_trip import RoundTrip
from detectors.stats.route_burst import RouteBurst
from detectors.stats.route_novelty import RouteNovelty
from detectors.stats.split_transfer import SplitTransfer

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATISTICS = (RouteNovelty, RouteBurst, Fan, RepeatedAmount, RoundTrip, SplitTransfer)
PLACE_MAX = 128 * 1024
LINE_MAX = 8 * 1024

_flow = st.tuples(
    st.integers(0, 400_000),  # seconds, not in order
    st.integers(0, 1),
    st.integers(2, 6),
    st.just(0),
    st.integers(0, 3),
    st.integers(1, 12),
    st.integers(0, 12),
    st.integers(1, 5),
    st.one_of(st.integers(0, 10**6), st.integers(0, 2**63 - 1)),
    st.integers(0, 1),
)


def _whole(rows: list[tuple[int, ...]]) -> NDArray[np.int64]:
    """Flows as a reader gives them: a release has no sender, a token's line is priced or not; any order of time."""
    array = np.array(rows, dtype=np.int64).reshape(-1, flows.WIDTH)
    array[:, flows.IS_PRICED] = array[:, flows.TOKEN] % 2
    array[array[:, flows.IS_RELEASE] == 1, flows.SENDER] = 0
    return array


@pytest.fixture(params=STATISTICS, ids=lambda statistic: statistic.name)
def statistic(request: pytest.FixtureRequest) -> type[Statistic]:
    chosen: type[Statistic] = request.param
    return chosen


def test_the_state_is_as_small_as_promised(statistic: type[Statistic]) -> None:
    state = statistic.empty_state(5)
    assert state.flags.c_contiguous
    assert state.ndim == 2
    if statistic.is_per_token:
        assert len(state) == 5
        assert state[0].nbytes <= LINE_MAX
    else:
        assert state.nbytes <= PLACE_MAX


@given(rows=st.lists(_flow, min_size=1, max_size=300), cut=st.integers(0, 300))
@settings(max_examples=25, deadline=None)
def test_one_by_one_equals_any_chunks_and_is_a_number(bench: Any, rows: list[tuple[int, ...]], cut: int) -> None:
    array = _whole(rows)
    for statistic in STATISTICS:
        whole, state = bench.fold(statistic, array)
        first, halfway = bench.fold(statistic, array[:cut])
        second, chunked = bench.fold(statistic, array[cut:], state=halfway.copy())
        np.testing.assert_array_equal(np.concatenate([first, second]), whole)
        np.testing.assert_array_equal(chunked, state)
        alone = statistic.empty_state(64)
        assert [statistic.step(alone, row, np.inf) for row in array] == whole.tolist()
        assert np.isfinite(whole).all()
        assert ((whole >= 0) | (whole == NOT_MINE)).all()


def test_quiet_traffic_gives_numbers_that_can_be_told_apart(
    bench: Any, statistic: type[Statistic], quiet: NDArray[np.int64]
) -> None:
    surprises, _ = bench.fold(statistic, quiet)
    assert np.isfinite(surprises).all()
    assert surprises.max() > 1.0
    assert surprises.max() < 40.0
    judged = surprises[surprises >= 0]
    assert np.mean(judged > 10.0) < 0.01


@pytest.mark.parametrize("statistic", [RouteNovelty, RepeatedAmount])
def test_more_lines_change_no_line(bench: Any, statistic: type[Statistic], sparse: NDArray[np.int64]) -> None:
    few, small = bench.fold(statistic, sparse, lines=20)
    many, large = bench.fold(statistic, sparse, lines=64)
    np.testing.assert_array_equal(few, many)
    np.testing.assert_array_equal(large[:20], small)
    assert not large[20:].any()


def test_an_earlier_time_counts_as_the_latest(
    bench: Any, statistic: type[Statistic], sparse: NDArray[np.int64]
) -> None:
    late = sparse[sparse[:, flows.IS_RELEASE] == 1] if statistic is RepeatedAmount else sparse.copy()
    late[1::3, flows.TIME_S] -= 40_000
    clamped = late.copy()
    clamped[:, flows.TIME_S] = np.maximum.accumulate(late[:, flows.TIME_S])
    np.testing.assert_array_equal(bench.fold(statistic, late)[0], bench.fold(statistic, clamped)[0])


def test_a_release_is_judged_as_if_nothing_was_ever_sent(
    bench: Any, statistic: type[Statistic], sparse: NDArray[np.int64]
) -> None:
    releases = sparse[sparse[:, flows.IS_RELEASE] == 1]
    mixed, _ = bench.fold(statistic, sparse)
    alone, _ = bench.fold(statistic, releases)
    of_releases = mixed[sparse[:, flows.IS_RELEASE] == 1]
    if statistic is RoundTrip:
        assert (of_releases == NOT_MINE).all(), "it judges messages"
    else:
        np.testing.assert_array_equal(of_releases, alone)


def test_a_chain_that_showed_nothing_yet_is_not_judged(
    bench: Any, statistic: type[Statistic], sparse: NDArray[np.int64]
) -> None:
    surprises, _ = bench.fold(statistic, sparse[:40])
    assert (surprises == NOT_MINE).all()


def test_a_message_without_tokens_moves_no_value(bench: Any) -> None:
    row = bench.array([(1, 0, 1, 1, 1, 5, 6, 0, 0, 0)] * 200)
    row[:, flows.TIME_S] += np.arange(200) * 3_600
    for statistic in (RouteNovelty, Fan, RepeatedAmount, RoundTrip, SplitTransfer):
        assert (bench.fold(statistic, row)[0] == NOT_MINE).all()
