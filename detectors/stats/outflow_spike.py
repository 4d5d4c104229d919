"""More of a token leaves the bridge in a short while than on any of its quiet days."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from detectors import kernels
from detectors.detector import Measure, Severity, Signal, Statistic, make_signal
from detectors.frames import Pooled, Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.record import Record

_INT64_MAX = int(np.iinfo(np.int64).max)


class OutflowSpike(Statistic):
    """What a chain's pools release of one token within 10 minutes and within 1 hour, against its earlier days.

    Measured in micro-USD at the price last stated on the chain, in millionths of a token where there is none; sums
    saturate at 2^63-1. Each active day leaves its highest quiet outflow of either window; a token's days are weighed
    against those of all tokens of its chain in the same unit (`outflow_prior_days`), so that one with a thin history
    is judged by its chain's. The score is the probability that an active day's highest stays below this outflow.

    Assumes that the highest outflows of days are roughly lognormal and that yesterday resembles last month. Fails on
    an attack that grows slowly from day to day, on one that stays below the token's usual days, and in a market panic,
    when honest outflow is a spike; scores within one burst depend on each other. Says 0 until the chain has shown
    `outflow_grace_days` token-days. Does not learn from what it called anomalous. Reads nothing of the source chain.

    Source: window sums and lognormal volumes as in research/detection.md section 3 (B3, B4); the rest is ours.
    """

    name: ClassVar[str] = "outflow_spike"
    judges: ClassVar[tuple[type[Row], ...]] = (Pooled,)

    priors: ClassVar[int] = 2
    """Lines of the state that hold whole chains: 0 of priced outflows, 1 of unpriced ones."""

    def measure(self, record: Record, row: Pooled) -> Measure | None:
        """The value of what a pool released."""
        if row.side != "in" or row.token is None or row.amount <= 0:
            return None
        value = record.value_micro_usd(row.at.chain, row.token, row.amount)
        if value is not None:
            return Measure(f"{row.token} usd", 0, row.at.block_time_s, min(value, _INT64_MAX), row)
        facts = record.facts(row.at.chain)
        token = None if facts is None else facts.tokens.get(row.token)
        decimals = 18 if token is None else token.decimals
        micro = row.amount * 10**6 // 10**decimals
        return Measure(f"{row.token} token", 1, row.at.block_time_s, min(micro, _INT64_MAX), row)

    def empty_state(self, keys: int) -> NDArray[np.int64]:
        """Lines for `kernels.outflow_step`."""
        return kernels.empty_outflow_state(keys)

    def step(self, state: NDArray[np.int64], key: int, measure: Measure) -> float:
        """Fold one release with `kernels.outflow_step`."""
        settings = self.settings
        return float(
            kernels.outflow_step(
                state,
                key,
                measure.prior,
                measure.time_s,
                measure.value,
                settings.outflow_prior_days,
                settings.outflow_grace_days,
                self.limit,
            )
        )

    @property
    def limit(self) -> float:
        """All but one of a token's `outflow_false_days` active days stay below it."""
        return 1.0 - 1.0 / self.settings.outflow_false_days

    @property
    def cooldown_s(self) -> int:
        """As set."""
        return self.settings.outflow_cooldown_s

    def claim(self, record: Record, measure: Measure, score: float) -> Signal:
        """A warning: unusual, not proven."""
        row: Pooled = measure.row
        lanes = [lane for lane in record.network.lanes_into(row.at.chain) if row.remote in {None, lane.source}]
        return make_signal(
            self.name,
            row,
            lanes=lanes or record.network.lanes_into(row.at.chain),
            subject=f"{row.at.chain}|{row.token}",
            is_exact=False,
            severity=Severity.WARNING,
            score=score,
            summary=f"Unusually much of {row.token} left the bridge within the hour.",
            value_micro_usd=measure.value if measure.prior == 0 else None,
            evidence={
                "token": row.token,
                "unit": "micro_usd" if measure.prior == 0 else "micro_token",
                "measured": str(measure.value),
                "limit": self.limit,
            },
        )
