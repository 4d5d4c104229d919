"""CCIP 2.0's own packing. `tests/ccip_core/sdk/` compares it with the official client's reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.packed_message import (
    PackedMessage,
    PackedMessageError,
    TokenTransferV20,
    packed_message_id,
    read_packed_message,
)

BARE = bytes((1,)) + bytes(8 * 3 + 4 * 2 + 4 + 32) + bytes(4) + bytes(6)
TRANSFER = TokenTransferV20(7, b"\x01" * 32, b"\x02" * 32, b"\x03" * 20, b"\x04" * 20, b"extra")


def packed(message: PackedMessage) -> bytes:
    """By the spec's table, the other way round than the code under test."""

    def short(raw):
        return len(raw).to_bytes(1) + raw

    def long(raw):
        return len(raw).to_bytes(2) + raw

    transfer = b""
    if message.token_transfer is not None:
        amount, *accounts, extra = message.token_transfer
        transfer = b"\x01" + amount.to_bytes(32) + b"".join(map(short, accounts)) + long(extra)
    numbers = [number.to_bytes(8) for number in message[:3]] + [number.to_bytes(4) for number in message[3:5]]
    accounts = map(short, (message.on_ramp, message.off_ramp, message.sender, message.receiver))
    tail = long(message.dest_blob) + long(transfer) + long(message.data)
    return b"\x01" + b"".join(numbers) + message.finality + message.ccv_and_executor_hash + b"".join(accounts) + tail


U64, U32 = st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)
ACCOUNT, LONG = st.binary(max_size=64), st.binary(max_size=300)
TRANSFERS = st.builds(TokenTransferV20, st.integers(0, 2**256 - 1), ACCOUNT, ACCOUNT, ACCOUNT, ACCOUNT, LONG)
HASH = st.binary(min_size=32, max_size=32)
MESSAGES = st.builds(
    PackedMessage, U64, U64, U64, U32, U32, st.binary(min_size=4, max_size=4), HASH, *[ACCOUNT] * 4, LONG,
    st.none() | TRANSFERS, LONG,
)  # fmt: skip


@given(MESSAGES)
def test_every_message_is_read_as_it_was_packed(message):
    assert read_packed_message(packed(message)) == message


@given(MESSAGES, st.data())
def test_nothing_shorter_and_nothing_longer_is_a_message(message, data):
    whole = packed(message)
    with pytest.raises(PackedMessageError):
        read_packed_message(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(PackedMessageError, match="1 bytes after the end"):
        read_packed_message(whole + b"\0")


def test_the_smallest_message_has_79_bytes():
    assert len(BARE) == 79  # spec 11
    assert read_packed_message(BARE).token_transfer is None
    with pytest.raises(PackedMessageError, match="version: 2 instead of 1"):
        read_packed_message(b"\x02" + BARE[1:])


def test_the_id_is_the_hash_of_the_bytes():
    assert packed_message_id(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
