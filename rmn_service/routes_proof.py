"""Routes by which others check a node: evidence, its signed audit head and those of peers, notifications, drills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from rmn_service import answers
from rmn_service.errors import NotFoundError
from rmn_service.evidence import KIND as EVIDENCE

if TYPE_CHECKING:
    from rmn_service.api import Door

router = APIRouter()


def _door(request: Request) -> Any:
    return request.app.state.door


AtDoor = Annotated[Any, Depends(_door)]


def _answer(door: Door, body: dict[str, Any], status: int = 200) -> JSONResponse:
    with door.service.lock:
        return JSONResponse({"as_of": answers.as_of(door.service), **body}, status)


@router.get("/evidence/{address}")
def evidence(door: AtDoor, address: Annotated[str, Path(pattern="^0x[0-9a-fA-F]{64}$")]) -> JSONResponse:
    """The bundle that a signal or a vote names: judged again by `rmn evidence verify`."""
    bundle = door.service.store.get(EVIDENCE, address.lower())
    if bundle is None:
        raise NotFoundError(f"evidence {address}: not in this node's record; ask the node that voted")
    return _answer(door, {"hash": address.lower(), "bundle": bundle})


@router.get("/audit/head")
def audit_head(door: AtDoor) -> JSONResponse:
    """The end of this node's audit log, signed with its blessing key; null without one."""
    own = door.peers.own
    return _answer(door, {"head": None if own is None else own.document()})


@router.get("/audit/heads")
def audit_heads(door: AtDoor) -> JSONResponse:
    """What other nodes signed about their logs: `rmn audit verify PATH --peer URL` asks for it."""
    return _answer(door, {"heads": door.peers.heads()})


class DrillRequest(BaseModel):
    """What is practised."""

    kind: Literal["shadow", "onchain"] = "shadow"


@router.get("/drills")
def drills(door: AtDoor, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> JSONResponse:
    """The last fire drills, and how long each step took."""
    return _answer(door, door.drills.document(limit))


@router.post("/drills", status_code=201)
def drill(door: AtDoor, request: DrillRequest, authorization: Annotated[str | None, Header()] = None) -> JSONResponse:
    """Run one now, as an operator; answers when it is over."""
    operator = door.operators.identify(authorization)
    return _answer(door, {"drill": door.drills.run(request.kind, operator.name)}, 201)


@router.get("/notifications")
def notifications(door: AtDoor, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> JSONResponse:
    """The last alerts that were sent to people, and what became of each; oldest first."""
    return _answer(door, {"notifications": door.notifications.deliveries(limit)})
