"""A rate is what it says: how many quiet days a day reach a surprise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from detectors import tail

GRACE_DAYS = 30.0
DAY_S = 86_400


@njit
def _alarms(days: np.ndarray, line: np.ndarray, limit_rate: float) -> tuple[int, int]:
    """Days that reach the ceiling, and days that were judged."""
    alarms = judged = 0
    for day in range(len(days)):
        ceiling = tail.ceiling_at(line, day * DAY_S, GRACE_DAYS, limit_rate)
        judged += line[tail.CEILING] < np.inf
        alarms += days[day] >= line[tail.CEILING]
        tail.learn(line, days[day], ceiling)
    return alarms, judged


def taught(days: np.ndarray, limit_rate: float = 1 / 720) -> np.ndarray:
    line: np.ndarray = tail.empty_tails(1)[0]
    _alarms(days, line, limit_rate)
    tail.ceiling_at(line, len(days) * DAY_S, GRACE_DAYS, limit_rate)
    return line


@pytest.mark.parametrize("limit_rate", [1 / 100, 1 / 720])
@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.exponential(2.0, 200),
        lambda rng: np.abs(rng.normal(10.0, 2.0, 200)),
        lambda rng: rng.normal(10.0, 1.0, 200) + 0.02 * np.arange(200),
        lambda rng: rng.lognormal(1.0, 0.5, 200),
    ],
    ids=["exponential", "normal", "drifting", "lognormal"],
)
def test_quiet_days_keep_the_promise(draw: Callable[[np.random.Generator], np.ndarray], limit_rate: float) -> None:
    rng = np.random.default_rng(7)
    alarms = judged = 0
    for _ in range(300):
        line = tail.empty_tails(1)[0]
        of_history = _alarms(draw(rng), line, limit_rate)
        alarms, judged = alarms + of_history[0], judged + of_history[1]
    assert judged > 40_000
    assert alarms / judged <= limit_rate


def test_what_no_quiet_day_came_near_is_an_alarm() -> None:
    line = taught(np.random.default_rng(1).exponential(2.0, 100))
    assert tail.rate_of(line, 60.0) < 1 / 10_000
    assert line[tail.CEILING] < 60.0


def test_nothing_is_claimed_before_enough_was_seen() -> None:
    line = taught(np.full(20, 3.0))
    assert tail.rate_of(line, 100.0) == np.inf
    assert line[tail.CEILING] == np.inf


def test_a_run_of_alarms_is_learnt_as_one_day_at_the_limit() -> None:
    quiet = np.random.default_rng(2).exponential(2.0, 60)
    at_the_limit = taught(quiet)[tail.CEILING]
    once = taught(np.concatenate([quiet, [at_the_limit], quiet[:1]]))
    run = taught(np.concatenate([quiet, [500.0, 500.0, 500.0], quiet[:1]]))
    assert run[tail.CEILING] == pytest.approx(once[tail.CEILING], rel=0.05)
    assert run[tail.CEILING] < 100.0


def test_alarms_apart_from_each_other_show_that_the_limit_was_too_low() -> None:
    quiet = np.random.default_rng(2).exponential(2.0, 60)
    limit = taught(quiet)[tail.CEILING]
    line = taught(np.concatenate([quiet, [limit + 1.0], quiet[:10], [limit + 1.0], quiet[:10]]))
    assert tail.rate_of(line, limit + 1.0) > 5 * tail.rate_of(taught(quiet), limit + 1.0)
    assert line[tail.CEILING] > limit + 1.0


def test_a_level_that_stays_for_a_week_becomes_usual() -> None:
    quiet = np.random.default_rng(3).exponential(2.0, 60)
    line = taught(np.concatenate([quiet, 60.0 + quiet[:40]]))
    assert line[tail.CEILING] > 60.0
    assert tail.rate_of(line, 61.0) > 1 / 100


def test_a_day_on_which_nothing_was_seen_makes_the_rest_rarer() -> None:
    rng = np.random.default_rng(4)
    days = rng.exponential(2.0, 200)
    every_other = np.where(np.arange(200) % 2 == 0, days, -1.0)
    assert tail.rate_of(taught(every_other), 3.0) == pytest.approx(tail.rate_of(taught(days), 3.0) / 2, rel=0.3)


@given(st.lists(st.floats(0, 1000), min_size=60, max_size=120), st.lists(st.floats(0, 5000), min_size=2, max_size=20))
def test_a_rate_is_a_share_and_falls_with_the_surprise(days: list[float], surprises: list[float]) -> None:
    line = taught(np.array(days))
    rates = [tail.rate_of(line, surprise) for surprise in sorted(surprises)]
    assert all(0.0 <= rate <= 1.0 for rate in rates)
    assert rates == sorted(rates, reverse=True)


@given(st.lists(st.floats(0, 1000), min_size=60, max_size=120), st.floats(1e-5, 0.5))
def test_the_ceiling_is_the_surprise_whose_rate_is_the_limit(days: list[float], limit_rate: float) -> None:
    line = taught(np.array(days), limit_rate)
    assert tail.rate_of(line, line[tail.CEILING] * (1 + 1e-9) + 1e-9) <= limit_rate * 1.0001
