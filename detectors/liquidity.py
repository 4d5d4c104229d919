"""What a pool holds, and what left it that nobody accounts for: running sums over the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.frames import Pooled
from detectors.state_rows import LiquidityMoved, Moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.frames import At, Minted, Row
    from detectors.network import TokenFacts

_ZERO_ADDRESS = "0x" + bytes(20).hex()


class Tally(NamedTuple):
    """A running sum about one pool; `at` is the row that changed it."""

    at: At
    pool: str
    amount: int
    """In the token's smallest unit, over the record: what came before it is not in it."""


class Departure(NamedTuple):
    """What left a pool in one transaction, and what the pool says about it."""

    out: list[Moved]
    withdrawals: list[LiquidityMoved]
    """By its rebalancer."""
    released: int

    @property
    def left(self) -> int:
        """All that the token says has left."""
        return sum(move.amount for move in self.out)

    @property
    def withdrawn(self) -> int:
        """What the rebalancer took."""
        return sum(move.amount for move in self.withdrawals)

    @property
    def unexplained(self) -> int:
        """What neither a release nor the rebalancer accounts for; 0 or less: nothing."""
        return self.left - self.released - self.withdrawn


def departure(token: TokenFacts, in_tx: Sequence[Row]) -> Departure:
    """What left the token's pool in the transaction of these rows."""
    return Departure(
        [row for row in in_tx if isinstance(row, Moved) and leaves(row, token)],
        [row for row in in_tx if isinstance(row, LiquidityMoved) and (row.pool, row.side) == (token.pool, "out")],
        sum(row.amount for row in in_tx if isinstance(row, Pooled) and _explains(row, token)),
    )


def leaves(row: Moved, token: TokenFacts) -> bool:
    """Whether it took tokens out of the token's pool. What a burn_mint pool burns does not leave it."""
    is_burn = row.recipient == _ZERO_ADDRESS and token.pool_type == "burn_mint"
    return (row.token, row.sender) == (token.address, token.pool) and row.recipient != token.pool and not is_burn


def change_of_holding(row: Moved | Minted, token: TokenFacts) -> int:
    """By how much it changed what the token's pool holds."""
    out = isinstance(row, Moved) and row.sender == token.pool
    return ((row.recipient == token.pool) - out) * row.amount


def _explains(row: Pooled, token: TokenFacts) -> bool:
    """A release; or, of a pool that burns by sending to nobody's address, a departure."""
    return row.pool == token.pool and (row.side == "in" or token.pool_type == "burn_mint")
