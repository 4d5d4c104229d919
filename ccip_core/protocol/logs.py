"""What a chain hands us before anyone has understood it."""

from __future__ import annotations

from typing import NamedTuple


class Header(NamedTuple):
    """The part of a block that links it to its parent."""

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp_s: int


class RawLog(NamedTuple):
    """One log of one block. UNTRUSTED: topics and data are whatever the emitting contract wrote."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    tx_hash: bytes
    log_index: int
