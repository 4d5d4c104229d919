"""RLP, the byte strings that Ethereum hashes: numbers, bytes and lists written down, and lists read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class RlpError(ValueError):
    """Bytes that end in the middle of an item, or are no list where one is read."""


def encode(item: bytes | int) -> bytes:
    """One byte string, or a number as the shortest one that holds it."""
    raw = item.to_bytes((item.bit_length() + 7) // 8) if isinstance(item, int) else item
    return raw if len(raw) == 1 and raw[0] < 0x80 else _length(len(raw), 0x80) + raw


def encode_list(encoded: Sequence[bytes]) -> bytes:
    """A list of items that are encoded already."""
    content = b"".join(encoded)
    return _length(len(content), 0xC0) + content


def item_at(raw: bytes, start: int) -> tuple[bool, int, int]:
    """Of the item at `start`: whether it is a list, and where its content begins and ends.

    Raises:
        RlpError: the bytes end before it does.
    """
    first = raw[start] if start < len(raw) else 0
    if first < 0x80:
        begin, end = start, start + 1
    else:
        length = first - (0xC0 if first >= 0xC0 else 0x80)
        begin = start + 1
        if length >= 56:
            size = length - 55
            length = int.from_bytes(raw[begin : begin + size])
            begin += size
        end = begin + length
    if end > len(raw):
        raise RlpError("the bytes end in the middle of a field")
    return first >= 0xC0, begin, end


def fields_of(raw: bytes) -> list[bytes]:
    """The contents of the items of a list that fills `raw`; of inner lists their encoded items.

    Raises:
        RlpError: it is no such list.
    """
    return [item[item_at(item, 0)[1] :] for item in items_of(raw)]


def items_of(raw: bytes) -> list[bytes]:
    """The items of a list that fills `raw`, each as it is encoded.

    Raises:
        RlpError: it is no such list.
    """
    is_list, position, end = item_at(raw, 0)
    if not is_list or end != len(raw):
        raise RlpError("not one list")
    items = []
    while position < end:
        begin = position
        _, _, position = item_at(raw, position)
        items.append(raw[begin:position])
    return items


def content_of(raw: bytes) -> bytes:
    """The byte string that fills `raw`.

    Raises:
        RlpError: it is none.
    """
    is_list, begin, end = item_at(raw, 0)
    if is_list or end != len(raw):
        raise RlpError("not one byte string")
    return raw[begin:end]


def _length(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((offset + 55 + len(size),)) + size
