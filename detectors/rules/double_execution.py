"""A message was executed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Verdict, make_signal
from detectors.frames import UNNUMBERED, Executed, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.record import Record


class DoubleExecution(Rule):
    """A message succeeds once: one success for a number of a lane, one number for a message id.

    Failures before a success are no repetition, whoever executes by hand. Of two successes the later one is accused:
    by position on one chain, by block time on two. Where a bridge gives one number to several messages, it may be
    executed as often as it was sent. Assumes that the record holds the first success: one from before it began is
    not missed, its repetition is.
    """

    name: ClassVar[str] = "double_execution"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Look for a success before this one."""
        if row.state != "success":
            return None
        earlier = self._earlier(record, row)
        if earlier is None:
            return None
        same = earlier.sequence_number == row.sequence_number and earlier.lane == row.lane
        if same and row.sequence_number != UNNUMBERED:
            summary = f"Message {row.sequence_number} was executed a second time."
        else:
            summary = f"The message id {row.message_id} was executed under a second sequence number."
        released = record.releases_of(row)
        return make_signal(
            self.name,
            row,
            lanes=sorted({row.lane, earlier.lane}),
            others=[earlier, *released],
            summary=summary,
            value_micro_usd=record.value_of(released),
            evidence={
                "sequence_number": str(row.sequence_number),
                "message_id": row.message_id,
                "first_row": earlier.at.row_id,
                "first_tx": earlier.at.tx_hash,
                "first_sequence_number": str(earlier.sequence_number),
            },
        )

    def _earlier(self, record: Record, row: Executed) -> Executed | None:
        """The success that makes this one too many, if it is."""
        key = (row.lane, row.sequence_number)
        if row.sequence_number != UNNUMBERED:
            successes = _successes_before(record.executed.get(key, ()), row)
            if len(successes) >= max(1, len(record.sent.get(key, ()))):
                return successes[0]
        successes = _successes_before(record.executed_by_id.get(row.message_id, ()), row)
        if len(successes) >= max(1, len(record.sent_by_id.get(row.message_id, ()))):
            return successes[0]
        return None


def _successes_before(executions: Sequence[Executed], row: Executed) -> list[Executed]:
    return [other for other in executions if other.state == "success" and _precedes(other, row)]


def _precedes(other: Executed, row: Executed) -> bool:
    """On one chain by position, on two by block time (the chain's selector where that ties)."""
    if other.at.chain == row.at.chain:
        return (other.at.block_number, other.at.log_index) < (row.at.block_number, row.at.log_index)
    return (other.at.block_time_s, other.at.chain) < (row.at.block_time_s, row.at.chain)
