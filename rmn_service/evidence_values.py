"""Values of the judges as JSON and back: exact, typed by name, and only of the kinds that evidence is made of.

    42                  "#42"                          (integers as text: no reader may round them)
    "text"              "text", or "##…" where it begins with #
    Lane(1, 2)          {"Lane": ["#1", "#2"]}
    bytes               {"bytes": "0x…"}
    a dictionary        {"map": [[key, value], …]}
    an array            {"array": [dtype, shape, base64 of zlib of its little-endian bytes]}

Rows are not written here: `to_json` and `from_json` are told how rows are named.
"""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ccip_core.protocol.logs import Header
from ccip_core.protocol.messages import Lane
from detectors import frames, state_rows
from detectors.books import Delay
from detectors.floor import Rush
from detectors.flows import Numbers
from detectors.frames import At, TokenSent
from detectors.limits import Level
from detectors.liquidity import Tally
from detectors.numbering import Numbering
from detectors.reach import Leap
from detectors.record import Head, Watch
from detectors.slices import Excerpt, Slice
from detectors.votes import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.frames import Row

ROW_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        frames.Sent, frames.Committed, frames.Executed, frames.Pooled, frames.Minted, frames.Priced,
        frames.CurseChanged, frames.FinalityViolated, state_rows.ConfigChanged, state_rows.LimitSet,
        state_rows.LimitConsumed, state_rows.Moved, state_rows.LiquidityMoved, state_rows.VotersSet,
        state_rows.Voted, state_rows.Disagreed, state_rows.Unjudged,
    )
}  # fmt: skip
_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        At, Call, Delay, Excerpt, Head, Header, Lane, Leap, Level, Numbering, Numbers, Rush, Slice, Tally, TokenSent,
        Watch,
    )
}  # fmt: skip
_ARRAY_BYTES_MAX = 1 << 26
_DTYPES = {"int64": "<i8", "float64": "<f8"}


class EvidenceFormatError(ValueError):
    """The text is not what a node writes."""


def to_json(value: Any, row_name: Callable[[Row], Any]) -> Any:
    """The value as JSON; of a row, what `row_name` says.

    Raises:
        TypeError: a kind that no evidence is made of; a mistake of the caller.
    """
    kind: type = type(value)
    name = kind.__name__
    if ROW_KINDS.get(name) is kind:
        return {"row": row_name(value)}
    if _KINDS.get(name) is kind:
        return {name: [to_json(field, row_name) for field in value]}
    if isinstance(value, tuple | list):
        return [to_json(entry, row_name) for entry in value]
    if isinstance(value, dict):
        return {"map": [[to_json(key, row_name), to_json(entry, row_name)] for key, entry in value.items()]}
    return _atom(value)


def _atom(value: Any) -> Any:
    match value:
        case None | bool() | float():
            return value
        case int():
            return f"#{value}"
        case str():
            return f"#{value}" if value.startswith("#") else value
        case bytes():
            return {"bytes": "0x" + value.hex()}
        case np.ndarray():
            packed = zlib.compress(np.ascontiguousarray(value, dtype=_DTYPES[str(value.dtype)]).tobytes(), 1)
            return {"array": [str(value.dtype), list(value.shape), base64.b64encode(packed).decode()]}
    raise TypeError(f"{type(value)} is no part of any evidence")


def plain_row(row: Row) -> Any:
    """A row written out: for what stands in no log."""
    return [type(row).__name__, [to_json(field, plain_row) for field in row]]


def from_json(text: Any, row_named: Callable[[Any], Row]) -> Any:
    """The value again.

    Raises:
        EvidenceFormatError: not what `to_json` writes.
    """
    match text:
        case None | bool() | float():
            return text
        case str():
            return _string(text)
        case list():
            return tuple(from_json(entry, row_named) for entry in text)
        case dict() if len(text) == 1:
            ((name, body),) = text.items()
            return _tagged(name, body, row_named)
    raise EvidenceFormatError(f"{str(text)[:80]}: no value of any evidence")


def row_of(text: Any) -> Row:
    """The row that `plain_row` wrote out.

    Raises:
        EvidenceFormatError: it is none.
    """
    match text:
        case [str() as name, list() as fields] if name in ROW_KINDS:
            row: Row = _made(ROW_KINDS[name], [from_json(field, row_of) for field in fields])
            return row
    raise EvidenceFormatError(f"{str(text)[:80]}: no row")


def _string(text: str) -> str | int:
    if not text.startswith("#"):
        return text
    if text.startswith("##"):
        return text[1:]
    try:
        number = int(text[1:])
    except ValueError:
        number = None
    if number is None or text != f"#{number}":
        raise EvidenceFormatError(f"{text[:80]}: no number")
    return number


def _tagged(name: str, body: Any, row_named: Callable[[Any], Row]) -> Any:
    try:
        if name == "row":
            return row_named(body)
        if name == "bytes":
            return bytes.fromhex(body.removeprefix("0x"))
        if name == "map":
            return {from_json(key, row_named): from_json(entry, row_named) for key, entry in body}
        if name == "array":
            return _array(*body)
        if name in _KINDS:
            return _made(_KINDS[name], [from_json(field, row_named) for field in body])
    except (TypeError, AttributeError, ValueError, binascii.Error, zlib.error) as error:
        if isinstance(error, EvidenceFormatError):
            raise
        raise EvidenceFormatError(f"{name}: not written by a node") from None
    raise EvidenceFormatError(f"{str(name)[:80]}: unknown kind of value")


def _made(kind: Any, fields: list[Any]) -> Any:
    if len(fields) != len(kind._fields):
        raise EvidenceFormatError(f"{kind.__name__}: has {len(kind._fields)} fields, not {len(fields)}")
    return kind(*fields)


def _array(dtype: str, shape: list[int], packed: str) -> Any:
    size = 8 * math.prod(shape)
    if dtype not in _DTYPES or not 0 <= size <= _ARRAY_BYTES_MAX or any(length < 0 for length in shape):
        raise EvidenceFormatError(f"array: {dtype} of {shape} is too much")
    opened = zlib.decompressobj()
    raw = opened.decompress(base64.b64decode(packed, validate=True), size + 1)
    if len(raw) != size:
        raise EvidenceFormatError(f"array: {len(raw)} bytes, not {size}")
    return np.frombuffer(raw, dtype=_DTYPES[dtype]).reshape(shape).copy()
