"""What other alarm budgets would have stated, from the rates of one replay: a cell costs a millisecond, no replay.

A replay at another budget would differ in three things: an alarm is learnt as if it had just reached its limit, a chain
states no more alarms in a quarter than were promised, and a loss of liquidity is an alarm however often it comes
(`drawdown`). A sweep leaves them out; what it finds is to be confirmed by a replay with that budget.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors import fused
from detectors.backtest.metrics import benign_days
from detectors.claims import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.backtest.metrics import Attack
    from detectors.backtest.rates import Rates
    from detectors.backtest.report import Judged
    from detectors.settings import Settings

BUDGETS_PER_DAY = (1 / 1000, 1 / 300, 1 / 100, 1 / 30, 1 / 10, 1 / 3, 1.0)
"""About three a decade, from one false alarm in three years to one a day; the default stands in the middle."""
REACTION_S = 60
"""From an alert to the stop that it leads to; the reaction that backtests are compared by."""
ALL = "all together"


class Cell(NamedTuple):
    """What one budget would have meant for one statistic, or for all."""

    statistics: str
    """A statistic's name, or `ALL`."""
    false_alarms_per_day: float
    """The budget of all statistics together; a statistic's own share follows from it as in a node."""
    alerts: int
    false_alerts: int
    false_per_day: float | None
    recall: float | None
    """The share of attacks with an alert while they went on; None without an attack."""
    averted_share: float | None
    """Of the loss of all attacks, had each been stopped `REACTION_S` after its first alert; None without a loss."""


def sweep(rates: Rates, judged: Judged, chains: int, budgets: Sequence[float] = BUDGETS_PER_DAY) -> list[Cell]:
    """A cell for every budget and statistic, and for all of them together.

    Args:
        rates: of the replay; only those of the span that was judged are looked at.
        judged: its outcomes, attacks and cooldown; its budgets are not used.
        chains: over which budgets are shared out.
        budgets: false alarms a day.
    """
    days = benign_days(judged.outcomes)
    within = of_span(rates, judged)
    cells = []
    for budget in budgets:
        limits = limits_at(judged.settings, chains, budget)
        times = [alert_times(within, line, limit, judged.settings.cooldown_s) for line, limit in enumerate(limits)]
        for name, alerts in zip((*rates.names, ALL), (*times, in_order(times)), strict=True):
            cells.append(_cell(name, budget, alerts, judged.attacks, days))
    return cells


def of_span(rates: Rates, judged: Judged) -> Rates:
    """The rates of the time that was judged: a replay sees all that came before as well."""
    if not judged.outcomes:
        return rates.since(0, 0)
    return rates.since(judged.outcomes[0].time_s, judged.outcomes[-1].time_s + 1)


def in_order(times_s: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The alerts of several statistics as one."""
    return np.sort(np.concatenate(times_s)) if times_s else np.empty(0, dtype=np.int64)


def limits_at(settings: Settings, chains: int, false_alarms_per_day: float) -> tuple[float, ...]:
    """The rate from which on each statistic alarms, in the order of `Rates.names`, at this budget; -1.0: never."""
    there = replace(settings, false_alarms_per_day=false_alarms_per_day, false_curses_per_month=0.0)
    limits = fused.limits_of(there, chains).alarm_rates
    return tuple(-1.0 if name in settings.left_out else limit for name, limit in zip(NAMES, limits, strict=True))


def alert_times(rates: Rates, line: int, limit: float, cooldown_s: int) -> NDArray[np.int64]:
    """When a statistic would have alerted, in seconds, over all chains.

    It alerts at a rate of at most the limit, and again only after it was quiet for the cooldown.
    """
    found = []
    reached = rates.rates[:, line] <= limit
    for chain in range(len(rates.chains)):
        times = rates.time_s[reached & (rates.chain == chain)]
        is_first = np.diff(times, prepend=np.iinfo(np.int64).min // 2) >= cooldown_s
        found.append(times[is_first])
    return in_order(found)


def is_during(times_s: NDArray[np.int64], attacks: Sequence[Attack]) -> NDArray[np.bool_]:
    """Which times lie within an attack."""
    during = np.zeros(len(times_s), dtype=np.bool_)
    for attack in attacks:
        during |= (times_s >= attack.first_s) & (times_s <= attack.last_s)
    return during


def as_json(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Cells as objects."""
    return [cell._asdict() for cell in cells]


def render_sweep(cells: Sequence[Cell]) -> str:
    """A line a statistic, a column a budget: recall / false alerts a day."""
    budgets = list(dict.fromkeys(cell.false_alarms_per_day for cell in cells))
    lines = [f"{'recall / false a day at':<26}" + "".join(f"{f'1/{1 / budget:,.0f}':>15}" for budget in budgets)]
    for name in dict.fromkeys(cell.statistics for cell in cells):
        words = [_words(cell) for cell in cells if cell.statistics == name]
        lines.append(f"{name:<26}" + "".join(f"{word:>15}" for word in words))
    return "\n".join(lines)


def _words(cell: Cell) -> str:
    recall = "-" if cell.recall is None else f"{cell.recall:.0%}"
    return f"{recall} / {'-' if cell.false_per_day is None else f'{cell.false_per_day:.4f}'}"


def _cell(name: str, budget: float, alerts: NDArray[np.int64], attacks: Sequence[Attack], days: float) -> Cell:
    false = int((~is_during(alerts, attacks)).sum())
    first = [_first_in(alerts, attack) for attack in attacks]
    loss = sum(attack.loss for attack in attacks)
    averted = sum(
        attack.loss - attack.loss_until(at_s + REACTION_S)
        for attack, at_s in zip(attacks, first, strict=True)
        if at_s is not None
    )
    return Cell(
        statistics=name,
        false_alarms_per_day=budget,
        alerts=len(alerts),
        false_alerts=false,
        false_per_day=false / days if days > 0 else None,
        recall=sum(at_s is not None for at_s in first) / len(first) if first else None,
        averted_share=averted / loss if loss > 0 else None,
    )


def _first_in(alerts: NDArray[np.int64], attack: Attack) -> int | None:
    within = alerts[(alerts >= attack.first_s) & (alerts <= attack.last_s)]
    return int(within[0]) if len(within) else None
