from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors import kernels
from detectors.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Story

DAY_S = 86_400
PRIOR, KEY = 0, 1
LIMIT = 0.999
DAYS = (10, 10, LIMIT)  # prior days, grace days, limit


def step(state: NDArray[np.int64], time_s: int, value: int, key: int = KEY) -> float:
    return float(kernels.outflow_step(state, key, PRIOR, time_s, value, *DAYS))


def quiet(days: int, value: int = 10**9, keys: int = 4) -> NDArray[np.int64]:
    """A state after days of one outflow each, between half and twice as large."""
    state = kernels.empty_outflow_state(keys)
    for day in range(days):
        assert step(state, day * DAY_S + 40_000, value * (50 + day * 37 % 150) // 100) < LIMIT
    return state


def test_says_0_until_enough_was_seen() -> None:
    state = kernels.empty_outflow_state(2)
    for day in range(10):
        assert step(state, day * DAY_S, 10**9 if day < 9 else 10**15) == 0.0


def test_a_spike_is_seen_at_once_and_the_usual_is_not() -> None:
    state = quiet(40)
    assert step(state.copy(), 40 * DAY_S, 10**9) < 0.9
    assert step(state.copy(), 40 * DAY_S, 10**12) > LIMIT


def test_many_small_ones_within_the_hour_add_up_and_later_ones_do_not() -> None:
    burst, spread = quiet(40), quiet(40)
    scores = [step(burst, 40 * DAY_S + count * 30, 10**9) for count in range(100)]
    assert scores == sorted(scores)
    assert scores[-1] > LIMIT
    assert max(step(spread, 40 * DAY_S + count * 3700, 10**9) for count in range(20)) < LIMIT


def test_a_burst_inside_10_minutes_weighs_more_than_the_same_over_an_hour() -> None:
    state = kernels.empty_outflow_state(2)
    for day in range(40):  # days whose hour is as large as the burst, but whose 10 minutes are small
        for part in range(6):
            step(state, day * DAY_S + part * 600, 10**9)
    slow, fast = state.copy(), state.copy()
    usual = [step(slow, 40 * DAY_S + part * 600, 10**9) for part in range(6)]
    assert step(fast, 40 * DAY_S, 6 * 10**9) > usual[-1] + 0.3


def test_what_was_anomalous_is_not_learnt() -> None:
    state = quiet(40)
    for day in range(40, 60):
        assert step(state, day * DAY_S, 10**13) > LIMIT
    assert state[KEY, kernels._ACTIVE_DAYS] == 40, "only the quiet days are remembered"
    assert step(state, 60 * DAY_S, 10**13) > LIMIT


def test_a_key_without_history_is_judged_by_its_chains() -> None:
    state = quiet(40)
    assert step(state.copy(), 40 * DAY_S, 10**9, key=3) < 0.9
    assert step(state.copy(), 40 * DAY_S, 10**13, key=3) > LIMIT


def test_sums_saturate() -> None:
    state = quiet(40)
    for _ in range(3):
        assert step(state, 40 * DAY_S, 2**63 - 1) > LIMIT
    assert state[:, kernels._BUCKETS :].min() >= 0


def test_a_time_that_runs_backwards_counts_as_now() -> None:
    forward, backward = quiet(20), quiet(20)
    assert step(forward, 20 * DAY_S, 5) == step(backward, 20 * DAY_S, 5)
    assert step(forward, 20 * DAY_S, 7) == step(backward, 1, 7)
    assert (forward == backward).all()


ROWS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 50_000), st.integers(0, 2**63 - 1) | st.integers(0, 10**9)),
    max_size=120,
)


@settings(max_examples=60)
@given(ROWS, st.integers(0, 120))
def test_batch_chunked_and_step_by_step_are_equal_to_the_bit(rows: list[tuple[int, int, int]], cut: int) -> None:
    times = np.cumsum([gap for _, gap, _ in rows], dtype=np.int64) if rows else np.zeros(0, np.int64)
    keys = np.array([key for key, _, _ in rows], dtype=np.int64)
    values = np.array([value for _, _, value in rows], dtype=np.int64)
    priors = np.zeros(len(rows), dtype=np.int64)
    alone, whole, parts = (kernels.empty_outflow_state(4) for _ in range(3))
    single = [
        float(kernels.outflow_step(alone, key, 0, time_s, value, *DAYS))
        for key, time_s, value in zip(keys, times, values, strict=True)
    ]
    batch = kernels.outflow_batch(whole, keys, priors, times, values, *DAYS)
    chunks = [
        kernels.outflow_batch(parts, keys[part], priors[part], times[part], values[part], *DAYS)
        for part in (slice(0, cut), slice(cut, None))
    ]
    assert single == batch.tolist() == np.concatenate(chunks).tolist()
    assert (alone == whole).all()
    assert (whole == parts).all()
    assert all(0.0 <= score <= 1.0 for score in single)


def test_it_speaks_once_until_it_was_quiet_for_the_cooldown(scene: ModuleType, story: Story) -> None:
    lane = scene.LANES[0]
    start_s = 19_000 * DAY_S
    story.heads(start_s, scene.A)
    story.block(scene.B, start_s, [scene.priced(scene.B, "BNM", 10**18)])
    for day in range(1, 10):
        story.block(scene.B, start_s + day * DAY_S, [scene.released(lane, "BNM", day * 10**18)])
    attack_s = start_s + 10 * DAY_S
    for later_s in (0, 60, 3000, 6000, 6000 + 3600 - 1, 20_000):
        story.block(scene.B, attack_s + later_s, [scene.released(lane, "BNM", 10**24)])
    spoken = [signal for signal in story.signals() if signal.detector == "outflow_spike"]
    assert [signal.at_s - attack_s for signal in spoken] == [0, 20_000]
    assert spoken[0].value_micro_usd == 10**12
    assert spoken[0].lanes == (lane,)
    assert not spoken[0].is_exact


def test_unpriced_tokens_are_measured_in_tokens_apart_from_priced_ones(scene: ModuleType, story: Story) -> None:
    judge = story.judge()
    (statistic,) = judge._statistics
    row = story.block(scene.B, 100, [scene.released(scene.LANES[0], "HYB", 3 * 10**18)]).rows[0]
    tokens = statistic.measure(judge.record, row)
    scene.tell(judge, [story.block(scene.B, 101, [scene.priced(scene.B, "HYB", 2 * 10**18)])])
    dollars = statistic.measure(judge.record, row)
    assert tokens is not None
    assert dollars is not None
    assert (tokens.value, tokens.prior) == (3 * 10**6, 1)
    assert (dollars.value, dollars.prior) == (2 * 3 * 10**6, 0)
    assert tokens.key != dollars.key


def test_the_compiled_folds_are_cached_where_numba_is_told_to(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    code = "from detectors import kernels; kernels.warm_up()"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert any(tmp_path.rglob("*.nbi"))


@pytest.mark.parametrize("change", [{"outflow_false_days": 1}, {"clock_skew_s": -1}, {"outflow_grace_days": 1.5}])
def test_settings_that_make_no_sense_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        Settings(**change)


def test_equal_settings_have_equal_hashes() -> None:
    assert Settings().hash == Settings(clock_skew_s=0).hash != Settings(clock_skew_s=1).hash
