"""A message was executed that was never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import UNNUMBERED, Executed, Row

if TYPE_CHECKING:
    from detectors.record import Record


class UnmatchedExecution(Rule):
    """An executed message must be one that its source chain emitted, under the same number of the same lane.

    A failed execution counts too: it moved no token, but only a forged root lets a message that nobody sent be tried.
    A message that the record does not hold is judged once our index of its source has come as far as the execution;
    one that was sent before the record began, or that falls into a gap of it, never is. Whether what was sent is what
    was executed is message_mismatch's question.

    Assumes that our index of the source is complete up to its head: an endpoint that hides a message accuses its lane.
    """

    name: ClassVar[str] = "unmatched_execution"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Look for the message on its source chain."""
        if record.find_sent(row) is not None or row.state == "in_progress":
            return None
        doubt = record.absence(row.lane, row.sequence_number, row.at)
        return doubt if doubt is not None else self._claim(record, row)

    def _claim(self, record: Record, row: Executed) -> Signal:
        is_numbered = row.sequence_number != UNNUMBERED
        what = f"Message {row.sequence_number}" if is_numbered else f"Message {row.message_id}"
        released = record.releases_of(row)
        numbering = record.numbering.get(row.lane)
        evidence: dict[str, Any] = {
            "sequence_number": str(row.sequence_number) if is_numbered else None,
            "message_id": row.message_id,
            "leaf": row.leaf,
            "state": row.state,
            "source_searched_to_s": _source_needed_s(record, row),
            "source_frontier": None if numbering is None else str(numbering.frontier),
        }
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=released,
            summary=f"{what} was executed ({row.state}) but was never sent.",
            value_micro_usd=record.value_of(released),
            known_at_ms=record.head_known_at_ms(row.lane.source),
            evidence=evidence,
        )


def _source_needed_s(record: Record, row: Executed) -> str | None:
    """Up to which block time of the source the record was looked through; the same for every node."""
    source = record.facts(row.lane.source)
    return None if source is None else str(record.source_needed_s(source, row.at))
