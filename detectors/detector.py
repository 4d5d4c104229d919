"""What a detector is, and what it says.

A *rule* is a question asked of the record, a *statistic* (`statistic`) a fold over flows (house.md 4.5). Each stands in
one file of `rules/` or `stats/`, named after it; `registry` finds them, so adding one is adding one file.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.frames import Row
    from detectors.record import Record


class Severity(IntEnum):
    """How bad it is, if it is so. Ordered."""

    INFO = 0
    WARNING = 1
    CRITICAL = 2

    @property
    def word(self) -> str:
        """As JSON and people write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Signal:
    """One detector's claim about one or several rows, with what it rests on."""

    id: str
    """hash(detector, subject, row): asking twice gives the same id."""
    detector: str
    is_exact: bool
    """True for a rule (it is so or it is not), False for a statistic (it is unusual)."""
    severity: Severity
    score: float
    """In [0, 1], high is anomalous; of an exact rule, how much what it states would enable: 1.0 for what is done."""
    lanes: tuple[Lane, ...]
    """The lanes it accuses, ascending: what a curse would stop."""
    chain: ChainSelector
    """Where the accusing row stands."""
    block_number: int
    block_hash: str
    tx_hash: str
    at_s: int
    """Block time of the accusing row."""
    known_at_ms: int
    """When the last row that the claim needs was known."""
    rows: tuple[str, ...]
    """`At.row_id` of every row it rests on, the accusing one first."""
    summary: str
    """One sentence for a person."""
    value_micro_usd: int | None
    """What is at stake in the accusing rows, as far as prices are known."""
    evidence: Mapping[str, Any]
    """JSON values only (large integers as text): enough to derive the verdict again."""


class Pending(NamedTuple):
    """Not known yet. Doubt withholds a blessing, it never curses."""

    reason: str
    chain: ChainSelector | None = None
    """The chain whose next heads may tell; None: nothing to come is expected to, only a reorg asks again."""
    not_before_s: int = 0
    """Asking again is pointless before this chain's head has this block time."""
    is_doubt: bool = True
    """False: nothing is wrong so far, and nothing is missing to say so; only time can tell."""


Verdict = Signal | Pending | None
"""What a rule says of a row: an accusation, not known yet, or nothing wrong."""


def make_signal(
    detector: str,
    row: Row,
    *,
    lanes: Sequence[Lane],
    summary: str,
    evidence: Mapping[str, Any],
    others: Sequence[Row] = (),
    subject: str = "",
    is_exact: bool = True,
    severity: Severity = Severity.CRITICAL,
    score: float = 1.0,
    value_micro_usd: int | None = None,
    known_at_ms: int = 0,
) -> Signal:
    """State a signal about `row`, which rests on `others` too; the id follows from detector, row and subject."""
    at = row.at
    stood_for = subject or ",".join(f"{lane.source}>{lane.dest}" for lane in lanes)
    return Signal(
        id=hashlib.sha256(f"{detector}|{at.row_id}|{stood_for}".encode()).hexdigest()[:32],
        detector=detector,
        is_exact=is_exact,
        severity=severity,
        score=score,
        lanes=tuple(sorted(lanes)),
        chain=at.chain,
        block_number=at.block_number,
        block_hash=at.block_hash,
        tx_hash=at.tx_hash,
        at_s=at.block_time_s,
        known_at_ms=max(known_at_ms, at.known_at_ms, *(other.at.known_at_ms for other in others)),
        rows=tuple(dict.fromkeys((at.row_id, *(other.at.row_id for other in others)))),
        summary=summary,
        value_micro_usd=value_micro_usd,
        evidence=evidence,
    )


class Rule(ABC):
    """An exact question about one row, asked when its whole block stands in the record."""

    name: ClassVar[str]
    judges: ClassVar[tuple[type[Row], ...]]
    """The kinds of row it is asked about."""

    @abstractmethod
    def judge(self, record: Record, row: Any) -> Verdict:
        """A pure function of the record and the row, which is of one of the kinds in `judges`."""

    def may_accuse(self, record: Record, rows: Sequence[Any]) -> Sequence[Any]:  # noqa: ARG002
        """Of rows about which it is pending, those that it may accuse yet, given what is final."""
        return rows
