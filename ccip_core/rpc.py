"""The one seam to a chain.

Everything above asks a chain through `Rpc`: `HttpRpc` speaks to a node, `scripted_rpc.ScriptedRpc` is an in-memory
chain that obeys the same test suite. Errors:

    RpcError                 anything that kept an answer from us; the caller learns nothing about the chain
    ├── RpcUnreachable       no connection, HTTP 5xx
    │   ├── RpcLate          no answer in time
    │   └── RpcOverloaded    the endpoint asks for a pause: HTTP 429, or the same said in JSON
    ├── RpcRefused           the node answered with a JSON-RPC error (`code`, `message`, `data`: revert bytes)
    ├── RpcMalformed         the node answered with something that is not an answer
    ├── WrongChainError      somebody answers, but it is another chain
    └── NoAgreementError     several endpoints say different things, and too few the same
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.logs import Header, RawLog

BlockTag = Literal["latest", "finalized"]


class RpcError(Exception):
    """The chain could not be asked. Never evidence of anything on the chain."""


class RpcUnreachable(RpcError):  # noqa: N818 - named for what happened
    """No answer: connection refused, timed out, or the endpoint is overloaded."""


class RpcLate(RpcUnreachable):
    """No answer in time; it may still have been heard."""


class RpcOverloaded(RpcUnreachable):
    """The endpoint wants to be asked less."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        """The pause it named, if it did."""


class RpcRefused(RpcError):  # noqa: N818 - named for what happened
    """The node answered with a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: bytes = b"") -> None:
        super().__init__(f"{message} (code {code})")
        self.code = code
        self.message = message
        self.data = data
        """Revert data of a failed `eth_call` or `eth_estimateGas`, else empty."""


class RpcMalformed(RpcError):  # noqa: N818 - named for what happened
    """The node's answer has not the shape that the method promises."""


class WrongChainError(RpcError):
    """Somebody answers, but it is not the chain that the deployment and the record speak of."""


class NoAgreementError(RpcError):
    """Endpoints say different things, and fewer than must agree say the same: nothing is known."""


class Receipt(Protocol):
    """What became of a transaction."""

    @property
    def tx_hash(self) -> bytes:
        """As it was sent."""

    @property
    def block_number(self) -> int:
        """Of the block that holds it."""

    @property
    def block_hash(self) -> bytes:
        """Of the block that holds it; a reorg may leave that block behind."""

    @property
    def is_success(self) -> bool:
        """False when it reverted."""

    @property
    def gas_used(self) -> int:
        """In units of gas."""

    @property
    def contract_address(self) -> bytes | None:
        """Of the contract that it created, if any."""

    @property
    def logs(self) -> Sequence[RawLog]:
        """Its own, in order."""


class Rpc(Protocol):
    """A chain that can be asked and told. Every method raises `RpcError` and nothing else."""

    def chain_id(self) -> int:
        """The EVM chain id."""

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """The block by number, hash or tag; None when the node does not have it."""

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """Every log of exactly this block (by hash, so a reorg can't mix two chains), of `addresses` if given."""

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """The logs of blocks first..last inclusive, for backfill behind finality."""

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """`eth_call`; a revert is `RpcRefused` with its data."""

    def nonce(self, address: bytes) -> int:
        """The next nonce, pending transactions included."""

    def balance(self, address: bytes) -> int:
        """In wei."""

    def gas_price(self) -> int:
        """A gas price in wei that the next block should accept."""

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """Enough gas for this call; RpcRefused, with revert data, when it would revert."""

    def send_raw(self, raw: bytes) -> bytes:
        """Hand over a signed transaction; its hash."""

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """None while it is not mined."""

    def calldata(self, tx_hash: bytes) -> bytes | None:
        """What the transaction was sent with; None when the node does not have it."""
