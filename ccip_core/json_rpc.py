"""`Rpc` as JSON-RPC, whatever carries it: answers are checked (`wire.py`) and have to be what was asked for.

Error texts name the endpoint by what may be shown to people.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from ccip_core.printable import printable
from ccip_core.rpc import RpcMalformed, RpcOverloaded, RpcRefused
from ccip_core.wire import (
    WireBlock,
    WireLog,
    WireReceipt,
    block_name,
    check_addresses,
    header,
    mined_receipt,
    quantity,
    raw_bytes,
    raw_logs,
    revert_data,
    to_hex,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.logs import Header, RawLog
    from ccip_core.rpc import BlockTag
    from ccip_core.wire import MinedReceipt

T = TypeVar("T")

ANSWER_BYTES_MAX = 256 << 20
"""More than any honest answer: logs are asked for in bounded ranges."""
_REFUSAL_CHARACTERS_MAX = 300
_OVERLOADED_CODE = 429
_OVERLOADED = ("rate limit", "too many requests")
"""How endpoints say 429 in JSON. Their limits on ranges read otherwise."""


class _Refusal(msgspec.Struct):
    code: int
    message: str
    data: Any = None


class _Reply(msgspec.Struct):
    id: int | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: _Refusal | None = None


class _Transaction(msgspec.Struct):
    hash: str
    input: str


_replies = msgspec.json.Decoder(_Reply)
_batches = msgspec.json.Decoder(list[_Reply])
_headers = msgspec.json.Decoder(WireBlock | None)
_logs = msgspec.json.Decoder(list[WireLog])
_receipts = msgspec.json.Decoder(WireReceipt | None)
_transactions = msgspec.json.Decoder(_Transaction | None)
_texts = msgspec.json.Decoder(str)
_anything = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


class JsonRpc(ABC):
    """A node's JSON-RPC endpoint. Use one object from any number of threads."""

    endpoint: str
    """What may be shown to people."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.endpoint})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Give the connections back; every later question is RpcUnreachable."""

    @abstractmethod
    def _ask(self, question: bytes) -> bytes:
        """The answer to one body. Raises RpcError."""

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """Any method; the decoded `result`."""
        return self._decode(_anything, self._result(method, params))

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Many calls in one request; their results in the order asked.

        Raises:
            RpcRefused: the node refused one of them. The others may have taken effect.
        """
        if not calls:
            return []
        body = [
            {"jsonrpc": "2.0", "id": position, "method": method, "params": params}
            for position, (method, params) in enumerate(calls)
        ]
        replies = {reply.id: reply for reply in self._decode(_batches, self._ask(_encode(body)))}
        if replies.keys() != set(range(len(calls))):
            raise RpcMalformed(f"{self.endpoint}: a batch of {len(calls)} calls got other answers than asked for")
        return [self._decode(_anything, self._unwrap(replies[position])) for position in range(len(calls))]

    def _result(self, method: str, params: Sequence[Any]) -> msgspec.Raw:
        reply = self._ask(_encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
        return self._unwrap(self._decode(_replies, reply))

    def _unwrap(self, reply: _Reply) -> msgspec.Raw:
        if reply.error is None:
            return reply.result
        message = printable(reply.error.message)
        if reply.error.code == _OVERLOADED_CODE or any(words in message.lower() for words in _OVERLOADED):
            raise RpcOverloaded(f"{self.endpoint}: {message[:_REFUSAL_CHARACTERS_MAX]}")
        raise RpcRefused(reply.error.code, message[:_REFUSAL_CHARACTERS_MAX], revert_data(reply.error.data))

    def _decode(self, decoder: msgspec.json.Decoder[T], content: bytes | msgspec.Raw) -> T:
        try:
            return decoder.decode(content)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise RpcMalformed(f"{self.endpoint}: {str(error)[:_REFUSAL_CHARACTERS_MAX]}") from None

    def _text(self, method: str, *params: object) -> str:
        return self._decode(_texts, self._result(method, params))

    # ── Rpc ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def chain_id(self) -> int:
        """`eth_chainId`."""
        return quantity(self._text("eth_chainId"))

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """`eth_getBlockByHash` or `eth_getBlockByNumber`, checked to be the block that was asked for."""
        method = "eth_getBlockByHash" if isinstance(block, bytes) else "eth_getBlockByNumber"
        name = to_hex(block) if isinstance(block, bytes) else block_name(block)
        found = self._decode(_headers, self._result(method, (name, False)))
        if found is None:
            return None
        there = header(found)
        if (isinstance(block, bytes) and there.hash != block) or (isinstance(block, int) and there.number != block):
            raise RpcMalformed(f"{self.endpoint}: asked for block {name}, got {there.number} {to_hex(there.hash)}")
        return there

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """`eth_getLogs` by block hash."""
        logs = self._logs({"blockHash": to_hex(block_hash)}, addresses)
        if any(log.block_hash != block_hash for log in logs):
            raise RpcMalformed(f"{self.endpoint}: a log of another block than {to_hex(block_hash)}")
        return logs

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """`eth_getLogs` by range; a node may refuse a range that is too long for it."""
        logs = self._logs({"fromBlock": hex(first), "toBlock": hex(last)}, addresses)
        if any(not first <= log.block_number <= last for log in logs):
            raise RpcMalformed(f"{self.endpoint}: a log from outside blocks {first}..{last}")
        return logs

    def _logs(self, question: dict[str, Any], addresses: Sequence[bytes] | None) -> list[RawLog]:
        if addresses is not None:
            if not addresses:
                return []  # a node takes an empty list for "any address"
            question["address"] = [to_hex(address) for address in addresses]
        found: list[WireLog] = self._decode(_logs, self._result("eth_getLogs", (question,)))
        logs = raw_logs(found)
        check_addresses(logs, addresses)
        return logs

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """`eth_call`."""
        question = {"to": to_hex(to), "data": to_hex(data)}
        if sender is not None:
            question["from"] = to_hex(sender)
        return raw_bytes(self._text("eth_call", question, block_name(block)))

    def nonce(self, address: bytes) -> int:
        """`eth_getTransactionCount` at `pending`."""
        return quantity(self._text("eth_getTransactionCount", to_hex(address), "pending"))

    def balance(self, address: bytes) -> int:
        """`eth_getBalance` at `latest`."""
        return quantity(self._text("eth_getBalance", to_hex(address), "latest"))

    def gas_price(self) -> int:
        """`eth_gasPrice`."""
        return quantity(self._text("eth_gasPrice"))

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """`eth_estimateGas`; a call that would revert is RpcRefused with its data."""
        question = {"from": to_hex(sender), "data": to_hex(data), "value": hex(value_wei)}
        if to is not None:
            question["to"] = to_hex(to)
        return quantity(self._text("eth_estimateGas", question))

    def send_raw(self, raw: bytes) -> bytes:
        """`eth_sendRawTransaction`."""
        return raw_bytes(self._text("eth_sendRawTransaction", to_hex(raw)), 32)

    def calldata(self, tx_hash: bytes) -> bytes | None:
        """`eth_getTransactionByHash`."""
        found = self._decode(_transactions, self._result("eth_getTransactionByHash", (to_hex(tx_hash),)))
        if found is None:
            return None
        if raw_bytes(found.hash, 32) != tx_hash:
            raise RpcMalformed(f"{self.endpoint}: another transaction than {to_hex(tx_hash)}")
        return raw_bytes(found.input)

    def receipt(self, tx_hash: bytes) -> MinedReceipt | None:
        """`eth_getTransactionReceipt`."""
        found = self._decode(_receipts, self._result("eth_getTransactionReceipt", (to_hex(tx_hash),)))
        if found is None:
            return None
        receipt = mined_receipt(found)
        if receipt.tx_hash != tx_hash:
            raise RpcMalformed(f"{self.endpoint}: a receipt of another transaction than {to_hex(tx_hash)}")
        return receipt
