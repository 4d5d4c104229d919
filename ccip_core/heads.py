"""New blocks as they come: `eth_subscribe newHeads` over a WebSocket or a Unix socket, on a thread of its own.

A head is a hint to look, never the record: some are missed while the connection is down, and a reorg shows as a head
whose number was seen before. After every (re)connection the newest block is delivered too, so whoever follows hints
alone catches up at once.
"""

from __future__ import annotations

import contextlib
import random
import threading
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import msgspec
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from ccip_core.ipc_socket import IpcSocket, ipc_path
from ccip_core.rpc import RpcMalformed
from ccip_core.wire import header_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.protocol.logs import Header

BACKOFF_S_FIRST, BACKOFF_S_MAX = 0.1, 5.0
OPEN_S_MAX = 5.0
SILENCE_S_MAX = 20.0
"""A peer that does not answer pings for this long is gone, whatever TCP says."""
_MESSAGE_BYTES_MAX = 1 << 20
_CLOSE_S_MAX = 0.3
_JOIN_S_MAX = 0.8
_SUBSCRIBE_ID, _LATEST_ID = 1, 2


class HeadStream:
    """Calls `on_head` for every new head, on its own thread, until it is stopped.

    `on_head` must not block for long and must not raise. `is_connected` tells a quiet chain from a lost one.
    """

    def __init__(self, ws_url: str, on_head: Callable[[Header], None]) -> None:
        parts = urlsplit(ws_url)
        self._path = ipc_path(ws_url)
        if self._path is None and (parts.scheme not in {"ws", "wss"} or not parts.hostname):
            raise ValueError(
                "a WebSocket URL starts with ws:// or wss:// and names a host; "
                "an IPC endpoint is ipc:///path or an absolute path that ends in .ipc"
            )
        self._url = ws_url
        self._on_head = on_head
        self._stopping = threading.Event()
        self._connected = threading.Event()
        self._connection: ClientConnection | IpcSocket | None = None
        where = self._path or f"{parts.hostname}:{parts.port}"
        self._thread = threading.Thread(target=self._run, name=f"heads-{where}", daemon=True)

    @property
    def is_connected(self) -> bool:
        """Whether a subscription stands now."""
        return self._connected.is_set()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait for the subscription to stand; False when it does not in time."""
        return self._connected.wait(timeout_s)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start following; a stream is started once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, within a second; no call of `on_head` begins afterwards. May be called twice, and from `on_head`."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            connection.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_JOIN_S_MAX)

    def _run(self) -> None:
        backoff_s = BACKOFF_S_FIRST
        while not self._stopping.is_set():
            # Whatever it was, no heads come until an attempt succeeds, and `is_connected` says so.
            with contextlib.suppress(OSError, WebSocketException, RpcMalformed):
                self._follow()
            if self._connected.is_set():
                backoff_s = BACKOFF_S_FIRST
            self._connected.clear()
            self._stopping.wait(backoff_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnections, no secret
            backoff_s = min(2 * backoff_s, BACKOFF_S_MAX)

    def _connect(self) -> ClientConnection | IpcSocket:
        if self._path is not None:
            return IpcSocket(self._path, OPEN_S_MAX, _MESSAGE_BYTES_MAX)
        return connect(
            self._url,
            open_timeout=OPEN_S_MAX,
            close_timeout=_CLOSE_S_MAX,
            ping_interval=SILENCE_S_MAX / 2,
            ping_timeout=SILENCE_S_MAX / 2,
        )

    def _follow(self) -> None:
        with self._connect() as connection:
            self._connection = connection
            if self._stopping.is_set():
                return  # `stop` came before there was a connection that it could have closed
            _send(connection, _SUBSCRIBE_ID, "eth_subscribe", "newHeads")
            for text in connection:
                if self._stopping.is_set():
                    return
                self._take(connection, _decode(text))

    def _take(self, connection: ClientConnection | IpcSocket, message: dict[str, Any]) -> None:
        if message.get("id") == _SUBSCRIBE_ID:
            if "result" not in message:
                raise RpcMalformed("the node does not let us subscribe to newHeads")
            self._connected.set()
            _send(connection, _LATEST_ID, "eth_getBlockByNumber", "latest", False)
            return
        block = message.get("result") if message.get("id") == _LATEST_ID else _subscribed(message)
        if block is not None:
            self._on_head(header_of(block))


def _send(connection: ClientConnection | IpcSocket, request_id: int, method: str, *params: object) -> None:
    request = msgspec.json.encode({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
    if isinstance(connection, IpcSocket):
        connection.send(request)
    else:
        connection.send(request, text=True)


def _decode(text: str | bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise RpcMalformed("the node sent something that is not JSON-RPC") from None


def _subscribed(message: dict[str, Any]) -> object:
    params = message.get("params")
    return params.get("result") if isinstance(params, dict) else None
