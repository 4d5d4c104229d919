"""Compiles an ABI type into the Python function that decodes it.

Straight-line source, one function per struct, made like the standard library's namedtuple: decoding a message's log
is the hottest path of a node and of every backtest.

A decoder reads *the one* encoding that Solidity's `abi.encode` writes. Offsets therefore carry no choice: a dynamic
field lies exactly where the previous one ended, and the offset word is only compared. Nothing is ever read twice, so
the work and the memory are linear in the input, whatever offsets and lengths a hostile contract wrote.

    decode(data, start, end) -> (value, position after the value)        AbiError, and nothing else, on any bytes
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from ccip_core.protocol.abi import WORD, AbiType, Array, Blob, Struct, Word

Decoder = Callable[[bytes, int, int], tuple[Any, int]]


class AbiError(ValueError):
    """Bytes that are not the ABI encoding of the type, or a value that its ABI type can't hold."""


PADDING = tuple(bytes(-size % WORD) for size in range(WORD))
"""By length mod 32: the zeros that fill up the last word."""

_INTEGER_FORMATS = {1: "B", 2: "H", 4: "I", 8: "Q"}


@cache
def decoder(abi_type: AbiType) -> Decoder:
    """The compiled decoder of a type."""
    if isinstance(abi_type, Array):
        return _array_decoder(abi_type)
    if isinstance(abi_type, Blob) and abi_type.text == "string":
        return _decode_string
    return _compile(abi_type)


def _array_decoder(array: Array) -> Decoder:
    return _dynamic_array_decoder(array) if array.item.is_dynamic else _static_array_decoder(array)


def _static_array_decoder(array: Array) -> Decoder:
    decode_item, item_size, name = decoder(array.item), array.item.static_size, array.text

    def decode(data: bytes, start: int, end: int) -> tuple[tuple[Any, ...], int]:
        position = start + WORD
        count = int.from_bytes(data[start:position])
        if count > (end - position) // item_size:  # before anything is allocated; negative when truncated
            raise _overfull(name, position, count, end)
        values: list[Any] = []
        for _ in range(count):
            value, position = decode_item(data, position, end)
            values.append(value)
        return tuple(values), position

    return decode


def _dynamic_array_decoder(array: Array) -> Decoder:
    decode_item, item_size_min, name = decoder(array.item), WORD + array.item.size_min, array.text

    def decode(data: bytes, start: int, end: int) -> tuple[tuple[Any, ...], int]:
        base = start + WORD
        count = int.from_bytes(data[start:base])
        if count > (end - base) // item_size_min:
            raise _overfull(name, base, count, end)
        values: list[Any] = []
        position = base + WORD * count
        for at in range(base, position, WORD):
            offset = int.from_bytes(data[at : at + WORD])
            if offset != position - base:
                raise _elsewhere(f"{name}[{len(values)}]", base, offset, position - base)
            value, position = decode_item(data, position, end)
            values.append(value)
        return tuple(values), position

    return decode


def _decode_string(data: bytes, start: int, end: int) -> tuple[str, int]:
    raw, position = decoder(Blob("bytes"))(data, start, end)
    try:
        return raw.decode(), position
    except UnicodeDecodeError as error:
        raise AbiError(f"string at byte {start}: {error}") from None


def _compile(abi_type: AbiType) -> Decoder:
    """Write, compile and return the function for a word, a blob or a struct."""
    source = _Source(abi_type)
    code = compile(source.text(), f"<abi decoder of {abi_type.text[:60]}>", "exec")
    exec(code, source.names)  # noqa: S102 - the text comes from our classes and signatures, never from outside
    function: Decoder = source.names["decode"]
    return function


class _Slot(NamedTuple):
    """One word of a struct's head, with nested static structs laid flat."""

    path: str
    """The field's name in errors."""
    type: AbiType

    @property
    def size(self) -> int:
        """Bytes that carry the value; an offset beyond eight bytes points at nothing."""
        return self.type.size if isinstance(self.type, Word) else 8

    @property
    def is_left_aligned(self) -> bool:
        return isinstance(self.type, Word) and self.type.kind == "bytes"

    @property
    def is_bool(self) -> bool:
        return self.type.text == "bool"


