"""Under which key a row stands in the record: so that a bundle can't answer a question with another question's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors.frames import Sent
from detectors.onward import onward_key
from detectors.slices import Excerpt

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.slices import Slice

_KEY_OF: dict[str, Callable[[Any], Any]] = {
    "sent": lambda row: (row.lane, row.sequence_number),
    "sent_by_id": lambda row: row.message_id,
    "ordered": lambda row: (row.lane, row.sender, row.nonce),
    "executed": lambda row: (row.lane, row.sequence_number),
    "executed_by_id": lambda row: row.message_id,
    "committed": lambda row: row.lane,
    "in_tx": lambda row: (row.at.chain, row.at.tx_hash),
    "onward": lambda row: onward_key(row.at, row.sender if isinstance(row, Sent) else row.recipient),
    "books.settings": lambda row: (row.at.chain, row.contract, row.what, row.subject),
    "books.prices": lambda row: (row.at.chain, row.token),
    "books.curses": lambda row: (row.at.chain, row.subject),
    "books.liquidity": lambda row: (row.at.chain, row.pool),
    "books.holdings": lambda tally: (tally.at.chain, tally.pool),
    "books.missing": lambda tally: (tally.at.chain, tally.pool),
    "books.voters": lambda row: row.at.chain,
    "books.calls": lambda call: call.at.chain,
}


def misplaced(part: Slice) -> str | None:
    """The first entry that stands under a key which is not its own; None when all is in its place."""
    for index, key_of in _KEY_OF.items():
        for key, value in part.looked_up.get(index, {}).items():
            for _, entry in value.entries if isinstance(value, Excerpt) else ():
                if key_of(entry) != key:
                    return f"a {type(entry).__name__} in {index}"
    for index, may_stand in _MAY_STAND.items():
        for key, value in part.looked_up.get(index, {}).items():
            for _, entry in value.entries if isinstance(value, Excerpt) else ():
                if not may_stand(entry, *key):
                    return f"a {type(entry).__name__} in {index}"
    return None


def _may_hold_vote(vote: Any, chain: Any, subject: Any) -> bool:
    return vote.at.chain == chain and subject in vote.subjects


def _may_hold_level(level: Any, chain: Any, pool: Any, remote: Any, side: Any) -> bool:
    """A 1.5.1 pool's draw names no bucket: the other rows of its transaction do."""
    row = level.row
    return (row.at.chain, row.pool) == (chain, pool) and (row.remote, row.side) in {(remote, side), (None, None)}


_MAY_STAND: dict[str, Callable[..., bool]] = {"books.votes": _may_hold_vote, "books.limits": _may_hold_level}
"""Where a key is more than the entry says."""
