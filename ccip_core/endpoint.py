"""One endpoint of a chain, asked with care: proved before it is believed, left alone when it wants that, and counted.

An endpoint that could not be reached must prove itself again, because what answers afterwards may be another chain (a
local network that was started anew, a load balancer that was pointed elsewhere). One that said what enough others
contradict is distrusted: it is asked nothing for an hour, and each further time for twice as long, up to a day.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from ccip_core.rpc import (
    RpcError,
    RpcLate,
    RpcMalformed,
    RpcOverloaded,
    RpcRefused,
    RpcUnreachable,
    WrongChainError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.rpc import Rpc

T = TypeVar("T")

Fault = Literal[
    "unreachable",
    "late",
    "overloaded",
    "refused",
    "malformed",
    "wrong_chain",
    "busy",
    "empty",
    "missing",
    "ahead",
    "contradicts",
]
"""unreachable, late, overloaded, refused, malformed: as the errors of rpc.py · wrong_chain: another chain id or genesis
· busy: it hangs over so many questions that it is asked no more · empty: no logs where others have some · missing:
lacks a block below its own head · ahead: claims a head that nobody else is near · contradicts: states another fact."""

PAUSE_S_FIRST, PAUSE_S_MAX = 1.0, 60.0
"""How long an endpoint is left alone that asks for it without saying for how long; doubled each time."""
DISTRUST_S_FIRST, DISTRUST_S_MAX = 3_600.0, 86_400.0
"""How long an endpoint that was outvoted is asked nothing; doubled each time, from the first on after a good day."""
_QUESTIONS_MAX = 8
"""Unanswered questions that one endpoint may hang over."""
_SMOOTHING = 8
_REVERTED = 3


class Standing(NamedTuple):
    """How an endpoint does, for people."""

    number: int
    """Its place in the configuration, from 1. Its URL may hold a key and is never shown."""
    head: int | None
    """The newest block that it showed."""
    latency_ms: float | None
    faults: dict[str, int]
    problem: str | None
    """What kept it from answering the last time."""
    distrusted_s: int | None
    """How long it is still asked nothing, because enough others contradicted it; None while it is trusted."""


class Endpoint:
    """Thread-safe. Raises `RpcError`, as what it asks does."""

    def __init__(
        self,
        number: int,
        rpc: Rpc,
        chain_id: int,
        *,
        on_fault: Callable[[int, Fault], None] = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` measures pauses and latencies only."""
        self.number = number
        self.head: int | None = None
        self._rpc = rpc
        self._chain_id = chain_id
        self._genesis_hash: bytes | None = None
        self._on_fault = on_fault
        self._clock = clock
        self._is_proved = False
        self._resume_s = 0.0
        self._pause_s = PAUSE_S_FIRST
        self._distrusted_until_s = float("-inf")
        self._distrust_s = DISTRUST_S_FIRST
        self._latency_s: float | None = None
        self._faults: Counter[str] = Counter()
        self._problem: str | None = None
        self._workers = _Workers(f"endpoint-{number}")

    def __str__(self) -> str:
        return f"endpoint {self.number}"

    def pin_genesis(self, genesis_hash: bytes) -> None:
        """From now on it must show this block 0, or none."""
        if genesis_hash != self._genesis_hash:
            self._genesis_hash = genesis_hash
            self._is_proved = False

    def note(self, fault: Fault) -> None:
        """Count a fault."""
        self._faults[fault] += 1
        self._on_fault(self.number, fault)

    def standing(self) -> Standing:
        """How it does."""
        latency_ms = None if self._latency_s is None else 1000 * self._latency_s
        distrusted_s = None if self.is_trusted else round(self._distrusted_until_s - self._clock())
        return Standing(self.number, self.head, latency_ms, dict(self._faults), self._problem, distrusted_s)

    @property
    def is_trusted(self) -> bool:
        """Whether what it says counts."""
        return self._clock() >= self._distrusted_until_s

    def distrust(self) -> None:
        """Enough others contradicted it."""
        now_s = self._clock()
        if now_s < self._distrusted_until_s:
            return  # an answer to a question from before
        if now_s - self._distrusted_until_s > DISTRUST_S_MAX:
            self._distrust_s = DISTRUST_S_FIRST
        self._distrusted_until_s = now_s + self._distrust_s
        self._distrust_s = min(2 * self._distrust_s, DISTRUST_S_MAX)
        self._is_proved = False

    def ask(self, question: Callable[[Rpc], T]) -> T:
        """Its answer."""
        begun_s = self._clock()
        if begun_s < self._resume_s:
            raise RpcUnreachable(f"{self}: asked for a pause, {self._resume_s - begun_s:.0f} s of it are left")
        try:
            if not self._is_proved:
                self._prove()
            answer = question(self._rpc)
        except RpcError as error:
            self._take_note(error)
            raise
        self._pause_s = PAUSE_S_FIRST
        self._problem = None
        took_s = self._clock() - begun_s
        self._latency_s = (
            took_s if self._latency_s is None else self._latency_s + (took_s - self._latency_s) / _SMOOTHING
        )
        return answer

    def hand_over(self, errand: Callable[[], None]) -> bool:
        """Have something done on a thread of this endpoint; False while it hangs over too much already."""
        if self._workers.hand_over(errand):
            return True
        self.note("busy")
        return False

    def close(self) -> None:
        """End its threads."""
        self._workers.close()

    def _prove(self) -> None:
        chain_id = self._rpc.chain_id()
        if chain_id != self._chain_id:
            raise WrongChainError(
                f"rpc_urls: {self} is chain id {chain_id}, not the deployment's {self._chain_id}; "
                "name the right endpoint"
            )
        if self._genesis_hash is not None:
            genesis = self._rpc.header(0)
            if genesis is not None and genesis.hash != self._genesis_hash:  # a pruned endpoint may not have it
                raise WrongChainError(
                    f"rpc_urls: block 0 of {self} is 0x{genesis.hash.hex()}, not 0x{self._genesis_hash.hex()}: "
                    "the chain was started anew or is another one; name the right endpoint, or another database_url"
                )
        self._is_proved = True

    def _take_note(self, error: RpcError) -> None:
        match error:
            case RpcOverloaded():
                pause_s = min(error.retry_after_s or self._pause_s, PAUSE_S_MAX)
                self._pause_s = min(2 * self._pause_s, PAUSE_S_MAX)
                self._resume_s = self._clock() + pause_s
                self.note("overloaded")
            case RpcUnreachable():
                self._is_proved = False
                self.note("late" if isinstance(error, RpcLate) else "unreachable")
            case WrongChainError():
                self.note("wrong_chain")
            case RpcMalformed():
                self.note("malformed")
            case RpcRefused() if error.code == _REVERTED or error.data:
                return  # a revert is an answer
            case RpcRefused():
                self.note("refused")
            case _:
                pass
        self._problem = str(error)


class _Workers:
    """As many threads as there are questions at once, up to a limit. They wait for the network, not for each other."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._errands: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._pending = 0
        self._threads = 0

    def hand_over(self, errand: Callable[[], None]) -> bool:
        with self._lock:
            if self._pending >= _QUESTIONS_MAX:
                return False
            self._pending += 1
            is_short = self._pending > self._threads
            self._threads += is_short
        if is_short:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        self._errands.put(errand)
        return True

    def close(self) -> None:
        with self._lock:
            for _ in range(self._threads):
                self._errands.put(None)
            self._threads = 0
            self._pending = _QUESTIONS_MAX  # nothing is taken on any more

    def _run(self) -> None:
        while (errand := self._errands.get()) is not None:
            try:
                errand()
            finally:
                with self._lock:
                    self._pending -= 1
