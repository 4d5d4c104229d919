"""Other budgets and walk-forward folds from the rates of one replay."""

from __future__ import annotations

import numpy as np
import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.backtest.metrics import Outcome, find_attacks
from detectors.backtest.rates import Rates, precision_and_recall
from detectors.backtest.report import Judged
from detectors.backtest.sweep import ALL, alert_times, limits_at, sweep
from detectors.backtest.walk_forward import walk_forward
from detectors.claims import NAMES
from detectors.settings import Settings

DAY_S = 86_400
LANE = Lane(ChainSelector(1), ChainSelector(2))
LINES = len(NAMES)
SETTINGS = Settings(cooldown_s=3600)
LIMIT = limits_at(SETTINGS, 1, SETTINGS.false_alarms_per_day)[0]


def rates(*said: tuple[float, float], chain: int = 0) -> Rates:
    """(time, rate) of the first statistic; the others have no opinion."""
    table = np.full((len(said), LINES), np.inf)
    table[:, 0] = [rate for _, rate in said]
    return Rates(
        names=NAMES,
        chains=(LANE.dest, LANE.source)[: chain + 1],
        event_ids=tuple(f"e{index}" for index in range(len(said))),
        chain=np.full(len(said), chain),
        time_s=np.array([time_s for time_s, _ in said], dtype=np.int64),
        rates=table,
    )


def judged(days: int, attacks: tuple[tuple[int, float], ...] = (), settings: Settings = SETTINGS) -> Judged:
    """An honest release every noon, and attack rows of (time, USD)."""
    outcomes = [Outcome(f"h{day}", day * DAY_S + DAY_S // 2, LANE, True, 1.0, False, "") for day in range(days)]
    outcomes += [Outcome(f"a{time_s}", time_s, LANE, True, usd, True, "") for time_s, usd in attacks]
    outcomes.sort(key=lambda outcome: outcome.time_s)
    return Judged(
        outcomes=outcomes,
        attacks=find_attacks(outcomes),
        rules=[],
        statistics=NAMES,
        signals=[],
        decided=[],
        undecided=[],
        scores=np.zeros((len(outcomes), LINES)),
        directions={LANE: "a->b"},
        settings=settings,
    )


def test_an_alert_that_goes_on_is_stated_once_until_it_was_quiet_for_the_cooldown() -> None:
    said = rates((0, 0.1), (3599, 0.1), (7198, 0.1), (7198 + 3600, 0.1), (20_000, 0.3), (20_001, np.inf))
    assert alert_times(said, 0, 0.1, 3600).tolist() == [0, 7198 + 3600]
    assert alert_times(said, 0, 0.3, 3600).tolist() == [0, 7198 + 3600, 20_000]
    assert alert_times(said, 1, 1.0, 3600).tolist() == []


def test_a_cell_counts_false_alerts_attacks_found_and_what_acting_would_have_saved() -> None:
    attack = ((50 * DAY_S, 10.0), (50 * DAY_S + 30, 20.0), (50 * DAY_S + 600, 70.0))
    said = rates((10 * DAY_S + 60_000, 0.9 * LIMIT), (50 * DAY_S + 5, 0.5 * LIMIT))
    cells = {(cell.statistics, cell.false_alarms_per_day): cell for cell in sweep(said, judged(100, attack), 1)}
    budget = SETTINGS.false_alarms_per_day
    cell = cells[NAMES[0], budget]
    assert (cell.alerts, cell.false_alerts, cell.recall) == (2, 1, 1.0)
    assert cell.false_per_day == pytest.approx(1 / 100)
    assert cell.averted_share == pytest.approx(0.7)  # a minute after second 5, 30 of 100 USD are gone
    assert cells[ALL, budget][2:] == cell[2:]
    assert cells[NAMES[1], budget][2:] == (0, 0, 0.0, 0.0, 0.0)
    tighter = cells[NAMES[0], 1 / 100]
    assert (tighter.alerts, tighter.recall, tighter.averted_share) == (0, 0.0, 0.0)


def test_more_budget_never_finds_less() -> None:
    dice = np.random.default_rng(7)
    times = np.cumsum(dice.integers(4000, 40_000, 300)).tolist()
    said = rates(*zip(times, dice.uniform(0, 0.05, 300).tolist(), strict=True))
    counts = [cell.alerts for cell in sweep(said, judged(100), 1) if cell.statistics == ALL]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_a_fold_uses_nothing_of_its_test_span_or_later() -> None:
    settings = Settings(false_alarms_per_day=0.05, false_curses_per_month=0.0)
    limit = limits_at(settings, 1, 0.05)[0]
    past = [(day * DAY_S, 1.5 * limit) for day in range(0, 40, 4)]
    whole = judged(100, settings=settings)
    quiet = walk_forward(rates(*past), whole, 1)
    later = [(day * DAY_S, 0.01 * limit) for day in range(85, 100)]
    loud = walk_forward(rates(*past, *later), whole, 1)
    assert [fold.scale for fold in loud[:3]] == [fold.scale for fold in quiet[:3]]
    assert loud[:3] == quiet[:3]
    assert loud[3].test_false_alerts == len(later)
    assert quiet[3].test_false_alerts == 0


def test_a_past_that_was_louder_than_promised_tightens_the_limit() -> None:
    settings = Settings(false_alarms_per_day=0.05, false_curses_per_month=0.0)
    limit = limits_at(settings, 1, 0.05)[0]
    loud = rates(*[(day * DAY_S, 0.9 * limit) for day in range(100)])
    for fold in walk_forward(loud, judged(100, settings=settings), 1):
        assert fold.scale == 0.5  # at half the limit 0.9 of it is no alarm
        assert fold.fit_false_alerts == fold.test_false_alerts == 0


def test_a_known_attack_does_not_loosen_or_tighten_what_follows() -> None:
    attack = ((10 * DAY_S, 5.0), (10 * DAY_S + 50, 5.0))
    alerts = [(10 * DAY_S + 1, 1e-9)]
    folds = walk_forward(rates(*alerts), judged(100, attack), 1)
    assert folds == walk_forward(rates(), judged(100, attack), 1)


def test_precision_and_recall_let_ties_stand_or_fall_together() -> None:
    said = {"a": np.array([0.1]), "b": np.array([0.2]), "c": np.array([0.2]), "d": np.array([np.inf])}
    assert precision_and_recall(said, {"a", "b", "d"}, 0) == [(1 / 3, 1.0), (2 / 3, 2 / 3)]
