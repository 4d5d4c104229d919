"""What holds this node's automatic curses back: the kill switch, a cooldown, a budget for the day.

They hold back acts, not judgement: the incident stands, its lanes are withheld, people are told. By default cooldown
and budget hold back only what rests on statistics, as a second proved theft must not wait for the first one's cooldown.
Manual curses by two people pass all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Scope = Literal["statistics", "all"]
_DAY_MS = 86_400_000


class Limits(NamedTuple):
    """How often a node may curse by itself."""

    cooldown_s: int = 0
    """Between two automatic curses."""
    curses_a_day: int | None = None
    """In any 24 hours; None: as many as there are reasons for."""
    cover: Scope = "statistics"


class Acted(NamedTuple):
    """One automatic curse: an incident's votes at one moment, on however many chains."""

    cause: str
    at_ms: int
    is_exact: bool


class KillSwitch(NamedTuple):
    """Whether people stopped all automatic curses of this node."""

    is_on: bool = False
    by: str | None = None
    at_ms: int | None = None
    reason: str = ""

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return self._asdict()


def kill_switch_of(document: Mapping[str, Any] | None) -> KillSwitch:
    """The stored switch; off where nobody ever touched it."""
    return KillSwitch() if document is None else KillSwitch(**document)


def held_back(is_exact: bool, acted: Iterable[Acted], switch: KillSwitch, limits: Limits, now_ms: int) -> str | None:
    """Why an automatic curse must wait now; None when it may go.

    `acted` is what was done by itself so far. Acts that the limits don't cover don't use them up either.
    """
    if switch.is_on:
        return f"the kill switch is on ({switch.by}: {switch.reason})"
    if is_exact and limits.cover == "statistics":
        return None
    counted = {act for act in acted if limits.cover == "all" or not act.is_exact}
    last_ms = max((act.at_ms for act in counted), default=None)
    if last_ms is not None and limits.cooldown_s and now_ms - last_ms < 1000 * limits.cooldown_s:
        wait_s = limits.cooldown_s - (now_ms - last_ms) // 1000
        return f"cooldown after the last automatic curse: {wait_s} s of policy.cooldown_s = {limits.cooldown_s} left"
    today = sum(now_ms - act.at_ms < _DAY_MS for act in counted)
    if limits.curses_a_day is not None and today >= limits.curses_a_day:
        return f"{today} automatic curses in 24 hours: policy.curses_a_day = {limits.curses_a_day} is used up"
    return None
