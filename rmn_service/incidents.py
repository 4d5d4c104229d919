"""Signals on one cause, with a life: open → worsening → quiet → closed.

`fold` and `settle` are pure. Signals of one family on the same lanes (or, where no lane can be named, on the same
chain) are one incident: a forged execution that trips four rules is one thing to a person and one curse to a chain, and
so is an hour in which everything is unusual.
An incident ends when people close it, or by itself when it was quiet for long and nothing is withheld or cursed on
its account; a later signal on a closed one opens a new incident.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ccip_core.protocol.hashing import keccak

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.detector import Severity, Signal

IncidentState = Literal["open", "worsening", "quiet", "closed"]

INTEGRITY = "integrity"
UNUSUAL = "unusual"
"""The family of all statistics."""
DISAGREEMENT = "rpc_disagreement"
"""Endpoints of one chain contradict each other."""
TIME = "time"
"""Who closed an incident that nobody closed."""
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
    muted_by: str | None = None
    """The maintenance window in which a statistic spoke; such a ground decides nothing."""


class Moment(NamedTuple):
    """A turn in an incident's life."""

    at_ms: int
    state: IncidentState
    severity: Severity
    by: str | None
    """Who turned it; None: signals did, or time."""
    what: str = ""


_SAID = {
    "acknowledge": ("acknowledged_by",),
    "snooze": ("snoozed_until_ms",),
    "assign": ("assigned_to",),
    "label": ("label", "label_reason"),
}
"""What people set by what they say."""


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
    assigned_to: str | None = None
    label: str | None = None
    """What people say it was: "true", "false", or a word of their own."""
    label_reason: str | None = None
    closed_by: str | None = None
    """A person, or `TIME`."""
    timeline: tuple[Moment, ...] = ()

    @property
    def is_closed(self) -> bool:
        """Nothing is decided on its account any more."""
        return self.state == "closed"

    @property
    def is_exact(self) -> bool:
        """Whether any of its signals is a rule's, not only a statistic's."""
        return any(ground.is_exact for ground in self.grounds)

    @property
    def has_lapsed(self) -> bool:
        """It is quiet, and that settles it: only statistics spoke, so nothing was proved, or enough endpoints agree."""
        return self.state == "quiet" and self.lapses_when_quiet

    @property
    def lapses_when_quiet(self) -> bool:
        """Whether silence alone ends what is withheld on its account."""
        return not self.is_exact or self.cause.family == DISAGREEMENT

    @property
    def loud_grounds(self) -> tuple[Ground, ...]:
        """Its grounds without those that maintenance muted."""
        return tuple(ground for ground in self.grounds if ground.muted_by is None)

    def turned(self, now_ms: int, what: str = "", by: str | None = None, **changes: Any) -> Incident:
        """The incident after a change, with the moment in its timeline."""
        changed = replace(self, **changes)
        moment = Moment(now_ms, changed.state, changed.severity, by, what)
        return replace(changed, timeline=(*self.timeline, moment))

    def as_it_stood(self, at_ms: int) -> Incident | None:
        """It at an earlier time; None before it was opened.

        Of what people say only the last word is kept: where that came later, none is told.
        """
        if at_ms < self.opened_at_ms:
            return None
        past = [moment for moment in self.timeline if moment.at_ms <= at_ms]
        if not past:
            return self
        last = past[-1]
        later = {moment.what for moment in self.timeline[len(past) :] if moment.by is not None}
        unsaid: dict[str, Any] = {name: None for what in later for name in _SAID.get(what, ())}
        return replace(
            self,
            **unsaid,
            state=last.state,
            severity=last.severity,
            timeline=tuple(past),
            changed_at_ms=last.at_ms,
            grounds=tuple(ground for ground in self.grounds if ground.severity <= last.severity),
            closed_by=self.closed_by if last.state == "closed" else None,
        )


def cause_of(signal: Signal) -> Cause:
    """The incident a signal belongs to."""
    family = _FAMILIES.get(signal.detector, signal.detector) if signal.is_exact else UNUSUAL
    return Cause(family, signal.lanes, None if signal.lanes else signal.chain)


def fold(
    incidents: Mapping[Cause, Incident], signal: Signal, evidence: str, now_ms: int, muted_by: str | None = None
) -> Incident:
    """The incident after one more signal: a new one, or the open one of the same cause, worsened."""
    cause = cause_of(signal)
    ground = Ground(signal.is_exact, signal.severity, signal.score, signal.id, evidence, signal.at_s, muted_by)
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
            timeline=(Moment(now_ms, "open", signal.severity, None, signal.detector),),
        )
    if signal.id in known.signals:
        return known
    worse = replace(
        known,
        state="worsening",
        severity=max(known.severity, signal.severity),
        summary=signal.summary if signal.severity > known.severity else known.summary,
        changed_at_ms=now_ms,
        grounds=_strongest(known.grounds, ground),
        signals=(*known.signals, signal.id),
    )
    if (worse.state, worse.severity) == (known.state, known.severity):
        return worse
    return worse.turned(now_ms, signal.detector)


def settle(
    incident: Incident,
    now_ms: int,
    quiet_after_ms: int,
    close_after_ms: int | None = None,
    *,
    is_held: bool = True,
    disputed_at_ms: int = 0,
) -> Incident:
    """The incident as time passes: quiet when nothing new was signalled for a while, and closed long after that.

    `is_held`: something is withheld or cursed on its account, so that only people may close it.
    `disputed_at_ms`: when what it is about was last unsettled; its quiet begins no earlier.
    """
    silent_ms = now_ms - max(incident.changed_at_ms, disputed_at_ms)
    if incident.state in ("open", "worsening") and silent_ms >= quiet_after_ms:
        return incident.turned(now_ms, "nothing new", state="quiet")
    if incident.state == "quiet" and close_after_ms is not None and not is_held and silent_ms >= close_after_ms:
        return incident.turned(now_ms, "quiet for long, nothing held", state="closed", closed_by=TIME)
    return incident


def _strongest(grounds: tuple[Ground, ...], new: Ground) -> tuple[Ground, ...]:
    """One ground per kind of claim: the highest score, and of equals the latest."""
    kept = {(ground.is_exact, ground.severity, ground.muted_by): ground for ground in grounds}
    old = kept.get((new.is_exact, new.severity, new.muted_by))
    if old is None or new.score >= old.score:
        kept[new.is_exact, new.severity, new.muted_by] = new
    return tuple(kept.values())
