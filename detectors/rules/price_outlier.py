"""A token price that no other price supports."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from detectors.archive import place_after
from detectors.books import block_time_s
from detectors.detector import Pending, Rule, Severity, Verdict, make_signal
from detectors.frames import Priced, Row

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector
    from detectors.network import TokenFacts
    from detectors.record import Record

_JUMP = 2
"""CCIP's oracles post a price again when it moved by some per cent (spec 8): twice or half is no price's next step."""
_LONE_JUMP = 10
"""Without another chain's price to compare with, only an error of units or decimals is sure."""
_FOLLOW_S = 900
"""The oracles price all chains from one feed; a move that is the market's stands everywhere within some rounds."""
_STALE_S = 86_400
"""A price that is older says nothing any more: the FeeQuoter's usual staleness threshold (spec 7)."""


class PriceOutlier(Rule):
    """A price that jumped by a factor of two or more, away from the same token's price on the chains it is joined to.

    Both must hold, also a quarter of an hour later: a market that moves moves everywhere. Where no joined chain has a
    fresh price of the token, a factor of ten from one posting to the next is called an outlier. The first price, and
    one after a day without any, are given. Whole tokens are compared, since decimals differ between chains. A chain
    without a FeeQuoter has no posted prices: a history's are inferred from what its transfers were worth, not judged.

    Prices decide fees, not what is released, so this is a warning for people and no reason to withhold. Assumes that a
    symbol is the same token on every chain of the network, and that the oracles of all chains post in time.
    """

    name: ClassVar[str] = "price_outlier"
    judges: ClassVar[tuple[type[Row], ...]] = (Priced,)

    def judge(self, record: Record, row: Priced) -> Verdict:
        """Compare with the last price here, then with those elsewhere."""
        before = _before(record, row)
        facts = record.facts(row.at.chain)
        if before is None or facts is None or not facts.fee_quoter:
            return None
        if not _is_apart(row.usd_per_token, before.usd_per_token, _JUMP):
            return None
        token = facts.tokens.get(row.token)
        others = [] if token is None else _elsewhere(record, row, token)
        due_s = row.at.block_time_s + _FOLLOW_S
        for other in others:
            head = record.head(other.chain)
            if head is None or head.timestamp_s < due_s:
                return Pending("a price elsewhere may follow", other.chain, due_s, is_doubt=False)
        fresh = [price for other in others for price in other.fresh]
        factor = _JUMP if fresh else _LONE_JUMP
        if not all(_is_apart(row.usd_per_token, price.usd_per_token, factor) for price in fresh or [before]):
            return None
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(row.at.chain),
            others=[before],
            subject=row.token,
            severity=Severity.WARNING,
            score=0.5,
            summary=f"The price of {row.token} went from {before.usd_per_token} to {row.usd_per_token} in one step.",
            known_at_ms=max((record.head_known_at_ms(other.chain) for other in others), default=0),
            evidence={
                "token": row.token,
                "usd_per_token": str(row.usd_per_token),
                "before": str(before.usd_per_token),
                "before_s": str(before.at.block_time_s),
                "elsewhere": [
                    [str(other.chain), str(price.usd_per_token)] for other in others for price in other.fresh
                ],
            },
        )


def _before(record: Record, row: Priced) -> Priced | None:
    """The price before this one; None where that is no yardstick."""
    told = record.books.prices.get((row.at.chain, row.token), ())
    place = next((place for place in reversed(range(len(told))) if told[place] == row), 0)
    if place == 0 or row.at.block_number <= record.watch(row.at.chain).block_number:
        return None
    before = told[place - 1]
    return before if row.at.block_time_s - before.at.block_time_s <= _STALE_S else None


class _Elsewhere(NamedTuple):
    chain: ChainSelector
    fresh: list[Priced]
    """The last price before the row and those that followed it in time, in the decimals of the chain that asks."""


def _elsewhere(record: Record, row: Priced, token: TokenFacts) -> list[_Elsewhere]:
    """What every joined chain that ever told the token's price says."""
    found: list[_Elsewhere] = []
    now_s = row.at.block_time_s
    for chain in record.network.neighbours(row.at.chain):
        facts = record.facts(chain)
        twin = None if facts is None else facts.token_of_symbol(token.symbol)
        told = () if twin is None else record.books.prices.get((chain, twin.address), ())
        if twin is None or not told:
            continue
        here, until = (place_after(told, time_s, block_time_s) for time_s in (now_s, now_s + _FOLLOW_S))
        fresh = [price for price in told[max(0, here - 1) : until] if now_s - price.at.block_time_s <= _STALE_S]
        scaled = [p._replace(usd_per_token=p.usd_per_token * 10**twin.decimals // 10**token.decimals) for p in fresh]
        found.append(_Elsewhere(chain, scaled))
    return found


def _is_apart(one: int, other: int, factor: int) -> bool:
    return max(one, other) >= factor * max(1, min(one, other))
