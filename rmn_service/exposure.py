"""What forged messages could still take over lanes: of each token, the most that its pools there would let out at once.

A forged root says nothing of what it will carry, so no signal can price it; but whatever it carries, the pool at the
destination bounds it. An upper bound, as far as the record tells: limits refill, and a pool may be filled up.

    lanes ─▶ pools at their destinations ─▶ what is left of the limit for what comes in · what the pool holds
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from typing_extensions import TypedDict

from detectors.archive import place_after
from detectors.books import block_time_s
from rmn_service.curses import ends_of
from rmn_service.ledger import total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.network import TokenFacts
    from detectors.record import Record
    from rmn_service.curses import Curses

Bound = Literal["limit", "holding", "nothing", "unknown"]
"""What ends the taking: the pool's rate limit · what it holds · nothing, it mints whatever it is told · what the
record, which began later than the pool, does not tell."""


class Takeable(TypedDict):
    """The most of one token on one chain."""

    chain: str
    token: str
    symbol: str
    decimals: int
    amount: str | None
    """In its smallest unit; null: no bound, or none that is known."""
    value_micro_usd: str | None
    bound: Bound


class Exposure(TypedDict):
    """Of some lanes, those that deliver and those on which a curse at the destination stops every release."""

    open: list[Takeable]
    stopped: list[Takeable]
    """What could be taken but for the curse."""


class _Most(NamedTuple):
    amount: int | None
    bound: Bound


def exposure_of(lanes: Iterable[Lane], record: Record, curses: Curses, at_s: int | None = None) -> Exposure:
    """What could be taken over these lanes, now or as things stood at a block time. The caller holds the lock."""
    stopped: list[Lane] = []
    delivering: list[Lane] = []
    for lane in lanes:
        is_stopped = any(target.chain == lane.dest and curses.stood(target, at_s) for target in ends_of(lane))
        (stopped if is_stopped else delivering).append(lane)
    return {"open": _takeable(delivering, record, at_s), "stopped": _takeable(stopped, record, at_s)}


def _takeable(lanes: Iterable[Lane], record: Record, at_s: int | None) -> list[Takeable]:
    sources: dict[ChainSelector, list[ChainSelector]] = defaultdict(list)
    for lane in lanes:
        sources[lane.dest].append(lane.source)
    found: list[Takeable] = []
    for dest in sorted(sources):
        facts, head = record.facts(dest), record.head(dest)
        if facts is None or head is None:
            continue
        now_s = head.timestamp_s if at_s is None else at_s
        for token in sorted(facts.tokens.values(), key=lambda token: token.symbol):
            if token.pool is None:
                continue
            most = _most(record, dest, token, sources[dest], now_s)
            if most.amount == 0:
                continue
            worth = None if most.amount is None else _worth(record, dest, token.address, most.amount, now_s)
            found.append(
                {
                    "chain": str(dest),
                    "token": token.address,
                    "symbol": token.symbol,
                    "decimals": token.decimals,
                    "amount": None if most.amount is None else str(most.amount),
                    "value_micro_usd": None if worth is None else str(worth),
                    "bound": most.bound,
                }
            )
    return found


def _most(
    record: Record, dest: ChainSelector, token: TokenFacts, sources: Sequence[ChainSelector], now_s: int
) -> _Most:
    is_whole = record.watch(dest).is_whole
    limits = [_limit(record, dest, token, source, now_s, is_whole=is_whole) for source in sources]
    unbound = [each for each in limits if each.amount is None]
    limit = max(unbound, key=_is_unknown) if unbound else _Most(total(each.amount for each in limits), "limit")
    holding = _holding(record, dest, token, now_s, is_whole=is_whole)
    known = [each for each in (limit, holding) if each.amount is not None]
    if known:
        return min(known, key=lambda each: each.amount or 0)
    return max(limit, holding, key=_is_unknown)


def _is_unknown(most: _Most) -> bool:
    return most.bound == "unknown"


def _limit(
    record: Record, dest: ChainSelector, token: TokenFacts, source: ChainSelector, now_s: int, *, is_whole: bool
) -> _Most:
    level = _last(record.books.limits.get((dest, str(token.pool), source, "in"), ()), now_s)
    if level is None:  # of a chain that we know whole: the pool was never joined with that source
        return _Most(0, "limit") if is_whole else _Most(None, "unknown")
    return _Most(level.tokens_at(now_s), "limit") if level.is_enabled else _Most(None, "nothing")


def _holding(record: Record, dest: ChainSelector, token: TokenFacts, now_s: int, *, is_whole: bool) -> _Most:
    if token.pool_type == "burn_mint":
        return _Most(None, "nothing")
    if token.pool_type is None or not is_whole:
        return _Most(None, "unknown")
    tally = _last(record.books.holdings.get((dest, str(token.pool)), ()), now_s)
    return _Most(0 if tally is None else max(0, tally.amount), "holding")


def _worth(record: Record, chain: ChainSelector, token: str, amount: int, now_s: int) -> int | None:
    priced = _last(record.books.prices.get((chain, token), ()), now_s)
    return None if priced is None else amount * int(priced.usd_per_token) // 10**30


def _last(entries: Sequence[Any], at_s: int) -> Any:
    """What was in force then; None before the first."""
    place = place_after(entries, at_s, block_time_s)
    return entries[place - 1] if place else None
