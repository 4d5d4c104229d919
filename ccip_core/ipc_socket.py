"""JSON-RPC over a node's Unix socket: values follow each other without any frame, so where one ends is found here."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_READ_BYTES = 1 << 20
_TOKEN = re.compile(rb'\\[\s\S]|["{}\[\]]')


def ipc_path(url: str) -> str | None:
    """The path in `ipc:///path`, or in a plain `/path` that ends in `.ipc`; None for anything else."""
    if url.startswith("ipc:"):
        parts = urlsplit(url)
        return parts.path if not parts.netloc and parts.path.startswith("/") else None
    return url if url.startswith("/") and url.endswith(".ipc") else None


class IpcSocket:
    """One connection. Not thread-safe, but any thread may `close` it.

    Where it raises it is of no more use: what it would read next might answer an earlier question.
    """

    def __init__(self, path: str | Path, timeout_s: float, answer_bytes_max: int) -> None:
        """Connect. Raises OSError."""
        self._answer_bytes_max = answer_bytes_max
        self._values = JsonValues()
        self._arrived: list[bytes] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(timeout_s)
            self._socket.connect(str(path))
        except BaseException:
            self._socket.close()
            raise
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, question: bytes, timeout_s: float) -> bytes:
        """The value that follows the question. Raises OSError."""
        deadline_s = time.monotonic() + timeout_s
        self._socket.settimeout(timeout_s)
        self.send(question)
        while not self._arrived:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("no answer in time")
            self._socket.settimeout(left_s)
            if not self._receive():
                raise ConnectionError("the node hung up")
        return self._arrived.pop(0)

    def send(self, value: bytes) -> None:
        """Raises OSError."""
        self._socket.sendall(value)

    def __iter__(self) -> Iterator[bytes]:
        """Every value that arrives, for as long as the node is there. Raises OSError."""
        self._socket.settimeout(None)
        while self._arrived or self._receive():
            while self._arrived:
                yield self._arrived.pop(0)

    def is_usable(self) -> bool:
        """Whether a question may follow: nothing arrived unasked, not even a goodbye."""
        return not self._arrived and not self._poll.poll(0)

    def close(self) -> None:
        """Hang up; who waits for an answer gets an OSError, who iterates comes to an end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _receive(self) -> bool:
        """Take the next bytes; False at the end."""
        received = self._socket.recv(_READ_BYTES)
        self._arrived += self._values.feed(received)
        if self._values.pending_bytes > self._answer_bytes_max:
            raise ConnectionError(f"an answer of more than {self._answer_bytes_max} bytes")
        return bool(received)


class JsonValues:
    """Cuts a stream of bytes into JSON objects and arrays. What is between them is dropped; nothing is checked."""

    def __init__(self) -> None:
        self._buffer = b""
        self._scanned = 0
        self._depth = 0
        self._is_in_string = False

    @property
    def pending_bytes(self) -> int:
        """Of a value that is not whole yet."""
        return len(self._buffer)

    def feed(self, received: bytes) -> list[bytes]:
        """The values that are whole now."""
        self._buffer += received
        found: list[bytes] = []
        start = 0
        for match in _TOKEN.finditer(self._buffer, self._scanned):
            token = match.group()
            self._scanned = match.end()
            if token == b'"':
                self._is_in_string = not self._is_in_string
            elif self._is_in_string or len(token) > 1:
                continue
            elif token in b"{[":
                start = match.start() if self._depth == 0 else start
                self._depth += 1
            else:
                self._depth = max(0, self._depth - 1)
                if self._depth == 0:
                    found.append(self._buffer[start : match.end()])
                    start = match.end()
        self._buffer = self._buffer[start:]
        self._scanned -= start
        return found
