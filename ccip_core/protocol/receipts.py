"""A block's receipts as the bytes that its header commits to: so a header vouches for every log of its block.

The header's receipts root is the root of a Merkle Patricia trie of the receipts by their place. Whoever has all of them
computes it again; a log that is changed, moved, left out or added gives another root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from eth_hash.auto import keccak

from ccip_core.protocol import rlp
from ccip_core.protocol.block_header import BlockHeaderError, receipts_root_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LEGACY = 0x80
"""A typed receipt begins with its type, below this; one of old with a list."""
_HASH_BYTES = 32


class ReceiptLog(NamedTuple):
    """What a receipt says of one log."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


def encode_receipt(receipt: Mapping[str, Any]) -> bytes:
    """The bytes of a receipt from the JSON of `eth_getBlockReceipts`.

    Raises:
        BlockHeaderError: a field is missing.
    """
    try:
        logs = [
            rlp.encode_list(
                [
                    rlp.encode(_raw(log["address"])),
                    rlp.encode_list([rlp.encode(_raw(topic)) for topic in log["topics"]]),
                    rlp.encode(_raw(log["data"])),
                ]
            )
            for log in receipt["logs"]
        ]
        body = rlp.encode_list(
            [
                rlp.encode(int(receipt["status"], 16)),
                rlp.encode(int(receipt["cumulativeGasUsed"], 16)),
                rlp.encode(_raw(receipt["logsBloom"])),
                rlp.encode_list(logs),
            ]
        )
        kind = int(receipt.get("type") or "0x0", 16)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BlockHeaderError("the endpoint does not serve whole receipts") from None
    return bytes((kind,)) + body if kind else body


def logs_of(receipts: Sequence[bytes]) -> list[ReceiptLog]:
    """Every log of a block, in its order, from all its receipts.

    Raises:
        BlockHeaderError: one is no receipt.
    """
    found: list[ReceiptLog] = []
    try:
        for receipt in receipts:
            body = receipt[1:] if receipt[:1] and receipt[0] < _LEGACY else receipt
            found += map(_log, rlp.items_of(rlp.items_of(body)[3]))
    except (rlp.RlpError, IndexError, ValueError):
        raise BlockHeaderError("not the receipts of a block") from None
    return found


def check_receipts(receipts: Sequence[bytes], header: bytes) -> None:
    """Whether these are all receipts of the block with this header, which was decoded before.

    Raises:
        BlockHeaderError: they are not, or of a kind that Ethereum does not have.
    """
    if receipts_root(receipts) != receipts_root_of(header):
        raise BlockHeaderError("the block's header holds other receipts")


def receipts_root(receipts: Sequence[bytes]) -> bytes:
    """The root that the header of the block with exactly these receipts holds."""
    pairs = [(_nibbles(rlp.encode(place)), receipt) for place, receipt in enumerate(receipts)]
    return bytes(keccak(_node(pairs, 0) if pairs else rlp.encode(b"")))


def _log(item: bytes) -> ReceiptLog:
    address, topics, data = rlp.items_of(item)
    return ReceiptLog(rlp.content_of(address), tuple(map(rlp.content_of, rlp.items_of(topics))), rlp.content_of(data))


def _node(pairs: Sequence[tuple[bytes, bytes]], depth: int) -> bytes:
    """The trie's node over these keys, which agree in their first `depth` nibbles."""
    if len(pairs) == 1:
        key, value = pairs[0]
        return rlp.encode_list([rlp.encode(_compact(key[depth:], is_leaf=True)), rlp.encode(value)])
    first, last = min(pairs)[0], max(pairs)[0]
    common = depth
    while common < min(len(first), len(last)) and first[common] == last[common]:
        common += 1
    if common > depth:
        inner = _reference(_node(pairs, common))
        return rlp.encode_list([rlp.encode(_compact(first[depth:common], is_leaf=False)), inner])
    branches: list[list[tuple[bytes, bytes]]] = [[] for _ in range(16)]
    value = b""
    for key, receipt in pairs:
        if len(key) == depth:
            value = receipt
        else:
            branches[key[depth]].append((key, receipt))
    children = [_reference(_node(branch, depth + 1)) if branch else rlp.encode(b"") for branch in branches]
    return rlp.encode_list([*children, rlp.encode(value)])


def _reference(node: bytes) -> bytes:
    return node if len(node) < _HASH_BYTES else rlp.encode(bytes(keccak(node)))


def _compact(nibbles: bytes, *, is_leaf: bool) -> bytes:
    flag = 2 * is_leaf + len(nibbles) % 2
    padded = bytes((flag, *nibbles)) if len(nibbles) % 2 else bytes((flag, 0, *nibbles))
    return bytes(16 * high + low for high, low in zip(padded[::2], padded[1::2], strict=True))


def _nibbles(raw: bytes) -> bytes:
    return bytes(nibble for byte in raw for nibble in (byte >> 4, byte & 15))


def _raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
