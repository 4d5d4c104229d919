"""An oracle's HTTP door on loopback, for its peers and for whoever started it.

    POST /signatures   a leader asks for our signature on its commit report     200, or 409 with the reason
    POST /neighbours   the DON names the other oracles and the RMN nodes        200
    GET  /status       what this oracle sees; no secret needed                  200

Everything but /status wants the oracles' shared secret as a bearer token.
"""

from __future__ import annotations

import hmac
import threading
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from ccip_core.don.commit_plugin import RefusedError
from ccip_core.don.peers import SignatureRequest, WireSignature, from_wire, hex_bytes, to_wire
from ccip_core.listening import bound_socket

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.requests import Request

    from ccip_core.signers import Signature

HOST = "127.0.0.1"
BODY_BYTES_MAX = 1 << 20
_START_S_MAX = 10.0
_STOP_S_MAX = 5.0


class Neighbours(msgspec.Struct, forbid_unknown_fields=True):
    """`POST /neighbours`: base URLs."""

    oracles: list[str]
    rmn_nodes: list[str]


class Host(Protocol):
    """Whose door it is."""

    def sign_commit(self, dest: int, sequence_number: int, report: bytes, leader: Signature) -> Signature:
        """Raises RefusedError."""

    def set_neighbours(self, oracles: Sequence[str], rmn_nodes: Sequence[str]) -> None:
        """Of `POST /neighbours`."""

    def status(self) -> Mapping[str, Any]:
        """Of `GET /status`."""


class Door:
    """Listens from the moment it is made, answers from `open` to `close`."""

    def __init__(self, host: Host, secret: str, port: int) -> None:
        self._host = host
        self._secret = secret.encode()
        self._socket = bound_socket(HOST, port)
        self._socket.listen()
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        routes = [
            Route("/signatures", self._guarded(self._sign), methods=["POST"]),
            Route("/neighbours", self._guarded(self._neighbours), methods=["POST"]),
            Route("/status", self._status, methods=["GET"]),
        ]
        self._server = _Server(
            uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False, lifespan="off", ws="none")
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"door {self.url}", daemon=True
        )

    def open(self) -> None:
        """Answer requests."""
        self._thread.start()
        if not self._server.opened.wait(_START_S_MAX):
            raise RuntimeError(f"{self.url} does not open")

    def close(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(_STOP_S_MAX)
        self._socket.close()

    def _guarded(self, answer: Callable[[bytes], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, b"Bearer " + self._secret):
                return _json(401, {"refused": "the oracles' secret is missing or wrong"})
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    return _json(413, {"refused": f"a body has at most {BODY_BYTES_MAX} bytes"})
            return await run_in_threadpool(answer, bytes(body))

        return guarded

    def _sign(self, body: bytes) -> Response:
        try:
            asked = msgspec.json.decode(body, type=SignatureRequest)
            dest, number = _decimal(asked.dest), _decimal(asked.sequence_number)
            report, leader = hex_bytes(asked.report), from_wire(asked.signature)
        except ValueError as error:
            return _json(422, {"refused": str(error)})
        try:
            signature: WireSignature = to_wire(self._host.sign_commit(dest, number, report, leader))
        except RefusedError as refused:
            return _json(409, {"refused": str(refused)})
        return _json(200, signature)

    def _neighbours(self, body: bytes) -> Response:
        try:
            asked = msgspec.json.decode(body, type=Neighbours)
        except ValueError as error:
            return _json(422, {"refused": str(error)})
        self._host.set_neighbours(asked.oracles, asked.rmn_nodes)
        return _json(200, {})

    async def _status(self, _: Request) -> Response:
        return _json(200, await run_in_threadpool(self._host.status))


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.opened = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.opened.set()


def _decimal(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or int(text) >= 1 << 64:
        raise ValueError("expected a uint64 in decimal digits")
    return int(text)


def _json(status: int, body: Any) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
