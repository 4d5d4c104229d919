"""Messages of CCIP 2.0: packed by hand, not by the ABI (spec 11). The message id is the hash of these bytes.

u8 version = 1 · u64 source · u64 dest · u64 number · u32 execution gas · u32 receiver gas · bytes4 finality ·
bytes32 verifiers and executor · onRamp · offRamp · sender · receiver (each: u8 length, bytes) ·
dest blob · token transfer · data (each: u16 length, bytes)
token transfer: nothing, or u8 version = 1 · u256 amount · source pool · source token · dest token · token receiver
(each: u8 length, bytes) · extra data (u16 length, bytes)
"""

from __future__ import annotations

from typing import NamedTuple

from eth_hash.auto import keccak

from ccip_core.protocol.messages import ChainSelector

_VERSION = 1


class PackedMessageError(ValueError):
    """Bytes that are no message of this form; the text says where they stop being one."""


class TokenTransferV20(NamedTuple):
    """The one token of a message. Addresses are as long as their chain has them, or padded to 32 bytes."""

    amount: int
    source_pool: bytes
    source_token: bytes
    dest_token: bytes
    token_receiver: bytes
    extra_data: bytes


class PackedMessage(NamedTuple):
    """A message of 2.0."""

    source: ChainSelector
    dest: ChainSelector
    message_number: int
    execution_gas_limit: int
    receiver_gas_limit: int
    finality: bytes
    """0: wait for finality."""
    ccv_and_executor_hash: bytes
    on_ramp: bytes
    off_ramp: bytes
    sender: bytes
    receiver: bytes
    dest_blob: bytes
    token_transfer: TokenTransferV20 | None
    data: bytes


def packed_message_id(encoded: bytes) -> bytes:
    """The id under which both chains know the message."""
    return bytes(keccak(encoded))


def read_packed_message(encoded: bytes) -> PackedMessage:
    """Take the bytes apart.

    Raises:
        PackedMessageError: they end too early, go on too long, or are of another version.
    """
    reader = _Reader(encoded)
    reader.version()
    message = PackedMessage(
        ChainSelector(reader.number(8, "source")),
        ChainSelector(reader.number(8, "dest")),
        reader.number(8, "message number"),
        reader.number(4, "execution gas limit"),
        reader.number(4, "receiver gas limit"),
        reader.take(4, "finality"),
        reader.take(32, "verifiers and executor"),
        reader.blob(1, "onRamp"),
        reader.blob(1, "offRamp"),
        reader.blob(1, "sender"),
        reader.blob(1, "receiver"),
        reader.blob(2, "dest blob"),
        _token_transfer(reader.blob(2, "token transfer")),
        reader.blob(2, "data"),
    )
    reader.end()
    return message


def _token_transfer(encoded: bytes) -> TokenTransferV20 | None:
    if not encoded:
        return None
    reader = _Reader(encoded)
    reader.version()
    transfer = TokenTransferV20(
        reader.number(32, "amount"),
        reader.blob(1, "source pool"),
        reader.blob(1, "source token"),
        reader.blob(1, "dest token"),
        reader.blob(1, "token receiver"),
        reader.blob(2, "extra data"),
    )
    reader.end()
    return transfer


class _Reader:
    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded
        self._position = 0

    def take(self, length: int, name: str) -> bytes:
        end = self._position + length
        if end > len(self._encoded):
            raise PackedMessageError(f"{name}: needs {length} bytes, {len(self._encoded) - self._position} are left")
        taken, self._position = self._encoded[self._position : end], end
        return taken

    def number(self, length: int, name: str) -> int:
        return int.from_bytes(self.take(length, name))

    def blob(self, length_size: int, name: str) -> bytes:
        return self.take(self.number(length_size, f"length of {name}"), name)

    def version(self) -> None:
        found = self.number(1, "version")
        if found != _VERSION:
            raise PackedMessageError(f"version: {found} instead of {_VERSION}")

    def end(self) -> None:
        if self._position != len(self._encoded):
            raise PackedMessageError(f"{len(self._encoded) - self._position} bytes after the end")
