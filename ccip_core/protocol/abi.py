"""The ABI's types as values, read from annotations ("declared once") or from signature text.

    struct class        -> Struct     a NamedTuple whose annotations are ABI types (`messages.py`)
    "(uint64,bytes)[]"  -> Array      text as it stands in a function signature

What CCIP's contracts use exists here and nothing else: uintN, address, bool, bytesN, bytes, string, arrays, tuples.
An unknown type is a mistake of the programmer, never of the data: TypeError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Sequence

WORD = 32

_T = TypeVar("_T")
INDEXED = "indexed"
Indexed = Annotated[_T, INDEXED]
"""Marks an event's field that stands in a topic: `Indexed[Uint64]`."""


@dataclass(frozen=True)
class Word:
    """A type of one 32-byte word of which `size` bytes carry the value: on the right, but on the left for bytesN."""

    text: str
    kind: str
    """uint, address, bool or bytes."""
    size: int

    is_dynamic = False
    static_size = WORD
    size_min = WORD


@dataclass(frozen=True)
class Blob:
    """`bytes` or `string`: a length word and that many bytes, padded with zeros to whole words."""

    text: str

    is_dynamic = True
    static_size = WORD
    size_min = WORD


@dataclass(frozen=True)
class Array:
    """`item[]`: a count word and the items."""

    item: AbiType

    is_dynamic = True
    static_size = WORD
    size_min = WORD

    @property
    def text(self) -> str:
        """As in a signature."""
        return f"{self.item.text}[]"


@dataclass(frozen=True)
class Struct:
    """A tuple of named fields; also `item[3]`, which is laid out like a tuple of three."""

    fields: tuple[tuple[str, AbiType], ...]
    maker: type[tuple[Any, ...]] | None = None
    """The NamedTuple class of decoded values; None: a plain tuple."""
    fixed_array_text: str | None = None
    title: str = ""

    @cached_property
    def text(self) -> str:
        """As in a signature."""
        return self.fixed_array_text or f"({','.join(field.text for _, field in self.fields)})"

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.title or (self.maker.__name__ if self.maker else self.text)

    @cached_property
    def is_dynamic(self) -> bool:
        """Whether its size depends on the value."""
        return any(field.is_dynamic for _, field in self.fields)

    @cached_property
    def head_size(self) -> int:
        """Bytes of the fields in place, where a dynamic field has one word that says where it is."""
        return sum(WORD if field.is_dynamic else field.static_size for _, field in self.fields)

    @property
    def static_size(self) -> int:
        """Bytes in the head of whatever contains this."""
        return WORD if self.is_dynamic else self.head_size

    @cached_property
    def size_min(self) -> int:
        """The fewest bytes that a value can take, not counting the offset word that points at it."""
        return self.head_size + sum(field.size_min for _, field in self.fields if field.is_dynamic)


AbiType = Word | Blob | Array | Struct

_SINGLE: dict[str, AbiType] = {
    "address": Word("address", "address", 20),
    "bool": Word("bool", "bool", 1),
    "bytes": Blob("bytes"),
    "string": Blob("string"),
}
_SIZED = re.compile(r"(uint|bytes)([1-9][0-9]{0,2})")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")


def read_type(declared: Any) -> AbiType:
    """An ABI type from its text ("uint64[]"), a struct class, or an annotation (`tuple[MerkleRoot, ...]`)."""
    if isinstance(declared, str):
        return parse_type(declared)
    if isinstance(declared, type) and issubclass(declared, tuple) and hasattr(declared, "_fields"):
        return struct_of(declared)
    if get_origin(declared) is Annotated:
        return parse_type(get_args(declared)[1])
    if get_origin(declared) is tuple and get_args(declared)[1:] == (...,):
        return Array(read_type(get_args(declared)[0]))
    raise TypeError(f"not an ABI type: {declared!r}")


@cache
def struct_of(cls: type[tuple[Any, ...]]) -> Struct:
    """The struct that a NamedTuple class declares."""
    return Struct(tuple((name, read_type(hint)) for name, hint in annotations_of(cls).items()), maker=cls)


def annotations_of(cls: type[tuple[Any, ...]]) -> dict[str, Any]:
    """The annotations of a NamedTuple class, resolved, in field order."""
    return get_type_hints(cls, include_extras=True)


def arguments(declared: Sequence[Any]) -> Struct:
    """The tuple that a function's arguments form."""
    return Struct(tuple((str(position), read_type(item)) for position, item in enumerate(declared)))


@cache
def parse_type(text: str) -> AbiType:
    """An ABI type from signature text, without argument names."""
    if text.endswith("]"):
        return _parse_array(text)
    if text.startswith("(") and text.endswith(")") and text != "()":
        return arguments(split_types(text[1:-1]))
    if text in _SINGLE:
        return _SINGLE[text]
    match = _SIZED.fullmatch(text)
    if match:
        kind, number = match[1], int(match[2])
        if kind == "uint" and number % 8 == 0 and number <= 256:
            return Word(text, kind, number // 8)
        if kind == "bytes" and number <= WORD:
            return Word(text, kind, number)
    raise TypeError(f"not an ABI type: {text!r}")


def _parse_array(text: str) -> AbiType:
    item_text, _, count = text[:-1].rpartition("[")
    item = parse_type(item_text)
    if not count:
        return Array(item)
    if not _COUNT.fullmatch(count):
        raise TypeError(f"not an ABI type: {text!r}")
    return Struct(tuple((str(i), item) for i in range(int(count))), fixed_array_text=f"{item.text}[{count}]")


def split_types(text: str) -> list[str]:
    """`"a,(b,c)[],d"` cut at its outer commas."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    if depth != 0:
        raise TypeError(f"not an ABI type list: {text!r}")
    return [*parts, text[start:]] if text else []
