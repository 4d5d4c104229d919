"""Finding messages: by what they are called, who sent what, on which lane, in which state, when. Newest first.

The narrowest index leads and the rest of the question is asked of what it yields, so that a page of a hundred out of
100,000 is a matter of milliseconds whatever is asked.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from rmn_service.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ccip_core.protocol.messages import Lane
    from detectors.network import Network
    from rmn_service.ledger import Entry, Ledger
    from rmn_service.messages import Messages, MessageState

_HASH = re.compile("0x[0-9a-f]{64}")
_ADDRESS = re.compile("0x[0-9a-f]{40}")


class Query(NamedTuple):
    """What is looked for; None: anything."""

    text: str | None = None
    """A message id, a transaction, a sender, a token's address or its symbol."""
    tx: str | None = None
    sender: str | None = None
    token: str | None = None
    """Address at its source, or symbol."""
    lanes: tuple[Lane, ...] | None = None
    state: MessageState | None = None
    since_s: int | None = None
    until_s: int | None = None
    at_s: int | None = None
    """States as they stood then; what was sent later is not there."""
    cursor: str | None = None
    """Where the page before this one ended."""


class Page(NamedTuple):
    """Some of what was found."""

    entries: list[Entry]
    next_cursor: str | None
    """None: that was all."""


def search(query: Query, ledger: Ledger, messages: Messages, network: Network, limit: int) -> Page:
    """The newest messages that fit, at most `limit`.

    Raises:
        RequestError: a cursor of another record.
    """
    before = _position(query.cursor, ledger)
    page: list[Entry] = []
    for entry in _candidates(query, ledger, messages, network):
        if (before is None or entry.position < before) and _fits(entry, query, messages, network):
            if len(page) == limit:
                return Page(page, page[-1].sent.at.row_id)
            page.append(entry)
    return Page(page, None)


def _position(cursor: str | None, ledger: Ledger) -> int | None:
    if cursor is None:
        return None
    entry = ledger.entry_of_row(cursor)
    if entry is None:
        raise RequestError(f"cursor = {cursor[:80]}: not from this node's last page; begin again without it")
    return entry.position


def _candidates(query: Query, ledger: Ledger, messages: Messages, network: Network) -> Iterable[Entry]:
    """Of the narrowest index that the question names."""
    if query.text is not None:
        return _named(query.text.strip().lower(), ledger, messages, network)
    if query.tx is not None:
        return ledger.of_tx(query.tx.lower())
    if query.state is not None and query.state != "success" and query.at_s is None:
        return ledger.all_in_flight()
    if query.sender is not None:
        return ledger.of_sender(query.sender.lower())
    if query.token is not None:
        return ledger.of_tokens(_tokens(query.token, network))
    ends = [time_s for time_s in (query.until_s, query.at_s) if time_s is not None]
    lanes = sorted(network.lanes) if query.lanes is None else query.lanes
    return ledger.sent_between(lanes, query.since_s, min(ends, default=None))


def _named(text: str, ledger: Ledger, messages: Messages, network: Network) -> Iterable[Entry]:
    if _HASH.fullmatch(text):
        sent = messages.find(text)
        found = None if sent is None else ledger.entry(sent)
        return ledger.of_tx(text) if found is None else [found]
    if _ADDRESS.fullmatch(text):
        return _by_address(text, ledger)
    return ledger.of_tokens(_tokens(text, network))


def _by_address(address: str, ledger: Ledger) -> Iterator[Entry]:
    seen: set[int] = set()
    for entry in chain(ledger.of_sender(address), ledger.of_tokens([address])):
        if entry.position not in seen:
            seen.add(entry.position)
            yield entry


def _tokens(text: str, network: Network) -> list[str]:
    """Addresses of the tokens that are called so."""
    wanted = text.strip().lower()
    found = {
        token.address
        for facts in network.chains.values()
        for token in facts.tokens.values()
        if wanted in (token.symbol.lower(), token.address)
    }
    return sorted(found | {wanted})


def _fits(entry: Entry, query: Query, messages: Messages, network: Network) -> bool:
    if query.since_s is not None and entry.at_s < query.since_s:
        return False
    if any(end_s is not None and entry.at_s > end_s for end_s in (query.until_s, query.at_s)):
        return False
    if query.lanes is not None and entry.sent.lane not in query.lanes:
        return False
    if query.sender is not None and entry.sent.sender != query.sender.lower():
        return False
    if query.token is not None:
        tokens = _tokens(query.token, network)
        if not any(carried.token in tokens for carried in entry.carried):
            return False
    return query.state is None or messages.state(entry.sent, query.at_s) == query.state
