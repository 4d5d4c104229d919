"""What an operator may set about judging, and its defaults.

The budgets are promises that thresholds follow from (`limits`); nothing else here decides what is an alarm.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass

_DAYS_A_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Settings:
    """The judges' settings; equal settings have equal hashes."""

    clock_skew_s: int = 0
    """How much further than usual a source index must be ahead before a missing message counts as never sent."""
    false_alarms_per_day: float = 1 / 30
    """How many statistical signals on quiet traffic the operator puts up with, over all chains and statistics."""
    false_curses_per_month: float = 0.01
    """How many curses that rest on statistics alone; 0: only exact rules ever curse."""
    drawdown_alarm_share: float = 0.30
    """What share of all that a chain's pools hold may leave within 24 hours, net of what comes in, before it is an
    alarm whatever its days were like (`stats/drawdown.py`: what a week and a single token may lose); 1: no limit."""
    drawdown_curse_share: float = 1.0
    """The share from which on it may curse, as far as statistics may curse at all; 1, the default: never. For who
    watches a bridge from its first day: an escrow that was filled before holds more than we know."""
    grace_days: int = 30
    """Days that a chain must have been watched before its statistics say anything."""
    cooldown_s: int = 86_400
    """A statistic that stays in alarm is not stated again before it was quiet for this long: rates are of days."""
    left_out: tuple[str, ...] = ()
    """Detectors that say nothing, by name. A rule is not asked; what a statistic finds still counts in the combination
    and against the budget. That our own code broke (`unjudged_row`) is said all the same."""

    def __post_init__(self) -> None:
        given: object = self.left_out  # from somebody's file
        if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
            raise ValueError(f"left_out = {given}: must be a list of detectors' names")
        object.__setattr__(self, "left_out", tuple(sorted(set(self.left_out))))  # a set: equal ones have equal hashes
        for name, value in asdict(self).items():
            if name == "left_out":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise ValueError(f"{name} = {value}: must be a number of at least 0")
            if not isinstance(value, int) and not name.startswith(("false_", "drawdown_")):
                raise ValueError(f"{name} = {value}: must be a whole number")
        for name in ("drawdown_alarm_share", "drawdown_curse_share"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} = {getattr(self, name)}: must be a share above 0 and up to 1 (no limit)")
        if self.drawdown_curse_share < self.drawdown_alarm_share:
            raise ValueError(
                f"drawdown_curse_share = {self.drawdown_curse_share}: what curses is an alarm too; set it to at least "
                f"drawdown_alarm_share = {self.drawdown_alarm_share}"
            )
        if self.false_curses_per_month / _DAYS_A_MONTH > self.false_alarms_per_day:
            raise ValueError(
                f"false_curses_per_month = {self.false_curses_per_month}: every false curse is a false alarm too; "
                "set it to at most 30 times false_alarms_per_day"
            )

    @property
    def false_curses_per_day(self) -> float:
        """The curse budget in the alarm budget's unit."""
        return self.false_curses_per_month / _DAYS_A_MONTH

    @property
    def hash(self) -> str:
        """Names this configuration in reports and evidence."""
        named = asdict(self)
        if not self.left_out:  # older reports and evidence know no choice, and have the same hash
            del named["left_out"]
        return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
