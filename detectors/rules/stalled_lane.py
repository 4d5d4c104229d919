"""A lane that does not go on although it should."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar

from ccip_core.protocol.merkle import MAX_LEAVES
from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject, subject_text
from detectors.archive import place_after
from detectors.books import block_time_s
from detectors.delays import chance_of_longer, deadline_s
from detectors.detector import Pending, Rule, Severity, Signal, Verdict, make_signal
from detectors.frames import Committed, Row, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.protocol.messages import Lane
    from detectors.books import Delay
    from detectors.frames import CurseChanged
    from detectors.record import Record

_CHANCE = 0.001
"""An honest lane that is this late once in a thousand waits is said to stand still."""
_REMEMBERED = 100
"""Delays of a lane that count, the latest ones: lanes change their pace."""


class StalledLane(Rule):
    """No commit since a message was sent, or no execution since its root was committed, for longer than is likely.

    Absence has a probability: that an honest lane takes longer, from its own past delays, leaning on those of the
    lanes that share a chain with it (`detectors.delays`). It is stated when that is below one in a thousand, by the
    first message or root that waits, once. A lane that does anything later is not stalled: what it leaves out is one
    message's matter. A curse at either end explains a stall, and a lane has its whole time again after it.

    A warning for people, no reason to withhold: a blessing is what a stalled lane may be waiting for. Assumes that
    the lane's destination is indexed up to its head; says nothing before 20 delays were seen.
    """

    name: ClassVar[str] = "stalled_lane"
    judges: ClassVar[tuple[type[Row], ...]] = (Sent, Committed)

    def judge(self, record: Record, row: Sent | Committed) -> Verdict:
        """Ask at the row's deadline whether the lane has gone on since."""
        books = record.books
        of_step = books.commit_delays if isinstance(row, Sent) else books.execution_delays
        if not of_step or row.at.block_number <= record.watch(row.at.chain).block_number:
            return None
        own_s, all_s = _usual(record, of_step, row)
        limit_s = deadline_s(own_s, all_s, _CHANCE)
        if limit_s is None:
            return None
        head = record.head(row.lane.dest)
        head_s = 0 if head is None else head.timestamp_s
        since_s = max(row.at.block_time_s, _open_since_s(record, row.lane))
        due_s = since_s + limit_s
        if head_s >= due_s and _is_closed(record, row.lane):
            due_s += ((head_s - due_s) // limit_s + 1) * limit_s
        if head_s < due_s:
            return Pending("the lane has time left", row.lane.dest, due_s, is_doubt=False)
        if _has_gone_on(record, row) or _another_speaks(record, row):
            return None
        chance = chance_of_longer(own_s, all_s, head_s - since_s)
        return self._claim(record, row, head_s - since_s, limit_s, len(own_s), chance)

    def may_accuse(self, record: Record, rows: Sequence[Sent | Committed]) -> list[Sent | Committed]:
        """A lane that went on after the row, for good, does not stand still on its account."""
        gone_on_s: dict[tuple[Lane, type[Row]], int] = {}
        open_: list[Sent | Committed] = []
        for row in rows:
            key = row.lane, type(row)
            if key not in gone_on_s:
                gone_on_s[key] = next(
                    (step.at.block_time_s for step in reversed(_steps(record, row)) if record.is_final(step)), -1
                )
            if gone_on_s[key] < row.at.block_time_s:
                open_.append(row)
        return open_

    def _claim(  # noqa: PLR0917  what it rests on, each once
        self, record: Record, row: Sent | Committed, waited_s: int, limit_s: int, own: int, chance: float
    ) -> Signal:
        is_sent = isinstance(row, Sent)
        what = "nothing was committed" if is_sent else "nothing was executed"
        first = row.sequence_number if isinstance(row, Sent) else row.min_seq_nr
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            subject=f"{row.lane.source}>{row.lane.dest}|{'commit' if is_sent else 'execution'}",
            severity=Severity.WARNING,
            score=round(1 - chance, 6),
            summary=f"For {waited_s} s {what} on the lane, from message {first} on; at most {limit_s} s are usual.",
            known_at_ms=record.head_known_at_ms(row.lane.dest),
            evidence={
                "step": "commit" if is_sent else "execution",
                "first_sequence_number": str(first),
                "waited_s": str(waited_s),
                "usual_s_max": str(limit_s),
                "chance": chance,
                "delays_seen": own,
            },
        )


def _usual(record: Record, of_step: Mapping[Lane, Sequence[Delay]], row: Sent | Committed) -> tuple[list[int], ...]:
    """The delays known when the row was stated, ascending: of its lane, and of all lanes that share a chain with it."""
    own_s: list[int] = []
    all_s: list[int] = []
    for lane in {*record.network.lanes_of(row.lane.source), *record.network.lanes_of(row.lane.dest)}:
        delays = of_step.get(lane, ())
        until = place_after(delays, row.at.block_time_s, block_time_s)
        latest = [one.delay_s for one in delays[max(0, until - _REMEMBERED) : until] if one.delay_s is not None]
        all_s += latest
        if lane == row.lane:
            own_s = latest
    return sorted(own_s), sorted(all_s)


def _steps(record: Record, row: Sent | Committed) -> Sequence[Committed | Delay]:
    """What the row waits for, and the like, on its lane."""
    if isinstance(row, Sent):
        return record.committed.get(row.lane, ())
    return record.books.execution_delays.get(row.lane, ())


def _last_step_s(record: Record, row: Sent | Committed) -> int:
    """When the lane last did what the row waits for; -1: never."""
    steps = _steps(record, row)
    return steps[-1].at.block_time_s if steps else -1


def _has_gone_on(record: Record, row: Sent | Committed) -> bool:
    """Whether anything of the awaited kind happened on the lane since, or to the row's messages before."""
    if _last_step_s(record, row) >= row.at.block_time_s:
        return True
    if isinstance(row, Sent):
        return record.commit_of(row.lane, row.sequence_number) is not None
    numbers = range(row.min_seq_nr, min(row.max_seq_nr + 1, row.min_seq_nr + MAX_LEAVES))
    return any((row.lane, number) in record.executed for number in numbers)


def _another_speaks(record: Record, row: Sent | Committed) -> bool:
    """Whether an earlier message or root of the lane waits for the same."""
    last_s = _last_step_s(record, row)
    if isinstance(row, Sent):
        return any(sent.at.block_time_s > last_s for sent in record.sent.get((row.lane, row.sequence_number - 1), ()))
    waiting = takewhile(lambda commit: commit.at.block_time_s > last_s, reversed(record.committed.get(row.lane, ())))
    return any(commit.max_seq_nr == row.min_seq_nr - 1 for commit in waiting)


def _is_closed(record: Record, lane: Lane) -> bool:
    return any(change.is_cursed for change in _curses(record, lane))


def _open_since_s(record: Record, lane: Lane) -> int:
    """When a curse of the lane was last lifted; 0: it never was."""
    return max((change.at.block_time_s for change in _curses(record, lane) if not change.is_cursed), default=0)


def _curses(record: Record, lane: Lane) -> list[CurseChanged]:
    """The latest word on every subject that closes the lane."""
    subjects = [
        (here, subject)
        for here, there in (lane, lane[::-1])
        for subject in (chain_subject(there), GLOBAL_CURSE_SUBJECT)
    ]
    told = (record.books.curses.get((chain, subject_text(subject))) for chain, subject in subjects)
    return [changes[-1] for changes in told if changes]
