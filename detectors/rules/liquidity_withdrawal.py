"""A pool's rebalancer took tokens out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from detectors.archive import place_after
from detectors.books import block_time_s
from detectors.detector import Rule, Severity, Verdict, make_signal
from detectors.state_rows import LiquidityMoved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.frames import At, Row
    from detectors.record import Record

_WINDOW_S = 86_400
_SHARE_BPS = 5_000
"""Critical beyond: most of what the pool held. Chosen before any measurement: who rebalances moves a part."""
_UNKNOWN_SCORE = 0.5


class LiquidityWithdrawal(Rule):
    """The rebalancer took tokens out of its pool; critical when it took more than half of them within 24 hours.

    Withdrawals are summed up, less what it put back, so that many small ones count as what they are together; the share
    is of what the pool would hold without them. It may do so, but who holds its key may empty the pool.

    The share is known where the record holds the chain from its first block; a pool that held tokens before has an
    unknown share withdrawn, and that is a warning however large the sum. Assumes that the pool keeps its tokens itself.
    """

    name: ClassVar[str] = "liquidity_withdrawal"
    judges: ClassVar[tuple[type[Row], ...]] = (LiquidityMoved,)

    def judge(self, record: Record, row: LiquidityMoved) -> Verdict:
        """Sum up what was withdrawn in the day that ends with the row's block."""
        facts = record.facts(row.at.chain)
        token = None if facts is None else facts.token_of_pool(row.pool)
        watch = record.watch(row.at.chain)
        if row.side != "out" or token is None or row.at.block_number <= watch.block_number:
            return None
        key = row.at.chain, row.pool
        moves = record.books.liquidity.get(key, ())
        since = place_after(moves, row.at.block_time_s - _WINDOW_S, block_time_s)
        lately = moves[since : _place_after_block(moves, row.at)]
        withdrawn = max(0, sum(move.amount if move.side == "out" else -move.amount for move in lately))
        holdings = record.books.holdings.get(key, ())
        place = _place_after_block(holdings, row.at)
        held = holdings[place - 1].amount if watch.is_whole and place else None
        share_bps = None if held is None or held + withdrawn <= 0 else withdrawn * 10_000 // (held + withdrawn)
        is_most = share_bps is not None and share_bps > _SHARE_BPS
        so_much = "an unknown share" if share_bps is None else f"{share_bps // 100} %"
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(row.at.chain),
            others=[move for move in lately if move.side == "out"],
            subject=row.pool,
            severity=Severity.CRITICAL if is_most else Severity.WARNING,
            score=_UNKNOWN_SCORE if share_bps is None else min(1.0, max(1, share_bps) / 10_000),
            summary=f"The rebalancer withdrew {row.amount} from the pool {row.pool} of {token.symbol}; within 24 hours "
            f"{withdrawn}, {so_much} of what it held.",
            value_micro_usd=record.value_micro_usd(row.at.chain, token.address, row.amount),
            evidence={
                "pool": row.pool,
                "token": token.address,
                "provider": row.provider,
                "withdrawn_amount": str(row.amount),
                "withdrawn_in_24_h": str(withdrawn),
                "held_amount": None if held is None else str(held),
                "share_bps": share_bps,
            },
        )


def _place_after_block(entries: Sequence[Any], at: At) -> int:
    """Where the first entry stands that is later than this row's block."""
    place = place_after(entries, at.block_time_s, block_time_s)
    while place and entries[place - 1].at.block_number > at.block_number:
        place -= 1
    return place
