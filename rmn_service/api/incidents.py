"""`/incidents`: the inbox, and what people say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from rmn_service.api.door import Answer, AtDoor, AtPast, ByOperator, Id, Limit, answer
from rmn_service.api.record import SeverityWord
from rmn_service.api.words import (
    ActionItem,
    TargetItem,
    action_item,
    lane_text,
    lanes_named,
    subjects_of,
    target_item,
    text_of,
)
from rmn_service.errors import NotFoundError
from rmn_service.exposure import Exposure, exposure_of
from rmn_service.incidents import IncidentState
from rmn_service.lane_state import judged_at
from rmn_service.ledger import total
from rmn_service.policy import decide, stops_blessing
from rmn_service.spoken import spoken
from rmn_service.times import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rmn_service.incidents import Incident
    from rmn_service.policy import Decision
    from rmn_service.service import Service

router = APIRouter()
_WEEK_S = 7 * 86_400


class DecisionItem(TypedDict):
    """Policy's answer."""

    reach: str
    reason: str
    targets: list[TargetItem]
    withholds: bool
    held_back: str | None
    """Why an automatic curse that is called for waits: kill switch, cooldown, budget."""


class MomentItem(TypedDict):
    """A turn in its life."""

    at: str
    state: IncidentState
    severity: SeverityWord
    by: str | None
    what: str


class GroundItem(TypedDict):
    """The strongest signal of one kind; of maintenance, one that decides nothing."""

    signal: str
    is_exact: bool
    severity: SeverityWord
    score: float
    evidence: str
    muted_by: str | None


class IncidentItem(TypedDict):
    """One incident."""

    id: str
    state: IncidentState
    severity: SeverityWord
    family: str
    subjects: list[str]
    lanes: list[str]
    chain: str | None
    summary: str
    opened_at: str
    changed_at: str
    signals: list[str]
    grounds: list[GroundItem]
    decision: DecisionItem
    actions: list[ActionItem]
    value_at_risk_micro_usd: str | None
    """What its signals accuse, as far as prices are known."""
    exposure: Exposure | None
    """What could still be taken over its lanes, or over all of its chain's; null once it is closed."""
    acknowledged_by: str | None
    snoozed_until: str | None
    assigned_to: str | None
    label: str | None
    label_reason: str | None
    closed_by: str | None
    timeline: list[MomentItem]


class IncidentsAnswer(Answer):
    """Oldest first."""

    incidents: list[IncidentItem]


class IncidentAnswer(Answer, IncidentItem):
    """One incident."""


class SnoozeRequest(BaseModel):
    """For how long."""

    seconds: Annotated[int, Field(ge=1, le=_WEEK_S)] = 3600


class AssignRequest(BaseModel):
    """Whose it is; null: nobody's."""

    to: Annotated[str, Field(min_length=1, max_length=100)] | None


class LabelRequest(BaseModel):
    """What it was: "true" and "false" need a reason; `close` ends it."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(max_length=2000)] = ""
    close: bool = False


def incident_items(service: Service, incidents: Iterable[Incident], at_s: int | None = None) -> list[IncidentItem]:
    """Incidents with policy's answer and what was done, as far as it was known at `at_s`."""
    decided = {incident.id: decision for incident, decision in judged_at(service, at_s)}
    return [
        _item(service, incident, decided.get(incident.id) or decide(incident, service.posture_at(at_s)), at_s)
        for incident in incidents
    ]


def _item(service: Service, incident: Incident, decision: Decision, at_s: int | None) -> IncidentItem:
    at_ms = None if at_s is None else 1000 * at_s + 999
    note = "" if service.voter.is_able or not decision.targets else "; this node holds no curser key, so it only alerts"
    signals = [
        id_
        for id_ in incident.signals
        if at_ms is None or (id_ in service.signals and service.signals[id_].known_at_ms <= at_ms)
    ]
    values = [service.signals[id_].value_micro_usd for id_ in signals if id_ in service.signals]
    return {
        "id": incident.id,
        "state": incident.state,
        "severity": _word(incident.severity.word),
        "family": incident.cause.family,
        "subjects": subjects_of(incident.cause.lanes),
        "lanes": [lane_text(lane) for lane in incident.cause.lanes],
        "chain": None if incident.cause.chain is None else str(incident.cause.chain),
        "summary": incident.summary if at_ms is None else _summary(service, incident, signals),
        "opened_at": time_text(incident.opened_at_ms),
        "changed_at": time_text(incident.changed_at_ms),
        "signals": signals,
        "grounds": [
            {
                "signal": ground.signal_id,
                "is_exact": ground.is_exact,
                "severity": _word(ground.severity.word),
                "score": ground.score,
                "evidence": ground.evidence,
                "muted_by": ground.muted_by,
            }
            for ground in incident.grounds
        ],
        "decision": {
            "reach": decision.reach.word,
            "reason": decision.reason + note,
            "targets": [target_item(target) for target in decision.targets],
            "withholds": stops_blessing(incident, decision),
            "held_back": None if at_s is not None else service.held_back.get(incident.id),
        },
        "actions": [action_item(action) for action in service.voter.actions(incident.id, at_ms)],
        "value_at_risk_micro_usd": text_of(total(values)),
        "exposure": None if incident.is_closed else _exposure(service, incident, at_s),
        "acknowledged_by": incident.acknowledged_by,
        "snoozed_until": None if incident.snoozed_until_ms is None else time_text(incident.snoozed_until_ms),
        "assigned_to": incident.assigned_to,
        "label": incident.label,
        "label_reason": incident.label_reason,
        "closed_by": incident.closed_by,
        "timeline": [
            {
                "at": time_text(moment.at_ms),
                "state": moment.state,
                "severity": _word(moment.severity.word),
                "by": moment.by,
                "what": moment.what,
            }
            for moment in incident.timeline
        ],
    }


