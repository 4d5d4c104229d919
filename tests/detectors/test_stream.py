"""The stream score: rows 1…k alone decide row k, nothing breaks it, and each shape of anomaly stands out."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors import stream

Floats = NDArray[np.float64]

START_S = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
STEP_S = 300.0
DAY = 288
ROWS = 14 * DAY
AT = 10 * DAY + 100
"""The row where a story's anomaly begins: everything before it is quiet."""


def times(rows: int) -> Floats:
    return START_S + STEP_S * np.arange(rows)


def quiet(seed: int, rows: int = ROWS) -> Floats:
    """A daily wave with noise: range about 30, noise about 1."""
    noise = np.random.default_rng(seed).normal(0.0, 1.0, rows)
    return 50.0 + 12.0 * np.sin(2 * np.pi * np.arange(rows) / DAY) + noise


def spike(values: Floats) -> None:
    values[AT] += 25.0


def dip(values: Floats) -> None:
    values[AT : AT + 3] -= 25.0


def level_up(values: Floats) -> None:
    values[AT:] += 20.0


def level_down(values: Floats) -> None:
    values[AT:] -= 20.0


def flatline(values: Floats) -> None:
    values[AT : AT + DAY] = values[AT]


def missing_peak(values: Floats) -> None:
    values[10 * DAY : 11 * DAY] = 50.0 + (values - quiet_wave(len(values)))[10 * DAY : 11 * DAY]


def quiet_wave(rows: int) -> Floats:
    return 50.0 + 12.0 * np.sin(2 * np.pi * np.arange(rows) / DAY)


def louder(values: Floats) -> None:
    rows = np.arange(AT, AT + 150)
    values[rows] += 5.0 * np.random.default_rng(7).normal(0.0, 1.0, len(rows))


def faster(values: Floats) -> None:
    rows = np.arange(AT, AT + DAY)
    values[rows] += 12.0 * (np.sin(2 * np.pi * rows / 24) - np.sin(2 * np.pi * rows / DAY))


def drift(values: Floats) -> None:
    values[AT:] += 0.1 * np.arange(len(values) - AT)


def out_of_hours(values: Floats) -> None:
    values[AT : AT + DAY] = values[AT : AT + DAY][::-1].copy()


SHAPES = [spike, dip, level_up, level_down, flatline, missing_peak, louder, faster, drift, out_of_hours]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("spoil", SHAPES, ids=lambda spoil: spoil.__name__)
def test_an_anomaly_scores_higher_than_anything_before_it(spoil: Callable[[Floats], None], seed: int) -> None:
    values = quiet(seed)
    spoil(values)
    scores = stream.score(times(ROWS), values)
    begins = 10 * DAY if spoil is missing_peak else AT
    assert scores[begins : begins + DAY].max() > scores[:begins].max()
    assert scores[begins : begins + DAY].max() > 0.9


def test_noise_that_stops_at_its_mean_is_too_quiet() -> None:
    values = np.random.default_rng(1).normal(50.0, 5.0, ROWS)
    values[AT:] = 50.0
    scores = stream.score(times(ROWS), values)
    assert scores[AT : AT + 60].max() > max(0.9, scores[:AT].max())


