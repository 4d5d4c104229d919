"""The Judge on a simulated clock: rows of a history, second by second, as they could be known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.logs import Header
from detectors.frames import Executed, Row
from detectors.judge import Judge, Undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ccip_core.protocol.messages import ChainSelector
    from detectors.detector import Signal
    from detectors.network import Network
    from detectors.settings import Settings

_SILENCE_S_MIN = 86_400
_SILENCE_GAPS = 20
_FINALISE_EVERY = 256
"""Seconds with rows. A history is final as it stands; when that is said changes no score (the family laws)."""


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
    on_score: Callable[[str, Row, float], None] | None = None,
) -> Replayed:
    """Judge rows, which are in the order of `known_at_ms`; a second's rows of all chains are asked about together."""
    judge = Judge(network, settings=settings, on_score=on_score)
    presence = {chain: _Presence() for chain in network.chains}
    signals: list[Signal] = []
    for count, (time_s, second) in enumerate(_seconds(rows), start=1):
        by_chain: dict[ChainSelector, list[Row]] = {}
        for row in second:
            by_chain.setdefault(row.at.chain, []).append(row)
        for chain in by_chain:
            presence[chain].see(time_s)
        asked = {row.lane.source for row in second if isinstance(row, Executed)}
        for chain in sorted(asked - by_chain.keys()):
            if presence[chain].is_watched(time_s):
                by_chain[chain] = []
        for chain, of_chain in by_chain.items():
            judge.extend(chain, Header(time_s, b"", b"", time_s), of_chain, time_s * 1000)
        signals.extend(judge.ask(time_s * 1000))
        if count % _FINALISE_EVERY == 0:
            for chain in presence:
                judge.finalise(chain, time_s)
    return Replayed(judge.detectors, judge.statistics, signals, judge.undecided)


def _seconds(rows: Sequence[Row]) -> Iterator[tuple[int, list[Row]]]:
    batch: list[Row] = []
    for row in rows:
        if batch and row.at.known_at_ms != batch[0].at.known_at_ms:
            yield batch[0].at.block_time_s, batch
            batch = []
        batch.append(row)
    if batch:
        yield batch[0].at.block_time_s, batch
