"""ABI encoding and decoding, both ways, from the structs' own annotations.

Decoding accepts exactly what `abi.encode` produces, the ABI specification's *strict mode*: encode(decode(x)) == x for
all x that decode. Solidity always writes it but reads more; here bits beyond a type, offsets that share or skip bytes,
non-zero padding and trailing bytes are all `AbiError`. So a value has one spelling that can be hashed, stored and
compared, and whatever a hostile contract wrote costs time and memory linear in its length.

Addresses are 20 raw bytes, uints are `int`, arrays and tuples are tuples (lists are accepted when encoding).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from eth_hash.auto import keccak

from ccip_core.protocol.abi import WORD, AbiType, Array, Blob, Struct, Word, arguments, parse_type, split_types
from ccip_core.protocol.decoder import PADDING, AbiError, decoder

__all__ = [
    "AbiError",
    "decode",
    "decode_address",
    "decode_args",
    "encode",
    "encode_address",
    "encode_args",
    "encode_call",
    "function_selector",
]

_S = TypeVar("_S", bound=tuple[Any, ...])
Encoder = Callable[[Any], bytes]


def encode(value: tuple[Any, ...]) -> bytes:
    """`abi.encode` of one struct (a NamedTuple of `messages.py`): a dynamic one starts with the word 0x20.

    Raises:
        AbiError: a field's value doesn't fit its type.
    """
    return encode_args((type(value),), (value,))


def decode(cls: type[_S], data: bytes) -> _S:
    """The struct that `encode` made into these bytes.

    Raises:
        AbiError: the bytes are anything else.
    """
    (value,) = decode_args((cls,), data)
    return value  # type: ignore[no-any-return]


def encode_args(types: Sequence[Any], values: Sequence[Any]) -> bytes:
    """`abi.encode(…)` of several arguments. A type is text ("bytes16[]"), a struct class or `tuple[Struct, ...]`.

    Raises:
        AbiError: a value doesn't fit its type.
    """
    return encoder(_arguments(tuple(types)), "argument")(values)


def decode_args(types: Sequence[Any], data: bytes) -> tuple[Any, ...]:
    """The arguments that `encode_args` made into these bytes; what a view returned.

    Raises:
        AbiError: the bytes are anything else.
    """
    values, position = decoder(_arguments(tuple(types)))(data, 0, len(data))
    if position != len(data):
        raise AbiError(f"{len(data) - position} bytes after the end of {_arguments(tuple(types)).text}")
    return values  # type: ignore[no-any-return]


def encode_call(signature: str, *values: Any) -> bytes:
    """Calldata: `encode_call("isCursed(bytes16)", subject)`. Tuples are written out: `"f(address,(uint64,bytes)[])"`.

    Raises:
        AbiError: a value doesn't fit its type.
    """
    name, _, rest = signature.partition("(")
    if not name or not rest.endswith(")"):
        raise TypeError(f"not a function signature: {signature!r}")
    return function_selector(signature) + encode_args(_split(rest[:-1]), values)


@cache
def function_selector(signature: str) -> bytes:
    """The four bytes that name a function in calldata."""
    return keccak(signature.encode())[:4]


def encode_address(address: bytes) -> bytes:
    """`abi.encode(address)`: 12 zeros and the 20 bytes; how CCIP writes EVM addresses of other chains."""
    return encoder(parse_type("address"), "address")(address)


def decode_address(data32: bytes) -> bytes:
    """The 20 bytes inside `abi.encode(address)`.

    Raises:
        AbiError: not 32 bytes, or they start with something else than 12 zeros.
    """
    (address,) = decode_args(("address",), data32)
    return address  # type: ignore[no-any-return]


@cache
def _split(types: str) -> tuple[str, ...]:
    return tuple(split_types(types))


@cache
def _arguments(types: tuple[Any, ...]) -> Struct:
    return arguments(types)


@cache
def encoder(abi_type: AbiType, path: str) -> Encoder:
    """The function that encodes a type's values; `path` names them in errors."""
    if isinstance(abi_type, Word):
        return _word_encoder(abi_type, path)
    if isinstance(abi_type, Blob):
        return _blob_encoder(abi_type, path)
    if isinstance(abi_type, Array):
        return _array_encoder(abi_type, path)
    return _struct_encoder(abi_type, abi_type.maker.__name__ if abi_type.maker else path)


def _word_encoder(word: Word, path: str) -> Encoder:
    if word.kind == "uint":
        limit = 1 << 8 * word.size

        def encode_uint(value: Any) -> bytes:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < limit:
                raise AbiError(f"{path}: {value!r} is not a {word.text}")
            return value.to_bytes(WORD)

        return encode_uint

    if word.kind == "bool":

        def encode_bool(value: Any) -> bytes:
            if not isinstance(value, bool):
                raise AbiError(f"{path}: {value!r} is not a bool")
            return value.to_bytes(WORD)

        return encode_bool

    size, padding = word.size, bytes(WORD - word.size)
    is_address = word.kind == "address"

    def encode_bytes(value: Any) -> bytes:
        if not isinstance(value, bytes) or len(value) != size:
            raise AbiError(f"{path}: {_shown(value)} is not {size} bytes ({word.text})")
        return padding + value if is_address else value + padding

    return encode_bytes


def _blob_encoder(blob: Blob, path: str) -> Encoder:
    wanted = str if blob.text == "string" else bytes

    def encode_blob(value: Any) -> bytes:
        if not isinstance(value, wanted):
            raise AbiError(f"{path}: {_shown(value)} is not {blob.text}")
        try:
            raw = value.encode() if isinstance(value, str) else value
        except UnicodeEncodeError as error:
            raise AbiError(f"{path}: {error}") from None
        return len(raw).to_bytes(WORD) + raw + PADDING[len(raw) % WORD]

    return encode_blob


def _array_encoder(array: Array, path: str) -> Encoder:
    encode_item = encoder(array.item, f"{path}[]")
    is_dynamic = array.item.is_dynamic

    def encode_array(value: Any) -> bytes:
        if not isinstance(value, (tuple, list)):
            raise AbiError(f"{path}: {_shown(value)} is not a tuple or list")
        count = len(value).to_bytes(WORD)
        items = [encode_item(item) for item in value]
        return count + _laid_out(items, [is_dynamic] * len(items), WORD * len(items))

    return encode_array


def _struct_encoder(struct: Struct, path: str) -> Encoder:
    encoders = [encoder(field, f"{path}.{name}") for name, field in struct.fields]
    dynamic = [field.is_dynamic for _, field in struct.fields]
    head_size = struct.head_size

    def encode_struct(value: Any) -> bytes:
        if not isinstance(value, (tuple, list)) or len(value) != len(encoders):
            raise AbiError(f"{path}: {_shown(value)} is not a tuple of {len(encoders)}")
        return _laid_out(
            [encode_field(item) for encode_field, item in zip(encoders, value, strict=True)], dynamic, head_size
        )

    return encode_struct


def _laid_out(parts: list[bytes], dynamic: list[bool], head_size: int) -> bytes:
    """Heads first; a dynamic part's head is the offset of its tail."""
    heads, tails, offset = [], [], head_size
    for part, is_dynamic in zip(parts, dynamic, strict=True):
        if is_dynamic:
            heads.append(offset.to_bytes(WORD))
            tails.append(part)
            offset += len(part)
        else:
            heads.append(part)
    return b"".join(heads + tails)


def _shown(value: Any) -> str:
    """A value in an error text: kept short."""
    text = f"0x{value.hex()}" if isinstance(value, bytes) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
