"""`/posture`, `/kill-switch`, `/maintenance`: what people may change about the node itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from typing_extensions import TypedDict

from rmn_service.api.door import Answer, AtDoor, ByOperator, Id, Reason, answer
from rmn_service.api.node import KillSwitchItem, kill_switch_item
from rmn_service.api.words import lane_text
from rmn_service.config import Posture
from rmn_service.times import time_ms, time_text

if TYPE_CHECKING:
    from rmn_service.maintenance import Window

router = APIRouter()


class PostureRequest(BaseModel):
    """How far the node may act from now on, and why."""

    posture: Posture
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class PostureAnswer(Answer):
    """How far it may act now."""

    posture: Posture


class KillSwitchRequest(BaseModel):
    """On: no automatic curse of this node any more. Off (approvers): again."""

    on: bool
    reason: Reason


class KillSwitchAnswer(Answer):
    """The switch."""

    kill_switch: KillSwitchItem


class WindowItem(TypedDict):
    """A maintenance: what statistics say of its lanes in its time decides nothing."""

    id: str
    lanes: list[str]
    """Empty: all."""
    start: str
    end: str
    reason: str
    by: str
    is_active: bool


class WindowsAnswer(Answer):
    """Oldest first."""

    maintenance: list[WindowItem]


class WindowAnswer(Answer, WindowItem):
    """One maintenance."""


class WindowRequest(BaseModel):
    """Lanes by SOURCE:DEST (none: all), ISO times with their zone, at most a week."""

    lanes: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)] = []
    start: Annotated[str, Field(max_length=40)]
    end: Annotated[str, Field(max_length=40)]
    reason: Reason


def _window_item(window: Window, now_ms: int) -> WindowItem:
    return {
        "id": window.id,
        "lanes": [lane_text(lane) for lane in window.lanes],
        "start": time_text(window.start_ms),
        "end": time_text(window.end_ms),
        "reason": window.reason,
        "by": window.by,
        "is_active": window.start_ms <= now_ms < window.end_ms,
    }


@router.post("/posture", response_model=PostureAnswer)
def posture(door: AtDoor, operator: ByOperator, request: PostureRequest) -> JSONResponse:
    """Change how far the node may act."""
    with door.service.lock:
        door.controls.set_posture(request.posture, request.reason, operator, door.clock())
        return answer(door, {"posture": door.service.posture})


@router.post("/kill-switch", response_model=KillSwitchAnswer)
def kill_switch(door: AtDoor, operator: ByOperator, request: KillSwitchRequest) -> JSONResponse:
    """Stop all automatic curses of this node at once, or (approvers) let them go on. Withholding is untouched."""
    with door.service.lock:
        door.controls.set_kill_switch(request.on, request.reason, operator, door.clock())
        return answer(door, {"kill_switch": kill_switch_item(door.service)})


@router.get("/maintenance", response_model=WindowsAnswer)
def maintenance(door: AtDoor) -> JSONResponse:
    """Every maintenance that was announced."""
    now_ms = door.clock()
    with door.service.lock:
        windows = [_window_item(window, now_ms) for window in door.service.windows.values()]
        return answer(door, {"maintenance": windows})


@router.post("/maintenance", status_code=201, response_model=WindowAnswer)
def announce(door: AtDoor, operator: ByOperator, request: WindowRequest) -> JSONResponse:
    """Announce a maintenance. Statistics are muted from now on where it applies; exact rules never are."""
    now_ms = door.clock()
    span_ms = time_ms("start", request.start), time_ms("end", request.end)
    window = door.controls.open_window(request.lanes, span_ms, request.reason, operator, now_ms)
    with door.service.lock:
        return answer(door, _window_item(window, now_ms), 201)


@router.post("/maintenance/{window_id}/end", response_model=WindowAnswer)
def end(door: AtDoor, operator: ByOperator, window_id: Id) -> JSONResponse:
    """The maintenance is over earlier than announced."""
    now_ms = door.clock()
    window = door.controls.end_window(window_id, operator, now_ms)
    with door.service.lock:
        return answer(door, _window_item(window, now_ms))
