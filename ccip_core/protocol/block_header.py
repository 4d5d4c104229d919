"""A whole block header as the bytes that are hashed: so a block's hash vouches for its number, time and parent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eth_hash.auto import keccak

from ccip_core.protocol import rlp
from ccip_core.protocol.logs import Header

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS = (
    ("parentHash", bytes), ("sha3Uncles", bytes), ("miner", bytes), ("stateRoot", bytes), ("transactionsRoot", bytes),
    ("receiptsRoot", bytes), ("logsBloom", bytes), ("difficulty", int), ("number", int), ("gasLimit", int),
    ("gasUsed", int), ("timestamp", int), ("extraData", bytes), ("mixHash", bytes), ("nonce", bytes),
)  # fmt: skip
_LATER_FIELDS = (
    ("baseFeePerGas", int), ("withdrawalsRoot", bytes), ("blobGasUsed", int), ("excessBlobGas", int),
    ("parentBeaconBlockRoot", bytes), ("requestsHash", bytes),
)  # fmt: skip
"""What hard forks appended, in their order; a block has a beginning of these."""
_PARENT_HASH, _RECEIPTS_ROOT, _NUMBER, _TIMESTAMP = 0, 5, 8, 11


class BlockHeaderError(ValueError):
    """Not the header of the block that it is said to be of."""


def encode_header(block: Mapping[str, Any], block_hash: bytes) -> bytes:
    """The header's bytes from the JSON of `eth_getBlockByHash`.

    Raises:
        BlockHeaderError: a field is missing, or the bytes do not hash to `block_hash`: of a chain whose headers
            have other fields than Ethereum's.
    """
    present = [field for field in _LATER_FIELDS if block.get(field[0]) is not None]
    try:
        raw = rlp.encode_list([_encode(block[name], kind) for name, kind in (*_FIELDS, *present)])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BlockHeaderError("the endpoint does not serve whole headers") from None
    decode_header(raw, block_hash)
    return raw


def decode_header(raw: bytes, block_hash: bytes) -> Header:
    """What the header says, if it is the one with this hash.

    Raises:
        BlockHeaderError: it is not.
    """
    if keccak(raw) != block_hash:
        raise BlockHeaderError(f"these bytes are not the header of block 0x{block_hash.hex()}")
    try:
        fields = rlp.fields_of(raw)
        number, timestamp_s = (int.from_bytes(fields[place]) for place in (_NUMBER, _TIMESTAMP))
        return Header(number, block_hash, fields[_PARENT_HASH], timestamp_s)
    except (rlp.RlpError, IndexError):
        raise BlockHeaderError(f"block 0x{block_hash.hex()} is no block of an Ethereum-like chain") from None


def receipts_root_of(raw: bytes) -> bytes:
    """The root over its block's receipts that a header, decoded before, holds."""
    return rlp.fields_of(raw)[_RECEIPTS_ROOT]


def _encode(text: str, kind: type) -> bytes:
    digits = text.removeprefix("0x")
    return rlp.encode(int(digits, 16) if kind is int else bytes.fromhex(digits))
