"""An archive in a file that only this process can open and that goes away with it: it holds nothing of its own."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rmn_service.errors import ScratchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CACHE_KIB = 8_192
_NEWEST_ROWS = 8_192
"""Some 10 MB."""
_FILTER_BITS = 1 << 26
"""8 MB: of ten million names, hardly any that was never laid down is looked for; of more, the more."""
_PAGE = 256


class Scratch:
    """A private file. Its name is gone once it is open, so that nobody else reads or writes it.

    Safe to use from several threads, one at a time. What a disk refuses is a ScratchError, and so is everything after
    it: what the file holds may be lost then, and nothing is concluded from a record that can't be read back.

    Raises:
        OSError: the folder can't be written.
    """

    def __init__(self, folder: Path | None = None, *, newest_rows: int = _NEWEST_ROWS, page: int = _PAGE) -> None:
        """`folder`: where there is room for some 2 KB a message; by default where temporary files go."""
        self.newest_rows, self.page = newest_rows, page
        self._fault: str | None = None
        self._filter = bytearray()
        """Made when anything is laid down. What has a bit that is not set was never laid down, which nearly everything
        new is asked."""
        handle, path = tempfile.mkstemp(prefix=".rmn-scratch-", dir=folder)
        os.close(handle)
        try:
            self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            for setting in (f"cache_size = -{_CACHE_KIB}", "journal_mode = OFF", "synchronous = OFF"):
                self.connection.execute(f"PRAGMA {setting}")
            self.connection.execute("BEGIN")  # and never commit: pages go to the file when they don't fit in the cache
            self.connection.execute("CREATE TABLE archive (name BLOB PRIMARY KEY, body BLOB NOT NULL)")
        finally:
            Path(path).unlink()

    def put(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Lay down; what had the name before is replaced."""
        entries = list(entries)
        if not self._filter:
            self._filter = bytearray(_FILTER_BITS // 8)
        for name, _ in entries:
            for bit in _bits(name):
                self._filter[bit >> 3] |= 1 << (bit & 7)
        self.executemany("INSERT OR REPLACE INTO archive VALUES (?, ?)", entries)

    def get(self, name: bytes) -> bytes | None:
        """What was laid down under the name."""
        if not self._filter or not all(self._filter[bit >> 3] >> (bit & 7) & 1 for bit in _bits(name)):
            return None
        found = next(self.rows("SELECT body FROM archive WHERE name = ?", (name,)), None)
        return None if found is None else found[0]

    def rows(self, question: str, values: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """What a SELECT finds, in tables beside the archive's too. Raises ScratchError."""
        with self._in_use():
            yield from self.connection.execute(question, tuple(values))

    def execute(self, statement: str, values: Iterable[Any] = ()) -> int:
        """One statement; how many rows it changed. Raises ScratchError."""
        with self._in_use():
            return self.connection.execute(statement, tuple(values)).rowcount

    def executemany(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """One statement for each. Raises ScratchError."""
        with self._in_use():
            self.connection.executemany(statement, values)

    def check(self) -> None:
        """Raises ScratchError where the disk ever refused anything."""
        if self._fault is not None:
            raise ScratchError(self._fault)

    def close(self) -> None:
        """Give the space back."""
        self.connection.close()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        self.check()
        try:
            yield
        except sqlite3.Error as error:
            self._fault = f"scratch file: {error}; make room beside the database and restart the node"
            raise ScratchError(self._fault) from error


def _bits(name: bytes) -> tuple[int, ...]:
    number, last = int.from_bytes(name), _FILTER_BITS - 1
    return number & last, number >> 26 & last, number >> 52 & last, number >> 78 & last
