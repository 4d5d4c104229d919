"""Several endpoints of one chain, asked one at a time: the first that answers, the next one when it stops.

This is availability, not agreement: a lying endpoint is believed. `/status` says so.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from ccip_core.rpc import BlockTag, Receipt, Rpc, RpcError, RpcUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.protocol.logs import Header, RawLog

T = TypeVar("T")


class WrongChainError(RpcError):
    """Somebody answers, but it is not the chain that the deployment and the record speak of."""


class FailoverRpc:
    """An `Rpc` over several. A call that finds nobody moves on to the next one and raises: its caller asks again."""

    def __init__(self, rpcs: Sequence[Rpc], chain_id: int) -> None:
        self._rpcs = tuple(rpcs)
        self._chain_id = chain_id
        self._proved: set[int] = set()
        self._current = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._rpcs)

    @property
    def current(self) -> int:
        """Which endpoint is asked now, counted from 0."""
        return self._current

    def _ask(self, question: Callable[[Rpc], T]) -> T:
        place = self._current
        try:
            if place not in self._proved:
                self._prove(place)
            return question(self._rpcs[place])
        except RpcUnreachable:
            self._leave(place)
            raise

    def _prove(self, place: int) -> None:
        """An endpoint of another chain would look like a broken finality: it is never asked anything else."""
        found = self._rpcs[place].chain_id()
        if found != self._chain_id:
            self._leave(place)
            raise WrongChainError(
                f"rpc_urls: endpoint number {place + 1} is chain id {found}, not the deployment's {self._chain_id}; "
                "name the right endpoint"
            )
        self._proved.add(place)

    def _leave(self, place: int) -> None:
        with self._lock:
            if self._current == place:
                self._current = (place + 1) % len(self._rpcs)

    def chain_id(self) -> int:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.chain_id())

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.header(block))

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.logs(block_hash, addresses))

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.logs_in(first, last, addresses))

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.call(to, data, block, sender))

    def nonce(self, address: bytes) -> int:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.nonce(address))

    def balance(self, address: bytes) -> int:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.balance(address))

    def gas_price(self) -> int:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.gas_price())

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.estimate_gas(sender, to, data, value_wei))

    def send_raw(self, raw: bytes) -> bytes:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.send_raw(raw))

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.receipt(tx_hash))
