"""A token pool's rate limit, kept from its events as the contract keeps it (spec 4.7): refilled by block time.

Whoever begins to watch late does not know how full a bucket is. It is then taken to be full, the most it can be, so
that what is said to be left is never less than what is; after one full refill without a draw the two are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detectors.frames import At
    from detectors.state_rows import LimitConsumed, LimitSet


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
