"""The node's incidents and policy on a simulated clock: who decides in `rmn backtest`.

    signals ─▶ fold ─▶ settle ─▶ decide ─▶ brakes ─▶ what would be withheld and cursed

The very functions of the corridor, without chains, store and voters. People are simulated by one rule: a day after an
incident was first acted on they have looked at it, lifted its curse and closed it. A global curse counts as a curse of
the lanes that prove it: what else it stops is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from detectors.backtest.responder import PEOPLE_MS, Decided
from detectors.settings import Settings
from rmn_service.brakes import Acted, KillSwitch, held_back
from rmn_service.conduct import Conduct
from rmn_service.incidents import Cause, Ground, Incident, cause_of, fold, settle
from rmn_service.policy import Reach, decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from detectors.detector import Signal
    from rmn_service.config import Posture


class Rehearsal:
    """A `Responder` that does what a node would."""

    def __init__(self, posture: Posture = "curse", conduct: Conduct = Conduct()) -> None:  # noqa: B008  # frozen
        self._posture: Posture = posture
        self._conduct = conduct
        self._cursed: list[Acted] = []
        self._open: dict[Cause, Incident] = {}
        self._acted_ms: dict[Cause, int] = {}
        """When each open incident was first acted on."""
        self._fresh: dict[Cause, list[Signal]] = defaultdict(list)
        """What each incident heard since it was last decided."""

    def hear(self, signal: Signal, now_ms: int) -> None:
        """One more signal; a closed incident does not come back."""
        cause = cause_of(signal)
        self._open[cause] = fold(self._open, signal, signal.id, now_ms)
        self._fresh[cause].append(signal)

    def settle(self, now_ms: int) -> Sequence[Decided]:
        """Let time pass; what the incidents that heard anything since call for."""
        for cause, incident in list(self._open.items()):
            if now_ms - self._acted_ms.get(cause, now_ms) >= PEOPLE_MS and cause not in self._fresh:
                del self._open[cause], self._acted_ms[cause]
            else:
                self._open[cause] = settle(incident, now_ms, self._conduct.quiet_after_ms)
        decided = [decided for cause in self._fresh for decided in self._decide(cause, now_ms)]
        self._fresh.clear()
        return decided

    def _decide(self, cause: Cause, now_ms: int) -> Iterator[Decided]:
        """What the incident calls for, if that rests on anything new: old grounds renew no curse that was lifted."""
        incident = self._open[cause]
        decision = decide(incident, self._posture, self._conduct.table)
        if decision.reach is Reach.WATCH or (ground := decision.ground) is None:
            return
        kind = (ground.is_exact, ground.severity)
        alike = tuple(signal.id for signal in self._fresh[cause] if (signal.is_exact, signal.severity) == kind)
        if not alike:
            return
        self._acted_ms.setdefault(cause, now_ms)
        is_curse = decision.reach >= Reach.CURSE and self._may_curse(incident, ground, now_ms)
        lasts_ms = PEOPLE_MS if is_curse or incident.is_exact else self._conduct.quiet_after_ms
        yield Decided(now_ms, now_ms + lasts_ms, is_curse, cause.lanes, alike)

    def _may_curse(self, incident: Incident, ground: Ground, now_ms: int) -> bool:
        """Whether the brakes let it; a curse that stands is not cast again and uses up nothing."""
        if any(act.cause == incident.id for act in self._cursed):
            return True
        if held_back(ground.is_exact, self._cursed, KillSwitch(), self._conduct.limits, now_ms) is not None:
            return False
        self._cursed.append(Acted(incident.id, now_ms, ground.is_exact))
        return True


class RehearsalConfig(NamedTuple):
    """What a backtest is run under."""

    settings: Settings
    posture: Posture
    conduct: Conduct

    def responder(self) -> Rehearsal:
        """One that has heard nothing yet."""
        return Rehearsal(self.posture, self.conduct)


def load_rehearsal(path: Path | None) -> RehearsalConfig:
    """What a TOML with `posture`, `[detectors]`, `[incidents]` and `[policy]` says, or a node.toml; else the defaults.

    A file that names no posture is tried at `curse`: what a node may do is then the question, not the premise.

    Raises:
        ConfigError: unreadable, not TOML, an unknown key or an impossible value.
    """
    if path is None:
        return RehearsalConfig(Settings(), "curse", Conduct())
    from rmn_service.rehearsal_file import read_rehearsal  # noqa: PLC0415  slow to load; the defaults do without

    settings, posture, conduct = read_rehearsal(path)
    return RehearsalConfig(settings, posture, conduct)
