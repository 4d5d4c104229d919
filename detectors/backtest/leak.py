"""Whether the judges look ahead or at the truth: the same history cut short and without its truth must judge alike.

A history that was read from a node's own record has no truth columns: it is only cut short.

What a deployment file would state (chains, lanes, tokens, decimals) is taken from the whole file at every cut; all else
must follow from the rows before. Signals and the statistics' rates are compared by `==`, not by a tolerance.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from detectors.backtest.history import History, read_history
from detectors.backtest.replay import replay
from detectors.backtest.truth import blanked_copy
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from detectors.detector import Signal
    from detectors.folding import Scored
    from detectors.frames import Row

CUTS = (0.25, 0.5, 0.75, 0.95)
"""Shares of the rows before which a history is cut."""


class LeakChecked(NamedTuple):
    """What a leak check found."""

    cuts: int
    signals: int
    scores: int
    """Rows' rates that were compared, over all cuts."""
    difference: str | None
    """The first one, in one line; None: there is no leak."""


class _Said(NamedTuple):
    signals: Sequence[Signal]
    rates: dict[str, list[tuple[str, bytes]]]
    """By chain, in order: row id and what the statistics say, to the bit."""


def check_leaks(
    path: Path,
    settings: Settings | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    recorded: History | None = None,
) -> LeakChecked:
    """Judge the history whole, cut short several times, and with blank truth columns; tell the first difference.

    `recorded` is the history when it does not stand in such a file.

    Raises:
        HistoryError: the history can't be used.
    """
    settings = settings or Settings()
    history = read_history(path) if recorded is None else recorded
    whole = _judge(history, history.rows, settings)
    compared = len(whole.signals)
    scores = 0
    steps = len(CUTS) + 1
    for step, share in enumerate(CUTS):
        if on_progress is not None:
            on_progress(step, steps)
        before_ms = history.rows[int(share * len(history.rows))].at.known_at_ms if history.rows else 0
        rows = [row for row in history.rows if row.at.known_at_ms < before_ms]
        early = _judge(history, rows, settings)
        scores += sum(map(len, early.rates.values()))
        said = [signal for signal in whole.signals if signal.known_at_ms < before_ms]
        rates = {chain: whole.rates[chain][: len(of_chain)] for chain, of_chain in early.rates.items()}
        difference = _difference(_Said(said, rates), early, f"cut after {len(rows)} rows")
        if difference is not None:
            return LeakChecked(step + 1, compared, scores, difference)
    difference = None
    if recorded is None:
        with blanked_copy(path) as copy:
            blank = read_history(copy)
        blind = _judge(blank, blank.rows, settings)
        difference = _difference(whole, blind, "without the truth columns")
    if on_progress is not None:
        on_progress(steps, steps)
    return LeakChecked(len(CUTS), compared, scores, difference)


def _judge(history: History, rows: Sequence[Row], settings: Settings) -> _Said:
    rates: dict[str, list[tuple[str, bytes]]] = defaultdict(list)

    def keep(scored: Scored) -> None:
        rates[str(scored.row.at.chain)].append((scored.row.at.row_id, scored.rates.tobytes()))

    replayed = replay(history.network, rows, settings=settings, on_score=keep)
    return _Said(replayed.signals, dict(rates))


def _difference(whole: _Said, other: _Said, name: str) -> str | None:
    for one, two in zip_longest(whole.signals, other.signals):
        if one != two:
            return f"{name}: signal {_signal(two)} where the whole history gives {_signal(one)}"
    for chain, of_chain in whole.rates.items():
        for rate, again in zip_longest(of_chain, other.rates.get(chain, ())):
            if rate != again:
                row_id = (rate or again or ("", b""))[0]
                return f"{name}: the statistics score row {row_id} otherwise than in the whole history"
    return None


def _signal(signal: Signal | None) -> str:
    return "none" if signal is None else f"{signal.detector} on {signal.rows[0]}"
