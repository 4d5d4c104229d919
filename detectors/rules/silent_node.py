"""RMN nodes that did not join a vote to curse."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, is_drill, subject_selector, subject_text
from detectors.detector import Pending, Rule, Severity, Verdict, make_signal
from detectors.state_rows import Voted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.messages import Lane
    from detectors.frames import At, Row
    from detectors.record import Record

_PATIENCE_S = 900
"""Votes of nodes that see the same evidence are blocks apart. After a quarter of an hour, the longest reaction that our
counterfactuals count with (research, section 6), a node that did not vote either saw nothing or is not there."""
_GLOBAL = subject_text(GLOBAL_CURSE_SUBJECT)


class SilentNode(Rule):
    """Some voters asked for a curse, the curse did not come, and others kept silent for a quarter of an hour.

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
        due_s = row.at.block_time_s + _PATIENCE_S
        head = record.head(chain)
        if head is None or head.timestamp_s < due_s:
            return Pending("other nodes may still vote", chain, due_s, is_doubt=False)
        for subject in row.subjects:
            if is_drill(bytes.fromhex(subject[2:])):
                continue  # each node practises alone
            votes = _votes(record, row, subject, due_s, since=seats[-1].at)
            standing = _standing(votes)
            silent = sorted({voter for voter, _ in seats[-1].weights} - {vote.voter for vote in votes})
            if not silent or not standing or standing[0] is not row:
                continue
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
                    "voted": [vote.voter for vote in standing],
                    "silent": silent,
                    "threshold": seats[-1].threshold,
                    "waited_s": str(_PATIENCE_S),
                },
            )
        return None


def _votes(record: Record, row: Voted, subject: str, due_s: int, since: At) -> list[Voted]:
    """The votes on a subject up to a time, of the present voters and curse: none while it is cursed."""
    changes = record.books.curses.get((row.at.chain, subject), ())
    last = next((change for change in reversed(changes) if change.at.block_time_s <= due_s), None)
    if last is not None and last.is_cursed:
        return []
    begin = max(_place(since), (0, 0) if last is None else _place(last.at))
    votes = record.books.votes.get((row.at.chain, subject), ())
    return [vote for vote in votes if vote.at.block_time_s <= due_s and _place(vote.at) > begin]


def _place(at: At) -> tuple[int, int]:
    return at.block_number, at.log_index


def _standing(votes: Sequence[Voted]) -> list[Voted]:
    """The votes that were not taken back, oldest first."""
    standing: dict[str, Voted] = {}
    for vote in votes:
        if vote.is_taken_back:
            standing.pop(vote.voter, None)
        else:
            standing.setdefault(vote.voter, vote)
    return list(standing.values())


def _lanes(record: Record, row: Voted, subject: str) -> tuple[Lane, ...]:
    remote = None if subject == _GLOBAL else subject_selector(bytes.fromhex(subject[2:]))
    return record.network.lanes_between(row.at.chain, remote)
