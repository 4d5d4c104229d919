"""Tokens appeared on a chain that no executed message brought there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import Executed, Minted, Pooled, Row

if TYPE_CHECKING:
    from detectors.record import Record


class UnbackedRelease(Rule):
    """Pools release only for the OffRamp, for an executed message; burn_mint tokens are minted by their pools alone.

    A release stands before its execution in the log, a mint before its pool's event: the block is judged whole.
    Mints up to the block where our watch of the chain began are its opening balance and taken as given.

    Assumes that a burn_mint token has no issuer who mints beside its pool; one that has accuses its chain's lanes.
    """

    name: ClassVar[str] = "unbacked_release"
    judges: ClassVar[tuple[type[Row], ...]] = (Pooled, Minted)

    def judge(self, record: Record, row: Pooled | Minted) -> Verdict:
        """Look for what backs a release or a mint in its own transaction."""
        return self._judge_release(record, row) if isinstance(row, Pooled) else self._judge_mint(record, row)

    def _judge_release(self, record: Record, row: Pooled) -> Verdict:
        facts = record.facts(row.at.chain)
        if row.side != "in" or facts is None:
            return None
        if row.caller != facts.off_ramp:
            return self._claim_release(record, row, f"for {row.caller}, which is not the OffRamp")
        for other in record.in_tx.get((row.at.chain, row.at.tx_hash), ()):
            if (
                isinstance(other, Executed)
                and other.state == "success"
                and other.at.log_index > row.at.log_index
                and row.remote in {None, other.lane.source}
            ):
                return None
        return self._claim_release(record, row, "but its transaction executed no message")

    def _judge_mint(self, record: Record, row: Minted) -> Verdict:
        facts = record.facts(row.at.chain)
        token = None if facts is None else facts.tokens.get(row.token)
        if token is None or token.pool_type != "burn_mint":
            return None
        if row.at.block_number <= record.watch(row.at.chain).block_number:
            return None
        earlier = backing = 0
        for other in record.in_tx.get((row.at.chain, row.at.tx_hash), ()):
            if isinstance(other, Minted):
                earlier += _same_mint(other, row) and other.at.log_index < row.at.log_index
            elif isinstance(other, Pooled):
                backing += (
                    other.side == "in"
                    and other.pool == token.pool
                    and other.amount == row.amount
                    and other.recipient in {None, row.recipient}
                )
        if backing > earlier:
            return None
        return self._claim_mint(record, row)

    def _claim_release(self, record: Record, row: Pooled, why: str) -> Signal:
        lanes = [lane for lane in record.network.lanes_into(row.at.chain) if row.remote in {None, lane.source}]
        return make_signal(
            self.name,
            row,
            lanes=lanes or record.network.lanes_into(row.at.chain),
            summary=f"The pool {row.pool} released {row.amount} {why}.",
            value_micro_usd=record.value_of([row]),
            evidence={
                "pool": row.pool,
                "token": row.token,
                "amount": str(row.amount),
                "caller": row.caller,
                "recipient": row.recipient,
            },
        )

    def _claim_mint(self, record: Record, row: Minted) -> Signal:
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_from(row.at.chain),
            summary=f"{row.amount} of {row.token} was minted without its pool.",
            value_micro_usd=record.value_micro_usd(row.at.chain, row.token, row.amount),
            evidence={"token": row.token, "amount": str(row.amount), "recipient": row.recipient},
        )


def _same_mint(one: Minted, other: Minted) -> bool:
    return (one.token, one.recipient, one.amount) == (other.token, other.recipient, other.amount)
