"""JSON-RPC bodies over an endpoint's WebSocket: half of what an HTTP request costs, on the path from a log to a vote.

An accelerator and nothing else: whatever goes wrong here is no answer, and the caller asks over HTTP instead.
"""

from __future__ import annotations

import queue
import time
from contextlib import ExitStack

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

_RETRY_S = 5.0
"""How long a socket that could not be opened is left alone."""
_CLOSE_S = 0.5


class WsTransport:
    """Open sockets of one endpoint, each with one question at a time. Thread-safe."""

    def __init__(self, url: str, timeout_s: float, answer_bytes_max: int) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._answer_bytes_max = answer_bytes_max
        self._idle: queue.LifoQueue[ClientConnection] = queue.LifoQueue()
        self._open = ExitStack()
        self._retry_s = 0.0

    def ask(self, body: bytes) -> bytes | None:
        """The answer, or None when there is none to be had this way."""
        try:
            socket = self._idle.get_nowait()
        except queue.Empty:
            opened = self._connect()
            if opened is None:
                return None
            socket = opened
        try:
            socket.send(body, text=True)
            answer = socket.recv(self._timeout_s, decode=False)
        except (WebSocketException, OSError):  # closed, late or too long: this socket's next answer would be another's
            socket.close()
            return None
        self._idle.put(socket)
        return answer

    def close(self) -> None:
        """Close the sockets; nothing is asked this way any more."""
        self._retry_s = float("inf")
        self._open.close()

    def _connect(self) -> ClientConnection | None:
        if time.monotonic() < self._retry_s:
            return None
        try:
            return self._open.enter_context(
                connect(
                    self._url,
                    open_timeout=self._timeout_s,
                    close_timeout=_CLOSE_S,
                    max_size=self._answer_bytes_max,
                    compression=None,
                    proxy=None,
                )
            )
        except (WebSocketException, OSError):
            self._retry_s = time.monotonic() + _RETRY_S
            return None
