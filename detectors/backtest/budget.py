"""What was promised against what came: the running count of false alarms and false curses, for each quarter.

Both budgets are about statistics on quiet traffic: an exact rule has none, it is held to being right. Within means: no
more than promised for the days with traffic. A promise that is just kept is exceeded by chance in about every second
span, and where a fraction of an alarm is promised by any alarm at all; so `chance` says how probable so many are if it
is kept, and `is_kept` takes it for kept unless that is less than one in twenty.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from detectors.backtest.intervals import poisson_below
from detectors.backtest.metrics import DAY_S
from detectors.backtest.moments import quarters_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.backtest.metrics import Outcome
    from detectors.settings import Settings

_DAYS_A_MONTH = 30.44
_CHANCE_MIN = 0.05
"""A promise is taken for broken when so many alarms come less often than this although it is kept."""


def count_budgets(
    settings: Settings, outcomes: Iterable[Outcome], alarms_s: Sequence[int], curses_s: Sequence[int]
) -> dict[str, Any]:
    """The counts against both budgets, from the times of false statistical signals and of false curses by them."""
    days = sorted({outcome.time_s // DAY_S for outcome in outcomes if not outcome.is_attack})
    quarters = Counter(quarters_of([day * DAY_S for day in days]))
    curses_per_day = settings.false_curses_per_month / _DAYS_A_MONTH
    return {
        "false_alarms": {"promised_per_day": settings.false_alarms_per_day}
        | _counted(settings.false_alarms_per_day, quarters, alarms_s),
        "false_curses": {"promised_per_month": settings.false_curses_per_month}
        | _counted(curses_per_day, quarters, curses_s),
    }


def _counted(promised_per_day: float, quarters: Counter[str], times_s: Sequence[int]) -> dict[str, Any]:
    of_quarter = Counter(quarters_of(list(times_s)))
    return _line(promised_per_day, quarters.total(), len(times_s)) | {
        "quarters": [
            {"quarter": quarter} | _line(promised_per_day, quarters[quarter], of_quarter[quarter])
            for quarter in sorted(quarters.keys() | of_quarter.keys())
        ]
    }


def _line(promised_per_day: float, days: int, counted: int) -> dict[str, Any]:
    expected = promised_per_day * days
    chance = 1.0 if counted == 0 else 1.0 - poisson_below(counted - 1, expected)
    return {
        "days": days,
        "expected": round(expected, 4),
        "counted": counted,
        "is_within": counted <= expected,
        "is_kept": chance >= _CHANCE_MIN,
        "chance": chance,
    }
