"""Reads a `timestamp,value` CSV into a stream: two columns of numbers, row by row as the file has them.

A row's numbers come from that row alone, so the beginning of a file reads as it does within the whole. A timestamp is
ISO 8601 ("2014-04-01 00:05:00", UTC where it names no offset) or a Unix time in seconds, milli-, micro- or nanoseconds,
which its size tells apart. Timestamps may repeat, leap and run backwards. A value that is empty, NaN, null or infinite
is missing; any other text is an error. Further columns are not read.
"""

from __future__ import annotations

import csv
import math
from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.backtest.moments import YEAR_10000_S

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

_MISSING = frozenset({"", "na", "n/a", "null", "none"})
_UNIX_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (math.inf, 1e9))
"""Below this size a Unix time has so many units a second: seconds and milliseconds reach to the year 5138."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)


class StreamFileError(ValueError):
    """The file can't be used; one line that names the line, the value and the remedy."""


class Stream(NamedTuple):
    """A series of measurements, in the order of the file."""

    times_s: NDArray[np.float64]
    """Unix seconds."""
    values: NDArray[np.float64]
    """NaN where missing."""


def read_stream(path: Path) -> Stream:
    """The file's rows; blank lines are none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _read(path, lines)
    except OSError as error:
        raise StreamFileError(f"file = {path}: {error.strerror}; name a timestamp,value CSV") from None
    except UnicodeDecodeError:
        raise StreamFileError(f"file = {path}: not UTF-8 text; give a timestamp,value CSV") from None
    except csv.Error as error:
        raise StreamFileError(f"file = {path}: {error}; give a timestamp,value CSV") from None


def _read(path: Path, lines: Iterable[str]) -> Stream:
    rows = csv.reader(lines)
    header = [name.strip().lower() for name in next(rows, [])]
    if "timestamp" not in header or "value" not in header:
        raise StreamFileError(f"header = {','.join(header)[:80]!r} in {path}; begin it with timestamp,value")
    time_at, value_at = header.index("timestamp"), header.index("value")
    times_s, values = array("d"), array("d")
    for row in rows:
        if not row:
            continue
        if len(row) != len(header):
            raise StreamFileError(
                f"line {rows.line_num} of {path} has {len(row)} fields; give {len(header)}, as in the header"
            )
        try:
            times_s.append(_seconds(row[time_at]))
        except (ValueError, OverflowError):
            raise StreamFileError(
                f"line {rows.line_num} of {path}: timestamp = {row[time_at][:80]!r}; give ISO 8601 or a Unix time"
            ) from None
        try:
            values.append(_number(row[value_at]))
        except ValueError:
            raise StreamFileError(
                f"line {rows.line_num} of {path}: value = {row[value_at][:80]!r}; give a number, or nothing if missing"
            ) from None
    return Stream(np.array(times_s, dtype=np.float64), np.array(values, dtype=np.float64))


def _seconds(text: str) -> float:
    text = text.strip()
    if text[4:5] == "-":
        moment = datetime.fromisoformat(text)
        return (moment - (_EPOCH if moment.tzinfo else _NAIVE_EPOCH)).total_seconds()
    number = float(text)
    seconds = number / next((units for size, units in _UNIX_UNITS if abs(number) < size), math.nan)
    if not abs(seconds) < YEAR_10000_S:
        raise ValueError(text)
    return seconds


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        if text.strip().lower() in _MISSING:
            return math.nan
        raise
