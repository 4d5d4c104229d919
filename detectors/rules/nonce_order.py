"""Messages that must be executed in order were not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Severity, Signal, Verdict, make_signal
from detectors.frames import Executed, Row, Sent

if TYPE_CHECKING:
    from detectors.record import Record


class NonceOrder(Rule):
    """Ordered messages (nonce above 0) of one sender on one lane are tried one after the other (spec 4.5).

    A first try, success or failure, is accused when the sender's previous ordered message was not tried before it.
    Later tries don't count, and messages without a nonce come whenever they like. A previous message that the record
    does not hold, or that was sent before our record of the destination began, says nothing.

    A warning: the order is broken, nothing is stolen by that alone. Assumes the NonceManager of 1.6, which also counts
    on from what a lane's earlier ramps had counted.
    """

    name: ClassVar[str] = "nonce_order"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Look for a try of the sender's previous message before this one."""
        if not record.ordered or row.state == "in_progress":
            return None
        sent = record.find_sent(row)
        if sent is None:
            return record.absence(row.lane, row.sequence_number, row.at)
        if sent.leaf != row.leaf or _was_tried_before(record, sent.sequence_number, row):
            return None
        previous = record.ordered.get((row.lane, sent.sender, sent.nonce - 1), ())
        began_s = record.first_s(row.lane.dest)
        if not previous or any(
            one.at.block_time_s <= began_s or _was_tried_before(record, one.sequence_number, row) for one in previous
        ):
            return None
        return self._claim(row, sent, previous[0])

    def _claim(self, row: Executed, sent: Sent, previous: Sent) -> Signal:
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=[sent, previous],
            severity=Severity.WARNING,
            score=_SCORE,
            summary=f"Message {row.sequence_number} was executed before {previous.sequence_number}, though its sender"
            f" ordered them (nonces {sent.nonce} and {previous.nonce}).",
            evidence={
                "sequence_number": str(row.sequence_number),
                "nonce": str(sent.nonce),
                "sender": sent.sender,
                "previous_sequence_number": str(previous.sequence_number),
            },
        )


_SCORE = 0.3
"""An OffRamp that does not keep order may not keep more, but order guards no funds."""


def _was_tried_before(record: Record, number: int, row: Executed) -> bool:
    tries = record.executed.get((row.lane, number), ())
    return any(one.state != "in_progress" and one.at.is_before(row.at) for one in tries)
