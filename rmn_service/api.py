"""The node's HTTP API, as interfaces.md promises it: reads for everybody, `/blessings` for the DON, acts for operators.

Handlers are short: look under the service's lock, answer. Whatever a stranger sends gets a 4xx in one line, never a
5xx; when this node itself can't write its record it says 503.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003  # FastAPI reads annotations at run time
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service import answers, routes_proof
from rmn_service.blesser import Claim
from rmn_service.body_limit import BodyLimit
from rmn_service.config import Posture  # noqa: TC001
from rmn_service.database import StoreError
from rmn_service.desk import Desk  # noqa: TC001
from rmn_service.drills import Drills  # noqa: TC001
from rmn_service.errors import AuditError, ConflictError, ForbiddenError, NodeError, NotFoundError, RequestError
from rmn_service.notify import Notifications  # noqa: TC001
from rmn_service.operators import Operator, Operators
from rmn_service.peers import Peers  # noqa: TC001
from rmn_service.service import Service  # noqa: TC001

Uint64Text = Annotated[str, Field(pattern="^[0-9]{1,20}$", examples=["3379446385462418246"])]
HashText = Annotated[str, Field(pattern="^0x[0-9a-fA-F]{64}$")]
Id = Annotated[str, Path(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Door:
    """What the handlers need of the node."""

    service: Service
    desk: Desk
    operators: Operators
    clock: Callable[[], int]
    describe: Callable[[], dict[str, Any]]
    """Name, version and keys of the node, for /status."""
    peers: Peers
    notifications: Notifications
    drills: Drills


class RootClaim(BaseModel):
    """A root of a commit report that oracles want blessed."""

    source: Uint64Text
    dest: Uint64Text
    on_ramp: Annotated[str, Field(pattern="^0x([0-9a-fA-F]{2}){0,64}$", description="the bytes of the commit report")]
    min_seq: Uint64Text
    max_seq: Uint64Text
    root: HashText

    def claim(self) -> Claim:
        """The claim, typed."""
        return Claim(
            Lane(ChainSelector(int(self.source)), ChainSelector(int(self.dest))),
            bytes.fromhex(self.on_ramp[2:]),
            int(self.min_seq),
            int(self.max_seq),
            bytes.fromhex(self.root[2:]),
        )


class BlessingRequest(BaseModel):
    """All roots have one destination; the signature covers them in this order."""

    roots: Annotated[list[RootClaim], Field(min_length=1, max_length=256)]


class ProposalRequest(BaseModel):
    """Subjects: 0x and 32 hex digits, a chain, or SOURCE:DEST for both ends of a lane."""

    kind: Literal["curse", "uncurse"]
    subjects: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(min_length=1, max_length=64)]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class SnoozeRequest(BaseModel):
    """For how long."""

    seconds: Annotated[int, Field(ge=1, le=7 * 86400)] = 3600


class LabelRequest(BaseModel):
    """What it was; `close` ends it."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    close: bool = False


class PostureRequest(BaseModel):
    """How far the node may act from now on."""

    posture: Posture


def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


AtDoor = Annotated[Door, Depends(_door)]


def _operator(door: AtDoor, authorization: Annotated[str | None, Header()] = None) -> Operator:
    return door.operators.identify(authorization)


ByOperator = Annotated[Operator, Depends(_operator)]

router = APIRouter()


def build_app(door: Door) -> FastAPI:
    """The ASGI application of one node."""
    app = FastAPI(title="RMN node", description=__doc__, docs_url=None, redoc_url=None)
    app.state.door = door
    app.add_middleware(BodyLimit)
    app.include_router(router)
    app.include_router(routes_proof.router)

    def refuse(status: int, text: str) -> JSONResponse:
        with door.service.lock:
            known = answers.as_of(door.service)
        line = " ".join(text.encode("ascii", "backslashreplace").decode().split())
        return JSONResponse({"as_of": known, "error": line}, status)

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        fault = error.errors()[0]
        return refuse(422, f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}")

    @app.exception_handler(NodeError)
    def refused(_: Request, error: NodeError) -> JSONResponse:
        return refuse(_status_of(error), str(error))

    @app.exception_handler(StoreError)
    def unwritable(_: Request, error: StoreError) -> JSONResponse:
        return refuse(503, f"this node can't use its record, so nothing was done: {error}")

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> JSONResponse:
        return refuse(error.status_code, str(error.detail))

    return app


