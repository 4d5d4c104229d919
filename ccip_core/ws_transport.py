"""JSON-RPC bodies over an endpoint's WebSocket: a third of what an HTTP request costs, on the way to a vote.

An accelerator and nothing else: whatever goes wrong here is no answer, and the caller asks over HTTP instead.
"""

from __future__ import annotations

import threading
import time

from websockets.exceptions import WebSocketException

from ccip_core.ws_socket import WsSocket

_RETRY_S = 5.0
"""How long a socket that could not be opened is left alone."""
_IDLE_S_MAX = 20.0
"""A socket that nobody used for longer may be dead without a sign: nodes give silent clients 30 s or more."""


class WsTransport:
    """Open sockets of one endpoint, each with one question at a time. Thread-safe."""

    def __init__(self, url: str, timeout_s: float, answer_bytes_max: int) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._answer_bytes_max = answer_bytes_max
        self._lock = threading.Lock()
        self._open: set[WsSocket] = set()
        self._idle: list[tuple[WsSocket, float]] = []
        """With the time of its last answer; the last one is taken first, so that few sockets are used often."""
        self._retry_s = 0.0

    def ask(self, body: bytes) -> bytes | None:
        """The answer, or None when there is none to be had this way."""
        socket = self._take() or self._connect()
        if socket is None:
            return None
        try:
            answer = socket.ask(body, self._timeout_s)
        except (WebSocketException, OSError):  # closed, late or too long: HTTP is asked
            self._drop(socket)
            return None
        self._idle.append((socket, time.monotonic()))
        return answer

    def close(self) -> None:
        """Close the sockets; nothing is asked this way any more."""
        with self._lock:
            self._retry_s = float("inf")
            for socket in self._open:
                socket.close()
            self._open.clear()

    def _take(self) -> WsSocket | None:
        """The idle socket that was used last and still works."""
        while True:
            try:
                socket, used_s = self._idle.pop()
            except IndexError:
                return None
            if time.monotonic() - used_s <= _IDLE_S_MAX and socket.is_usable():
                return socket
            self._drop(socket)

    def _connect(self) -> WsSocket | None:
        if time.monotonic() < self._retry_s:
            return None
        try:
            socket = WsSocket(self._url, self._timeout_s, self._answer_bytes_max)
        except (WebSocketException, OSError):
            with self._lock:
                self._retry_s = max(self._retry_s, time.monotonic() + _RETRY_S)
            return None
        with self._lock:
            self._open.add(socket)
            if self._retry_s == float("inf"):  # `close` came while we connected
                socket.close()
        return socket

    def _drop(self, socket: WsSocket) -> None:
        with self._lock:
            self._open.discard(socket)
        socket.close()