def test_usual_spikes_that_come_too_often() -> None:
    rng = np.random.default_rng(2)
    is_spike = rng.random(ROWS) < 0.01
    is_spike[AT : AT + 100] = np.arange(100) % 3 == 0
    signs = np.where(np.cumsum(is_spike) % 2, 1.0, -1.0)
    scores = stream.score(times(ROWS), np.where(is_spike, 10.0 * signs, 0.0) + rng.normal(0.0, 0.1, ROWS))
    assert scores[AT : AT + 100].max() > max(0.9, scores[AT // 2 : AT].max())  # the first ones ever were news too


@pytest.mark.parametrize("giant", [None, 1e300])
def test_usual_values_at_the_wrong_hour(giant: float | None) -> None:
    rng = np.random.default_rng(3)
    profile = np.repeat(rng.permutation(48), 6).astype(np.float64)
    days = np.tile(profile, (14, 1))
    days[10] = np.repeat(rng.permutation(48), 6)
    values = days.ravel() + rng.normal(0.0, 0.3, ROWS)
    if giant is not None:
        values[2 * DAY] = giant
    scores = stream.score(times(ROWS), values)
    assert scores[10 * DAY : 11 * DAY].max() > max(0.8, scores[3 * DAY : 10 * DAY].max())


def test_an_event_is_one_peak() -> None:
    values = quiet(0)
    level_up(values)
    scores = stream.score(times(ROWS), values)
    assert (scores[AT:] > 0.9).sum() <= 5


def test_what_happens_every_day_is_usual_after_a_week() -> None:
    values = quiet(1)
    values[100::DAY] += 25.0
    scores = stream.score(times(ROWS), values)
    assert scores[: 7 * DAY].max() > 0.9
    assert scores[7 * DAY :].max() < 0.6


@pytest.mark.parametrize("seed", range(5))
def test_quiet_streams_stay_quiet(seed: int) -> None:
    scores = stream.score(times(20_000), quiet(seed, 20_000))
    assert (scores > 0.9).sum() <= 3
    assert (scores[10_000:] > 0.9).sum() <= 1


@given(exponent=st.integers(-960, 1016), seed=st.integers(0, 9))
@example(exponent=996, seed=0)  # values near 5e301
@settings(max_examples=25)
def test_no_unit_is_too_large_or_too_small(exponent: int, seed: int) -> None:
    values = quiet(seed)
    spike(values)
    scores = stream.score(times(ROWS), np.ldexp(values, exponent))
    assert scores[AT] > max(0.9, scores[:AT].max())
    np.testing.assert_allclose(scores, stream.score(times(ROWS), values), atol=1e-9)


def test_unit_and_origin_do_not_matter() -> None:
    values = quiet(3)
    spike(values)
    here = stream.score(times(ROWS), values)
    there = stream.score(times(ROWS), -4096.0 * values)  # a power of two rounds alike
    assert np.allclose(there[: AT + 1], here[: AT + 1], atol=1e-6)


def hostile() -> st.SearchStrategy[list[float]]:
    usual = st.floats(allow_nan=True, allow_infinity=True)
    nasty = st.sampled_from([0.0, -0.0, 5e-324, 1e308, -1e308, 1.0, math.nan, math.inf, -math.inf])
    runs = st.lists(st.tuples(usual | nasty, st.integers(1, 400)), max_size=6)
    return runs.map(lambda found: [value for value, rows in found for _ in range(rows)])


@given(hostile(), st.floats(allow_nan=True), st.floats(-1e9, 1e9))
def test_any_values_and_times_score_between_0_and_1(values: list[float], start_s: float, step_s: float) -> None:
    moments = start_s + step_s * np.arange(len(values))
    state = stream.empty_state()
    scores = stream.batch(state, np.array(values), moments)
    assert ((scores >= 0.0) & (scores <= 1.0)).all()
    assert np.isfinite(state).all()


@given(st.integers(0, 2**32), st.lists(st.integers(0, 1500), max_size=4))
def test_batch_live_chunked_and_prefix_are_one(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    rows = 1500
    values = rng.standard_t(2, rows).cumsum() if seed % 2 else rng.standard_t(2, rows)
    values[rng.random(rows) < 0.02] = np.nan
    moments = START_S + np.cumsum(rng.exponential(600.0, rows))
    whole = stream.score(moments, values)
    state = stream.empty_state()
    live = [stream.step(state, value, moment) for value, moment in zip(values, moments, strict=True)]
    assert whole.tolist() == live
    state = stream.empty_state()
    edges = [0, *sorted(cuts), rows]
    chunks = [stream.batch(state, values[a:b], moments[a:b]) for a, b in pairwise(edges)]
    assert whole.tolist() == np.concatenate(chunks).tolist()
    for cut in cuts:
        assert stream.score(moments[:cut], values[:cut]).tolist() == whole[:cut].tolist()


def test_a_stored_state_goes_on_as_if_never_stored() -> None:
    values = quiet(5)
    louder(values)
    whole = stream.score(times(ROWS), values)
    state = stream.empty_state()
    stream.batch(state, values[:AT], times(ROWS)[:AT])
    restored = np.frombuffer(state.tobytes()).copy()
    assert stream.batch(restored, values[AT:], times(ROWS)[AT:]).tolist() == whole[AT:].tolist()


def test_a_missing_value_is_blind_and_teaches_nothing() -> None:
    values = quiet(6)
    spike(values)
    whole = stream.score(times(ROWS), values)
    holes = np.zeros(ROWS, dtype=bool)
    holes[::7] = True
    gappy_values = np.repeat(values, 1 + holes)
    gappy_times = np.repeat(times(ROWS), 1 + holes)
    hole_rows = np.flatnonzero(np.repeat(holes, 1 + holes) & np.append(gappy_times[1:] == gappy_times[:-1], False))
    gappy_values[hole_rows[::2]] = np.nan
    gappy_values[hole_rows[1::2]] = np.inf
    scores = stream.score(gappy_times, gappy_values)
    assert (scores[hole_rows] == 0.0).all()
    assert np.delete(scores, hole_rows).tolist() == whole.tolist()


@pytest.mark.parametrize("value", [0.0, 42.5, -1e308, 1e-300])
def test_a_constant_stream_is_quiet_until_it_moves(value: float) -> None:
    values = np.full(1000, value)
    assert stream.score(times(1000), values).max() == 0.0
    values[900] = value + abs(value) + 1.0 if abs(value) < 1e300 else 0.0
    scores = stream.score(times(1000), values)
    assert scores[:900].max() == 0.0
    assert scores[900] > 0.99


@pytest.mark.parametrize("giants", [[1e300], [1.7e308, -1.7e308], [-1.7e308, math.inf, 1.7e308]])
def test_giants_do_not_deafen_for_ever(giants: list[float]) -> None:
    values = quiet(8, 2 * ROWS)
    values[500 : 500 + len(giants)] = giants
    values[ROWS + AT] += 200.0
    scores = stream.score(times(2 * ROWS), values)
    assert scores[500] > 0.99
    assert scores[ROWS + AT] > 0.5


@pytest.mark.parametrize("rows", [0, 1, 2, stream.GRACE_ROWS])
def test_short_streams_say_nothing(rows: int) -> None:
    assert stream.score(times(rows), quiet(9, rows)).tolist() == [0.0] * rows


def test_times_and_values_must_match() -> None:
    with pytest.raises(ValueError, match="times_s = 3 rows, values = 2"):
        stream.score(np.zeros(3), np.zeros(2))
