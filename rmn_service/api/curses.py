"""`/curses`: what is cursed where, by whom, and until when somebody has to say that it must stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from ccip_core.protocol.messages import ChainSelector
from rmn_service.api.door import Answer, AtDoor, AtPast, ByOperator, Reason, answer
from rmn_service.curses import GLOBAL
from rmn_service.policy import Target
from rmn_service.times import time_text

if TYPE_CHECKING:
    from detectors.frames import CurseChanged
    from rmn_service.api.door import Door

router = APIRouter()


class AffirmationItem(TypedDict):
    """Who last said that it must stay."""

    by: str
    at: str
    reason: str


class CurseItem(TypedDict):
    """One active curse."""

    chain: str
    subject: str
    since: str
    by: str
    """An incident, a proposal, or `external`."""
    is_global: bool
    tx: str
    block: int
    affirmed: AffirmationItem | None
    affirm_by: str | None
    """When the watchdog prepares its uncurse unless somebody affirms it; null where a past moment does not tell."""
    is_overdue: bool


class CursesAnswer(Answer):
    """Every active curse on every chain."""

    curses: list[CurseItem]


class AffirmRequest(BaseModel):
    """A curse that must stay, and why."""

    chain: Annotated[str, Field(pattern="^[0-9]{1,20}$", examples=["3379446385462418246"])]
    subject: Annotated[str, Field(pattern="^0x[0-9a-fA-F]{32}$")]
    reason: Reason


def _curse_item(door: Door, target: Target, row: CurseChanged, now_ms: int, at_s: int | None = None) -> CurseItem:
    cause, affirmed, due_ms, is_overdue = door.curse_watch.stood(target, now_ms, at_s)
    return {
        "chain": str(target.chain),
        "subject": target.subject,
        "since": time_text(row.at.block_time_s * 1000),
        "by": cause,
        "is_global": target.subject == GLOBAL,
        "tx": row.at.tx_hash,
        "block": row.at.block_number,
        "affirmed": None
        if affirmed is None
        else {"by": affirmed.by, "at": time_text(affirmed.at_ms), "reason": affirmed.reason},
        "affirm_by": None if due_ms is None else time_text(due_ms),
        "is_overdue": is_overdue,
    }


@router.get("/curses", response_model=CursesAnswer)
def curses(door: AtDoor, at_s: AtPast) -> JSONResponse:
    """Every active curse on every chain."""
    now_ms = door.clock()
    with door.service.lock:
        found = list(door.service.curses.active(at_s))
        return answer(door, {"curses": [_curse_item(door, target, row, now_ms, at_s) for target, row in found]})


@router.post("/curses/affirm", response_model=CursesAnswer)
def affirm(door: AtDoor, operator: ByOperator, request: AffirmRequest) -> JSONResponse:
    """Say that a curse must stay: the watchdog asks again later."""
    now_ms = door.clock()
    target = Target(ChainSelector(int(request.chain)), request.subject.lower())
    with door.service.lock:
        door.curse_watch.affirm(target, request.reason, operator, now_ms)
        row = door.service.curses.since(target)
        assert row is not None
        return answer(door, {"curses": [_curse_item(door, target, row, now_ms)]})
