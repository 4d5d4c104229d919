"""An in-memory chain behind the `Rpc` seam: mined, forked and cut off by whoever holds it.

It obeys the same test suite as `HttpRpc` on a real node (tests/ccip_core/rpc). It runs no contracts but those it is
made with (`scripted_curse`): other logs are what `mine` is given, other calls are answered by `on_call`, and any other
transaction does nothing but succeed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ccip_core.protocol.events import encode_log_fields
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.rpc import BlockTag, RpcRefused, RpcUnreachable
from ccip_core.transactions import Transaction, TransactionFormatError, read_transaction
from ccip_core.wire import MinedReceipt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GENESIS_TIMESTAMP_S = 1_700_000_000
BLOCK_TIME_S = 12
GAS_PRICE_WEI = 10**9
TRANSFER_GAS = 21_000
_REVERTED, _SERVER_ERROR, _INVALID_PARAMS = 3, -32000, -32602


Emitted = tuple[bytes, Any]
"""A log: the emitting address, and an event or (topics, data)."""


class ScriptedContracts(Protocol):
    """Contracts that execute transactions. Their state is a value that is replaced, never changed."""

    @property
    def addresses(self) -> frozenset[bytes]:
        """Where they stand."""

    def genesis(self) -> Any:
        """Their state in block 0."""

    def execute(self, state: Any, sender: bytes, to: bytes, data: bytes) -> tuple[Any, list[Emitted]]:
        """What a transaction makes of the state, and its logs. Raises RpcRefused with the revert data."""

    def call(self, state: Any, sender: bytes, to: bytes, data: bytes) -> bytes:
        """What a call returns. Raises RpcRefused with the revert data."""


class SentTransaction(NamedTuple):
    """What somebody handed to `send_raw`, read back."""

    tx_hash: bytes
    sender: bytes
    content: Transaction


@dataclass(frozen=True, slots=True)
class _Block:
    header: Header
    logs: tuple[RawLog, ...] = ()
    transactions: tuple[SentTransaction, ...] = ()
    state: Any = None
    """Of the contracts, after the block."""
    reverted: frozenset[bytes] = frozenset()
    """Hashes of the transactions that did nothing."""


class ScriptedRpc:
    """One chain. Starts with a genesis block; thread-safe."""

    def __init__(
        self,
        chain_id: int,
        *,
        finality_depth: int = 2,
        start_timestamp_s: int = GENESIS_TIMESTAMP_S,
        contracts: ScriptedContracts | None = None,
    ) -> None:
        self.finality_depth = finality_depth
        """`finalized` is this many blocks below `latest`."""
        self.sent: list[SentTransaction] = []
        """Every transaction that was accepted, mined or not, oldest first."""
        self._chain_id = chain_id
        self._is_cut_off = False
        self._answers: dict[tuple[bytes, bytes], Callable[[bytes], bytes]] = {}
        self._balances: dict[bytes, int] = {}
        self._pending: list[SentTransaction] = []
        self._mined = 0
        self._lock = threading.RLock()
        self._contracts = contracts
        genesis = Header(0, self._new_hash(start_timestamp_s.to_bytes(32)), bytes(32), start_timestamp_s)
        self._blocks = [_Block(genesis, state=None if contracts is None else contracts.genesis())]

    # ── scripting ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def head(self) -> Header:
        """The newest block, also while the chain is cut off."""
        return self._blocks[-1].header

    def mine(self, logs: Sequence[Emitted] = (), timestamp_s: int | None = None) -> Header:
        """Add a block that holds all pending transactions, and these logs after theirs.

        Args:
            logs: (emitting address, event) or (emitting address, (topics, data)), in chain order.
            timestamp_s: twelve seconds after the parent unless given.
        """
        with self._lock:
            parent = self.head
            timestamp_s = parent.timestamp_s + BLOCK_TIME_S if timestamp_s is None else timestamp_s
            header = Header(parent.number + 1, self._new_hash(parent.hash), parent.hash, timestamp_s)
            state, reverted, emitted = self._execute(self._blocks[-1].state)
            emitted += [(log, keccak(header.hash + index.to_bytes(8))) for index, log in enumerate(logs, len(emitted))]
            raw = []
            for index, ((address, content), tx_hash) in enumerate(emitted):
                topics, data = encode_log_fields(content) if hasattr(content, "_fields") else content
                raw.append(RawLog(address, tuple(topics), data, header.number, header.hash, tx_hash, index))
            self._blocks.append(_Block(header, tuple(raw), tuple(self._pending), state, reverted))
            self._pending.clear()
            return header

    def _execute(self, state: Any) -> tuple[Any, frozenset[bytes], list[tuple[Emitted, bytes]]]:
        """What the pending transactions do: the state after them, who of them reverts, their logs with their hashes."""
        reverted = set()
        emitted: list[tuple[Emitted, bytes]] = []
        for tx_hash, sender, content in self._pending:
            if self._contracts is None or content.to not in self._contracts.addresses:
                continue
            try:
                state, logs = self._contracts.execute(state, sender, content.to, content.data)
            except RpcRefused:
                reverted.add(tx_hash)
            else:
                emitted += [(log, tx_hash) for log in logs]
        return state, frozenset(reverted), emitted

    def fork(self, depth: int) -> None:
        """Drop the newest `depth` blocks and their transactions; what is mined next is another branch."""
        with self._lock:
            if not 0 <= depth < len(self._blocks):
                raise ValueError(f"depth = {depth}: the chain has {len(self._blocks) - 1} blocks above its genesis")
            if depth:
                del self._blocks[-depth:]

    def cut_off(self) -> None:
        """From now on every question and every transaction ends in RpcUnreachable."""
        self._is_cut_off = True

    def restore(self) -> None:
        """Undo `cut_off`. The chain may have grown meanwhile."""
        self._is_cut_off = False

    def on_call(self, to: bytes, selector: bytes, answer: Callable[[bytes], bytes]) -> None:
        """Answer calls of a function: `answer` takes the encoded arguments and returns the encoded result.

        It may raise RpcRefused (3, "execution reverted", revert data) for a revert.
        """
        self._answers[to, selector] = answer

    def set_balance(self, address: bytes, wei: int) -> None:
        """What `balance` will say; 0 unless set."""
        self._balances[address] = wei

    def _new_hash(self, parent: bytes) -> bytes:
        """Unlike any other, also on another branch of the same height."""
        self._mined += 1
        return keccak(parent + self._chain_id.to_bytes(32) + self._mined.to_bytes(32))

    # ── Rpc ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def chain_id(self) -> int:
        """As the chain was made."""
        self._reach()
        return self._chain_id

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """A block of the present branch; orphans are gone, as on a real node."""
        self._reach()
        with self._lock:
            found = self._find(block)
            return None if found is None else found.header

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """What `mine` was given; an unknown or orphaned block is RpcRefused."""
        self._reach()
        with self._lock:
            block = self._find(block_hash)
            if block is None:
                raise RpcRefused(_SERVER_ERROR, "unknown block")
            return _of(addresses, block.logs)

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """What `mine` was given, of the present branch."""
        self._reach()
        with self._lock:
            return [log for block in self._blocks[max(0, first) : last + 1] for log in _of(addresses, block.logs)]

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """The `on_call` answer, whatever block and sender; else the contracts'; RpcRefused where there is none."""
        self._reach()
        with self._lock:
            found = self._find(block)
            if found is None:
                raise RpcRefused(_SERVER_ERROR, "unknown block")
            answer = self._answers.get((to, data[:4]))
        if answer is None and self._contracts is not None and to in self._contracts.addresses:
            return self._contracts.call(found.state, sender or bytes(20), to, data)
        if answer is None:
            raise RpcRefused(_REVERTED, f"execution reverted: nothing scripted for 0x{to.hex()} 0x{data[:4].hex()}")
        return answer(data[4:])

    def nonce(self, address: bytes) -> int:
        """Transactions of this sender in the present branch and pending."""
        self._reach()
        with self._lock:
            mined = [transaction for block in self._blocks for transaction in block.transactions]
            return sum(transaction.sender == address for transaction in [*mined, *self._pending])

    def balance(self, address: bytes) -> int:
        """As `set_balance` said."""
        self._reach()
        return self._balances.get(address, 0)

    def gas_price(self) -> int:
        """Always 1 gwei."""
        self._reach()
        return GAS_PRICE_WEI

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """A transfer and its calldata; asks the `on_call` answer, which may refuse."""
        del sender, value_wei
        self._reach()
        if to is not None and (to, data[:4]) in self._answers:
            self._answers[to, data[:4]](data[4:])
        return TRANSFER_GAS + 16 * len(data)

    def send_raw(self, raw: bytes) -> bytes:
        """Accept a transaction with the right nonce; the next `mine` includes it.

        One that pays at least a tenth more takes the place of the pending one with its nonce, as on a real node.
        """
        self._reach()
        try:
            content, sender = read_transaction(raw)
        except TransactionFormatError as error:
            raise RpcRefused(_INVALID_PARAMS, str(error)) from None
        transaction = SentTransaction(keccak(raw), sender, content)
        with self._lock:
            expected = self.nonce(sender)
            if transaction in self._pending:
                raise RpcRefused(_SERVER_ERROR, "transaction already imported")
            rival = next(
                (each for each in self._pending if (each.sender, each.content.nonce) == (sender, content.nonce)), None
            )
            if rival is not None:
                if not _outbids(content, rival.content):
                    raise RpcRefused(_SERVER_ERROR, "replacement transaction underpriced")
                self._pending[self._pending.index(rival)] = transaction
            elif content.nonce != expected:
                raise RpcRefused(_SERVER_ERROR, f"nonce too {'low' if content.nonce < expected else 'high'}")
            else:
                self._pending.append(transaction)
            self.sent.append(transaction)
        return transaction.tx_hash

    def drop_pending(self) -> None:
        """Forget what was accepted and is not mined, as a node does that restarts or is short of memory."""
        with self._lock:
            self._pending.clear()

    def receipt(self, tx_hash: bytes) -> MinedReceipt | None:
        """Success, unless the contracts reverted it, once mined and while not orphaned."""
        self._reach()
        with self._lock:
            for block in self._blocks:
                for transaction in block.transactions:
                    if transaction.tx_hash == tx_hash:
                        header = block.header
                        gas = TRANSFER_GAS + 16 * len(transaction.content.data)
                        is_success = tx_hash not in block.reverted
                        logs = tuple(log for log in block.logs if log.tx_hash == tx_hash)
                        return MinedReceipt(tx_hash, header.number, header.hash, is_success, gas, None, logs)
        return None

    def calldata(self, tx_hash: bytes) -> bytes | None:
        """Of what was sent, mined or not."""
        self._reach()
        with self._lock:
            return next((each.content.data for each in self.sent if each.tx_hash == tx_hash), None)

    def _reach(self) -> None:
        if self._is_cut_off:
            raise RpcUnreachable(f"scripted chain {self._chain_id} is cut off")

    def _find(self, block: int | bytes | BlockTag) -> _Block | None:
        if isinstance(block, bytes):
            return next((found for found in self._blocks if found.header.hash == block), None)
        latest = len(self._blocks) - 1
        if isinstance(block, int):
            return self._blocks[block] if 0 <= block <= latest else None
        return self._blocks[latest if block == "latest" else max(0, latest - self.finality_depth)]


def _of(addresses: Sequence[bytes] | None, logs: Sequence[RawLog]) -> list[RawLog]:
    return list(logs) if addresses is None else [log for log in logs if log.address in addresses]


def _outbids(new: Transaction, old: Transaction) -> bool:
    pairs = ((new.priority_fee_wei, old.priority_fee_wei), (new.fee_wei_max, old.fee_wei_max))
    return all(10 * ours >= 11 * theirs for ours, theirs in pairs)
