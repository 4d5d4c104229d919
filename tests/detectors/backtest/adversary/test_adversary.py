"""The search finds more than the naive ways, and what it reports does pass."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import flows, fused
from detectors.backtest.adversary.__main__ import render_line
from detectors.backtest.adversary.ground import CAPITAL_USD, MICRO, movements, prepare
from detectors.backtest.adversary.search import Bench, attack
from detectors.backtest.adversary.strategy import NAIVE, change, draw_strategy
from detectors.quiet_traffic import DAY_S
from detectors.settings import Settings


@pytest.fixture(scope="module")
def ground():
    return prepare(1, a_day=40, settings=Settings())


@pytest.mark.parametrize(
    ("a_day", "seed", "attempts"),
    [
        *((40, seed, 150) for seed in (1, 2, 3, 4)),
        (400, 3, 150),
        *(pytest.param(400, seed, 150, marks=pytest.mark.slow) for seed in (1, 2)),
        # One token is four fifths of the escrow, and an even split takes all of it: more takes a longer search.
        pytest.param(400, 4, 500, marks=pytest.mark.slow),
    ],
)
def test_a_search_finds_more_than_the_best_even_split(a_day, seed, attempts):
    ground = prepare(seed, a_day=a_day, settings=Settings())
    for level in (fused.ALARM, fused.STRICT):
        bench = Bench(ground, level)
        naive = bench.naive()
        assert naive.value_usd > 0
        best = bench.search(np.random.default_rng(seed), bench.attempts + attempts, naive)
        assert best.value_usd > naive.value_usd
        assert bench.passes(best.strategy, best.value_usd)
        assert best.value_usd * MICRO <= ground.escrow.sum()


def test_the_even_split_is_known_to_a_ten_thousandth(ground):
    bench = Bench(ground, fused.ALARM)
    naive = bench.naive()
    assert bench.passes(naive.strategy, naive.value_usd)
    assert not bench.passes(naive.strategy, naive.value_usd * 1.0002)


def test_nobody_rehearses_with_what_was_not_there_yet(ground):
    bench = Bench(ground, fused.STRICT + 1)  # a level that is never stated
    all_alike = NAIVE[2]._replace(releases=400, tokens=len(ground.escrow), levelling=0.0)
    rehearsed = all_alike._replace(rehearsals=1, rehearsal_share=1.0)
    escrow_usd = ground.escrow.sum() / MICRO
    assert ground.lowest[1].sum() < 0.9 * ground.escrow.sum()
    assert bench.passes(all_alike, 0.9 * escrow_usd)
    assert not bench.passes(rehearsed, 0.9 * escrow_usd)
    assert bench.passes(rehearsed._replace(tokens=2), 0.3 * escrow_usd), "the two richest were there"


def test_who_only_fears_curses_takes_no_less(ground):
    assert Bench(ground, fused.STRICT).naive().value_usd >= Bench(ground, fused.ALARM).naive().value_usd


def test_both_numbers_are_found_and_stated():
    alert, curse = attack(1, a_day=40, attempts=90, settings=Settings())
    assert (alert.level, curse.level) == (fused.ALARM, fused.STRICT)
    assert curse.best.value_usd >= alert.best.value_usd >= alert.naive.value_usd
    line = render_line(40, 1, curse)
    assert "without a curse" in line
    assert f"{curse.best.value_usd:,.0f}" in line
    assert f"{curse.naive.value_usd:,.0f}" in line


def test_the_same_seed_finds_the_same(ground):
    found = []
    for _ in range(2):
        bench = Bench(ground, fused.ALARM)
        found.append(bench.search(np.random.default_rng(3), 120, bench.naive()))
    assert found[0] == found[1]


def test_nothing_is_taken_that_the_escrow_does_not_hold(ground):
    bench = Bench(ground, fused.STRICT + 1)  # a level that is never stated
    richest_usd = ground.escrow.max() / MICRO
    assert bench.passes(NAIVE[0], 0.99 * richest_usd)
    assert not bench.passes(NAIVE[0], 1.01 * richest_usd)


@given(seed=st.integers(0, 2**32 - 1), value_usd=st.floats(1e3, 1e8))
def test_what_is_stolen_is_what_was_asked_for_and_own_money_is_limited(ground, seed, value_usd):
    random = np.random.default_rng(seed)
    strategy = change(random, draw_strategy(random))
    rows = movements(ground, strategy, value_usd)
    is_today = rows[:, flows.TIME_S] >= ground.day_s
    is_release = rows[:, flows.IS_RELEASE] == 1
    usd = rows[:, flows.VALUE] / MICRO
    assert usd[is_today & is_release].sum() == pytest.approx(value_usd, rel=0.01)
    assert usd[is_today & ~is_release].sum() <= CAPITAL_USD
    alone = movements(ground, strategy._replace(rehearsals=0), value_usd)
    known = {row.tobytes() for row in alone}
    rehearsed = rows[[row.tobytes() not in known for row in rows]]
    parts = value_usd * strategy.rehearsal_share ** np.arange(1, strategy.rehearsals + 1)
    for direction in (0, 1):
        moved = rehearsed[rehearsed[:, flows.IS_RELEASE] == direction, flows.VALUE].sum() / MICRO
        assert moved == pytest.approx(parts.sum(), rel=0.01), "what is rehearsed is taken and brought back"
    before = alone[alone[:, flows.TIME_S] < ground.day_s]
    days = (ground.day_s - before[:, flows.TIME_S] - 1) // DAY_S
    assert len(days) == strategy.warm_up_days * strategy.warm_up_messages
    coming_in = before[:, flows.IS_RELEASE] == 0
    for day in set(days.tolist()):
        assert before[coming_in & (days == day), flows.VALUE].sum() / MICRO <= CAPITAL_USD
    assert rows[:, flows.TIME_S].max() < ground.day_s + DAY_S
