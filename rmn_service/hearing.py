"""What the judge says, held until its evidence is durable: a disk that refuses for a while makes nothing unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rmn_service.evidence import KIND

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from detectors.detector import Signal
    from detectors.judge import Grounds, Judge
    from rmn_service.evidence import Bundle, EvidenceBook
    from rmn_service.store import Store


class Hearing:
    """Between the judge, who says everything once, and the record. Called by the corridor, under its lock."""

    def __init__(self, judge: Judge, book: EvidenceBook, store: Store) -> None:
        self._judge = judge
        self._book = book
        self._store = store
        self._said: list[tuple[Signal, Grounds]] = []
        self._unwritten: list[Bundle] = []

    def listen(self, now_ms: int, known: Container[str]) -> Iterator[tuple[Signal, str]]:
        """What it says that is not known yet, by id, each with the address of its evidence.

        Raises:
            StoreError: what the evidence rests on can't be read; it is said again at the next call.
        """
        self._said += [(signal, self._judge.take_grounds(signal.id)) for signal in self._judge.ask(now_ms)]
        while self._said:
            signal, grounds = self._said[0]
            if signal.id not in known:
                bundle = self._book.bundle(signal, grounds)
                self._unwritten.append(bundle)
                yield signal, bundle.address
            self._said.pop(0)

    def write(self, now_ms: int) -> None:
        """The evidence of what was heard, as often as this is called before `written`. Raises StoreError."""
        for bundle in self._unwritten:
            self._store.put(KIND, bundle.address, bundle.body, now_ms)

    def written(self) -> None:
        """The transaction that `write` was part of is durable."""
        self._unwritten.clear()
