"""A pool gave tokens away that no message asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Verdict, make_signal
from detectors.liquidity import departure, leaves
from detectors.state_rows import Moved

if TYPE_CHECKING:
    from detectors.frames import Row
    from detectors.record import Record


class LiquidityDrain(Rule):
    """What the token says left its pool in a transaction is what the pool says it released, or its rebalancer withdrew.

    Compared are sums over the transaction, so that a token that splits its transfers is no drain. More than the pool
    accounts for is named by the last transfer, however little it is: a drain by many small transfers is as many
    signals, and each says how much is gone since the record began. What the rebalancer took is accounted for
    (`liquidity_withdrawal`). Tokens that a burn_mint pool burns are no drain.

    Transfers up to the block where our watch of the chain began are taken as given. Assumes a pool that keeps its
    tokens itself: one that lends them out drains itself.
    """

    name: ClassVar[str] = "liquidity_drain"
    judges: ClassVar[tuple[type[Row], ...]] = (Moved,)

    def judge(self, record: Record, row: Moved) -> Verdict:
        """Ask the last transfer out of the pool of each transaction for the whole of it."""
        facts = record.facts(row.at.chain)
        token = None if facts is None else facts.tokens.get(row.token)
        if token is None or not leaves(row, token):
            return None
        if row.at.block_number <= record.watch(row.at.chain).block_number:
            return None
        of = departure(token, record.in_tx.get((row.at.chain, row.at.tx_hash), ()))
        if of.unexplained <= 0 or of.out[-1] != row:
            return None
        gone = record.books.missing.get((row.at.chain, row.sender), ())
        total = next(tally.amount for tally in reversed(gone) if tally.at == row.at)
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(row.at.chain),
            others=[*of.out, *of.withdrawals],
            subject=row.token,
            summary=f"The pool {token.pool} of {token.symbol} is short of {of.unexplained} that left it and no release "
            f"says so; of {total} since the record began.",
            value_micro_usd=record.value_micro_usd(row.at.chain, row.token, of.unexplained),
            evidence={
                "pool": token.pool,
                "token": row.token,
                "left_amount": str(of.left),
                "released_amount": str(of.released),
                "withdrawn_amount": str(of.withdrawn),
                "unexplained_amount": str(of.unexplained),
                "unexplained_in_record": str(total),
                "recipients": sorted({move.recipient for move in of.out}),
            },
        )