def _summary(service: Service, incident: Incident, signals: list[str]) -> str:
    """As the gravest of these signals told it, of equals the first, as `incidents.fold` takes it."""
    known = [service.signals[id_] for id_ in signals if id_ in service.signals]
    return spoken(max(known, key=lambda signal: signal.severity), service.network) if known else incident.summary


def _exposure(service: Service, incident: Incident, at_s: int | None) -> Exposure:
    lanes, chain = incident.cause.lanes, incident.cause.chain
    if not lanes and chain is not None:
        lanes = service.network.lanes_of(chain)
    return exposure_of(lanes, service.record, service.curses, at_s)


def _word(text: str) -> SeverityWord:
    word: SeverityWord = text  # type: ignore[assignment]  # one of the three
    return word


@router.get("/incidents", response_model=IncidentsAnswer)
def incidents(  # noqa: PLR0917  # one parameter a filter
    door: AtDoor,
    at_s: AtPast,
    state: IncidentState | None = None,
    severity: SeverityWord | None = None,
    lane: Annotated[str | None, Query(max_length=100)] = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    assigned_to: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 200,
) -> JSONResponse:
    """The last incidents that fit, oldest first."""
    service = door.service
    lanes = None if lane is None else {*lanes_named(lane, service.deployment)}
    with service.lock:
        found: list[Incident] = []
        for incident in reversed(service.incidents.values()):
            stood = incident if at_s is None else incident.as_it_stood(1000 * at_s + 999)
            if (
                stood is not None
                and state in (None, stood.state)
                and severity in (None, stood.severity.word)
                and (lanes is None or lanes & {*stood.cause.lanes})
                and is_open in (None, not stood.is_closed)
                and assigned_to in (None, stood.assigned_to)
            ):
                found.append(stood)
                if len(found) == limit:
                    break
        return answer(door, {"incidents": incident_items(service, found[::-1], at_s)})


@router.get("/incidents/{incident_id}", response_model=IncidentAnswer)
def incident(door: AtDoor, incident_id: Id, at_s: AtPast) -> JSONResponse:
    """One incident with its decision and actions."""
    with door.service.lock:
        found = door.service.incidents.get(incident_id)
        if found is not None and at_s is not None:
            found = found.as_it_stood(1000 * at_s + 999)
        if found is None:
            raise NotFoundError(f"incident {incident_id}: unknown; see /incidents")
        return answer(door, incident_items(door.service, [found], at_s)[0])


@router.post("/incidents/{incident_id}/acknowledge", response_model=IncidentAnswer)
def acknowledge(door: AtDoor, operator: ByOperator, incident_id: Id) -> JSONResponse:
    """Say that somebody is on it."""
    with door.service.lock:
        said = door.statements.acknowledge(incident_id, operator, door.clock())
        return answer(door, incident_items(door.service, [said])[0])


@router.post("/incidents/{incident_id}/snooze", response_model=IncidentAnswer)
def snooze(door: AtDoor, operator: ByOperator, incident_id: Id, request: SnoozeRequest) -> JSONResponse:
    """No reminders for a while; withholding and cursing go on."""
    now_ms = door.clock()
    with door.service.lock:
        said = door.statements.snooze(incident_id, now_ms + 1000 * request.seconds, operator, now_ms)
        return answer(door, incident_items(door.service, [said])[0])


@router.post("/incidents/{incident_id}/assign", response_model=IncidentAnswer)
def assign(door: AtDoor, operator: ByOperator, incident_id: Id, request: AssignRequest) -> JSONResponse:
    """Say whose it is."""
    with door.service.lock:
        said = door.statements.assign(incident_id, request.to, operator, door.clock())
        return answer(door, incident_items(door.service, [said])[0])


@router.post("/incidents/{incident_id}/label", response_model=IncidentAnswer)
def label(door: AtDoor, operator: ByOperator, incident_id: Id, request: LabelRequest) -> JSONResponse:
    """Say what it was, and close it if that settles it."""
    now_ms = door.clock()
    with door.service.lock:
        said = door.statements.label(
            incident_id, request.label, request.reason, operator, now_ms, is_closed=request.close
        )
        return answer(door, incident_items(door.service, [said])[0])
