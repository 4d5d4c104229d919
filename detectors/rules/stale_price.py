"""A token price that was kept fresh isn't any more."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Pending, Rule, Severity, Verdict, make_signal
from detectors.frames import Priced, Row

if TYPE_CHECKING:
    from detectors.record import Record

_STALE_S = 86_400
"""The FeeQuoter's usual staleness threshold for tokens (spec 7): a price of this age is stale, a second younger is not
(`now - timestamp < threshold` is fresh)."""
_KEPT_POSTINGS = 3
"""Who posts a price once or twice sets it; oracles that keep it fresh post it over and over."""


class StalePrice(Rule):
    """A price that was posted thrice or more, never with a threshold between, was not posted again for as long.

    A stale price without a feed is still used by the FeeQuoter (spec 7): fees are then paid at it, and nobody notices.
    It is stated once, when the chain's head has come to the threshold. A price that was stale before says nothing new.

    Prices decide fees, not what is released, so this is a warning for people and no reason to withhold. Assumes that
    the threshold is the usual day: an oracle of a stricter FeeQuoter is late sooner. A chain without a FeeQuoter has no
    posted prices: a history's are inferred from what its transfers were worth, not judged.
    """

    name: ClassVar[str] = "stale_price"
    judges: ClassVar[tuple[type[Row], ...]] = (Priced,)

    def judge(self, record: Record, row: Priced) -> Verdict:
        """Ask again when the price is due, and look whether it was posted meanwhile."""
        chain = row.at.chain
        facts = record.facts(chain)
        if facts is None or not facts.fee_quoter or row.at.block_number <= record.watch(chain).block_number:
            return None
        told = record.books.prices.get((chain, row.token), ())
        place = next((place for place in reversed(range(len(told))) if told[place] is row), 0)
        kept = told[max(0, place + 1 - _KEPT_POSTINGS) : place + 1]
        gaps_s = [later.at.block_time_s - earlier.at.block_time_s for earlier, later in itertools.pairwise(kept)]
        if len(kept) < _KEPT_POSTINGS or max(gaps_s) >= _STALE_S:
            return None
        due_s = row.at.block_time_s + _STALE_S
        if place + 1 < len(told) and told[place + 1].at.block_time_s < due_s:
            return None
        head = record.head(chain)
        if head is None or head.timestamp_s < due_s:
            return Pending("the price may be posted in time", chain, due_s, is_doubt=False)
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(chain),
            subject=row.token,
            severity=Severity.WARNING,
            score=0.5,
            summary=f"The price of {row.token} was not posted for {_STALE_S} s: fees go by {row.usd_per_token} still.",
            known_at_ms=record.head_known_at_ms(chain),
            evidence={
                "token": row.token,
                "usd_per_token": str(row.usd_per_token),
                "posted_s": str(row.at.block_time_s),
                "threshold_s": str(_STALE_S),
                "usual_gap_s": str(max(gaps_s)),
            },
        )
