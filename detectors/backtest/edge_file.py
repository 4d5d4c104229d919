"""Reads a `src,dst,tick` Parquet or CSV file into edges, a part at a time and row by row as the file has them.

A node is a whole number or a text, an address for instance; texts differ by case. A number written as text is that
number, so a CSV and a Parquet of the same edges give the same nodes, and a row's nodes come from that row alone: the
beginning of a file reads as it does within the whole. A tick is a whole number and never falls. Further columns are not
read.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pa_compute
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

COLUMNS = ("src", "dst", "tick")

_PART_ROWS = 1 << 18
_PART_BYTES = 1 << 24
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,19}")
_INT64_MIN, _UINT64_MAX = -(1 << 63), (1 << 64) - 1


class EdgeFileError(ValueError):
    """The file can't be used; one line that names the row, the value and the remedy."""


class Edges(NamedTuple):
    """Some consecutive rows of a file."""

    first_row: int
    """The first row of a file is 1."""
    srcs: NDArray[np.int64]
    dsts: NDArray[np.int64]
    ticks: NDArray[np.int64]
    as_written: pa.RecordBatch

    def describe(self, row: int) -> tuple[str, str, str]:
        """src, dst and tick of one of these rows, counted from 0, as the file has them."""
        src, dst, tick = (_shown(self.as_written.column(name)[row].as_py()) for name in COLUMNS)
        return src, dst, tick


def read_edges(path: Path) -> Iterator[Edges]:
    """The file's rows, in parts.

    Raises:
        EdgeFileError: unreadable, a column is missing, a cell can't be what it should be, or a tick falls.
    """
    row, newest = 1, _INT64_MIN
    try:
        for batch in _batches(path):
            if batch.num_rows == 0:
                continue
            ticks = _ticks(batch.column("tick"), row)
            _check_order(ticks, newest, row)
            srcs, dsts = (_nodes(batch.column(name), name, row) for name in ("src", "dst"))
            yield Edges(row, srcs, dsts, ticks, batch)
            row, newest = row + batch.num_rows, int(ticks[-1])
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise EdgeFileError(f"file = {path}: {reason}; give a Parquet or CSV file with src,dst,tick") from None


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    if not path.is_file():
        raise EdgeFileError(f"file = {path}: no such file; name a Parquet or CSV file with src,dst,tick")
    if path.suffix == ".parquet":
        with pa_parquet.ParquetFile(path, pre_buffer=False) as file:  # which would keep all that was read
            _check_columns(path, file.schema_arrow.names)
            yield from file.iter_batches(_PART_ROWS, columns=list(COLUMNS))
        return
    texts = pa_csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
    with pa_csv.open_csv(path, read_options=pa_csv.ReadOptions(block_size=_PART_BYTES), convert_options=texts) as file:
        _check_columns(path, file.schema.names)
        yield from file


def _check_columns(path: Path, there: list[str]) -> None:
    for name in COLUMNS:
        if there.count(name) != 1:
            count = "missing" if name not in there else "there more than once"
            raise EdgeFileError(f"file = {path}: the column {name} is {count}; it needs src,dst,tick")


def _check_order(ticks: NDArray[np.int64], newest: int, row: int) -> None:
    before = np.concatenate([np.array([newest], dtype=np.int64), ticks[:-1]])
    falls = np.flatnonzero(ticks < before)
    if len(falls):
        at = int(falls[0])
        raise EdgeFileError(
            f"row {row + at}: tick = {ticks[at]} comes after {before[at]}; ticks never fall, sort the file by tick"
        )


def _ticks(column: pa.Array, row: int) -> NDArray[np.int64]:
    if not (pa.types.is_integer(column.type) or _is_text(column.type)):
        raise EdgeFileError(f"tick: a column of {column.type}; give whole numbers, the number of a bucket of time")
    if column.null_count == 0:
        try:
            return _numbers(pa_compute.cast(column, pa.int64()))
        except pa.ArrowInvalid:
            pass  # some cell is no int64: the loop finds which
    for at, cell in enumerate(column.to_pylist()):
        try:
            pa_compute.cast(pa.array([cell], column.type), pa.int64(), safe=True)
        except pa.ArrowInvalid:
            cell_is_wrong = True
        else:
            cell_is_wrong = cell is None
        if cell_is_wrong:
            raise EdgeFileError(f"row {row + at}: tick = {_shown(cell)!r}; give a whole number of 64 bits")
    raise AssertionError("a column that can't be cast has a cell that can't be")


def _nodes(column: pa.Array, name: str, row: int) -> NDArray[np.int64]:
    if column.null_count:
        at = column.is_null().to_pylist().index(True)
        raise EdgeFileError(f"row {row + at}: {name} is empty; every edge needs both ends")
    if pa.types.is_integer(column.type):
        return _numbers(column)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not _is_text(column.type):
        raise EdgeFileError(f"{name}: a column of {column.type}; give whole numbers or text")
    distinct = pa_compute.dictionary_encode(column)
    texts = distinct.dictionary.to_pylist()
    places = _numbers(distinct.indices)
    if "" in texts:
        at = int(np.flatnonzero(places == texts.index(""))[0])
        raise EdgeFileError(f"row {row + at}: {name} is empty; every edge needs both ends")
    nodes = np.array([_node(text) for text in texts], dtype=np.int64)
    return np.take(nodes, places)


def _numbers(column: pa.Array) -> NDArray[np.int64]:
    """A column of integers as int64, wrapping; a copy, for compiled code takes read-only arrays as another type."""
    return np.from_dlpack(column).astype(np.int64)  # `to_numpy` would import pandas


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _node(text: str) -> int:
    """A node as int64: the number that it writes, or a hash."""
    if _WHOLE_NUMBER.fullmatch(text) and _INT64_MIN <= int(text) <= _UINT64_MAX:
        number = int(text)
        return number if number < 1 << 63 else number - (1 << 64)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _shown(cell: Any) -> str:
    return "" if cell is None else str(cell)[:80]
