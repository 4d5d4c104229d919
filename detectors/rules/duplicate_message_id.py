"""One message id stands for two messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import Executed, Row, Sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.record import Record


class DuplicateMessageId(Rule):
    """A message id is sent under one number of one lane, and succeeds under one.

    An id is the hash of a message with its lane and number: two messages that share one were made up, or the contract
    that numbers them is not CCIP's. Of two the later one is accused, by position on one chain, by block time on two.
    The same number a second time is double_execution's business. Needs one chain's record only.

    Assumes that ids are unique over lanes, as CCIP's are; messages without a number have no second one to stand under.
    """

    name: ClassVar[str] = "duplicate_message_id"
    judges: ClassVar[tuple[type[Row], ...]] = (Sent, Executed)

    def judge(self, record: Record, row: Sent | Executed) -> Verdict:
        """Compare with the first that bore the id: every other one is asked about in its turn."""
        bearers: Sequence[Sent | Executed] | None
        if isinstance(row, Sent):
            bearers = record.sent_by_id.get(row.message_id)
        else:
            bearers = record.executed_by_id.get(row.message_id) if row.state == "success" else None
        if bearers is None or len(bearers) == 1:
            return None  # the row itself
        other = bearers[0]
        if (other.lane, other.sequence_number) == (row.lane, row.sequence_number):
            return None
        return self._claim(record, row, other) if other.at.is_before(row.at) else self._claim(record, other, row)

    def _claim(self, record: Record, row: Sent | Executed, first: Sent | Executed) -> Signal:
        released = record.releases_of(row) if isinstance(row, Executed) else []
        what = "executed" if isinstance(row, Executed) else "sent"
        return make_signal(
            self.name,
            row,
            lanes=sorted({row.lane, first.lane}),
            others=[first, *released],
            summary=f"The message id {row.message_id} was {what} under {row.sequence_number}"
            f" after it was under {first.sequence_number}.",
            value_micro_usd=record.value_of(released),
            evidence={
                "message_id": row.message_id,
                "what": what,
                "sequence_number": str(row.sequence_number),
                "first_sequence_number": str(first.sequence_number),
                "first_row": first.at.row_id,
                "first_tx": first.at.tx_hash,
            },
        )
