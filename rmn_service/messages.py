"""Where every message is, by the judge's record: what `known?` is asked of, and what a person looks up."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from detectors.archive import place_after
from detectors.indexes import min_seq_nr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.books import Delay
    from detectors.frames import Committed, Executed, Sent
    from detectors.record import Record

MessageState = Literal["sent", "final", "committed", "in_progress", "success", "failure"]
STATES: tuple[MessageState, ...] = get_args(MessageState)


class Usual(NamedTuple):
    """How long a step usually takes on a lane."""

    median_s: int
    p90_s: int
    samples: int


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
        place = place_after(commits, sent.sequence_number, min_seq_nr)
        earlier = map(commits.__getitem__, reversed(range(place)))
        return next((commit for commit in earlier if commit.max_seq_nr >= sent.sequence_number), None)

    def executions(self, sent: Sent) -> list[Executed]:
        """Every recorded change of the message's execution state."""
        return self._record.executed.get((sent.lane, sent.sequence_number), [])

    def is_final(self, sent: Sent) -> bool:
        """Whether the block that holds the message will stay."""
        return sent.at.block_number <= self.final.get(sent.at.chain, -1)

    def state(self, sent: Sent, at_s: int | None = None) -> MessageState:
        """How far the message has come, or had come at an earlier block time.

        Of the past it is not recorded when a block was called final: there a message is sent until it is committed.
        """
        executions = [row for row in self.executions(sent) if at_s is None or row.at.block_time_s <= at_s]
        if executions:
            return executions[-1].state
        commit = self.commit(sent)
        if commit is not None and (at_s is None or commit.at.block_time_s <= at_s):
            return "committed"
        return "final" if at_s is None and self.is_final(sent) else "sent"

    def usual_commit(self, lane: Lane) -> Usual | None:
        """From sent to committed, of late; None where nothing was committed yet."""
        return _usual(self._record.books.commit_delays.get(lane, ()))

    def usual_execution(self, lane: Lane) -> Usual | None:
        """From committed to tried for the first time, of late."""
        return _usual(self._record.books.execution_delays.get(lane, ()))

    def heights(self, lane: Lane) -> tuple[int, int]:
        """The lane's highest sent and last committed sequence numbers, 0 where there is none."""
        numbering, commits = self._record.numbering.get(lane), self._record.committed.get(lane)
        return numbering.frontier if numbering else 0, commits[-1].max_seq_nr if commits else 0

    def heights_at(self, lane: Lane, sent: Sent | None, at_s: int) -> tuple[int, int]:
        """The same at an earlier block time; `sent` is the last message that had been sent by then."""
        commits = self._record.committed.get(lane, [])
        place = bisect_right(commits, at_s, key=lambda commit: commit.at.block_time_s)
        return sent.sequence_number if sent else 0, commits[place - 1].max_seq_nr if place else 0


_OF_LATE = 200


def _usual(delays: Sequence[Delay]) -> Usual | None:
    known = sorted(delay.delay_s for delay in delays[-_OF_LATE:] if delay.delay_s is not None)
    if not known:
        return None
    return Usual(known[len(known) // 2], known[9 * len(known) // 10], len(known))
