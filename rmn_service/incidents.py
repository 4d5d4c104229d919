"""Signals on one cause, with a life: open → worsening → quiet → closed.

`fold` and `settle` are pure. Signals of one family on the same lanes (or, where no lane can be named, on the same
chain) are one incident: a forged execution that trips four rules is one thing to a person and one curse to a chain, and
so is an hour in which everything is unusual.
Only people close an incident; a later signal on a closed one opens a new incident.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.protocol.hashing import keccak

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.detector import Severity, Signal

IncidentState = Literal["open", "worsening", "quiet", "closed"]

INTEGRITY = "integrity"
UNUSUAL = "unusual"
"""The family of all statistics."""
_FAMILIES = {
    "root_mismatch": INTEGRITY,
    "unmatched_execution": INTEGRITY,
    "amount_mismatch": INTEGRITY,
    "double_execution": INTEGRITY,
    "unbacked_release": INTEGRITY,
    "supply_conservation": INTEGRITY,
    "interval_gap": INTEGRITY,
    "message_mismatch": INTEGRITY,
    "duplicate_message_id": INTEGRITY,
    "nonce_frontier": INTEGRITY,
    "latency_floor": INTEGRITY,
    "early_commit": INTEGRITY,
}


class Cause(NamedTuple):
    """What makes two signals the same incident."""

    family: str
    lanes: tuple[Lane, ...]
    chain: ChainSelector | None
    """Only where no lane is accused."""


class Ground(NamedTuple):
    """The strongest and latest of an incident's signals of one kind: what a decision rests on."""

    is_exact: bool
    severity: Severity
    score: float
    signal_id: str
    evidence: str
    """The evidence hash of that signal, 0x text."""
    at_s: int
    """Block time of the row that the signal accuses."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Signals of one cause, and what people said about them."""

    id: str
    cause: Cause
    state: IncidentState
    severity: Severity
    summary: str
    opened_at_ms: int
    changed_at_ms: int
    grounds: tuple[Ground, ...]
    signals: tuple[str, ...]
    """Ids, in the order they came."""
    acknowledged_by: str | None = None
    snoozed_until_ms: int | None = None
    label: str | None = None
    closed_by: str | None = None

    @property
    def is_closed(self) -> bool:
        """Only people close."""
        return self.state == "closed"

    @property
    def is_exact(self) -> bool:
        """Whether any of its signals is a rule's, not only a statistic's."""
        return any(ground.is_exact for ground in self.grounds)


def cause_of(signal: Signal) -> Cause:
    """The incident a signal belongs to."""
    family = _FAMILIES.get(signal.detector, signal.detector) if signal.is_exact else UNUSUAL
    return Cause(family, signal.lanes, None if signal.lanes else signal.chain)


def fold(incidents: Mapping[Cause, Incident], signal: Signal, evidence: str, now_ms: int) -> Incident:
    """The incident after one more signal: a new one, or the open one of the same cause, worsened."""
    cause = cause_of(signal)
    ground = Ground(signal.is_exact, signal.severity, signal.score, signal.id, evidence, signal.at_s)
    known = incidents.get(cause)
    if known is None or known.is_closed:
        return Incident(
            id=keccak(f"{cause}|{signal.id}".encode())[:12].hex(),
            cause=cause,
            state="open",
            severity=signal.severity,
            summary=signal.summary,
            opened_at_ms=now_ms,
            changed_at_ms=now_ms,
            grounds=(ground,),
            signals=(signal.id,),
        )
    if signal.id in known.signals:
        return known
    return replace(
        known,
        state="worsening",
        severity=max(known.severity, signal.severity),
        summary=signal.summary if signal.severity > known.severity else known.summary,
        changed_at_ms=now_ms,
        grounds=_strongest(known.grounds, ground),
        signals=(*known.signals, signal.id),
    )


def settle(incident: Incident, now_ms: int, quiet_after_ms: int) -> Incident:
    """The incident as time passes: quiet when nothing new was signalled for a while."""
    if incident.state in ("open", "worsening") and now_ms - incident.changed_at_ms >= quiet_after_ms:
        return replace(incident, state="quiet")
    return incident


def _strongest(grounds: tuple[Ground, ...], new: Ground) -> tuple[Ground, ...]:
    """One ground per kind of claim: the highest score, and of equals the latest."""
    kept = {(ground.is_exact, ground.severity): ground for ground in grounds}
    old = kept.get((new.is_exact, new.severity))
    if old is None or new.score >= old.score:
        kept[new.is_exact, new.severity] = new
    return tuple(kept.values())
