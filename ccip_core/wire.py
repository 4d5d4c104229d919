"""What a node says in JSON, checked before it is believed.

A node is trusted to know its chain and for nothing else: hex of the wrong length, a log flagged `removed`, two logs in
one place are `RpcMalformed`, never data.
"""

from __future__ import annotations

from binascii import Error as HexError
from binascii import unhexlify
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from ccip_core.protocol.logs import Header, RawLog
from ccip_core.rpc import BlockTag, RpcMalformed

if TYPE_CHECKING:
    from collections.abc import Sequence


class WireBlock(msgspec.Struct, rename="camel"):
    """The part of a block that we read."""

    number: str
    hash: str
    parent_hash: str
    timestamp: str


class WireLog(msgspec.Struct, rename="camel", gc=False):
    """A log."""

    address: str
    topics: list[str]
    data: str
    block_number: str
    block_hash: str
    transaction_hash: str
    log_index: str
    removed: bool = False


class WireReceipt(msgspec.Struct, rename="camel"):
    """A receipt."""

    transaction_hash: str
    block_number: str
    block_hash: str
    status: str
    gas_used: str
    contract_address: str | None
    logs: list[WireLog]


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


def raw_bytes(text: str, length: int | None = None) -> bytes:
    """Of 0x hex, as many as asked for. Raises RpcMalformed, as all that follow."""
    if text[:2] != "0x":
        raise RpcMalformed(f"expected 0x hex, got {text[:40]!r}")
    try:
        raw = unhexlify(text[2:])
    except (HexError, ValueError):
        raise RpcMalformed(f"expected 0x hex, got {text[:40]!r}") from None
    if length is not None and len(raw) != length:
        raise RpcMalformed(f"expected {length} bytes, got {len(raw)}")
    return raw


def quantity(text: str) -> int:
    """A 0x number."""
    digits = text[2:]
    if text[:2] != "0x" or not digits.isalnum() or len(digits) > 64:
        raise RpcMalformed(f"expected a 0x quantity, got {text[:40]!r}")
    try:
        return int(digits, 16)
    except ValueError:
        raise RpcMalformed(f"expected a 0x quantity, got {text[:40]!r}") from None


def to_hex(raw: bytes) -> str:
    """How bytes are written."""
    return "0x" + raw.hex()


def block_name(block: int | bytes | BlockTag) -> str | dict[str, str]:
    """How a question names its block."""
    if isinstance(block, int):
        return hex(block)
    return {"blockHash": to_hex(block)} if isinstance(block, bytes) else block


def header_of(block: object) -> Header:
    """The header in an already decoded JSON block."""
    try:
        return header(msgspec.convert(block, WireBlock))
    except msgspec.ValidationError as error:
        raise RpcMalformed(f"not a block: {error}") from None


def header(block: WireBlock) -> Header:
    """The header in a block."""
    return Header(
        quantity(block.number), raw_bytes(block.hash, 32), raw_bytes(block.parent_hash, 32), quantity(block.timestamp)
    )


def raw_logs(logs: Sequence[WireLog]) -> list[RawLog]:
    """The logs in chain order, every one checked by itself and against its neighbours."""
    raw = []
    for log in logs:
        if log.removed:
            raise RpcMalformed("the node handed out a removed log as if it were on the chain")
        if len(log.topics) > 4:
            raise RpcMalformed(f"a log has at most 4 topics, got {len(log.topics)}")
        raw.append(
            RawLog(
                raw_bytes(log.address, 20),
                tuple([raw_bytes(topic, 32) for topic in log.topics]),
                raw_bytes(log.data),
                quantity(log.block_number),
                raw_bytes(log.block_hash, 32),
                raw_bytes(log.transaction_hash, 32),
                quantity(log.log_index),
            )
        )
    raw.sort(key=lambda log: (log.block_number, log.log_index))
    for before, after in pairwise(raw):
        if before.block_number == after.block_number and (
            before.block_hash != after.block_hash or before.log_index == after.log_index
        ):
            raise RpcMalformed(f"block {after.block_number}: two logs claim one place, or two blocks one number")
    return raw


def check_addresses(logs: Sequence[RawLog], addresses: Sequence[bytes] | None) -> None:
    """Raises RpcMalformed: a log of a contract that was not asked for."""
    asked = None if addresses is None else frozenset(addresses)
    for log in logs:
        if asked is not None and log.address not in asked:
            raise RpcMalformed(f"a log of {to_hex(log.address)}, which was not asked for")


def mined_receipt(receipt: WireReceipt) -> MinedReceipt:
    """The receipt, its logs checked as all logs are, and to be of its own block."""
    mined = MinedReceipt(
        raw_bytes(receipt.transaction_hash, 32),
        quantity(receipt.block_number),
        raw_bytes(receipt.block_hash, 32),
        quantity(receipt.status) == 1,
        quantity(receipt.gas_used),
        None if receipt.contract_address is None else raw_bytes(receipt.contract_address, 20),
        tuple(raw_logs(receipt.logs)),
    )
    if any(log.block_hash != mined.block_hash for log in mined.logs):
        raise RpcMalformed(f"the receipt of {to_hex(mined.tx_hash)} holds logs of another block")
    return mined


def revert_data(data: object) -> bytes:
    """Nodes put revert bytes into `error.data`, some of them one level deeper; anything else is no revert data."""
    if isinstance(data, dict):
        data = data.get("data")
    if isinstance(data, str):
        try:
            return raw_bytes(data)
        except RpcMalformed:
            return b""
    return b""
