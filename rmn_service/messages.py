"""Where every message is, by the judge's record: what `known?` is asked of, and what a person looks up."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.frames import Committed, Executed, Sent
    from detectors.record import Record

MessageState = Literal["sent", "final", "committed", "in_progress", "success", "failure"]


class Messages:
    """Questions about messages to a record that somebody else keeps."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.final: dict[ChainSelector, int] = {}
        """The number of each chain's last final block."""

    def sent(self, lane: Lane, sequence_number: int) -> Sent | None:
        """The message that the OnRamp emitted under this number, the latest if it did so twice."""
        found = self._record.sent.get((lane, sequence_number))
        return found[-1] if found else None

    def find(self, message_id: str) -> Sent | None:
        """The message of this id, the latest if several numbers carry it."""
        found = self._record.sent_by_id.get(message_id)
        return found[-1] if found else None

    def commit(self, sent: Sent) -> Committed | None:
        """The committed root whose interval covers the message."""
        commits = self._record.committed.get(sent.lane, [])
        place = bisect_right(commits, sent.sequence_number, key=lambda commit: commit.min_seq_nr)
        covering = (commit for commit in reversed(commits[:place]) if commit.max_seq_nr >= sent.sequence_number)
        return next(covering, None)

    def executions(self, sent: Sent) -> list[Executed]:
        """Every recorded change of the message's execution state."""
        return self._record.executed.get((sent.lane, sent.sequence_number), [])

    def is_final(self, sent: Sent) -> bool:
        """Whether the block that holds the message will stay."""
        return sent.at.block_number <= self.final.get(sent.at.chain, -1)

    def state(self, sent: Sent) -> MessageState:
        """How far the message has come."""
        executions = self.executions(sent)
        if executions:
            return executions[-1].state
        if self.commit(sent) is not None:
            return "committed"
        return "final" if self.is_final(sent) else "sent"

    def latest(self, limit: int) -> list[Sent]:
        """The messages read last, newest first."""
        newest = (rows[-1] for rows in reversed(self._record.sent.values()) if rows)
        return list(islice(newest, limit))

    def heights(self, lane: Lane) -> tuple[int, int]:
        """The lane's highest sent and last committed sequence numbers, 0 where there is none."""
        numbering, commits = self._record.numbering.get(lane), self._record.committed.get(lane)
        return numbering.frontier if numbering else 0, commits[-1].max_seq_nr if commits else 0
