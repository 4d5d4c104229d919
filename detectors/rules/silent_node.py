"""RMN nodes that did not join a vote to curse."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, subject_selector, subject_text
from detectors.archive import place_after
from detectors.books import block_time_s
from detectors.delays import SEEN_MIN, chance_of_longer, deadline_s
from detectors.detector import Pending, Rule, Severity, Verdict, make_signal
from detectors.state_rows import Voted
from detectors.votes import is_practice, standing, votes_in_round

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.books import Books
    from detectors.frames import Row
    from detectors.record import Record
    from detectors.votes import Call

_CHANCE = 0.001
"""A node that takes so long to join once in a thousand calls is said to keep silent."""
_PATIENCE_S = 900
"""Of a node whose past says too little: votes of nodes that see the same evidence are blocks apart. After a quarter of
an hour, the longest reaction that our counterfactuals count with (research, section 6), a node that did not vote
either saw nothing or is not there."""
_PATIENCE_S_MIN = 60
"""However fast a node usually is: the next block is some seconds away."""
_PATIENCE_S_MAX = 3_600
"""However slow it usually is: a call that stood for an hour has failed, and one slow node must not hide a dead one."""
_REMEMBERED = 100
"""Calls of a chain that count, the latest ones."""
_Entry = TypeVar("_Entry")
_GLOBAL = subject_text(GLOBAL_CURSE_SUBJECT)


class SilentNode(Rule):
    """Some voters asked for a curse, the curse did not come, and others kept silent for longer than is likely.

    Absence has a probability: that a node takes longer to join, from how long it took before, leaning on the other
    nodes' delays (`detectors.delays`), over the calls on this chain and on those that a lane joins with it. It has time
    until that is below one in a thousand, at least a minute and at most an hour; a node that joined fewer than 20 calls
    has a quarter of an hour. All who are silent are stated at once, when the last of them has had its time. A call
    that ended in a curse without a node, or was taken back, says nothing about it.

    A vote that ended in a curse makes silence pointless, and one that was taken back makes it right; neither is
    stated. It is a warning about nodes, or about a lone vote; it says nothing of the lane.

    Blessings can't be watched like this: a report carries the f+1 signatures that its oracle took first, so an absent
    signer is no silent one. Assumes CurseVoting's own list of voters; without it in the record nothing is said.
    """

    name: ClassVar[str] = "silent_node"
    judges: ClassVar[tuple[type[Row], ...]] = (Voted,)

    def judge(self, record: Record, row: Voted) -> Verdict:
        """Ask again when the others had their time, about the subjects that this vote was the first for."""
        chain = row.at.chain
        seats = record.books.voters.get(chain)
        if row.is_taken_back or not seats or row.at.block_number <= record.watch(chain).block_number:
            return None
        habits = _habits(record, row)
        others = (habits.get(voter, _UNKNOWN) for voter, _ in seats[-1].weights if voter != row.voter)
        due_s = row.at.block_time_s + max((habit.patience_s for habit in others), default=_PATIENCE_S)
        head = record.head(chain)
        if head is None or head.timestamp_s < due_s:
            return Pending("other nodes may still vote", chain, due_s, is_doubt=False)
        for subject in row.subjects:
            if is_practice(subject):
                continue
            votes = votes_in_round(record.books, row.at, subject, due_s) or []
            called = standing(votes)
            silent = sorted({voter for voter, _ in seats[-1].weights} - {vote.voter for vote in votes})
            if not silent or not called or called[0] is not row:
                continue
            waited_s = due_s - row.at.block_time_s
            return make_signal(
                self.name,
                row,
                lanes=_lanes(record, row, subject),
                others=[seats[-1], *votes],
                subject=subject,
                severity=Severity.WARNING,
                score=round(len(silent) / len(seats[-1].weights), 6),
                summary=f"{len(silent)} of {len(seats[-1].weights)} nodes did not join the vote to curse {subject}.",
                known_at_ms=record.head_known_at_ms(chain),
                evidence={
                    "subject": subject,
                    "voted": [vote.voter for vote in called],
                    "silent": silent,
                    "threshold": seats[-1].threshold,
                    "waited_s": str(waited_s),
                    "habits": {voter: habits.get(voter, _UNKNOWN).document(waited_s) for voter in silent},
                },
            )
        return None


class _Habit(NamedTuple):
    """How a node answered the calls of the past."""

    called: int
    """Calls that it joined, or failed to join while they stood."""
    own_s: tuple[int, ...]
    """How long it took to join, ascending."""
    all_s: tuple[int, ...]
    """How long all nodes took, ascending."""

    @property
    def is_known(self) -> bool:
        """Whether it joined often enough for its delays to tell."""
        return len(self.own_s) >= SEEN_MIN

    @property
    def patience_s(self) -> int:
        """How long it may take to join."""
        usual_s = deadline_s(self.own_s, self.all_s, _CHANCE) if self.is_known else _PATIENCE_S
        return min(_PATIENCE_S_MAX, max(_PATIENCE_S_MIN, usual_s or _PATIENCE_S_MAX))

    def document(self, waited_s: int) -> dict[str, object]:
        """For evidence: what is usual of it, on how much that rests, and how likely it is that it still joins."""
        chance = round(chance_of_longer(self.own_s, self.all_s, waited_s), 9) if self.is_known else None
        return {
            "usual_s_max": str(self.patience_s),
            "joined": len(self.own_s),
            "called": self.called,
            "chance": chance,
        }


_UNKNOWN = _Habit(0, (), ())


def _habits(record: Record, row: Voted) -> Mapping[str, _Habit]:
    """Of each voter, from the calls that were over when this vote was cast."""
    called: dict[str, int] = defaultdict(int)
    joined_s: dict[str, list[int]] = defaultdict(list)
    for chain in (row.at.chain, *record.network.neighbours(row.at.chain)):
        calls = record.books.calls.get(chain, ())
        until = place_after(calls, row.at.block_time_s - _PATIENCE_S_MAX, block_time_s)
        for call in calls[max(0, until - _REMEMBERED) : until]:
            for voter, delay_s in _answers(record.books, chain, call):
                called[voter] += 1
                if delay_s is not None:
                    joined_s[voter].append(delay_s)
    all_s = tuple(sorted(delay_s for of in joined_s.values() for delay_s in of))
    return {voter: _Habit(count, tuple(sorted(joined_s[voter])), all_s) for voter, count in called.items()}


def _answers(books: Books, chain: ChainSelector, call: Call) -> Iterator[tuple[str, int | None]]:
    """Each voter that was called, and after how long it joined; None: it did not, while it could have."""
    since_s, until_s = call.at.block_time_s, call.at.block_time_s + _PATIENCE_S_MAX
    seats = books.voters.get(chain, ())
    seated = place_after(seats, since_s, block_time_s)
    votes = _between(books.votes.get((chain, call.subject), ()), since_s, until_s)
    ends = _between(books.curses.get((chain, call.subject), ()), since_s, until_s)
    stands = bool(standing(votes)) and not any(change.is_cursed for change in ends)
    for voter, _ in seats[seated - 1].weights if seated else ():
        first = next((vote for vote in votes if vote.voter == voter and not vote.is_taken_back), None)
        if first is None and stands:
            yield voter, None
        elif first is not None and first.at != call.at:
            yield voter, first.at.block_time_s - since_s


def _between(entries: Sequence[_Entry], since_s: int, until_s: int) -> Sequence[_Entry]:
    return entries[place_after(entries, since_s - 1, block_time_s) : place_after(entries, until_s, block_time_s)]


def _lanes(record: Record, row: Voted, subject: str) -> tuple[Lane, ...]:
    remote = None if subject == _GLOBAL else subject_selector(bytes.fromhex(subject[2:]))
    return record.network.lanes_between(row.at.chain, remote)