def _status_of(error: NodeError) -> int:
    match error:
        case RequestError():
            return 422
        case NotFoundError():
            return 404
        case ForbiddenError():
            return 403 if error.is_known_caller else 401
        case ConflictError():
            return 409
        case AuditError():
            return 503
        case _:
            return 422


def _answer(door: Door, body: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse({"as_of": answers.as_of(door.service), **body}, status)


@router.get("/health")
def health(door: AtDoor) -> JSONResponse:
    """200 only while every chain advances; else 503 and why."""
    now_ms = door.clock()
    with door.service.lock:
        faults = {str(selector): watch.blind_reason(now_ms) for selector, watch in door.service.watches.items()}
        blind = {selector: reason for selector, reason in faults.items() if reason is not None}
        body = {"health": {"status": "blind" if blind else "ok", "blind": blind}}
        return _answer(door, body, 503 if blind else 200)


@router.get("/status")
def status(door: AtDoor) -> JSONResponse:
    """Who this node is, how far it may act, and how it stands."""
    now_ms = door.clock()
    with door.service.lock:
        service = door.service
        judged = service.judged()
        body = door.describe() | {
            "time": answers.time_text(now_ms),
            "posture": service.posture,
            "chains": answers.chain_items(service, now_ms),
            "incidents_open": len(judged),
            "incidents_critical": sum(incident.severity.word == "critical" for incident, _ in judged),
            "curses": sum(1 for _ in service.curses.active()),
            "signals": len(service.signals),
            "actions_unfinished": sum(not action.is_finished for action in service.voter.actions()),
        }
        return _answer(door, {"status": body})


@router.get("/chains")
def chains(door: AtDoor) -> JSONResponse:
    """Every chain under watch."""
    now_ms = door.clock()
    with door.service.lock:
        return _answer(door, {"chains": answers.chain_items(door.service, now_ms)})


@router.get("/lanes")
def lanes(door: AtDoor) -> JSONResponse:
    """Every lane and what stands in its way."""
    with door.service.lock:
        return _answer(door, {"lanes": answers.lane_items(door.service)})


@router.get("/messages")
def messages(door: AtDoor, limit: Limit = 100) -> JSONResponse:
    """The messages read last, newest first."""
    with door.service.lock:
        latest = door.service.messages.latest(limit)
        return _answer(door, {"messages": [answers.message_item(door.service, sent) for sent in latest]})


@router.get("/messages/{message_id}")
def message(door: AtDoor, message_id: Id) -> JSONResponse:
    """One message and the transaction of each of its steps."""
    with door.service.lock:
        sent = door.service.messages.find(message_id.lower())
        if sent is None:
            raise NotFoundError(f"message {message_id}: not in this node's record")
        return _answer(door, answers.message_item(door.service, sent))


@router.get("/signals")
def signals(door: AtDoor, limit: Limit = 200) -> JSONResponse:
    """The last signals, oldest first."""
    with door.service.lock:
        latest = list(door.service.signals.values())[-limit:]
        items = [answers.signal_item(signal, door.service.evidence[signal.id]) for signal in latest]
        return _answer(door, {"signals": items})


@router.get("/incidents")
def incidents(door: AtDoor, limit: Limit = 200) -> JSONResponse:
    """The last incidents, oldest first."""
    with door.service.lock:
        latest = list(door.service.incidents.values())[-limit:]
        return _answer(door, {"incidents": [answers.incident_item(door.service, incident) for incident in latest]})


@router.get("/incidents/{incident_id}")
def incident(door: AtDoor, incident_id: Id) -> JSONResponse:
    """One incident with its decision and actions."""
    with door.service.lock:
        found = door.service.incidents.get(incident_id)
        if found is None:
            raise NotFoundError(f"incident {incident_id}: unknown; see /incidents")
        return _answer(door, answers.incident_item(door.service, found))


@router.get("/curses")
def curses(door: AtDoor) -> JSONResponse:
    """Every active curse on every chain."""
    with door.service.lock:
        return _answer(door, {"curses": answers.curse_items(door.service)})


@router.get("/proposals")
def proposals(door: AtDoor) -> JSONResponse:
    """What people want done."""
    with door.service.lock:
        items = [
            answers.proposal_item(door.desk, proposal, door.service.voter.actions(proposal.id))
            for proposal in door.desk.proposals.values()
        ]
        return _answer(door, {"proposals": items})


@router.get("/audit")
def audit(door: AtDoor, after: Annotated[int, Query(ge=0, le=2**53)] = 0, limit: Limit = 200) -> JSONResponse:
    """Audit rows behind number `after`, oldest first; the chain's links included."""
    rows = [answers.audit_item(row) for row in door.service.store.audit_rows(after, limit)]
    with door.service.lock:
        return _answer(door, {"audit": rows})


@router.get("/metrics")
def metrics(door: AtDoor) -> Response:
    """Prometheus."""
    text = door.service.metrics.scrape(door.service, door.clock())
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


@router.post("/blessings")
def bless(door: AtDoor, request: BlessingRequest) -> JSONResponse:
    """For the commit DON: sign these roots, or say why not."""
    blessing = door.service.bless([root.claim() for root in request.roots], door.clock())
    with door.service.lock:
        return _answer(door, answers.blessing_answer(blessing))


@router.post("/proposals", status_code=201)
def propose(door: AtDoor, operator: ByOperator, request: ProposalRequest) -> JSONResponse:
    """Propose a curse or an uncurse; nothing happens until another person approves."""
    proposal = door.desk.propose(request.kind, request.subjects, request.reason, operator, door.clock())
    with door.service.lock:
        return _answer(door, answers.proposal_item(door.desk, proposal, []), 201)


@router.post("/proposals/{proposal_id}/approve")
def approve(door: AtDoor, operator: ByOperator, proposal_id: Id) -> JSONResponse:
    """Consent to somebody else's proposal; a curse is voted for at once."""
    proposal = door.desk.approve(proposal_id, operator, door.clock())
    with door.service.lock:
        actions = door.service.voter.actions(proposal.id)
        return _answer(door, answers.proposal_item(door.desk, proposal, actions))


@router.post("/incidents/{incident_id}/acknowledge")
def acknowledge(door: AtDoor, operator: ByOperator, incident_id: Id) -> JSONResponse:
    """Say that somebody is on it."""
    with door.service.lock:
        said = door.desk.acknowledge(incident_id, operator, door.clock())
        return _answer(door, answers.incident_item(door.service, said))


@router.post("/incidents/{incident_id}/snooze")
def snooze(door: AtDoor, operator: ByOperator, incident_id: Id, request: SnoozeRequest) -> JSONResponse:
    """No reminders for a while; withholding and cursing go on."""
    now_ms = door.clock()
    with door.service.lock:
        said = door.desk.snooze(incident_id, now_ms + 1000 * request.seconds, operator, now_ms)
        return _answer(door, answers.incident_item(door.service, said))


@router.post("/incidents/{incident_id}/label")
def label(door: AtDoor, operator: ByOperator, incident_id: Id, request: LabelRequest) -> JSONResponse:
    """Say what it was, and close it if that settles it."""
    with door.service.lock:
        said = door.desk.label(incident_id, request.label, request.close, operator, door.clock())
        return _answer(door, answers.incident_item(door.service, said))


@router.post("/posture")
def posture(door: AtDoor, operator: ByOperator, request: PostureRequest) -> JSONResponse:
    """Change how far the node may act."""
    with door.service.lock:
        door.desk.set_posture(request.posture, operator, door.clock())
        return _answer(door, {"posture": door.service.posture})
