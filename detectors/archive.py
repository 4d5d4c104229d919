"""Where the record lays down what it need not hold in memory, and the collections that do so.

An archive is a cache turned inside out: what is laid down is read back, whole and in its order, as soon as anybody
looks it up, so that no answer depends on what is in memory. Only final rows are laid down; they are never taken away.

    Shelved   an index by key: the list of a key is in memory whole, or laid down whole
    Paged     one long list: its older part is laid down page by page
"""

from __future__ import annotations

import hashlib
import marshal
import pickle  # what is read back was written by this process, into a file that nobody else can open
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PAGES_HELD = 4
"""Pages of one list that are in memory at a time, beyond its newest entries."""


class ArchiveError(Exception):
    """The archive can't be read or written: what it holds is unknown, and so is every answer that needs it."""


class Archive(Protocol):
    """Bytes by name, outside this process's memory. What goes wrong is an ArchiveError."""

    newest_rows: int
    """How many of the newest final rows the record keeps in memory."""
    page: int
    """Entries that are laid down together, of lists that are laid down piecewise."""

    def put(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Lay down; what had the name before is replaced."""

    def get(self, name: bytes) -> bytes | None:
        """What was laid down under the name."""


class Shelved(dict[Any, list[Any]]):
    """An index of which most lists are laid down. A looked-up key is in memory until the next `settle`."""

    def __init__(self, name: str, archive: Archive, pack: Packing) -> None:
        super().__init__()
        self._name = name
        self._archive = archive
        self._pack = pack
        self._lengths: dict[Any, int] = {}
        """Of the lists that were read back, how long they were laid down."""
        self._has_laid_down = False

    def get(self, key: Any, default: Any = None) -> Any:
        """The list of the key, from wherever it is."""
        found = super().get(key)
        if found is None and self._has_laid_down:
            found = self._read_back(key)
        return default if found is None else found

    def __missing__(self, key: Any) -> list[Any]:
        found = self._read_back(key) if self._has_laid_down else None
        if found is None:
            found = self[key] = []
        return found

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __bool__(self) -> bool:
        return self._has_laid_down or len(self) > 0

    def lay_down(self, keys: Iterable[Any], is_final: Callable[[Any], bool]) -> None:
        """Of these keys the lists that will not change back any more, and those that were only looked up."""
        in_memory = super().get
        lists = ((key, in_memory(key)) for key in (*keys, *self._lengths))
        final = {key: rows for key, rows in lists if rows is not None and all(map(is_final, rows))}
        entries = [
            (self._name_of(key), self._pack.pack(rows))
            for key, rows in final.items()
            if self._lengths.get(key) != len(rows)
        ]
        if entries:
            self._archive.put(entries)  # where that fails, all is still in memory
            self._has_laid_down = True
        for key in final:
            del self[key]
        self._lengths.clear()

    def _read_back(self, key: Any) -> list[Any] | None:
        body = self._archive.get(self._name_of(key))
        if body is None:
            return None
        rows = self[key] = self._pack.unpack(body)
        self._lengths[key] = len(rows)
        return rows

    def _name_of(self, key: Any) -> bytes:
        return digest(self._name, key)


class Packing(Protocol):
    """How a list of rows becomes bytes."""

    def pack(self, rows: list[Any]) -> bytes: ...  # noqa: D102  what the class says

    def unpack(self, body: bytes) -> list[Any]: ...  # noqa: D102


class Whole:
    """Rows as they are."""

    def pack(self, rows: list[Any]) -> bytes:
        """All of them."""
        return pickle.dumps(rows, pickle.HIGHEST_PROTOCOL)

    def unpack(self, body: bytes) -> list[Any]:
        """Equal rows."""
        rows: list[Any] = pickle.loads(body)  # noqa: S301  see the import
        return rows


class Placed:
    """Rows by where they stand in their transactions, so that each is laid down once."""

    def __init__(self, in_tx: dict[Any, list[Any]]) -> None:
        self._in_tx = in_tx

    def pack(self, rows: list[Any]) -> bytes:
        """The transactions and the places in them."""
        keys = [(row.at.chain, row.at.tx_hash) for row in rows]
        return marshal.dumps([(*key, self._in_tx[key].index(row)) for key, row in zip(keys, rows, strict=True)])

    def unpack(self, body: bytes) -> list[Any]:
        """The rows that stand there."""
        return [self._in_tx[chain, tx_hash][place] for chain, tx_hash, place in marshal.loads(body)]  # noqa: S302


class Paged(Sequence[Any]):
    """A list that grows at its end, and of whose end alone entries that are not final are taken away."""

    def __init__(
        self,
        name: tuple[Any, ...],
        archive: Archive,
        is_final: Callable[[Any], bool],
        sort_key: Callable[[Any], int],
        *,
        is_sorted: bool = True,
    ) -> None:
        """`sort_key`: what `place_after` compares, from 0 to 2^64 - 1; `is_sorted`: it never falls along the list."""
        self._name = name
        self._archive = archive
        self._size = archive.page
        self._is_final = is_final
        self._sort_key = sort_key
        self._keys = array("Q")
        """The sort key of each page's first entry; of every entry where the list is not sorted."""
        self._is_sorted = is_sorted
        self._laid_down = 0
        self._tail: list[Any] = []
        self._held: OrderedDict[int, list[Any]] = OrderedDict()

    def __len__(self) -> int:
        return self._laid_down + len(self._tail)

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            if start >= self._laid_down and step == 1:
                return self._tail[start - self._laid_down : max(start, stop) - self._laid_down]
            return [self[one] for one in range(start, stop, step)]
        place = range(len(self))[place]
        if place >= self._laid_down:
            return self._tail[place - self._laid_down]
        return self._page(place // self._size)[place % self._size]

    def __iter__(self) -> Iterator[Any]:
        for page in range(self._laid_down // self._size):
            yield from self._page(page)
        yield from self._tail

    def append(self, entry: Any) -> None:
        """One more; when two pages of entries are in memory, and the older is final, it is laid down."""
        tail, size = self._tail, self._size
        tail.append(entry)
        if len(tail) >= 2 * size and self._is_final(tail[size - 1]):
            self._archive.put([(self._name_of(self._laid_down // size), Whole().pack(tail[:size]))])
            self._keys.extend(map(self._sort_key, tail[: 1 if self._is_sorted else size]))
            self._laid_down += size
            del tail[:size]

    @property
    def newest(self) -> Any:
        """The last entry if it is in memory, as one that is not final always is; else None."""
        return self._tail[-1] if self._tail else None

    def pop(self) -> Any:
        """Take the last entry away."""
        return self._tail.pop()

    def remove(self, entry: Any) -> None:
        """Take away the first entry, of those that may not be final, that is like this one."""
        self._tail.remove(entry)

    def place_after(self, value: int) -> int:
        """As `bisect_right` over the whole list, by the sort key."""
        tail, key = self._tail, self._sort_key
        if not self._is_sorted:
            laid_down = self._laid_down
            return bisect_right(
                range(len(self)),
                value,
                key=lambda place: self._keys[place] if place < laid_down else key(tail[place - laid_down]),
            )
        if not self._laid_down or (tail and value >= key(tail[0])):
            return self._laid_down + bisect_right(tail, value, key=key)
        page = bisect_right(self._keys, value) - 1
        return 0 if page < 0 else page * self._size + bisect_right(self._page(page), value, key=key)

    def places_within(self, low: int, high: int) -> list[int]:
        """Where the entries stand whose sort key is in low..high, of a list that is not sorted."""
        keys = np.array(self._keys, dtype=np.uint64)
        found: list[int] = np.flatnonzero((keys >= max(0, low)) & (keys <= max(0, high))).tolist()
        found += [
            self._laid_down + place for place, entry in enumerate(self._tail) if low <= self._sort_key(entry) <= high
        ]
        return found

    def _page(self, number: int) -> list[Any]:
        page = self._held.get(number)
        if page is None:
            body = self._archive.get(self._name_of(number))
            assert body is not None
            page = self._held[number] = Whole().unpack(body)
            if len(self._held) > _PAGES_HELD:
                self._held.popitem(last=False)
        return page

    def _name_of(self, page: int) -> bytes:
        return digest(self._name, page)


class PagedIndex(dict[Any, Paged]):
    """Long lists by key."""

    def __init__(
        self,
        name: str,
        archive: Archive,
        is_final: Callable[[Any], bool],
        sort_key: Callable[[Any], int],
        *,
        is_sorted: bool = True,
    ) -> None:
        super().__init__()
        self._name = name
        self._new = partial(Paged, archive=archive, is_final=is_final, sort_key=sort_key, is_sorted=is_sorted)

    def __missing__(self, key: Any) -> Paged:
        entries = self[key] = self._new((self._name, key))
        return entries


def newest(entries: Sequence[Any]) -> Any:
    """The last entry; None if there is none, or if it had to be read back: it is final then."""
    if isinstance(entries, Paged):
        return entries.newest
    return entries[-1] if entries else None


def place_after(entries: Sequence[Any], value: int, key: Callable[[Any], int]) -> int:
    """`bisect_right` by the key; over a Paged list, which has that key as its own, without reading it back."""
    return entries.place_after(value) if isinstance(entries, Paged) else bisect_right(entries, value, key=key)


def places_within(entries: Sequence[Any], low: int, high: int, key: Callable[[Any], int]) -> Iterable[int]:
    """Where the entries stand whose key is in low..high; over a Paged list that is not sorted without reading it."""
    if isinstance(entries, Paged):
        return entries.places_within(low, high)
    return (place for place, entry in enumerate(entries) if low <= key(entry) <= high)


def digest(*parts: Any) -> bytes:
    """A short name; nobody finds two things that share it."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()
