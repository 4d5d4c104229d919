"""JSON-RPC over a Unix socket of a node on the same machine: no port, no TLS, no key."""

from __future__ import annotations

import threading
from pathlib import Path

from ccip_core.ipc_socket import IpcSocket, ipc_path
from ccip_core.json_rpc import ANSWER_BYTES_MAX, JsonRpc
from ccip_core.rpc import RpcLate, RpcUnreachable


class IpcRpc(JsonRpc):
    """A node's IPC endpoint. Connections are kept and shared: use one object from any number of threads."""

    def __init__(self, url: str, timeout_s: float = 10.0) -> None:
        """`url`: `ipc:///path`, or a path that ends in `.ipc`. Raises ValueError: it is neither, or no socket is there.

        A path where nothing is yet is no error here: the node may come up later.
        """
        path = ipc_path(url)
        if path is None:
            raise ValueError(f"{url}: an IPC endpoint is ipc:///path or an absolute path that ends in .ipc")
        if Path(path).exists() and not Path(path).is_socket():
            raise ValueError(f"{url}: not a socket; name the node's IPC file")
        self.endpoint = f"ipc://{path}"
        self._path = path
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._open: set[IpcSocket] = set()
        self._idle: list[IpcSocket] = []
        self._is_closed = False

    def close(self) -> None:
        """Give the connections back; every later question is RpcUnreachable."""
        with self._lock:
            self._is_closed = True
            for each in self._open:
                each.close()
            self._open.clear()

    def _ask(self, question: bytes) -> bytes:
        try:
            socket = self._take()
        except OSError as error:
            raise RpcUnreachable(f"{self.endpoint}: {error.strerror or error}; is the node running?") from None
        try:
            answer = socket.ask(question, self._timeout_s)
        except OSError as error:
            self._drop(socket)
            if isinstance(error, TimeoutError):
                raise RpcLate(f"{self.endpoint}: no answer within {self._timeout_s:g} s") from None
            raise RpcUnreachable(f"{self.endpoint}: {error.strerror or error}; is the node running?") from None
        with self._lock:
            self._idle.append(socket)
        return answer

    def _take(self) -> IpcSocket:
        """One that is idle and still works, else a new one."""
        with self._lock:
            if self._is_closed:
                raise RpcUnreachable(f"{self.endpoint}: this connection was closed")
            while self._idle:
                socket = self._idle.pop()
                if socket in self._open and socket.is_usable():
                    return socket
                self._open.discard(socket)
                socket.close()
        socket = IpcSocket(self._path, self._timeout_s, ANSWER_BYTES_MAX)
        with self._lock:
            self._open.add(socket)
        return socket

    def _drop(self, socket: IpcSocket) -> None:
        with self._lock:
            self._open.discard(socket)
        socket.close()
