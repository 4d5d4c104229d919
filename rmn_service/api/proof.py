"""What others check a node by: evidence, its signed audit head and its peers', notifications, drills."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from rmn_service.api.door import Answer, AtDoor, ByOperator, Limit, answer
from rmn_service.errors import NotFoundError
from rmn_service.evidence import KIND as EVIDENCE

machines = APIRouter()
"""What other nodes and verifiers ask for: open even where reads need a token."""
router = APIRouter()


class EvidenceAnswer(Answer):
    """A bundle and its address."""

    hash: str
    bundle: dict[str, Any]


class HeadAnswer(Answer):
    """The end of this node's audit log, signed; null without a key."""

    head: dict[str, Any] | None


class HeadsAnswer(Answer):
    """What other nodes signed about theirs."""

    heads: list[dict[str, Any]]


class DrillsAnswer(Answer):
    """The last drills, and the distribution of each step."""

    drills: list[dict[str, Any]]
    distribution: dict[str, Any]


class DrillAnswer(Answer):
    """One drill."""

    drill: dict[str, Any]


class NotificationsAnswer(Answer):
    """Oldest first."""

    notifications: list[dict[str, Any]]


class TriedAnswer(Answer):
    """A test message is under way on these routes; `/notifications` says what becomes of it."""

    routes: list[str]


class DrillRequest(BaseModel):
    """What is practised, and for what."""

    kind: Literal["shadow", "onchain"] = "shadow"
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


@machines.get("/evidence/{address}", response_model=EvidenceAnswer)
def evidence(door: AtDoor, address: Annotated[str, Path(pattern="^0x[0-9a-fA-F]{64}$")]) -> JSONResponse:
    """The bundle that a signal or a vote names: judged again by `rmn evidence verify`."""
    bundle = door.service.store.get(EVIDENCE, address.lower())
    if bundle is None:
        raise NotFoundError(f"evidence {address}: not in this node's record; ask the node that voted")
    with door.service.lock:
        return answer(door, {"hash": address.lower(), "bundle": bundle})


@machines.get("/audit/head", response_model=HeadAnswer)
def audit_head(door: AtDoor) -> JSONResponse:
    """The end of this node's audit log, signed with its blessing key; null without one."""
    own = door.peers.own
    with door.service.lock:
        return answer(door, {"head": None if own is None else own.document()})


@machines.get("/audit/heads", response_model=HeadsAnswer)
def audit_heads(door: AtDoor) -> JSONResponse:
    """What other nodes signed about their logs: `rmn audit verify PATH --peer URL` asks for it."""
    heads = door.peers.heads()
    with door.service.lock:
        return answer(door, {"heads": heads})


@router.get("/drills", response_model=DrillsAnswer)
def drills(door: AtDoor, limit: Limit = 200) -> JSONResponse:
    """The last fire drills, and how long each step took."""
    document = door.drills.document(limit)
    with door.service.lock:
        return answer(door, document)


@router.post("/drills", status_code=201, response_model=DrillAnswer)
def drill(door: AtDoor, operator: ByOperator, request: DrillRequest) -> JSONResponse:
    """Run one now; answers when it is over."""
    done = door.drills.run(request.kind, operator.name, request.reason)
    with door.service.lock:
        return answer(door, {"drill": done}, 201)


@router.get("/notifications", response_model=NotificationsAnswer)
def notifications(door: AtDoor, limit: Limit = 200) -> JSONResponse:
    """The last alerts that were sent to people, and what became of each; oldest first."""
    deliveries = door.notifications.deliveries(limit)
    with door.service.lock:
        return answer(door, {"notifications": deliveries})


@router.post("/notifications/test", status_code=202, response_model=TriedAnswer)
def notification_test(door: AtDoor, operator: ByOperator) -> JSONResponse:
    """Send a test message on every route."""
    now_ms = door.clock()
    with door.service.lock:
        door.service.audit.note("notification test", {"by": operator.name}, now_ms)
    routes = door.notifications.test(operator.name, now_ms)
    with door.service.lock:
        return answer(door, {"routes": routes}, 202)
