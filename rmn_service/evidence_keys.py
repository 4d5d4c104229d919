"""Under which key a row stands in the record: so that a bundle can't answer a question with another question's row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    "books.settings": lambda row: (row.at.chain, row.contract, row.what, row.subject),
    "books.limits": lambda level: (level.row.at.chain, level.row.pool, level.row.remote, level.row.side),
    "books.prices": lambda row: (row.at.chain, row.token),
    "books.curses": lambda row: (row.at.chain, row.subject),
    "books.voters": lambda row: row.at.chain,
}


def misplaced(part: Slice) -> str | None:
    """The first entry that stands under a key which is not its own; None when all is in its place."""
    for index, key_of in _KEY_OF.items():
        for key, value in part.looked_up.get(index, {}).items():
            for _, entry in value.entries if isinstance(value, Excerpt) else ():
                if key_of(entry) != key:
                    return f"a {type(entry).__name__} in {index}"
    for (chain, subject), value in part.looked_up.get("books.votes", {}).items():
        for _, vote in value.entries if isinstance(value, Excerpt) else ():
            if vote.at.chain != chain or subject not in vote.subjects:
                return "a Voted in books.votes"
    return None
