"""When people are told: on a new incident and when it becomes worse, never because it is still there.

Only what is at or above `policy.alert_from` is told, by its cause and once for each severity. A snoozed incident's
alerts are marked, and whoever carries them keeps them for the digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.detector import Severity
from rmn_service.alerts import Alert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.actions import Action
    from rmn_service.alerts import AlertKind, Notifier
    from rmn_service.incidents import Incident


class Alerting:
    """Knows what was told already."""

    def __init__(self, notifier: Notifier, alert_from: Severity) -> None:
        self._notifier = notifier
        self._alert_from = alert_from
        self._told: dict[str, Severity] = {}
        self._told_held_back: set[str] = set()

    def recall(self, incident: Incident) -> None:
        """Told before this process began."""
        self._told[incident.id] = incident.severity

    def incident(self, incident: Incident, now_ms: int) -> None:
        """It was opened or changed."""
        loud = max((ground.severity for ground in incident.loud_grounds), default=Severity.INFO)
        if incident.is_closed or loud < self._alert_from or loud <= self._told.get(incident.id, -1):
            return
        self._told[incident.id] = loud
        self._tell("incident", incident, f"{incident.severity.word} incident", incident.summary, now_ms)

    def cursed(self, incident: Incident, actions: Sequence[Action], now_ms: int) -> None:
        """This node acts on it by itself."""
        self._told_held_back.discard(incident.id)
        chains = ", ".join(str(action.chain) for action in actions)
        self._tell("cursed", incident, "this node votes to curse", f"{incident.summary} (chains {chains})", now_ms)

    def held_back(self, incident: Incident, reason: str, now_ms: int) -> None:
        """This node would have acted, and something held it."""
        if incident.id not in self._told_held_back:
            self._told_held_back.add(incident.id)
            text = f"{incident.summary}. Held back: {reason}. To curse by hand: rmn curse propose"
            self._tell("curse_held_back", incident, "an automatic curse was held back", text, now_ms)

    def blind(self, chain: ChainSelector, name: str, reason: str, now_ms: int) -> None:
        """Fresh data of a chain is missing."""
        title = f"blind on {name}"
        self._notifier.notify(Alert("blind", f"blind {chain}", Severity.WARNING, title, reason, now_ms, (), chain))

    def people(self, kind: AlertKind, key: str, title: str, text: str, now_ms: int) -> None:
        """Somebody changed what this node may do or wants something done."""
        self._notifier.notify(Alert(kind, key, Severity.WARNING, title, text, now_ms))

    def unattended(self, key: str, text: str, now_ms: int) -> None:
        """A curse stands and nobody says that it must. Never snoozed."""
        title = "a curse stands unattended"
        self._notifier.notify(Alert("curse_unattended", key, Severity.CRITICAL, title, text, now_ms))

    def _tell(self, kind: AlertKind, incident: Incident, title: str, text: str, now_ms: int) -> None:
        cause = incident.cause
        is_snoozed = incident.snoozed_until_ms is not None and now_ms < incident.snoozed_until_ms
        on = f"{title}: {cause.family}"
        text = f"{text}; rmn explain {incident.id}"
        alert = Alert(kind, incident.id, incident.severity, on, text, now_ms, cause.lanes, cause.chain, is_snoozed)
        self._notifier.notify(alert)
