"""A slice of the suite: what any judge of a few days must see, and what the report says of it."""

from __future__ import annotations

import pytest

from detectors.backtest.scenarios.catalogue import Rate, Scenario
from detectors.backtest.scenarios.summary import promises_broken, render
from detectors.backtest.scenarios.trial import judge
from detectors.settings import Settings

BRIEF = Rate("brief", a_day=20, chains=3, tokens=4, days=40, quiet_days=40)


@pytest.mark.parametrize("shape", ["single_shot", "slow_drip", "hop_and_split"])
def test_forged_releases_are_seen_at_once_by_rules(shape):
    trial = judge(Scenario(BRIEF, shape, "large"), 1)
    assert trial.detection.curse_delay_s == 0
    assert trial.detection.delays_s.keys() - trial.statistics
    assert trial.false_curses == {}


@pytest.mark.parametrize("shape", ["poisoned_view", "config_change"])
def test_rules_are_blind_to_what_is_consistent_on_both_sides(shape):
    trial = judge(Scenario(BRIEF, shape, "large"), 1)
    assert not trial.detection.delays_s.keys() - trial.statistics - {"latency_floor"}


def test_quiet_traffic_is_never_accused_by_rules_nor_cursed():
    trial = judge(Scenario(BRIEF), 1)
    assert trial.detection is None
    assert not trial.false_signals.keys() - trial.statistics
    assert trial.false_curses == {}
    assert trial.days == 10
    assert 40 <= trial.lane_days <= 60


def test_a_broken_promise_is_named_and_a_kept_one_is_not():
    quiet = judge(Scenario(BRIEF), 2)._replace(false_signals={}, false_curses={})
    assert promises_broken([quiet], Settings()) == []
    assert promises_broken([quiet._replace(false_curses={"latency_floor": 1})], Settings()) == [
        "false curses = 1: must be 0"
    ]
    loud = quiet._replace(false_signals={"combination": 2, "latency_floor": 5})
    (line,) = promises_broken([loud], Settings())
    assert line == "false alarms = 2 in 10 quiet days: the budget is 0"


def test_the_report_counts_shapes_detectors_and_quiet_days():
    attack, quiet = judge(Scenario(BRIEF, "single_shot", "large"), 1), judge(Scenario(BRIEF), 1)
    text = render([attack, quiet], Settings())
    assert "| single_shot | 1 | 100% | 100% |" in text
    assert f"| 1 quiet | 10 | {quiet.lane_days:.0f} |" in text
    assert Settings().hash[:12] in text
    assert "False curses in all: none." in text
    text = render([attack, quiet._replace(false_curses={"combination": 2})], Settings())
    assert "False curses in all: combination 2 (quiet-brief seed 1)." in text
