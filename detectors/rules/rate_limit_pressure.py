"""A pool's rate limit is nearly used up, or will be soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.archive import place_after
from detectors.books import block_time_s
from detectors.detector import Rule, Severity, Verdict, make_signal
from detectors.limits import bucket_of
from detectors.state_rows import LimitConsumed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.frames import Row
    from detectors.limits import Level
    from detectors.record import Record

_LOW_SHARE = 10
"""Less than one in so many parts of the capacity is low. Chosen before any measurement: the tenth that a typical
limiter refills in some minutes."""
_DRAWS_MIN = 2
"""One large message is no pace."""
_PACE_S = 600
"""Over which the pace is taken, and how soon an end at this pace is worth saying: ten minutes, in which people act."""


class RateLimitPressure(Rule):
    """A bucket that was not low is: little headroom is left, or little time at the pace of the last ten minutes.

    The bucket is kept from its events as the contract keeps it, refilled by block time. It is stated once when it
    becomes low, and again after it recovered. A full bucket stops honest messages just as stolen ones, so this is a
    warning for people and never a reason to withhold: the limiter is doing its work.

    Which bucket a 1.5.1 pool drew on is told by the message in the same transaction (`detectors.limits`); a draw that
    no message tells is passed over. Assumes pools of 1.5.1 or later. A bucket that was configured before the record
    began is not judged; one whose filling is unknown is taken to be full.
    """

    name: ClassVar[str] = "rate_limit_pressure"
    judges: ClassVar[tuple[type[Row], ...]] = (LimitConsumed,)

    def judge(self, record: Record, row: LimitConsumed) -> Verdict:
        """Compare the bucket right after this draw with the bucket right before it."""
        if row.at.block_number <= record.watch(row.at.chain).block_number:
            return None
        bucket = bucket_of(row, () if row.remote is not None else record.in_tx[row.at.chain, row.at.tx_hash])
        if bucket is None:
            return None
        remote, side = bucket
        levels = record.books.limits.get((row.at.chain, row.pool, remote, side), ())
        place = next((place for place in reversed(range(len(levels))) if levels[place].row == row), 0)
        if place == 0 or not levels[place].is_enabled or levels[place].capacity == 0:
            return None
        before, level = levels[place - 1], levels[place]
        first = _last_until(levels, row.at.block_time_s - _PACE_S)
        lately = level.drawn - levels[first].drawn
        is_pace = place - first >= _DRAWS_MIN
        was_low = _is_low(level, before.tokens_at(row.at.block_time_s), lately - row.amount if is_pace else 0)
        if was_low or not _is_low(level, level.tokens, lately if is_pace else 0):
            return None
        facts = record.facts(row.at.chain)
        token = None if facts is None else facts.token_of_pool(row.pool)
        left_s = _time_left_s(level.tokens, level.rate, lately) if is_pace else None
        soon = "" if left_s is None else f", empty in {left_s} s at this pace"
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_between(row.at.chain, remote),
            subject=f"{row.pool}|{remote}|{side}",
            severity=Severity.WARNING,
            score=round(1 - level.tokens / level.capacity, 6),
            summary=f"The {side}bound limit of pool {row.pool} has {level.tokens} of {level.capacity} left{soon}.",
            value_micro_usd=None
            if token is None
            else record.value_micro_usd(row.at.chain, token.address, level.tokens),
            evidence={
                "pool": row.pool,
                "remote": str(remote),
                "side": side,
                "tokens_left": str(level.tokens),
                "capacity": str(level.capacity),
                "rate": str(level.rate),
                "drawn_in_600_s": str(lately),
                "time_to_empty_s": None if left_s is None else str(left_s),
            },
        )


def _last_until(levels: Sequence[Level], time_s: int) -> int:
    """Where the last level up to this time stands; the first of all, if none is so old."""
    return max(0, place_after(levels, time_s, block_time_s) - 1)


def _is_low(level: Level, tokens: int, drawn_lately: int) -> bool:
    left_s = _time_left_s(tokens, level.rate, drawn_lately)
    return tokens * _LOW_SHARE < level.capacity or (left_s is not None and left_s < _PACE_S)


def _time_left_s(tokens: int, rate: int, drawn_lately: int) -> int | None:
    """Seconds until nothing is left if the last ten minutes go on; None: it refills faster than it is drawn."""
    net = drawn_lately - rate * _PACE_S
    return None if net <= 0 else tokens * _PACE_S // net
