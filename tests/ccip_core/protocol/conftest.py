"""The committed vectors, and values of any ABI type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st

from ccip_core.protocol.abi import AbiType, Array, Blob, Struct, Word

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """Messages, leaves, digests and signatures made by CCIP's own bytecode."""
    return json.loads((DATA / "golden.json").read_text())


@pytest.fixture(scope="session")
def merkle_golden() -> list[dict[str, Any]]:
    """Trees and proofs of the official SDK."""
    return json.loads((DATA / "merkle_golden.json").read_text())


@pytest.fixture(scope="session")
def abi_tables() -> dict[str, Any]:
    """Events (by contract and topic) and functions (by selector) of the official ABIs."""
    return json.loads((DATA / "events.json").read_text())


@pytest.fixture(scope="session")
def abi_structs() -> dict[str, list[str]]:
    """Structs of the official ABIs: "type name" of each field."""
    return json.loads((DATA / "structs.json").read_text())


@pytest.fixture(scope="session")
def from_json() -> Callable[[Any], Any]:
    """Vectors as our modules hold them: 0x text as bytes, lists as tuples."""

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            return bytes.fromhex(value.removeprefix("0x").rjust(len(value) % 2 + len(value) - 2, "0"))
        return tuple(map(convert, value)) if isinstance(value, list) else value

    return convert


@pytest.fixture(scope="session")
def values_of() -> Callable[[AbiType], st.SearchStrategy[Any]]:
    """Any value of an ABI type."""
    return _values_of


def _values_of(abi_type: AbiType) -> st.SearchStrategy[Any]:
    if isinstance(abi_type, Word):
        if abi_type.kind == "uint":
            return st.integers(0, 256**abi_type.size - 1)
        return st.booleans() if abi_type.kind == "bool" else st.binary(min_size=abi_type.size, max_size=abi_type.size)
    if isinstance(abi_type, Blob):
        return st.binary(max_size=70) if abi_type.text == "bytes" else st.text(max_size=20)
    if isinstance(abi_type, Array):
        return st.lists(_values_of(abi_type.item), max_size=3).map(tuple)
    fields = st.tuples(*(_values_of(field) for _, field in abi_type.fields))
    return fields.map(lambda values: made(abi_type, values))


def made(struct: Struct, values: tuple[Any, ...]) -> tuple[Any, ...]:
    return struct.maker(*values) if struct.maker else values


@pytest.fixture(scope="session")
def extremes_of() -> Callable[[AbiType, bool], Any]:
    """The smallest or largest value of an ABI type (arrays of none or two, no or 33 bytes)."""
    return _extreme


def _extreme(abi_type: AbiType, is_large: bool) -> Any:
    if isinstance(abi_type, Word):
        if abi_type.kind == "uint":
            return 256**abi_type.size - 1 if is_large else 0
        return is_large if abi_type.kind == "bool" else (b"\xff" if is_large else b"\0") * abi_type.size
    if isinstance(abi_type, Blob):
        many = "\N{PILE OF POO}" * 9 if abi_type.text == "string" else b"\xff" * 33
        return many if is_large else many[:0]
    if isinstance(abi_type, Array):
        return (_extreme(abi_type.item, is_large),) * (2 if is_large else 0)
    return made(abi_type, tuple(_extreme(field, is_large) for _, field in abi_type.fields))


@pytest.fixture(scope="session")
def for_eth_abi() -> Callable[[AbiType, Any], Any]:
    """A value as eth_abi takes and gives it: addresses as text, plain tuples."""
    return _for_eth_abi


def _for_eth_abi(abi_type: AbiType, value: Any) -> Any:
    if isinstance(abi_type, Word):
        return f"0x{value.hex()}" if abi_type.kind == "address" else value
    if isinstance(abi_type, Array):
        return tuple(_for_eth_abi(abi_type.item, item) for item in value)
    if isinstance(abi_type, Struct):
        return tuple(_for_eth_abi(field, item) for (_, field), item in zip(abi_type.fields, value, strict=True))
    return value
