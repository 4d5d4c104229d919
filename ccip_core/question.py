"""One question put to several endpoints at once: answers as they come, and the comparison of those that come late."""

from __future__ import annotations

import threading
import time
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.rpc import RpcError, RpcRefused, RpcUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ccip_core.endpoint import Endpoint
    from ccip_core.rpc import Rpc

T = TypeVar("T")

_SHOWN_LOGS = 4
_SHOWN_DATA = 256
"""Bytes of a log's data that a description shows; the digest covers all of it."""


class Question(Generic[T]):
    """Put to all endpoints when it is made. One thread waits; whoever is asked answers on a thread of its own."""

    def __init__(
        self, endpoints: Iterable[Endpoint], ask: Callable[[Rpc], T], timeout_s: float, *, is_inline: bool = False
    ) -> None:
        """`is_inline`: ask one after the other on this thread, in order: for endpoints that answer at once."""
        self.answers: dict[Endpoint, T | RpcError] = {}
        """What has come so far."""
        self.left = 0
        """Endpoints that have not answered yet."""
        self._deadline_s = time.monotonic() + timeout_s
        self._arrived: SimpleQueue[tuple[Endpoint, T | RpcError]] = SimpleQueue()
        self._lock = threading.Lock()
        self._on_late: Callable[[Endpoint, T | RpcError], None] | None = None
        for endpoint in endpoints:
            self.left += 1
            errand = partial(self._answer, endpoint, ask)
            if is_inline:
                errand()
            elif not endpoint.hand_over(errand):
                self._arrive(endpoint, RpcUnreachable(f"{endpoint}: hangs over too many questions"))

    def wait(self, seconds: float | None = None) -> bool:
        """One more answer, waited for until the deadline or for `seconds`; False when none came."""
        if self.left == 0:
            return False
        left_s = self._deadline_s - time.monotonic()
        try:
            endpoint, answer = self._arrived.get(timeout=max(0.0, left_s if seconds is None else min(seconds, left_s)))
        except Empty:
            return False
        self.left -= 1
        self.answers[endpoint] = answer
        return True

    def settle(self, on_late: Callable[[Endpoint, T | RpcError], None]) -> None:
        """Wait no more. Whatever came or comes is told to `on_late`, later answers on the threads that got them."""
        with self._lock:
            self._on_late = on_late
            while self.wait(0):
                pass
        for endpoint, answer in self.answers.items():
            on_late(endpoint, answer)

    def holders(self) -> dict[Any, list[Endpoint]]:
        """The endpoints behind each answer, by what makes two answers the same; errors are left out."""
        found: dict[Any, list[Endpoint]] = {}
        for endpoint, answer in self.answers.items():
            key = key_of(answer)
            if key is not None:
                found.setdefault(key, []).append(endpoint)
        return found

    def _answer(self, endpoint: Endpoint, ask: Callable[[Rpc], T]) -> None:
        try:
            answer: T | RpcError = endpoint.ask(ask)
        except RpcError as error:
            answer = error
        self._arrive(endpoint, answer)

    def _arrive(self, endpoint: Endpoint, answer: T | RpcError) -> None:
        with self._lock:
            on_late = self._on_late
            if on_late is None:
                self._arrived.put((endpoint, answer))
        if on_late is not None:
            on_late(endpoint, answer)


class _Nothing(NamedTuple):
    """The key of "there is no such thing"."""


NOTHING = _Nothing()


def key_of(answer: object) -> Any:
    """What makes two answers the same; None for an error, which is no answer. A revert is one, by its data."""
    if answer is None:
        return NOTHING
    if isinstance(answer, RpcRefused) and answer.data:
        return ("reverts", answer.data)
    if isinstance(answer, RpcError):
        return None
    return tuple(answer) if isinstance(answer, list) else answer


def describe(answer: object) -> str:
    """An answer as evidence: enough to be compared with what others hold."""
    match answer:
        case None:
            return "nothing"
        case Header():
            return (
                f"block {answer.number} 0x{answer.hash.hex()} on 0x{answer.parent_hash.hex()} at {answer.timestamp_s} s"
            )
        case bytes():
            return f"0x{answer.hex()}"
        case RpcRefused():
            return f"reverts with 0x{answer.data.hex()}"
        case list() | tuple():
            return _describe_logs(list(answer))
        case _:
            return str(answer)


def _describe_logs(logs: list[RawLog]) -> str:
    if not logs:
        return "no logs"
    parts = [(log.address, *log.topics, log.data, log.tx_hash, log.log_index.to_bytes(8)) for log in logs]
    digest = keccak(b"".join(field for part in parts for field in part)).hex()
    shown = "; ".join(
        f"#{log.log_index} of 0x{log.address.hex()} in 0x{log.tx_hash.hex()}: "
        f"{' '.join('0x' + topic.hex() for topic in log.topics)} 0x{log.data[:_SHOWN_DATA].hex()}"
        for log in logs[:_SHOWN_LOGS]
    )
    return f"{len(logs)} log{'s' if len(logs) > 1 else ''}, digest 0x{digest}: {shown}"
