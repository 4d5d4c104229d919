"""What a statistic's rate is stated as: a signal with its evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors import flows, fused
from detectors.detector import Severity, Signal, make_signal
from detectors.frames import Pooled, Sent
from detectors.registry import COMBINATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccip_core.protocol.messages import Lane
    from detectors.folding import Scored
    from detectors.frames import Row
    from detectors.fused import Limits
    from detectors.record import Record

NAMES = (*(statistic.name for statistic in fused.STATISTICS), COMBINATION)
"""Of the lines of rates and levels, in their order."""


def score_of(rate: float) -> float:
    """In [0, 1]: the share of quiet days on which nothing was as rare as this; 0 without an opinion."""
    return 1.0 - min(1.0, rate)


def claims(record: Record, scored: Scored, limits: Limits) -> Iterator[Signal]:
    """The signals that a flow gives rise to: a warning beyond the alarm budget, critical beyond the curse budget."""
    for line, level in enumerate(scored.levels.tolist()):
        if level != fused.QUIET:
            yield _claim(record, scored, line, limits, is_strict=level == fused.STRICT)


def _claim(record: Record, scored: Scored, line: int, limits: Limits, *, is_strict: bool) -> Signal:
    row, flow = scored.row, scored.flow
    token = _token(record, row, flow)
    is_priced = flow[flows.IS_PRICED] == 1 and flow[flows.TOKEN] > 1
    is_together = line == len(fused.STATISTICS)
    rate = float(scored.rates[line])
    evidence = {
        "rate_per_day": rate,
        "alarm_rate_per_day": limits.alarm_rates[line],
        "token": token,
        "value": str(flow[flows.VALUE]),
        "unit": "micro_usd" if is_priced else "micro_token",
        "rates_per_day": {
            name: float(other)
            for name, other in zip(NAMES, scored.rates, strict=True)
            if math.isfinite(other) and other < 1.0
        },
    }
    what = (
        "Several things are unusual at once, together more so than on any quiet day"
        if is_together
        else fused.STATISTICS[line].summary.format(token=token).rstrip(".")
    )
    return make_signal(
        NAMES[line],
        row,
        lanes=_lanes(record, row),
        subject=f"{row.at.chain}|{flow[flows.TOKEN]}|{'strict' if is_strict else 'alarm'}",
        is_exact=False,
        severity=Severity.CRITICAL if is_strict else Severity.WARNING,
        score=score_of(rate),
        summary=f"{what}: {_how_often(rate)}.",
        value_micro_usd=flow[flows.VALUE] if is_priced else None,
        evidence=evidence,
    )


def _how_often(rate: float) -> str:
    return f"on one quiet day in {1 / rate:,.0f}" if rate > 1e-9 else "on no quiet day in a billion"


def _token(record: Record, row: Row, flow: tuple[int, ...]) -> str:
    facts = record.facts(row.at.chain)
    if isinstance(row, Pooled):
        known = None if facts is None or row.token is None else facts.tokens.get(row.token)
        return known.symbol if known is not None else row.token or "tokens"
    if isinstance(row, Sent) and facts is not None:
        for sent in row.tokens:
            known = facts.token_of_pool(sent.source_pool)
            address = sent.source_pool if known is None else known.address
            if flows.hash63(f"{address}|{sent.amount}") == flow[flows.AMOUNT]:
                return address if known is None else known.symbol
    return "tokens"


def _lanes(record: Record, row: Row) -> list[Lane]:
    if isinstance(row, Sent):
        return [row.lane]
    into = record.network.lanes_into(row.at.chain)
    remote = row.remote if isinstance(row, Pooled) else None
    return [lane for lane in into if remote in {None, lane.source}] or list(into)
