"""Votes to curse, as CurseVoting counts them.

A round begins when seats are set, a curse is lifted or all votes were taken back. Its first vote is the *call*; others
join, until it is cursed or nobody else comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.subjects import is_drill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.books import Books
    from detectors.frames import At
    from detectors.state_rows import Voted


class Call(NamedTuple):
    """The first vote on a subject: from here on the other voters are asked to join."""

    at: At
    subject: str


def votes_in_round(books: Books, at: At, subject: str, until_s: int) -> list[Voted] | None:
    """The votes on a subject up to a time since none stood; None while it is cursed.

    `at`: any place on the chain that the votes stand on.
    """
    changes = books.curses.get((at.chain, subject), ())
    last = next((change for change in reversed(changes) if change.at.block_time_s <= until_s), None)
    if last is not None and last.is_cursed:
        return None
    seats = books.voters.get(at.chain, ())
    begin = max((_place(of.at) for of in (last, seats[-1] if seats else None) if of is not None), default=(0, 0))
    votes = books.votes.get((at.chain, subject), ())
    of_round: list[Voted] = []
    asking: set[str] = set()
    for vote in votes:
        if vote.at.block_time_s <= until_s and _place(vote.at) > begin:
            of_round.append(vote)
            (asking.discard if vote.is_taken_back else asking.add)(vote.voter)
            if not asking:
                of_round.clear()
    return of_round


def standing(votes: Sequence[Voted]) -> list[Voted]:
    """The votes that were not taken back, oldest first."""
    kept: dict[str, Voted] = {}
    for vote in votes:
        if vote.is_taken_back:
            kept.pop(vote.voter, None)
        else:
            kept.setdefault(vote.voter, vote)
    return list(kept.values())


def is_practice(subject: str) -> bool:
    """Whether each node votes on it alone, to show that it can."""
    return is_drill(bytes.fromhex(subject[2:]))


def calls_of(books: Books, vote: Voted) -> list[Call]:
    """The subjects, of those of this vote, that it is the first to ask about; the books don't hold it yet."""
    if vote.is_taken_back:
        return []
    at = vote.at
    rounds = ((subject, votes_in_round(books, at, subject, at.block_time_s)) for subject in vote.subjects)
    return [Call(at, subject) for subject, votes in rounds if votes == [] and not is_practice(subject)]


def _place(at: At) -> tuple[int, int]:
    return at.block_number, at.log_index
