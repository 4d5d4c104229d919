"""A pool gave tokens away that no message asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Severity, Verdict, make_signal
from detectors.frames import Pooled, Row
from detectors.state_rows import LiquidityMoved, Moved

if TYPE_CHECKING:
    from detectors.network import TokenFacts
    from detectors.record import Record

_ZERO_ADDRESS = "0x" + bytes(20).hex()


class LiquidityDrain(Rule):
    """What the token says left its pool in a transaction is what the pool says it released, or its rebalancer withdrew.

    Compared are sums over the transaction, so that a token that splits its transfers is no drain. More than the pool
    accounts for is critical, and named by the last transfer. What the rebalancer took is a warning: it may, but who
    holds its key may empty the pool. Tokens that a burn_mint pool burns are no drain.

    Transfers up to the block where our watch of the chain began are taken as given. Assumes a pool that keeps its
    tokens itself: one that lends them out drains itself.
    """

    name: ClassVar[str] = "liquidity_drain"
    judges: ClassVar[tuple[type[Row], ...]] = (Moved,)

    def judge(self, record: Record, row: Moved) -> Verdict:
        """Ask the last transfer out of the pool of each transaction for the whole of it."""
        facts = record.facts(row.at.chain)
        token = None if facts is None else facts.tokens.get(row.token)
        if token is None or not _is_out(row, token):
            return None
        if row.at.block_number <= record.watch(row.at.chain).block_number:
            return None
        in_tx = record.in_tx.get((row.at.chain, row.at.tx_hash), ())
        out = [other for other in in_tx if isinstance(other, Moved) and _is_out(other, token)]
        if out[-1] != row:
            return None
        left = sum(other.amount for other in out)
        withdrawals = [
            other
            for other in in_tx
            if isinstance(other, LiquidityMoved) and (other.pool, other.side) == (token.pool, "out")
        ]
        withdrawn = sum(other.amount for other in withdrawals)
        released = sum(other.amount for other in in_tx if isinstance(other, Pooled) and _explains(other, token))
        unexplained = left - released - withdrawn
        if unexplained <= 0 and not withdrawn:
            return None
        is_theft = unexplained > 0
        amount = unexplained if is_theft else withdrawn
        how = "left it and no release says so" if is_theft else "were withdrawn by its rebalancer"
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(row.at.chain),
            others=[*out, *withdrawals],
            subject=row.token,
            severity=Severity.CRITICAL if is_theft else Severity.WARNING,
            score=1.0 if is_theft else 0.5,
            summary=f"The pool {token.pool} of {token.symbol} is short of {amount} that {how}.",
            value_micro_usd=record.value_micro_usd(row.at.chain, row.token, amount),
            evidence={
                "pool": token.pool,
                "token": row.token,
                "left_amount": str(left),
                "released_amount": str(released),
                "withdrawn_amount": str(withdrawn),
                "unexplained_amount": str(max(0, unexplained)),
                "recipients": sorted({other.recipient for other in out}),
            },
        )


def _is_out(row: Moved, token: TokenFacts) -> bool:
    is_burn = row.recipient == _ZERO_ADDRESS and token.pool_type == "burn_mint"
    return (row.token, row.sender) == (token.address, token.pool) and row.recipient != token.pool and not is_burn


def _explains(row: Pooled, token: TokenFacts) -> bool:
    """A release; or, of a pool that burns by sending to nobody's address, a departure."""
    return row.pool == token.pool and (row.side == "in" or token.pool_type == "burn_mint")
