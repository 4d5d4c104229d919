"""What every handler needs: the node, who asks, as of when; and how an answer is dressed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import StringConstraints
from typing_extensions import TypedDict

from rmn_service.blessed_by import BlessedBy
from rmn_service.controls import Controls
from rmn_service.curse_watch import CurseWatch
from rmn_service.desk import Desk
from rmn_service.detection import hex_text
from rmn_service.drills import Drills
from rmn_service.errors import ForbiddenError, NotFoundError, RequestError
from rmn_service.notify import Notifications
from rmn_service.operators import Operator, Operators
from rmn_service.peers import Peers
from rmn_service.service import Service
from rmn_service.statements import Statements
from rmn_service.times import time_ms, time_text

Id = Annotated[str, Path(min_length=1, max_length=100)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""Why somebody acts, for the audit log; blanks are none."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the handlers need of the node."""

    service: Service
    desk: Desk
    controls: Controls
    statements: Statements
    curse_watch: CurseWatch
    peers: Peers
    notifications: Notifications
    drills: Drills
    blessed_by: BlessedBy
    operators: Operators
    clock: Callable[[], int]
    describe: Callable[[], dict[str, Any]]
    """Name, version and keys of the node, for /status."""
    settings: Callable[[], dict[str, Any]]
    """The effective configuration without anything secret, for /settings."""
    reads: Literal["open", "operators"] = "open"
    requests_per_s: float = 100.0
    stopwatch: Callable[[], float] = time.monotonic
    """For the rates of requests and of wrong tokens; seconds."""


class Known(TypedDict):
    """Up to which block of a chain an answer knows."""

    block: int
    hash: str
    time: str


AsOf = dict[str, Known | None]
"""By chain selector."""


class Answer(TypedDict):
    """Every answer has it."""

    as_of: AsOf


class Refusal(Answer):
    """Why there is no answer: field, value, remedy."""

    error: str


def as_of(service: Service) -> AsOf:
    """Up to which block of every chain an answer knows. The caller holds the lock."""
    known: AsOf = {}
    for selector, watch in service.watches.items():
        head = watch.applied
        known[str(selector)] = (
            None
            if head is None
            else {"block": head.number, "hash": hex_text(head.hash), "time": time_text(head.timestamp_s * 1000)}
        )
    return known


class _Json(JSONResponse):
    """Written ten times faster: a page of a thousand messages is written under the service's lock."""

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


def answer(door: Door, body: Any, status: int = 200) -> JSONResponse:
    """An answer with what it knows. The caller holds the lock."""
    return _Json({"as_of": as_of(door.service), **body}, status)


def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


AtDoor = Annotated[Door, Depends(_door)]


def client_of(request: Request) -> str:
    """Who is held to rates: the address that asks."""
    return "" if request.client is None else request.client.host


def _person(door: AtDoor, request: Request, authorization: Annotated[str | None, Header()] = None) -> Operator:
    return door.operators.identify(authorization, client_of(request), door.stopwatch())


ByPerson = Annotated[Operator, Depends(_person)]
"""Anybody with a token, viewers too."""


def _operator(person: ByPerson) -> Operator:
    if not person.may_act:
        raise ForbiddenError(f"role = {person.role}: {person.name} may look, not act")
    return person


ByOperator = Annotated[Operator, Depends(_operator)]
"""Who may act."""


def reader(door: AtDoor, request: Request, authorization: Annotated[str | None, Header()] = None) -> None:
    """Lets in whoever may read here."""
    if door.reads == "operators":
        _person(door, request, authorization)


def _past(
    door: AtDoor,
    at: Annotated[str | None, Query(max_length=40, description="ISO 8601 time")] = None,
    at_block: Annotated[str | None, Query(max_length=60, description="SELECTOR:NUMBER")] = None,
) -> int | None:
    """Block time of the moment that is asked about; None: now."""
    if at is not None:
        return time_ms("at", at) // 1000
    if at_block is None:
        return None
    selector, _, number = at_block.partition(":")
    if not (selector.isascii() and selector.isdecimal() and number.isascii() and number.isdecimal()):
        raise RequestError(f"at_block = {at_block}: write SELECTOR:NUMBER")
    chain = next((chain for chain in door.service.watches if str(chain) == selector), None)
    if chain is None or len(number) > 18:
        raise NotFoundError(f"at_block = {at_block}: no such chain or block; see /chains")
    at_s = door.service.store.block_time_s(chain, int(number))
    if at_s is None:
        raise NotFoundError(f"at_block = {at_block}: this node's record lacks it; see /chains")
    return at_s


AtPast = Annotated[int | None, Depends(_past)]
