"""The part of the record that a claim rests on, and a record that holds nothing else.

A rule is a pure function of the record, so what it looked up is all that its answer can depend on. `slice_of` asks the
rule once more while every look-up is noted: keys, what stood there, and also where nothing stood. `ReplayedRecord`
answers those questions again, to the very same rule, anywhere and at any time; what was never asked it refuses to
answer, so that a slice that lacks something can't pass for one where that thing does not exist.

    Record ── AskedRecord (notes) ──▶ Slice ──▶ ReplayedRecord ──▶ the same Signal
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.archive import Paged
from detectors.books import Books
from detectors.record import Head, HeldBlock, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.detector import Rule
    from detectors.frames import Row
    from detectors.network import Network

RECORD_INDEXES = (
    "sent", "sent_by_id", "ordered", "executed", "executed_by_id", "committed", "in_tx", "onward", "numbering",
    "prices", "crossings", "leaps", "rushes", "_blocks", "_watch", "_first_s",
)  # fmt: skip
"""What of a `Record` rules look things up in. What only the record itself reads, to learn, is no part of an answer."""
BOOK_INDEXES = (
    "settings", "limits", "prices", "curses", "voters", "votes", "calls", "liquidity", "holdings", "missing",
    "commit_delays", "execution_delays",
)  # fmt: skip
_BOOKS = "books."


class SliceGapError(Exception):
    """Something was asked that nobody asked before: the slice is not that of this question."""


class Excerpt(NamedTuple):
    """Those entries of a list that were looked at, with their places, and how long the list was."""

    length: int
    entries: tuple[tuple[int, Any], ...]


class Slice(NamedTuple):
    """What a question looked up, by index and key; None where the record held nothing."""

    looked_up: Mapping[str, Mapping[Any, Any]]
    is_filled: Mapping[str, bool]
    """Of the indexes that were asked so, whether they held anything at all."""

    def entries(self) -> int:
        """How many things were found: what carrying it costs."""
        return sum(
            len(value.entries) if isinstance(value, Excerpt) else 1
            for found in self.looked_up.values()
            for value in found.values()
        )


class RuleGrounds(NamedTuple):
    """What a rule's signal rests on."""

    row: Row
    """The row that the rule was asked about."""
    part: Slice


class AskedRecord(Record):
    """A view of a record that notes what it is asked."""

    def __init__(self, record: Record) -> None:
        self.__dict__.update(record.__dict__)
        self._found = (None, None)
        self._asked = {name: _Asked(getattr(record, name)) for name in RECORD_INDEXES}
        for name in RECORD_INDEXES:
            setattr(self, name, self._asked[name])
        self.books = Books()
        for name in BOOK_INDEXES:
            asked = self._asked[_BOOKS + name] = _Asked(getattr(record.books, name))
            setattr(self.books, name, asked)

    def slice(self) -> Slice:
        """What it was asked so far."""
        return Slice(
            {name: asked.found() for name, asked in self._asked.items() if asked.values},
            {name: bool(asked.real) for name, asked in self._asked.items() if asked.is_filled_asked},
        )


class ReplayedRecord(Record):
    """A record that holds a slice and nothing else.

    Raises:
        SliceGapError: on every question that the slice has no answer to.
    """

    def __init__(self, network: Network, clock_skew_s: int, part: Slice) -> None:
        super().__init__(network, clock_skew_s=clock_skew_s)
        for name in RECORD_INDEXES:
            setattr(self, name, _replayed(name, part))
        for name in BOOK_INDEXES:
            setattr(self.books, name, _replayed(_BOOKS + name, part))


def slice_of(rule: Rule, record: Record, row: Row) -> Slice:
    """What the rule looks at when it is asked about the row. The record must be as it was when the rule answered."""
    asked = AskedRecord(record)
    rule.judge(asked, row)
    return asked.slice()


class _Asked:
    """A dictionary that notes its questions."""

    def __init__(self, real: dict[Any, Any]) -> None:
        self.real = real
        self.values: dict[Any, Any] = {}
        self.is_filled_asked = False

    def get(self, key: object, default: object = None) -> Any:
        if key not in self.values:
            value = self.real.get(key)
            self.values[key] = _AskedList(value) if isinstance(value, list | Paged) else value
        value = self.values[key]
        return default if value is None else value

    def __getitem__(self, key: object) -> Any:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __len__(self) -> int:
        self.is_filled_asked = True
        return len(self.real)

    def found(self) -> dict[Any, Any]:
        """What stood there, as values that don't change when the record goes on."""
        return {key: _kept(value) for key, value in self.values.items()}


def _kept(value: Any) -> Any:
    if isinstance(value, _AskedList):
        return Excerpt(len(value.real), tuple((place, _head(value.real[place])) for place in sorted(value.places)))
    return dict(value) if isinstance(value, dict) else value


def _head(entry: Any) -> Any:
    return Head(entry.header, entry.known_at_ms) if isinstance(entry, HeldBlock) else entry


class _AskedList(Sequence[Any]):
    """A list that notes which of its entries are looked at."""

    def __init__(self, real: list[Any] | Paged) -> None:
        self.real = real
        self.places: set[int] = set()

    def __len__(self) -> int:
        return len(self.real)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            self.places.update(range(*place.indices(len(self.real))))
        else:
            self.places.add(range(len(self.real))[place])
        return self.real[place]


class _Replayed:
    """A dictionary that knows what was found and what was missing, and nothing of the rest."""

    def __init__(self, name: str, values: Mapping[Any, Any], is_filled: bool | None) -> None:
        self._name = name
        self._values = {key: _ReplayedList(v) if isinstance(v, Excerpt) else v for key, v in values.items()}
        self._is_filled = is_filled

    def get(self, key: object, default: object = None) -> Any:
        if key not in self._values:
            raise SliceGapError(f"{self._name} {key}: never looked up by the question that this is evidence of")
        value = self._values[key]
        return default if value is None else value

    def __getitem__(self, key: object) -> Any:
        value = self.get(key)
        if value is None:
            raise SliceGapError(f"{self._name} {key}: nothing stood there")
        return value

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __bool__(self) -> bool:
        if self._is_filled is None:
            raise SliceGapError(f"{self._name}: never asked whether it holds anything")
        return self._is_filled


class _ReplayedList(Sequence[Any]):
    def __init__(self, part: Excerpt) -> None:
        self._length = part.length
        self._entries = dict(part.entries)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self._length))]
        place = range(self._length)[place]
        if place not in self._entries:
            raise SliceGapError(f"entry {place}: never looked at by the question that this is evidence of")
        return self._entries[place]


def _replayed(name: str, part: Slice) -> Any:
    return _Replayed(name, part.looked_up.get(name, {}), part.is_filled.get(name))
