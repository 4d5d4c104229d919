"""What one oracle sees of one chain, over its own connection: as the source of some lanes and the dest of others.

As a source it counts only final messages; as a destination it follows the head, because whatever it acts on there is
checked again by the OffRamp. Every fact carries its block, so a reorg takes back exactly what it made void.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.don.chain_follower import MEMORY_BLOCKS, ChainFollower
from ccip_core.don.execute import CommittedRoot, SeenMessage, SenderLane
from ccip_core.don.offramp_state import OffRampReader, OffRampState
from ccip_core.protocol import events
from ccip_core.protocol.codec import AbiError, encode_address
from ccip_core.protocol.hashing import leaf, to_any2evm
from ccip_core.protocol.merkle import MAX_LEAVES
from ccip_core.rpc import Rpc, RpcMalformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ccip_core.deployment import Chain
    from ccip_core.protocol.logs import Header, RawLog
    from ccip_core.protocol.messages import ChainSelector, EVM2AnyRampMessage, MerkleRoot, PriceUpdates

LOOKBACK_BLOCKS = 28_800
"""How far back an oracle looks for messages when it starts: eight hours of one-second blocks."""


class DestView(NamedTuple):
    """A destination at one head."""

    head: Header
    state: OffRampState
    pending: tuple[MerkleRoot, ...]
    """Committed roots with messages that nobody has attempted, oldest first."""


class ChainObserver:
    """One oracle's knowledge of one chain. Thread-safe: who asks waits for nobody who reads."""

    def __init__(
        self, rpc: Rpc, chain: Chain, own_prices: PriceUpdates, lookback_blocks: int = LOOKBACK_BLOCKS
    ) -> None:
        contracts = chain.contracts
        self.chain = chain
        self._rpc = rpc
        self._reading = threading.Lock()
        emitters = (contracts.on_ramp, contracts.off_ramp, contracts.rmn_remote, contracts.fee_quoter)
        self._follower = ChainFollower(rpc, emitters, lookback_blocks)
        self._reader = OffRampReader(rpc, chain, own_prices)
        self._lock = threading.Lock()  # of everything below
        self._head: Header | None = None
        self._state: OffRampState | None = None
        self._sent: dict[ChainSelector, dict[int, tuple[int, SeenMessage]]] = {}
        self._committed: dict[MerkleRoot, int] = {}
        self._attempted: dict[tuple[ChainSelector, int], int] = {}

    def look(self) -> bool:
        """Ask for the head and follow it; True when it is a new one. Raises RpcError."""
        head = self._rpc.header("latest")
        if head is None:
            raise RpcMalformed(f"chain {self.chain.name} has no latest block")
        return self.follow(head)

    def follow(self, head: Header) -> bool:
        """Read everything up to `head`; True when it is a new one.

        Raises:
            RpcError: not everything could be read; what is known stays as it was, or is blind (`dest_view` is None).
        """
        with self._reading:
            step = self._follower.follow(head)
            decoded = [(log, event) for log in step.logs if (event := _decoded(log)) is not None]
            if step.rewound_to is not None:
                self._reader.forget()
            for _, event in decoded:
                self._reader.note(event)
            try:
                self._reader.read(head.hash)
            finally:
                is_new = self._head != self._follower.head or self._state is None
                with self._lock:
                    if step.rewound_to is not None:
                        self._rewind(step.rewound_to)
                    for log, event in decoded:
                        self._take(log, event)
                    self._head = self._follower.head
                    self._state = self._reader.state
            return is_new

    # ── as a source ─────────────────────────────────────────────────────────────────────────────────────────────────

    def final_messages(self, dest: ChainSelector, first: int, count: int = MAX_LEAVES) -> list[SeenMessage]:
        """The final messages to `dest` from sequence number `first` on, up to the first hole."""
        with self._lock:
            head, sent = self._head, self._sent.get(dest, {})
            last_final = -1 if head is None else head.number - self.chain.finality_depth_blocks
            messages: list[SeenMessage] = []
            while len(messages) < count and (found := sent.get(first + len(messages))) and found[0] <= last_final:
                messages.append(found[1])
            return messages

    def rebuilt(self, root: MerkleRoot, dest: ChainSelector) -> CommittedRoot:
        """A committed root with this oracle's own messages of its interval; incomplete when it lacks one."""
        size = root.max_seq_nr - root.min_seq_nr + 1
        messages = self.final_messages(dest, root.min_seq_nr, min(size, MAX_LEAVES))
        return CommittedRoot(root, tuple(messages) if len(messages) == size else ())

    # ── as a destination ────────────────────────────────────────────────────────────────────────────────────────────

    def dest_view(self) -> DestView | None:
        """The destination now; None while it is not completely known."""
        with self._lock:
            head, state = self._head, self._state
            if head is None or state is None:
                return None
            pending = [root for root in self._committed if self._is_pending(root)]
            pending.sort(key=lambda root: (self._committed[root], root.source_chain_selector, root.min_seq_nr))
            return DestView(head, state, tuple(pending))

    def is_attempted(self, source: ChainSelector, sequence_number: int) -> bool:
        """True when the OffRamp has executed the message, well or not."""
        return (source, sequence_number) in self._attempted

    def inbound_nonces(self, wanted: Iterable[SenderLane], block_hash: bytes) -> Mapping[SenderLane, int]:
        """The last executed nonces of these senders at a block. Raises RpcError."""
        return {lane: self._reader.inbound_nonce(lane.source, lane.sender, block_hash) for lane in wanted}

    # ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────

    def forget_executed(self) -> Mapping[ChainSelector, int]:
        """Drop roots whose last message was attempted too long ago to be taken back by a reorg.

        Returns:
            For each source the sequence number below which nobody needs its messages any more.
        """
        with self._lock:
            if self._head is None or self._state is None:
                return {}
            settled = self._head.number - MEMORY_BLOCKS
            for root in list(self._committed):
                keys = _messages_of(root)
                if all(self._attempted.get(key, settled + 1) <= settled for key in keys):
                    del self._committed[root]
                    for key in keys:
                        del self._attempted[key]
            needed = {source: config.min_seq_nr for source, config in self._state.sources.items()}
            for root in self._committed:
                source = root.source_chain_selector
                needed[source] = min(needed.get(source, root.min_seq_nr), root.min_seq_nr)
            return needed

    def forget_sent(self, dest: ChainSelector, below: int) -> None:
        """Drop the messages to `dest` before this sequence number."""
        with self._lock:
            sent = self._sent.get(dest, {})
            for sequence_number in [number for number in sent if number < below]:
                del sent[sequence_number]

    # ── taking in ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, log: RawLog, event: object) -> None:
        contracts = self.chain.contracts
        if isinstance(event, events.CCIPMessageSent) and log.address == contracts.on_ramp:
            self._take_sent(event.dest_chain_selector, event.sequence_number, event.message, log.block_number)
        elif isinstance(event, events.CommitReportAccepted) and log.address == contracts.off_ramp:
            for root in (*event.blessed_merkle_roots, *event.unblessed_merkle_roots):
                if 0 <= root.max_seq_nr - root.min_seq_nr < MAX_LEAVES:  # no honest DON commits a wider one
                    self._committed[root] = log.block_number
        elif isinstance(event, events.ExecutionStateChanged) and log.address == contracts.off_ramp:
            self._attempted.setdefault((event.source_chain_selector, event.sequence_number), log.block_number)

    def _take_sent(
        self, dest: ChainSelector, sequence_number: int, sent: EVM2AnyRampMessage, block_number: int
    ) -> None:
        try:
            message = to_any2evm(sent)
        except AbiError:  # no EVM destination can execute it: the hole keeps us from reporting past it
            return
        seen = SeenMessage(message, leaf(message, encode_address(self.chain.contracts.on_ramp)))
        self._sent.setdefault(dest, {})[sequence_number] = (block_number, seen)

    def _rewind(self, number: int) -> None:
        for dest, sent in self._sent.items():
            self._sent[dest] = {sequence: found for sequence, found in sent.items() if found[0] <= number}
        self._committed = {root: block for root, block in self._committed.items() if block <= number}
        self._attempted = {key: block for key, block in self._attempted.items() if block <= number}

    def _is_pending(self, root: MerkleRoot) -> bool:
        return any(key not in self._attempted for key in _messages_of(root))


def _messages_of(root: MerkleRoot) -> list[tuple[ChainSelector, int]]:
    return [(root.source_chain_selector, number) for number in range(root.min_seq_nr, root.max_seq_nr + 1)]


def _decoded(log: RawLog) -> object | None:
    try:
        return events.decode_log(log)
    except AbiError:  # not what a CCIP contract writes: the hole it leaves keeps us from reporting past it
        return None
