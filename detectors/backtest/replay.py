"""The Judge on a simulated clock: rows of a history, second by second, as they could be known."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.logs import Header
from detectors.frames import Executed, Row
from detectors.judge import Judge, Undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.protocol.messages import ChainSelector
    from detectors.detector import Signal
    from detectors.folding import Scored
    from detectors.network import Network
    from detectors.settings import Settings

_known_at_ms = attrgetter("at.known_at_ms")
_SILENCE_S_MIN = 86_400
_SILENCE_GAPS = 20
_ASK_EVERY = 1024
"""Seconds with rows. A history is final as it stands; when that is said, and when one asks, changes no signal and no
score (the family laws), and statistics fold many flows in one call."""


class Replayed(NamedTuple):
    """What the judges said of a history."""

    detectors: list[str]
    statistics: list[str]
    """Those of them that are no rules."""
    signals: list[Signal]
    undecided: list[Undecided]


class _Presence:
    """How long ago a chain last stated anything, against how often it does.

    A history has no empty blocks. A chain that is quiet for a while is taken to have been watched all the same; one
    that is silent for a day and for twenty times its mean gap is taken to be out of the record: blind, not quiet.
    """

    __slots__ = ("_count", "_first_s", "_last_s")

    def __init__(self) -> None:
        self._first_s = self._last_s = self._count = 0

    def see(self, time_s: int) -> None:
        if self._count == 0:
            self._first_s = time_s
        self._last_s = time_s
        self._count += 1

    def is_watched(self, now_s: int) -> bool:
        if self._count == 0:
            return False
        silence_s = now_s - self._last_s
        gaps = max(1, self._count - 1)
        return silence_s <= _SILENCE_S_MIN or silence_s * gaps <= _SILENCE_GAPS * (self._last_s - self._first_s)


def replay(
    network: Network,
    rows: Sequence[Row],
    *,
    settings: Settings | None = None,
    on_score: Callable[[Scored], None] | None = None,
    judge: Judge | None = None,
) -> Replayed:
    """Judge rows, which are in the order of `known_at_ms`; a second's rows of all chains are asked about together.

    `judge` is one who has heard nothing yet, with settings of its own; a new one if left out.
    """
    judge = judge or Judge(network, settings=settings, on_score=on_score)
    presence = {chain: _Presence() for chain in network.chains}
    signals: list[Signal] = []
    for count, (_, grouped) in enumerate(groupby(rows, key=_known_at_ms), start=1):
        by_chain: dict[ChainSelector, list[Row]] = {}
        sources: set[ChainSelector] = set()
        for row in grouped:
            at = row.at
            by_chain.setdefault(at.chain, []).append(row)
            if isinstance(row, Executed):
                sources.add(row.lane.source)
        time_s = at.block_time_s
        head, now_ms = Header(time_s, b"", b"", time_s), time_s * 1000
        for chain, of_chain in by_chain.items():
            presence[chain].see(time_s)
            judge.extend(chain, head, of_chain, now_ms)
        for chain in sorted(sources.difference(by_chain)) if sources else ():
            if judge.awaits(chain, time_s) and presence[chain].is_watched(time_s):
                judge.extend(chain, head, (), now_ms)
        if count % _ASK_EVERY == 0:
            for chain in presence:
                judge.finalise(chain, time_s)
            signals += judge.ask(now_ms)
    signals += judge.ask(rows[-1].at.known_at_ms if rows else 0)
    return in_order(Replayed(judge.detectors, judge.statistics, signals, judge.undecided))


def in_order(said: Replayed) -> Replayed:
    """The same in the one order that does not depend on who said it when: by time, exact signals first, then by id."""
    signals = sorted(said.signals, key=lambda signal: (signal.known_at_ms, not signal.is_exact, signal.id))
    undecided = sorted(said.undecided, key=lambda one: (one.row.at.known_at_ms, one.row.at.row_id, one.detector))
    return said._replace(signals=signals, undecided=undecided)
