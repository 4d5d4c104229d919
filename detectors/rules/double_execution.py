"""A message was executed twice."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Verdict, make_signal
from detectors.frames import UNNUMBERED, Executed, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.frames import Sent
    from detectors.record import Record


class DoubleExecution(Rule):
    """A message succeeds once: one success for a number of a lane; for its id, where a bridge does not number.

    Failures before a success are no repetition, whoever executes by hand. Of two successes the later one is accused.
    Where a bridge gives one number to several messages, it may be executed as often as it was sent; where it does so
    all the time, the content counts. An id that succeeds under a second number is duplicate_message_id's business.

    Assumes that the record holds the first success: one from before it began is not missed, its repetition is.
    """

    name: ClassVar[str] = "double_execution"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Look for a success before this one."""
        if row.state != "success":
            return None
        is_numbered = row.sequence_number != UNNUMBERED
        executions: Sequence[Executed]
        sent: Sequence[Sent]
        if is_numbered:
            key = (row.lane, row.sequence_number)
            executions, sent = record.executed.get(key, ()), record.sent.get(key, ())
        else:
            executions, sent = record.executed_by_id.get(row.message_id, ()), record.sent_by_id.get(row.message_id, ())
        if len(executions) < 2:
            return None  # the row itself
        if not record.tells_apart(row.lane):
            executions = [other for other in executions if other.leaf == row.leaf]
            sent = [other for other in sent if other.leaf == row.leaf]
        earlier = _first_of_too_many(executions, sent, row)
        if earlier is None:
            return None
        released = record.releases_of(row)
        what = f"Message {row.sequence_number}" if is_numbered else f"Message {row.message_id}"
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=[earlier, *released],
            summary=f"{what} was executed a second time.",
            value_micro_usd=record.value_of(released),
            evidence={
                "sequence_number": str(row.sequence_number) if is_numbered else None,
                "message_id": row.message_id,
                "first_row": earlier.at.row_id,
                "first_tx": earlier.at.tx_hash,
            },
        )


def _first_of_too_many(executions: Sequence[Executed], sent: Sequence[Sent], row: Executed) -> Executed | None:
    """The first success, if those before the row are as many as were sent."""
    allowed = max(1, len(sent))
    successes = (
        other
        for other in executions
        if other.state == "success" and other.lane == row.lane and other.at.is_before(row.at)
    )
    enough = list(islice(successes, allowed))
    return enough[0] if len(enough) == allowed else None