class _Source:
    """The source of one decoder, and the names that it uses. Print `text()` to read one."""

    def __init__(self, abi_type: AbiType) -> None:
        self.type = abi_type
        self.names: dict[str, Any] = {
            "word": int.from_bytes,
            "new": tuple.__new__,
            "PADDING": PADDING,
            "short": _short,
            "dirty": _dirty,
            "elsewhere": _elsewhere,
            "overlong": _overlong,
            "unpadded": _unpadded,
        }

    def text(self) -> str:
        if isinstance(self.type, Blob):
            body, value = ["position = start", *self._blob("value", "bytes")], "value"
        else:
            body, value = self._struct(self.type)
        lines = (f"    {line}" for line in [*body, f"return {value}, position"])
        return "\n".join(("def decode(data, start, end):", *lines))

    def _struct(self, abi_type: Word | Array | Struct) -> tuple[list[str], str]:
        """Lines that decode a word or a struct, and the expression of its value."""
        name = abi_type.name if isinstance(abi_type, Struct) else abi_type.text
        slots = tuple(_flatten(abi_type, name))
        formats, variables, faults = [], [], []
        for index, slot in enumerate(slots):
            for form, variable, fault in self._unpacking(index, slot):
                formats.append(form)
                variables.append(variable)
                faults += fault
        layout = struct.Struct(">" + "".join(formats))
        lines = [f"position = start + {layout.size}", f"if position > end: raise short({name!r}, start, position, end)"]
        if variables:
            lines.append(f"{', '.join(variables)}, = {self._named(layout.unpack_from)}(data, start)")
        if faults:
            lines.append(f"if {' or '.join(faults)}: raise dirty({self._named(slots)}, data, start)")
        for index, slot in enumerate(slots):
            if slot.type.is_dynamic:
                lines += self._dynamic(f"v{index}", slot)
        return lines, self._value(abi_type, iter(range(len(slots))))

    def _unpacking(self, index: int, slot: _Slot) -> list[tuple[str, str, list[str]]]:
        """What a word is unpacked into: struct format, variable, and the conditions that would be a fault."""
        value_format = f"{slot.size}s"
        if not slot.is_left_aligned and slot.type.text != "address":
            value_format = _INTEGER_FORMATS.get(slot.size, value_format)
        value = (value_format, f"v{index}", [f"v{index} > 1"] if slot.is_bool else [])
        if slot.size == WORD:
            return [value]
        zeros = bytes(WORD - slot.size)
        self.names[f"ZERO{len(zeros)}"] = zeros
        padding = (f"{len(zeros)}s", f"p{index}", [f"p{index} != ZERO{len(zeros)}"])
        return [value, padding] if slot.is_left_aligned else [padding, value]

    def _dynamic(self, variable: str, slot: _Slot) -> list[str]:
        """Replace an offset by what it points at, which must lie at `position`."""
        check = (
            f"if {variable} != position - start: raise elsewhere({slot.path!r}, start, {variable}, position - start)"
        )
        if slot.type == Blob("bytes"):
            return [check, *self._blob(variable, slot.path)]
        return [check, f"{variable}, position = {self._named(decoder(slot.type))}(data, position, end)"]

    @staticmethod
    def _blob(variable: str, path: str) -> list[str]:
        # a truncated length word reads as some number, but then first > end, and so is position
        return [
            "first = position + 32",
            "size = word(data[position:first])",
            "position = first + (size + 31 & -32)",
            f"if position > end: raise overlong({path!r}, first, size, end)",
            "last = first + size",
            f"{variable} = data[first:last]",
            f"if data[last:position] != PADDING[size & 31]: raise unpadded({path!r}, last)",
        ]

    def _value(self, abi_type: AbiType, indices: Iterator[int]) -> str:
        """The expression of a value, made of the variables of its slots in order."""
        if isinstance(abi_type, Struct) and (abi_type is self.type or not abi_type.is_dynamic):
            items = "".join(f"{self._value(field, indices)}, " for _, field in abi_type.fields)
            return f"new({self._named(abi_type.maker)}, ({items}))" if abi_type.maker else f"({items})"
        variable = f"v{next(indices)}"
        if not isinstance(abi_type, Word):
            return variable
        if abi_type.kind == "uint" and abi_type.size not in _INTEGER_FORMATS:
            return f"word({variable})"
        return f"{variable} == 1" if abi_type.kind == "bool" else variable

    def _named(self, value: Any) -> str:
        """A fresh name for a value that the function needs."""
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name


def _flatten(abi_type: AbiType, path: str, *, is_outermost: bool = True) -> Iterator[_Slot]:
    """The words of a static type, or of a dynamic struct's head, in order."""
    if isinstance(abi_type, Struct) and (is_outermost or not abi_type.is_dynamic):
        for name, field in abi_type.fields:
            yield from _flatten(field, f"{path}.{name}", is_outermost=False)
    else:
        yield _Slot(path, abi_type)


def _short(name: str, start: int, position: int, end: int) -> AbiError:
    return AbiError(f"{name} at byte {start}: needs {position - start} bytes, {max(end - start, 0)} are left")


def _overfull(name: str, position: int, count: int, end: int) -> AbiError:
    return AbiError(f"{name} at byte {position - WORD}: {count} items don't fit into {max(end - position, 0)} bytes")


def _dirty(slots: tuple[_Slot, ...], data: bytes, start: int) -> AbiError:
    """Which word of a head has bits beyond its type. Only asked once it is known that one has."""
    for at, slot in zip(range(start, len(data), WORD), slots, strict=False):
        word = data[at : at + WORD]
        padding = word[slot.size :] if slot.is_left_aligned else word[: WORD - slot.size]
        if any(padding) or (slot.is_bool and word[-1] > 1):
            wanted = "an offset" if slot.type.is_dynamic else slot.type.text
            return AbiError(f"{slot.path} at byte {at}: 0x{word.hex()} is not {wanted}")
    raise AssertionError("every word is clean")


def _elsewhere(path: str, start: int, offset: int, expected: int) -> AbiError:
    return AbiError(f"{path}: the offset from byte {start} is {offset} instead of {expected}")


def _overlong(path: str, first: int, size: int, end: int) -> AbiError:
    return AbiError(
        f"{path} at byte {first - WORD}: {size} bytes and their padding don't fit into {max(end - first, 0)}"
    )


def _unpadded(path: str, last: int) -> AbiError:
    return AbiError(f"{path}: the padding at byte {last} is not zero")
