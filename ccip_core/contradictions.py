"""What a chain's endpoints said that can't all be true, kept until somebody states it.

An endpoint that has no logs yet where others have some is late, as nodes are with the logs of a new block: that is
another fact only when the block is final or when it was asked again and again.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol.logs import Header, RawLog
from ccip_core.question import NOTHING, describe, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.endpoint import Endpoint
    from ccip_core.question import Question

_EMPTY_ASKS = 8
"""So often an endpoint may have no logs where others have some."""
_TOLD_EACH = 8
"""Disagreements of one endpoint that are told in full; after that every doubling of their number."""
_REMEMBERED = 10_000
"""Contradictions; then their memory begins anew, and what is still contradicted is told once more."""


class Topic(NamedTuple):
    """What a question is about, and whether it has one answer for good."""

    what: str
    block_number: int | None = None
    block_hash: bytes | None = None
    is_settled: bool = False


class Disagreement(NamedTuple):
    """Endpoints answered one question about a settled part of a chain differently."""

    what: str
    """The question, for a person."""
    block_number: int
    block_hash: bytes
    answers: tuple[tuple[str, str], ...]
    """Which endpoint ("endpoint 2") and what it said."""


class Contradictions:
    """Thread-safe."""

    def __init__(self, on_outvoted: Callable[[Endpoint], None] = lambda _: None) -> None:
        """`on_outvoted`: enough endpoints contradicted this one about something settled."""
        self._on_outvoted = on_outvoted
        self.final_number = -1
        """The last block that enough endpoints call final."""
        self._lock = Lock()
        self._empty_asks: Counter[tuple[str, Endpoint]] = Counter()
        self._counts: Counter[Endpoint] = Counter()
        self._told: set[tuple[str, Endpoint, str]] = set()
        self._open: dict[Disagreement, None] = {}

    def open(self) -> list[Disagreement]:
        """Those that were not dropped yet, oldest first."""
        with self._lock:
            return list(self._open)

    def drop(self, disagreement: Disagreement) -> None:
        """It has been stated."""
        with self._lock:
            self._open.pop(disagreement, None)

    def compare(self, topic: Topic, agreed: object, holder: Endpoint, endpoint: Endpoint, answer: object) -> None:
        """One answer against the one that enough endpoints gave."""
        key = key_of(answer)
        if key is None or key == key_of(agreed):
            return
        if answer is None:
            if topic.block_number is not None and (endpoint.head or -1) >= topic.block_number:
                endpoint.note("missing")
            return
        if not topic.is_settled or agreed is None:
            return
        is_contradiction = self._note(topic, (holder, agreed), (endpoint, answer))
        # Where enough have no logs of a block that is not final, they may be the ones that are late.
        if is_contradiction and (agreed != [] or _block_number(topic, answer) <= self.final_number):
            self._on_outvoted(endpoint)

    def compare_all(self, topic: Topic, question: Question[Any]) -> None:
        """Nobody was enough: the largest camp against each other one; of equals, one that has something to show."""
        if not topic.is_settled:
            return
        camps = [holders for key, holders in question.holders().items() if key is not NOTHING]
        camps.sort(key=lambda holders: (len(holders), bool(question.answers[holders[0]])), reverse=True)
        for camp in camps[1:]:
            first = camps[0][0]
            for endpoint in camp:
                self._note(topic, (first, question.answers[first]), (endpoint, question.answers[endpoint]))

    def _note(self, topic: Topic, one: tuple[Endpoint, object], other: tuple[Endpoint, object]) -> bool:
        """Whether it is a contradiction, not lateness."""
        number = _block_number(topic, one[1], other[1])
        endpoint = other[0]
        if other[1] == [] and number > self.final_number:
            with self._lock:
                self._empty_asks[topic.what, endpoint] += 1
                is_late = self._empty_asks[topic.what, endpoint] < _EMPTY_ASKS
            if is_late:
                endpoint.note("empty")
                return False
        endpoint.note("contradicts")
        told = sorted((one, other), key=lambda pair: pair[0].number)
        answers = tuple((str(who), describe(said)) for who, said in told)
        block_hash = topic.block_hash or (one[1].hash if isinstance(one[1], Header) else bytes(32))
        found = Disagreement(topic.what, number, block_hash, answers)
        with self._lock:
            said = (topic.what, endpoint, describe(other[1]))
            if said in self._told:
                return True
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
                self._empty_asks.clear()
            self._told.add(said)
            self._counts[endpoint] += 1
            count = self._counts[endpoint]
            if count <= _TOLD_EACH or count & (count - 1) == 0:
                self._open[found] = None
        return True


def _block_number(topic: Topic, *answers: object) -> int:
    if topic.block_number is not None:
        return topic.block_number
    for answer in answers:
        if isinstance(answer, Header):
            return answer.number
        if isinstance(answer, list) and answer and isinstance(answer[0], RawLog):
            return answer[0].block_number
    return 0
