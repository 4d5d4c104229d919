"""The ASGI application of one node: its routes, its gate, and every error as one line."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from rmn_service.api import blessings, controls, curses, incidents, lanes, messages, node, proof, proposals, record
from rmn_service.api.door import Refusal, as_of, reader
from rmn_service.api.gate import Gate
from rmn_service.body_limit import BodyLimit
from rmn_service.errors import (
    AuditError,
    ConflictError,
    ForbiddenError,
    NodeError,
    NotFoundError,
    RequestError,
    StoreError,
    TooManyError,
)

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from rmn_service.api.door import Door

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "not HTTP as we speak it"},
    401: {"model": Refusal, "description": "no operator's token"},
    403: {"model": Refusal, "description": "not this operator"},
    404: {"model": Refusal, "description": "no such thing"},
    409: {"model": Refusal, "description": "its state does not allow it"},
    413: {"model": Refusal, "description": "more than this API has any use for"},
    422: {"model": Refusal, "description": "not of the promised shape, or could not be true"},
    429: {"model": Refusal, "description": "too often"},
    503: {"model": Refusal, "description": "this node can't use its record, so nothing was done"},
}


def build_app(door: Door) -> FastAPI:
    """Wire the routes to a node."""
    app = FastAPI(title="RMN node", description=__doc__, docs_url=None, redoc_url=None, routes=_routes())
    app.state.door = door
    app.add_middleware(BodyLimit)
    app.add_middleware(Gate, requests_per_s=door.requests_per_s, stopwatch=door.stopwatch)
    _refuse_in_one_line(app, door)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Every route, whichever node answers, ready: FastAPI would build them (0.4 s) while the first request waits."""
    router = APIRouter(responses=_REFUSALS)
    for machines in (node.machines, proof.machines, blessings.router):
        router.include_router(machines)
    for readers in (node, lanes, messages, record, proof, incidents, curses, proposals, controls):
        router.include_router(readers.router, dependencies=[Depends(reader)])
    for _ in iter_route_contexts(router.routes):
        pass
    return router.routes


def _refuse_in_one_line(app: FastAPI, door: Door) -> None:
    def refuse(status: int, text: str, headers: dict[str, str] | None = None) -> JSONResponse:
        with door.service.lock:
            known = as_of(door.service)
        line = " ".join(text.encode("ascii", "backslashreplace").decode().split())
        return JSONResponse({"as_of": known, "error": line}, status, headers)

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        fault = error.errors()[0]
        return refuse(422, f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}")

    @app.exception_handler(NodeError)
    @app.exception_handler(AuditError)
    def refused(_: Request, error: NodeError) -> JSONResponse:
        status = _status_of(error)
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        if isinstance(error, TooManyError):
            headers = {"Retry-After": str(math.ceil(error.wait_s))}
        return refuse(status, str(error), headers)

    @app.exception_handler(StoreError)
    def unwritable(_: Request, error: StoreError) -> JSONResponse:
        return refuse(503, f"this node can't use its record, so nothing was done: {error}")

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> JSONResponse:
        return refuse(error.status_code, str(error.detail), dict(error.headers or {}))


_STATUS: dict[type[NodeError], int] = {
    RequestError: 422,
    NotFoundError: 404,
    TooManyError: 429,
    ConflictError: 409,
    AuditError: 503,
}


def _status_of(error: NodeError) -> int:
    if isinstance(error, ForbiddenError):
        return 403 if error.is_known_caller else 401
    return _STATUS.get(type(error), 422)
