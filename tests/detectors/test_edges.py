"""The edge fold: laws of time, hostile ids and ticks, and each shape of attack above the quiet before it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import edges

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
IDS = st.one_of(st.integers(0, 5), st.integers(INT64_MIN, INT64_MAX))
GAPS = st.one_of(st.integers(0, 3), st.integers(0, 2**62), st.just(0))
ROWS = st.lists(st.tuples(IDS, IDS, GAPS), max_size=120)
SMALL = edges.EdgeConfig(slots=16)  # so that keys push each other out


def columns(rows: list[tuple[int, int, int]], first_tick: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ticks, tick = [], first_tick
    for _, _, gap in rows:
        tick = min(tick + gap, INT64_MAX)
        ticks.append(tick)
    return tuple(np.array(column, dtype=np.int64) for column in ([r[0] for r in rows], [r[1] for r in rows], ticks))


def scores(rows: tuple[np.ndarray, np.ndarray, np.ndarray], config: edges.EdgeConfig = edges.DEFAULT) -> list[float]:
    return edges.batch(edges.empty_state(config), *rows).tolist()


def quiet(seed: int, ticks: int = 2000) -> list[tuple[int, int, int]]:
    """A hundred pairs that talk in sessions of their own length, as (src, dst, tick)."""
    rng = np.random.default_rng(seed)
    lengths = 1 + rng.integers(1, 12, 100)
    found = []
    for tick in range(ticks):
        for pair in rng.choice(100, rng.poisson(3)):
            found += [(int(pair) % 40, 100 + int(pair) % 60, tick)] * int(rng.integers(1, 1 + lengths[pair]))
    return found


def judged(rows: list[tuple[int, int, int]]) -> np.ndarray:
    ordered = sorted(rows, key=lambda row: row[2])
    return edges.batch(edges.empty_state(), *np.array(ordered, dtype=np.int64).T.copy())


@given(ROWS, st.sampled_from([INT64_MIN, -5, 0, INT64_MAX - 3]), st.data())
def test_live_batch_chunked_and_restored_agree(
    rows: list[tuple[int, int, int]], first: int, data: st.DataObject
) -> None:
    srcs, dsts, ticks = columns(rows, first)
    whole = scores((srcs, dsts, ticks), SMALL)
    assert all(0.0 <= score < 1.0 for score in whole)
    live = edges.empty_state(SMALL)
    assert [edges.step(live, *row) for row in zip(srcs, dsts, ticks, strict=True)] == whole
    cut = data.draw(st.integers(0, len(rows)))
    assert scores((srcs[:cut], dsts[:cut], ticks[:cut]), SMALL) == whole[:cut]
    state = edges.empty_state(SMALL)
    edges.batch(state, srcs[:cut], dsts[:cut], ticks[:cut])
    restored = state.copy()
    edges.batch(state, srcs[:cut], dsts[:cut], np.full(cut, INT64_MAX))  # a copy has a life of its own
    assert edges.batch(restored, srcs[cut:], dsts[cut:], ticks[cut:]).tolist() == whole[cut:]


def test_the_same_edges_score_the_same_whatever_the_first_tick() -> None:
    rows = np.array(quiet(1, 300), dtype=np.int64).T.copy()
    late = (rows[0], rows[1], rows[2] + 32 * 10**15)  # whole stretches later
    assert scores(late) == scores(tuple(rows))


def test_a_tick_that_falls_counts_as_the_newest() -> None:
    ends = np.array([1, 3, 3])
    assert scores((ends, ends, np.array([7, 3, 7]))) == scores((ends, ends, np.array([7, 7, 7])))


def test_a_habit_of_receiving_says_nothing_about_sending() -> None:
    past = [(1000 + row, 2, tick) for tick in range(300) for row in range(10)]
    known, stranger = (judged([*past, *((src, 500, 300) for _ in range(10))]) for src in (2, 600))
    assert known.tolist() == stranger.tolist()


def test_new_edges_add_up_even_at_the_usual_rate() -> None:
    """A source that always sends ten edges a tick to the same end sends ten to ten others, all of them busy."""
    past = [edge for tick in range(300) for row in range(10) for edge in ((1, 2, tick), (3, 100 + row, tick))]
    found = judged([*past, *((1, 100 + row, 300) for row in range(10))])[-10:]
    raw = found / (1 - found)
    assert raw[-1] > 1.5 * raw[0]


SHAPES = {
    "burst on a known edge": [(3, 103, 1900 + row // 300) for row in range(900)],
    "burst between strangers": [(900, 901, 1900 + row // 100) for row in range(300)],
    "fan-out": [(900, 5000 + row, 1900 + row // 100) for row in range(300)],
    "fan-out of a known source": [(3, 5000 + row, 1900 + row // 200) for row in range(600)],
    "fan-in": [(5000 + row, 103, 1900 + row // 200) for row in range(600)],
    "slow scan": [(900, 5000 + row, 1800 + row // 2) for row in range(200)],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [1, 2])
def test_an_attack_scores_above_the_quiet_before_it(shape: str, seed: int) -> None:
    attack = SHAPES[shape]
    begins = attack[0][2]
    before = [row for row in quiet(seed) if row[2] < begins]
    found = judged([*before, *attack])
    settled = found[len(before) // 4 : len(before)]  # the first ticks know nothing
    assert found[-1] > settled.max(), "at its height, above all of the quiet"
    assert np.median(found[len(before) :]) > np.quantile(settled, 0.99)


def test_floods_do_not_explain_the_next_one() -> None:
    """Twelve floods of ten ticks, the same source and victim: the last still towers above everything quiet."""
    floods = [(900, 103, begin + row // 300) for begin in range(500, 1700, 100) for row in range(3000)]
    rows = sorted([*quiet(1), *floods], key=lambda row: row[2])
    raw = judged(rows) / (1 - judged(rows))
    ticks = np.array([row[2] for row in rows])
    assert raw[(ticks >= 1600) & (ticks < 1610)].max() > 20 * raw[(ticks > 200) & (ticks < 500)].max()


def test_a_habit_that_lasts_becomes_quiet() -> None:
    found = judged([(1, 2, tick) for tick in range(3000) for _ in range(20)])
    raw = found / (1 - found)
    assert raw[-20:].max() < raw[20 * 3 : 20 * 20].max() / 20


def test_the_memory_is_bounded_and_a_flood_of_new_names_leaves_the_busy_in_it() -> None:
    state = edges.empty_state(edges.EdgeConfig(slots=64))
    size = sum(array.nbytes for array in state)
    for tick in range(200):
        edges.step(state, 1, 2, tick)
    for tick in range(200, 400):
        edges.step(state, 1, 2, tick)
        edges.step(state, 10_000 + tick, 20_000 + tick, tick)
    assert edges.step(state.copy(), 1, 2, 400) < 0.01 < edges.step(state, 3, 4, 400)
    assert sum(array.nbytes for array in state) == size


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"slots": 0}, "slots = 0: use a power of two from 4"),
        ({"slots": 1000}, "slots = 1000: use a power of two"),
        ({"slots": 1 << 40}, "slots = 1099511627776"),
        ({"seed": -1}, "seed = -1: use a whole number from 0"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, int], said: str) -> None:
    with pytest.raises(edges.EdgeConfigError, match=said):
        edges.EdgeConfig(**settings)


def test_another_seed_changes_neighbours_and_little_else() -> None:
    rows = tuple(np.array(quiet(1, 300), dtype=np.int64).T.copy())
    assert scores(rows, edges.EdgeConfig(seed=7)) == scores(rows)  # roomy: nobody gives way
    assert scores(rows, edges.EdgeConfig(slots=16, seed=7)) != scores(rows, SMALL)
