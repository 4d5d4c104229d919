"""One chain under watch: its connection proved, its indexer, and whether what we know of it is fresh.

A chain is *blind* while fresh data of it is missing: it could not be asked at the last try, it is not the chain that
the deployment names, its head does not advance, we have not read up to its head, or its finality broke. Nothing is
blessed or cursed on account of what a blind chain does not say.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.rpc import NoAgreementError, RpcError, WrongChainError
from rmn_service.errors import StoreError
from rmn_service.indexer import FRESH_BLOCKS, REMEMBERED_FINAL_BLOCKS, Indexer, LostLogsError, watched_addresses
from rmn_service.steps import Contradicted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ccip_core.deployment import Chain
    from ccip_core.protocol.logs import Header
    from ccip_core.quorum_rpc import QuorumRpc
    from rmn_service.steps import Step
    from rmn_service.store import Store

_STALE_S_MIN, _STALE_BLOCKS = 10, 10
"""A head that stands still for longer than both is stale."""
_TURN_S = 2.0
"""How long one reader waits for another reader of the same chain."""
LOST_LOGS_MS = 900_000
"""A block that lost logs is taken as it is told once it has been told so for this long: time to look and to mend it."""
_APPLIED_REMEMBERED = 1024
"""More than any chain rewinds."""
_LAG_BLOCKS_MAX = 2
"""The record may be this far behind the head while the chain moves under our feet."""


class Progress(NamedTuple):
    """How far the catching up with a chain has come."""

    block: int
    head: int
    blocks_per_s: float

    @property
    def left_s(self) -> float | None:
        """How long it will go on at this rate; None while there is none."""
        return (self.head - self.block) / self.blocks_per_s if self.blocks_per_s > 0 else None


class Watch:
    """Reads one chain. Any thread may read; one at a time does."""

    def __init__(self, chain: Chain, rpc: QuorumRpc, store: Store, start_block: int | None = None) -> None:
        self.chain = chain
        self.rpc = rpc
        self._store = store
        self._start_block = start_block
        self._turn = threading.Lock()
        self._indexer: Indexer | None = None
        self._fault: str | None = "not asked yet"
        self._advanced_to: Header | None = None
        self._advanced_at_ms = 0
        self._applied: list[Header] = []
        self._addresses = watched_addresses(chain)
        self._behind_since: tuple[int, int] | None = None
        """When the catching up that is under way began, in ms, and at which block."""
        self._logs_lost_at_ms: int | None = None
        """Since when blocks lack logs that they had."""
        self.read_at_ms: int | None = None
        """When the chain was last asked with success."""
        self.disputed_at_ms: int | None = None
        """When its endpoints last said such different things that nothing was known."""

    @property
    def applied(self) -> Header | None:
        """The last block that the judge has heard of."""
        return self._applied[-1] if self._applied else None

    def apply(self, header: Header) -> None:
        """The judge has heard of this block."""
        self._applied.append(header)
        if len(self._applied) > 2 * _APPLIED_REMEMBERED:
            del self._applied[:_APPLIED_REMEMBERED]

    def has_applied(self, header: Header) -> bool:
        """Whether the judge has heard of exactly this block, as far back as is remembered."""
        return header in self._applied

    def rewind(self, number: int) -> None:
        """The judge has forgotten the blocks above."""
        while self._applied and self._applied[-1].number > number:
            self._applied.pop()

    @property
    def head(self) -> Header | None:
        """The newest block that the chain showed."""
        return self._indexer.head if self._indexer is not None else None

    @property
    def first_block(self) -> int:
        """Where a new record of this chain begins."""
        if self._start_block is not None:
            return self._start_block
        head = self.head
        return 0 if head is None or head.number < FRESH_BLOCKS else head.number - FRESH_BLOCKS

    @property
    def endpoints(self) -> str:
        """How this chain is asked, said plainly."""
        if self.rpc.count == 1:
            return "1 endpoint"
        if self.rpc.min_agree == 1:
            return f"{self.rpc.count} endpoints, number {self.rpc.current + 1} is asked; one alone is believed"
        return f"{self.rpc.count} endpoints, {self.rpc.min_agree} must agree"

    def is_news(self, hint: Header) -> bool:
        """Whether the block was announced and is not in the record yet."""
        return self.applied is None or hint.number > self.applied.number

    def progress(self, now_ms: int) -> Progress | None:
        """Of the catching up that is under way; None when the record is near the head."""
        if not self.is_catching_up or self._behind_since is None or self.head is None:
            return None
        begun_ms, first = self._behind_since
        block = self.applied.number if self.applied is not None else first
        return Progress(block, self.head.number, 1000 * (block - first) / max(1, now_ms - begun_ms))

    @property
    def stale_after_ms(self) -> int:
        """A head that stands still for longer is stale."""
        return int(1000 * max(_STALE_S_MIN, _STALE_BLOCKS * self.chain.block_time_s))

    def steps(self, hint: Header | None, now_ms: int, apply: Callable[[Step], None]) -> bool:
        """Ask the chain what happened and apply it, step by step. False (and blind) when that was not possible."""
        with self._take_turn() as has_turn:
            if not has_turn:
                self._fault = "another question to it is still unanswered"
                return False
            try:
                if self._indexer is None:
                    self._indexer = self._connect()
                for step in self._indexer.poll(self._confirmed(hint)):
                    apply(step)
            except RpcError as error:  # no answer is no fact: blind until the next one
                self._fault = f"can't be asked: {error}"
                if isinstance(error, NoAgreementError):
                    self.disputed_at_ms = now_ms
                if isinstance(error, LostLogsError) and self._indexer is not None:
                    self._wait_for_logs(self._indexer, error.block_hash, now_ms)
                return False
            except (
                BaseException
            ) as error:  # the record is behind what the indexer counts as taken: start again from the record
                self._indexer = None
                self._fault = f"its blocks can't be recorded: {error}"
                raise
            finally:
                self._state_disagreements(apply)
            self._logs_lost_at_ms = None
            self._fault = "its finality broke; it is not followed any more" if self._indexer.is_stopped else None
            # Compared with what was seen at the last success: a poll that failed may have seen the new head first.
            if self._indexer.head != self._advanced_to:
                self._advanced_to, self._advanced_at_ms = self._indexer.head, now_ms
            self.read_at_ms = now_ms
            self._note_progress(now_ms)
            return not self._indexer.is_stopped

    def _wait_for_logs(self, indexer: Indexer, block_hash: bytes, now_ms: int) -> None:
        if self._logs_lost_at_ms is None:
            self._logs_lost_at_ms = now_ms
        if now_ms - self._logs_lost_at_ms >= LOST_LOGS_MS:
            indexer.take_as_told(block_hash)

    def _confirmed(self, hint: Header | None) -> Header | None:
        """A head that was announced, if the endpoints have it; it helps only where it is the very next block."""
        tip = None if self._indexer is None else self._indexer.tip
        if hint is None or tip is None or (hint.number, hint.parent_hash) != (tip.number + 1, tip.hash):
            return None
        return self.rpc.confirm(hint, self._addresses)

    def _state_disagreements(self, apply: Callable[[Step], None]) -> None:
        for found in self.rpc.disagreements():
            apply(Contradicted(*found))
            self.rpc.drop(found)

    def _note_progress(self, now_ms: int) -> None:
        if not self.is_catching_up:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = (now_ms, self.applied.number if self.applied is not None else self.first_block)

    def blind_reason(self, now_ms: int) -> str | None:
        """Why nothing may be concluded from this chain's silence; None when it is fresh."""
        if self._fault is not None:
            return self._fault
        if now_ms - self._advanced_at_ms > self.stale_after_ms:
            return f"no new block for {(now_ms - self._advanced_at_ms) // 1000} s"
        if self.is_catching_up:
            return f"read up to block {self.applied.number if self.applied else 'none'} only, behind its head"
        return None

    @property
    def is_catching_up(self) -> bool:
        """The chain answers, and there is more to read than one poll takes."""
        if self._fault is not None or self._indexer is None:
            return False
        lag = self._indexer.lag_blocks
        return lag is None or lag > _LAG_BLOCKS_MAX

    @contextmanager
    def _take_turn(self) -> Iterator[bool]:
        has_turn = self._turn.acquire(timeout=_TURN_S)
        try:
            yield has_turn
        finally:
            if has_turn:
                self._turn.release()

    def _connect(self) -> Indexer:
        """Prove that the endpoints are the deployment's chain, and go on where the record ends."""
        chain = self.chain
        try:
            genesis = self.rpc.header(0)
        except WrongChainError as error:
            raise WrongChainError(f"chains.{chain.selector}: {error}") from None
        if genesis is not None:  # a pruned endpoint may not have it
            try:
                self._store.check_genesis(chain.selector, genesis.hash)
            except StoreError as error:
                raise WrongChainError(str(error)) from None
            self.rpc.pin_genesis(genesis.hash)
        final = self._store.final(chain.selector)
        tail = self._store.tail(chain.selector, REMEMBERED_FINAL_BLOCKS)
        number = None if final is None else final.number
        return Indexer(
            self.rpc,
            chain,
            self._addresses,
            tail=tail,
            final_number=number,
            start_block=self._start_block,
            genesis_hash=None if genesis is None else genesis.hash,
            logs=self._store.logs_above(chain.selector, -1 if number is None else number),
        )

    def prove(self) -> None:
        """Connect now. Raises WrongChainError, or RpcError when nobody answers."""
        if self._indexer is None:
            self._indexer = self._connect()
