"""What a node tells people of its own accord, and the seam that carries it.

    service · desk · curse_watch ──▶ Alert ──▶ Notifier ──▶ Slack, pager, mail … (`notify`), or the node's own log

An alert is a message to a person, never a signal. It is keyed by its cause and never by a value in it, so that whoever
carries it can tell "still the same" from "something else" without reading the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import structlog

from detectors.detector import Severity

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector, Lane

log = structlog.get_logger()

AlertKind = Literal[
    "incident",
    "cursed",
    "curse_held_back",
    "curse_unattended",
    "proposal",
    "kill_switch",
    "posture",
    "maintenance",
    "blind",
    "job_missed",
    "drill",
    "peer_audit",
]
"""incident: opened or became worse · cursed: this node acted by itself · curse_held_back: it would have, and the kill
switch, the cooldown or the day's budget held it · curse_unattended: nobody said for hours that a curse must stay
· job_missed: a job of this node's clock did not run in time · drill: a fire drill fell short
· peer_audit: another node's audit log contradicts what it signed
· the others: people or chains changed what the node may do."""


class Alert(NamedTuple):
    """One message to people."""

    kind: AlertKind
    key: str
    """What it is about (an incident's id, a proposal's, a chain): two alerts of one kind and key are one story."""
    severity: Severity
    title: str
    """One line without values that change from one time to the next."""
    text: str
    """What is known, and the command or route that goes on from here."""
    at_ms: int
    lanes: tuple[Lane, ...] = ()
    chain: ChainSelector | None = None
    is_snoozed: bool = False
    """Somebody asked for silence on this incident until later. Escalations are never snoozed."""


class Notifier(Protocol):
    """Carries alerts. It never waits for a network and never raises: a full queue is its own trouble to report."""

    def notify(self, alert: Alert) -> None:
        """Take one alert."""


class LogNotifier:
    """The notifier of a node without any other: alerts stand in its log."""

    def notify(self, alert: Alert) -> None:  # a Notifier
        """Write the alert down."""
        write = log.error if alert.severity is Severity.CRITICAL else log.warning
        write("alert", kind=alert.kind, key=alert.key, title=alert.title, text=alert.text, snoozed=alert.is_snoozed)
