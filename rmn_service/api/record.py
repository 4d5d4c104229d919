"""What was found and what was done: `/signals` and `/audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from rmn_service.api.door import Answer, AtDoor, AtPast, Limit, answer
from rmn_service.api.words import lane_text, lanes_named, subjects_of, text_of
from rmn_service.detection import hex_text
from rmn_service.errors import NotFoundError
from rmn_service.spoken import spoken
from rmn_service.times import time_ms, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.detector import Signal
    from detectors.network import Network
    from rmn_service.api.door import Door
    from rmn_service.audit_chain import AuditRow

router = APIRouter()
SeverityWord = Literal["info", "warning", "critical"]
Text = Annotated[str | None, Query(max_length=100)]


class SignalItem(TypedDict):
    """One detector's claim."""

    id: str
    at: str
    known_at: str
    detector: str
    is_exact: bool
    severity: SeverityWord
    score: float
    subjects: list[str]
    lanes: list[str]
    chain: str
    block: int
    block_hash: str
    tx: str
    rows: list[str]
    summary: str
    value_micro_usd: str | None
    evidence: str
    """The hash that votes carry; `grounds` is what it stands for."""
    grounds: dict[str, Any]


class SignalsAnswer(Answer):
    """Oldest first."""

    signals: list[SignalItem]


class AuditItem(TypedDict):
    """One audit row, its links included."""

    sequence: int
    at: str
    kind: str
    body: Any
    previous_hash: str
    hash: str


class AuditAnswer(Answer):
    """Oldest first."""

    audit: list[AuditItem]


def signal_item(signal: Signal, evidence: str, network: Network) -> SignalItem:
    """A signal in an answer."""
    severity: SeverityWord = signal.severity.word  # type: ignore[assignment]  # one of the three
    return {
        "id": signal.id,
        "at": time_text(signal.at_s * 1000),
        "known_at": time_text(signal.known_at_ms),
        "detector": signal.detector,
        "is_exact": signal.is_exact,
        "severity": severity,
        "score": signal.score,
        "subjects": subjects_of(signal.lanes),
        "lanes": [lane_text(lane) for lane in signal.lanes],
        "chain": str(signal.chain),
        "block": signal.block_number,
        "block_hash": signal.block_hash,
        "tx": signal.tx_hash,
        "rows": list(signal.rows),
        "summary": spoken(signal, network),
        "value_micro_usd": text_of(signal.value_micro_usd),
        "evidence": evidence,
        "grounds": dict(signal.evidence),
    }


def _audit_item(row: AuditRow) -> AuditItem:
    return {
        "sequence": row.sequence,
        "at": time_text(row.at_ms),
        "kind": row.kind,
        "body": row.body,
        "previous_hash": hex_text(row.previous_hash),
        "hash": hex_text(row.hash),
    }


@router.get("/signals", response_model=SignalsAnswer)
def signals(  # noqa: PLR0917  # one parameter a filter
    door: AtDoor,
    at_s: AtPast,
    incident: Text = None,
    detector: Text = None,
    severity: SeverityWord | None = None,
    lane: Text = None,
    since: Text = None,
    until: Text = None,
    limit: Limit = 200,
) -> JSONResponse:
    """The last signals that fit, oldest first."""
    lanes = None if lane is None else {*lanes_named(lane, door.service.deployment)}
    since_ms = None if since is None else time_ms("since", since)
    until_ms = None if until is None else time_ms("until", until)
    if at_s is not None:
        until_ms = min(1000 * at_s + 999, until_ms or 1000 * at_s + 999)
    with door.service.lock:
        found: list[SignalItem] = []
        for signal in _newest_first(door, incident):
            if (
                detector in (None, signal.detector)
                and severity in (None, signal.severity.word)
                and (lanes is None or lanes & {*signal.lanes})
                and (since_ms is None or signal.known_at_ms >= since_ms)
                and (until_ms is None or signal.known_at_ms <= until_ms)
            ):
                found.append(signal_item(signal, door.service.evidence[signal.id], door.service.network))
                if len(found) == limit:
                    break
        return answer(door, {"signals": found[::-1]})


def _newest_first(door: Door, incident_id: str | None) -> Iterator[Signal]:
    service = door.service
    if incident_id is None:
        return reversed(service.signals.values())
    incident = service.incidents.get(incident_id)
    if incident is None:
        raise NotFoundError(f"incident {incident_id}: unknown; see /incidents")
    return (service.signals[id_] for id_ in reversed(incident.signals) if id_ in service.signals)


@router.get("/audit", response_model=AuditAnswer)
def audit(door: AtDoor, after: Annotated[int, Query(ge=0, le=2**53)] = 0, limit: Limit = 200) -> JSONResponse:
    """Audit rows behind number `after`, oldest first; the chain's links included."""
    rows = [_audit_item(row) for row in door.service.store.audit_rows(after, limit)]
    with door.service.lock:
        return answer(door, {"audit": rows})
