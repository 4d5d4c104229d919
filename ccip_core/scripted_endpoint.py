"""One of several endpoints of a scripted chain, with a distance behind the head, a silence and lies of its own.

An honest one that is not behind obeys the same test suite as every `Rpc` (tests/ccip_core/rpc).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.protocol.hashing import keccak
from ccip_core.rpc import RpcRefused, RpcUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.protocol.logs import Header, RawLog
    from ccip_core.rpc import BlockTag
    from ccip_core.scripted_rpc import ScriptedRpc
    from ccip_core.wire import MinedReceipt

_SERVER_ERROR = -32000


class ScriptedEndpoint:
    """Thread-safe, as its chain is."""

    def __init__(self, chain: ScriptedRpc) -> None:
        self.chain = chain
        self.lag_blocks = 0
        """How many of the newest blocks it does not have yet."""
        self.is_silent = False
        """Every question ends in RpcUnreachable."""
        self.alter_header: Callable[[Header], Header | None] = lambda header: header
        """What it says of a block. None: that it does not have it."""
        self.alter_logs: Callable[[Header, list[RawLog]], list[RawLog]] = lambda _, logs: logs
        """What it says that a block's logs are, of those that were asked for."""
        self.alter_answer: Callable[[bytes], bytes] = lambda answer: answer
        """What it says that a call returned."""
        self.takes_transactions = True
        """False: it says so, and keeps them back."""

    # ── Rpc ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def chain_id(self) -> int:
        """The chain's."""
        self._reach()
        return self.chain.chain_id()

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """As far as it has come, and as it tells it."""
        self._reach()
        found = self._header(block)
        return None if found is None else self.alter_header(found)

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """As it tells them."""
        self._reach()
        header = self._header(block_hash)
        if header is None:
            raise RpcRefused(_SERVER_ERROR, "unknown block")
        return self.alter_logs(header, self.chain.logs(block_hash, addresses))

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """Block by block as it tells them."""
        self._reach()
        last = min(last, self.chain.head.number - self.lag_blocks)
        headers = [header for number in range(first, last + 1) if (header := self._header(number)) is not None]
        return [log for header in headers for log in self.alter_logs(header, self.chain.logs(header.hash, addresses))]

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """As it tells it."""
        self._reach()
        if self._header(block) is None:
            raise RpcRefused(_SERVER_ERROR, "unknown block")
        return self.alter_answer(self.chain.call(to, data, block, sender))

    def nonce(self, address: bytes) -> int:
        """The chain's."""
        self._reach()
        return self.chain.nonce(address)

    def balance(self, address: bytes) -> int:
        """The chain's."""
        self._reach()
        return self.chain.balance(address)

    def gas_price(self) -> int:
        """The chain's."""
        self._reach()
        return self.chain.gas_price()

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """The chain's."""
        self._reach()
        return self.chain.estimate_gas(sender, to, data, value_wei)

    def send_raw(self, raw: bytes) -> bytes:
        """Handed on, unless it keeps transactions back."""
        self._reach()
        return self.chain.send_raw(raw) if self.takes_transactions else keccak(raw)

    def receipt(self, tx_hash: bytes) -> MinedReceipt | None:
        """The chain's, of the blocks that it has."""
        self._reach()
        found = self.chain.receipt(tx_hash)
        return None if found is None or self._header(found.block_number) is None else found

    def calldata(self, tx_hash: bytes) -> bytes | None:
        """The chain's."""
        self._reach()
        return self.chain.calldata(tx_hash)

    def _reach(self) -> None:
        if self.is_silent:
            raise RpcUnreachable("scripted endpoint is silent")

    def _header(self, block: int | bytes | BlockTag) -> Header | None:
        newest = max(0, self.chain.head.number - self.lag_blocks)
        if isinstance(block, str):
            depth = 0 if block == "latest" else self.chain.finality_depth
            return self.chain.header(max(0, newest - depth))
        header = self.chain.header(block)
        return header if header is not None and header.number <= newest else None
