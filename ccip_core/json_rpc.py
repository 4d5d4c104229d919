"""`Rpc` as JSON-RPC, whatever carries it: answers are checked before they are believed.

A node is trusted to know its chain and for nothing else: an answer of the wrong shape, a log of another block than the
one asked for, or a log flagged `removed` is `RpcMalformed`, never data. Error texts name the endpoint by what may be
shown to people.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from binascii import Error as HexError
from binascii import unhexlify
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from ccip_core.protocol.logs import Header, RawLog
from ccip_core.rpc import BlockTag, RpcMalformed, RpcOverloaded, RpcRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class _Block(msgspec.Struct, rename="camel"):
    number: str
    hash: str
    parent_hash: str
    timestamp: str


class _Log(msgspec.Struct, rename="camel", gc=False):
    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    log_index: str
    removed: bool = False


class _Transaction(msgspec.Struct):
    hash: str
    input: str


class _Receipt(msgspec.Struct, rename="camel"):
    transaction_hash: str
    block_number: str
    block_hash: str
    status: str
    gas_used: str
    contract_address: str | None
    logs: list[_Log]


@dataclass(frozen=True, slots=True)
class MinedReceipt:
    """What became of a transaction; the logs are those of this transaction alone."""

    tx_hash: bytes
    block_number: int
    block_hash: bytes
    is_success: bool
    gas_used: int
    contract_address: bytes | None
    logs: tuple[RawLog, ...]


_replies = msgspec.json.Decoder(_Reply)
_batches = msgspec.json.Decoder(list[_Reply])
_headers = msgspec.json.Decoder(_Block | None)
_logs = msgspec.json.Decoder(list[_Log])
_receipts = msgspec.json.Decoder(_Receipt | None)
_transactions = msgspec.json.Decoder(_Transaction | None)
_texts = msgspec.json.Decoder(str)
_anything = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


def _bytes(text: str, length: int | None = None) -> bytes:
    if text[:2] != "0x":
        raise RpcMalformed(f"expected 0x hex, got {text[:40]!r}")
    try:
        raw = unhexlify(text[2:])
    except (HexError, ValueError):
        raise RpcMalformed(f"expected 0x hex, got {text[:40]!r}") from None
    if length is not None and len(raw) != length:
        raise RpcMalformed(f"expected {length} bytes, got {len(raw)}")
    return raw


def _int(text: str) -> int:
    digits = text[2:]
    if text[:2] != "0x" or not digits.isalnum() or len(digits) > 64:
        raise RpcMalformed(f"expected a 0x quantity, got {text[:40]!r}")
    try:
        return int(digits, 16)
    except ValueError:
        raise RpcMalformed(f"expected a 0x quantity, got {text[:40]!r}") from None


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()


def _block_name(block: int | bytes | BlockTag) -> str | dict[str, str]:
    if isinstance(block, int):
        return hex(block)
    return {"blockHash": _hex(block)} if isinstance(block, bytes) else block


def header_of(block: object) -> Header:
    """The header in an already decoded JSON block. Raises RpcMalformed when it holds none."""
    try:
        return _header(msgspec.convert(block, _Block))
    except msgspec.ValidationError as error:
        raise RpcMalformed(f"not a block: {error}") from None


def _header(block: _Block) -> Header:
    return Header(_int(block.number), _bytes(block.hash, 32), _bytes(block.parent_hash, 32), _int(block.timestamp))


def _raw_logs(logs: Sequence[_Log]) -> list[RawLog]:
    """The logs in chain order, every one checked by itself and against its neighbours."""
    raw = []
    for log in logs:
        if log.removed:
            raise RpcMalformed("the node handed out a removed log as if it were on the chain")
        if len(log.topics) > 4:
            raise RpcMalformed(f"a log has at most 4 topics, got {len(log.topics)}")
        raw.append(
            RawLog(
                _bytes(log.address, 20),
                tuple([_bytes(topic, 32) for topic in log.topics]),
                _bytes(log.data),
                _int(log.block_number),
                _bytes(log.block_hash, 32),
                _bytes(log.transaction_hash, 32),
                _int(log.log_index),
            )
        )
    raw.sort(key=lambda log: (log.block_number, log.log_index))
    for before, after in pairwise(raw):
        if before.block_number == after.block_number and (
            before.block_hash != after.block_hash or before.log_index == after.log_index
        ):
            raise RpcMalformed(f"block {after.block_number}: two logs claim one place, or two blocks one number")
    return raw


def _check_addresses(logs: Sequence[RawLog], addresses: Sequence[bytes] | None) -> None:
    asked = None if addresses is None else frozenset(addresses)
    for log in logs:
        if asked is not None and log.address not in asked:
            raise RpcMalformed(f"a log of {_hex(log.address)}, which was not asked for")


def _revert_data(data: object) -> bytes:
    """Nodes put revert bytes into `error.data`, some of them one level deeper; anything else is no revert data."""
    if isinstance(data, dict):
        data = data.get("data")
    if isinstance(data, str):
        try:
            return _bytes(data)
        except RpcMalformed:
            return b""
    return b""


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
        message = "".join(character for character in reply.error.message if character.isprintable())
        if reply.error.code == _OVERLOADED_CODE or any(words in message.lower() for words in _OVERLOADED):
            raise RpcOverloaded(f"{self.endpoint}: {message[:_REFUSAL_CHARACTERS_MAX]}")
        raise RpcRefused(reply.error.code, message[:_REFUSAL_CHARACTERS_MAX], _revert_data(reply.error.data))

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
        return _int(self._text("eth_chainId"))

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """`eth_getBlockByHash` or `eth_getBlockByNumber`, checked to be the block that was asked for."""
        method = "eth_getBlockByHash" if isinstance(block, bytes) else "eth_getBlockByNumber"
        name = _hex(block) if isinstance(block, bytes) else _block_name(block)
        found = self._decode(_headers, self._result(method, (name, False)))
        if found is None:
            return None
        header = _header(found)
        if (isinstance(block, bytes) and header.hash != block) or (isinstance(block, int) and header.number != block):
            raise RpcMalformed(f"{self.endpoint}: asked for block {name}, got {header.number} {_hex(header.hash)}")
        return header

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """`eth_getLogs` by block hash."""
        logs = self._logs({"blockHash": _hex(block_hash)}, addresses)
        if any(log.block_hash != block_hash for log in logs):
            raise RpcMalformed(f"{self.endpoint}: a log of another block than {_hex(block_hash)}")
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
            question["address"] = [_hex(address) for address in addresses]
        found: list[_Log] = self._decode(_logs, self._result("eth_getLogs", (question,)))
        logs = _raw_logs(found)
        _check_addresses(logs, addresses)
        return logs

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """`eth_call`."""
        question = {"to": _hex(to), "data": _hex(data)}
        if sender is not None:
            question["from"] = _hex(sender)
        return _bytes(self._text("eth_call", question, _block_name(block)))

    def nonce(self, address: bytes) -> int:
        """`eth_getTransactionCount` at `pending`."""
        return _int(self._text("eth_getTransactionCount", _hex(address), "pending"))

    def balance(self, address: bytes) -> int:
        """`eth_getBalance` at `latest`."""
        return _int(self._text("eth_getBalance", _hex(address), "latest"))

    def gas_price(self) -> int:
        """`eth_gasPrice`."""
        return _int(self._text("eth_gasPrice"))

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """`eth_estimateGas`; a call that would revert is RpcRefused with its data."""
        question = {"from": _hex(sender), "data": _hex(data), "value": hex(value_wei)}
        if to is not None:
            question["to"] = _hex(to)
        return _int(self._text("eth_estimateGas", question))

    def send_raw(self, raw: bytes) -> bytes:
        """`eth_sendRawTransaction`."""
        return _bytes(self._text("eth_sendRawTransaction", _hex(raw)), 32)

    def calldata(self, tx_hash: bytes) -> bytes | None:
        """`eth_getTransactionByHash`."""
        found = self._decode(_transactions, self._result("eth_getTransactionByHash", (_hex(tx_hash),)))
        if found is None:
            return None
        if _bytes(found.hash, 32) != tx_hash:
            raise RpcMalformed(f"{self.endpoint}: another transaction than {_hex(tx_hash)}")
        return _bytes(found.input)

    def receipt(self, tx_hash: bytes) -> MinedReceipt | None:
        """`eth_getTransactionReceipt`."""
        found = self._decode(_receipts, self._result("eth_getTransactionReceipt", (_hex(tx_hash),)))
        if found is None:
            return None
        receipt = MinedReceipt(
            _bytes(found.transaction_hash, 32),
            _int(found.block_number),
            _bytes(found.block_hash, 32),
            _int(found.status) == 1,
            _int(found.gas_used),
            None if found.contract_address is None else _bytes(found.contract_address, 20),
            tuple(_raw_logs(found.logs)),
        )
        if receipt.tx_hash != tx_hash or any(log.block_hash != receipt.block_hash for log in receipt.logs):
            raise RpcMalformed(f"{self.endpoint}: a receipt of another transaction than {_hex(tx_hash)}")
        return receipt
