"""The measures of a backtest, on cases that can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.backtest import run_backtest
from detectors.backtest.budget import count_budgets
from detectors.backtest.episodes import both_ways, find_episodes, first_curse
from detectors.backtest.metrics import Attack, Outcome, widened_precision
from detectors.backtest.moments import quarters_of
from detectors.backtest.responder import Decided
from detectors.settings import Settings

Write = Callable[..., Path]
MakeEvent = Callable[..., dict[str, Any]]
A, B = ChainSelector(1), ChainSelector(2)
LANE, BACK = Lane(A, B), Lane(B, A)
DAY_S = 86_400


def attack(first_s: int, last_s: int) -> Attack:
    return Attack("theft", first_s, last_s, frozenset({f"e{first_s}"}), ((first_s, 10.0),))


def curse(at_s: int, *signals: str, lanes: tuple[Lane, ...] = (LANE,)) -> Decided:
    return Decided(at_s * 1000, (at_s + DAY_S) * 1000, True, lanes, signals)


def test_alerts_are_counted_once_an_hour_and_apart(write: Write, event: MakeEvent) -> None:
    honest = [event("burn", 3600 * hour, nonce=hour) for hour in range(200)]
    honest += [event("release", 3600 * hour + 1800, nonce=hour) for hour in range(200)]
    wrong = [event("release", 400_000 + later, nonce=9000 + later) for later in (0, 60, 3599, 3600)]
    right = [event("release", 500_000 + later, nonce=9900 + later, label="attack") for later in (0, 60)]
    late = [event("burn", 800_000, nonce=9999), event("release", 802_000, nonce=9999, label="attack")]
    quality = run_backtest(write([*honest, *wrong, *right]))["quality"]
    assert quality["alerts"]["precision"]["hits"] == 1
    assert quality["alerts"]["precision"]["of"] == 3
    assert quality["alerts"]["recall"]["share"] == 1.0
    assert quality["alerts"]["f_beta"] == pytest.approx(5 * (1 / 3) / (4 / 3 + 1))
    assert quality["false_alerts"]["count"] == 2
    assert quality["false_alerts"]["by_lane"][0]["lane"] == "a->b"
    assert quality["curses"]["precision"]["hits"] == 1
    assert quality["curses"]["precision"]["of"] == 2, "within a day a lane is not cursed again"
    assert quality["delay_s"] == {"median": 0.0, "max": 0.0, "missed": 0}
    unseen = run_backtest(write([*honest, *late]))["quality"]
    assert unseen["delay_s"] == {"median": 0, "max": 0, "missed": 1}
    assert unseen["alerts"]["recall"]["share"] == 0.0


def test_loss_averted_is_pooled_by_loss(write: Write, event: MakeEvent) -> None:
    honest = [event("burn", 3600 * hour, nonce=hour) for hour in range(2000)]
    honest += [event("release", 3600 * hour + 1800, nonce=hour) for hour in range(2000)]
    thefts = [
        event("release", began_s + later, nonce=90_000 + began_s + later, usd=usd, label="attack")
        for began_s, share in ((1_000_000, ("10", "90")), (3_000_000, ("150", "150")))
        for later, usd in zip((0, 30), share, strict=True)
    ]
    pooled = run_backtest(write([*honest, *thefts]))["quality"]["averted_share_by_reaction_s"]
    assert pooled["0"]["share"] == pytest.approx((90 + 150) / 400)
    assert pooled["0"]["low_95"] == pytest.approx(0.5)
    assert pooled["0"]["high_95"] == pytest.approx(0.9)
    assert pooled["60"]["share"] == 0.0


def test_a_lane_is_cursed_once_a_day() -> None:
    theft = attack(1000, 2000)
    decided = [curse(500, "wrong"), curse(600, "wrong too"), curse(1000, "right"), curse(500 + DAY_S, "wrong again")]
    of_attack = {"right": theft}
    assert [(each.at_s, each.attack) for each in find_episodes(decided, of_attack)] == [
        (500, None),
        (500 + DAY_S, None),
    ]
    assert first_curse(theft, decided, of_attack) == {LANE: 1000}, "what it rests on is true, though it already stands"


def test_of_one_moment_the_true_decision_counts() -> None:
    theft = attack(1000, 2000)
    (only,) = find_episodes([curse(1000, "wrong"), curse(1000, "right")], {"right": theft})
    assert only.attack is theft
    assert only.signals == {"wrong", "right"}


def test_a_curse_stops_both_ways() -> None:
    assert both_ways({LANE: 5}) == {LANE: 5, BACK: 5}
    assert both_ways({LANE: 5, BACK: 3}) == {LANE: 3, BACK: 3}


def test_the_count_against_the_promise_is_kept_for_each_quarter() -> None:
    days = [*range(10), *range(100, 150)]
    outcomes = [Outcome(str(day), day * DAY_S, LANE, True, 1.0, False, "") for day in days]
    settings = Settings(false_alarms_per_day=0.1, false_curses_per_month=0.01)
    told = count_budgets(settings, outcomes, [5 * DAY_S, 6 * DAY_S, 120 * DAY_S], [])
    alarms = told["false_alarms"]
    assert (alarms["promised_per_day"], alarms["expected"], alarms["counted"], alarms["is_within"]) == (0.1, 6, 3, True)
    assert [(q["quarter"], q["days"], q["counted"], q["is_within"]) for q in alarms["quarters"]] == [
        ("1970Q1", 10, 2, False),
        ("1970Q2", 50, 1, True),
    ]
    assert alarms["quarters"][0]["is_kept"], "two where one is expected come by chance"
    assert alarms["quarters"][0]["chance"] == pytest.approx(0.2642, abs=1e-4), "of at least two where one is expected"
    crowded = count_budgets(settings, outcomes, [day * DAY_S for day in (1, 3, 5, 7)], [])["false_alarms"]
    assert not crowded["quarters"][0]["is_kept"], "four where one is expected don't"
    assert crowded["is_kept"]
    curses = told["false_curses"]
    assert (curses["counted"], curses["is_within"], curses["chance"]) == (0, True, 1.0)
    assert curses["expected"] == pytest.approx(0.0197, abs=1e-4)


def test_quarters_are_those_of_the_calendar() -> None:
    assert quarters_of([0, 90 * DAY_S - 1, 90 * DAY_S, 1_659_389_551]) == ["1970Q1", "1970Q1", "1970Q2", "2022Q3"]


def test_widened_labels_forgive_a_little_but_not_much() -> None:
    theft = [attack(100_000, 101_000)]
    times_s = np.arange(0, 200_000, 1000)
    span_s = (0, 200_000)

    def area(score_at_s: int) -> float:
        found = widened_precision(times_s, (times_s == score_at_s).astype(float), theft, span_s)
        assert found is not None
        return found

    assert area(100_000) > area(102_000) > area(150_000)
    exact = np.isin(times_s, (100_000, 101_000)).astype(float)
    assert widened_precision(times_s, exact, [], span_s) is None
