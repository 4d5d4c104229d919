"""A token pool's rate limit, kept from its events as the contract keeps it (spec 4.7): refilled by block time.

Whoever begins to watch late does not know how full a bucket is. It is then taken to be full, the most it can be, so
that what is said to be left is never less than what is; after one full refill without a draw the two are the same.

A pool of 1.5.1 does not say which of its buckets was drawn on; the transaction does. In it the draw comes first, then
the pool's departure or arrival, then the message that asked for it:

    TokensConsumed(5)   Burned(5)   CCIPMessageSent(to B)             the bucket for what goes out to B
    TokensConsumed(7)   Minted(7)   ExecutionStateChanged(from C)     the bucket for what comes in from C

A receiver may send, or have another message executed, while its own is: those stand in between, and tell only draws
of their own side that no message before them tells. Of two messages executed one inside the other, the inner one is
taken to have drawn what both did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.frames import Executed, Pooled, Sent
from detectors.state_rows import LimitConsumed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.messages import ChainSelector
    from detectors.frames import At, Row
    from detectors.state_rows import LimitSet, Side


class Level(NamedTuple):
    """A bucket right after one of its rows."""

    row: LimitSet | LimitConsumed
    is_enabled: bool
    capacity: int
    rate: int
    """Smallest units a second."""
    tokens: int
    """What is left."""
    drawn: int
    """All that was ever drawn, as far as we know: the difference of two levels is what was drawn between them."""

    @property
    def at(self) -> At:
        """Where the row stands."""
        return self.row.at

    def tokens_at(self, time_s: int) -> int:
        """What is left later, refilled."""
        waited_s = max(0, time_s - self.row.at.block_time_s)
        return min(self.capacity, self.tokens + waited_s * self.rate)


def level_after_set(before: Level | None, row: LimitSet) -> Level:
    """A new bucket is full; one that was there keeps what it has, up to its new capacity."""
    if before is None or row.is_new:
        tokens, drawn = row.capacity, 0 if before is None else before.drawn
    else:
        tokens, drawn = min(row.capacity, before.tokens_at(row.at.block_time_s)), before.drawn
    return Level(row, row.is_enabled, row.capacity, row.rate, tokens, drawn)


def level_after_draw(before: Level, row: LimitConsumed) -> Level:
    """A disabled bucket is not drawn on, though 1.6.1 pools state it all the same."""
    tokens = before.tokens_at(row.at.block_time_s)
    if not before.is_enabled:
        return before._replace(row=row, tokens=tokens)
    return before._replace(row=row, tokens=max(0, tokens - row.amount), drawn=before.drawn + row.amount)


def draws_told_by(message: Sent | Executed, in_tx: Sequence[Row]) -> list[LimitConsumed]:
    """The draws of 1.5.1 pools that were made for this message, in log order; `in_tx` are its transaction's rows."""
    _, side = bucket_told_by(message)
    pools = {token.source_pool for token in message.tokens} if isinstance(message, Sent) else None
    next_side: dict[str, Side] = {}
    draws: list[LimitConsumed] = []
    for other in reversed(in_tx):
        if other.at.log_index >= message.at.log_index:
            continue
        if type(other) is type(message):
            break
        if isinstance(other, Pooled):
            next_side[other.pool] = other.side
        elif isinstance(other, LimitConsumed) and next_side.pop(other.pool, None) == side:
            draws.append(other)
    return [draw for draw in reversed(draws) if pools is None or draw.pool in pools]


def bucket_told_by(message: Sent | Executed) -> tuple[ChainSelector, Side]:
    """The remote and the side of the buckets that this message's tokens draw on."""
    return (message.lane.dest, "out") if isinstance(message, Sent) else (message.lane.source, "in")


def bucket_of(draw: LimitConsumed, in_tx: Sequence[Row]) -> tuple[ChainSelector, Side] | None:
    """The remote and the side that were drawn on; None where neither the event nor its transaction tells."""
    if draw.remote is not None and draw.side is not None:
        return draw.remote, draw.side
    for message in in_tx:
        if isinstance(message, Sent | Executed) and draw in draws_told_by(message, in_tx):
            return bucket_told_by(message)
    return None
