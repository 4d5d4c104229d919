"""A backtest from file to result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from detectors.backtest.history import History, HistoryError, read_history
from detectors.backtest.metrics import Outcome, find_attacks, read_labels
from detectors.backtest.moments import second_of
from detectors.backtest.replay import replay
from detectors.backtest.report import Judged, build_report, code_version
from detectors.backtest.responder import PlainResponder, decide_all
from detectors.backtest.shards import replay_shared
from detectors.collection import no_collection
from detectors.frames import Executed, Row, Sent
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from detectors.backtest.responder import Responder
    from detectors.backtest.shards import Workers
    from detectors.detector import Signal
    from detectors.folding import Scored

_TOLD_EVERY = 1024
"""Rows between two calls of `on_progress`."""


@no_collection()
def run_backtest(
    history_path: str | Path,
    settings: Settings | None = None,
    since: str | None = None,
    until: str | None = None,
    *,
    responder: Responder | None = None,
    history: History | None = None,
    on_score: Callable[[Scored], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_judged: Callable[[Judged, History, Sequence[Scored]], None] | None = None,
    workers: Workers | None = None,
) -> dict[str, Any]:
    """Judge a history and compare with its labels; the JSON object of interfaces.md.

    Args:
        history_path: Parquet or CSV with the columns of the data README.
        settings: of the detectors; the defaults if left out.
        since: only what is known from this time on is reported; the judges see all that came before. ISO 8601, UTC.
        until: the history ends before this time.
        responder: decides what follows from signals; policy's table at posture `curse` if left out.
        history: already read, if it doesn't stand in such a file; it has no labels then.
        on_score: hears what the statistics say of every flow.
        on_progress: is told how many rows of how many were judged.
        on_judged: is given what the result is made from (`studies`).
        workers: who judges, to the same result; this process if left out. They don't tell how far they are.

    Raises:
        WorkersError: the workers can't be had.
        HistoryError: the history or a time can't be used; one line that names the field, the value and the remedy.
    """
    path = Path(history_path)
    settings = settings or Settings()
    since_s, until_s = _second("since", since), _second("until", until)
    started_s = perf_counter()
    is_given = history is not None
    history = history or read_history(path)
    labels = {} if is_given else read_labels(path)
    rows: Sequence[Row] = history.rows
    if until_s is not None:
        rows = [row for row in rows if row.at.block_time_s < until_s]
    scored: list[Scored] = []

    def keep(one: Scored) -> None:
        scored.append(one)
        if on_score is not None:
            on_score(one)

    hear = scored.append if on_score is None else keep
    if workers is None:
        told = rows if on_progress is None else _Told(rows, on_progress)
        replayed = replay(history.network, told, settings=settings, on_score=hear)
    else:
        replayed = replay_shared(history.network, rows, workers=workers, settings=settings, on_score=hear)
    elapsed_s = perf_counter() - started_s
    outcomes = [o for o in _outcomes(history, rows, labels) if since_s is None or o.time_s >= since_s]
    signals = [signal for signal in replayed.signals if _is_since(signal, since_s)]
    judged = Judged(
        outcomes=outcomes,
        attacks=find_attacks(outcomes),
        rules=[name for name in replayed.detectors if name not in replayed.statistics],
        statistics=replayed.statistics,
        signals=signals,
        decided=decide_all(responder or PlainResponder(), signals),
        undecided=replayed.undecided,
        scores=_scores(outcomes, scored, len(replayed.statistics)),
        directions=history.directions,
        settings=settings,
    )
    if on_judged is not None:
        on_judged(judged, history, scored)
    return {
        "history": str(history_path),
        "rows": len(outcomes),
        "events_per_s": round(history.events / elapsed_s, 1) if elapsed_s > 0 else 0.0,
        "config_hash": settings.hash,
        "code_version": code_version(),
        **build_report(judged),
    }


class _Told(Sequence[Row]):
    """Rows that tell how far they were read."""

    def __init__(self, rows: Sequence[Row], on_progress: Callable[[int, int], None]) -> None:
        self._rows = rows
        self._on_progress = on_progress

    def __iter__(self) -> Iterator[Row]:
        total = len(self._rows)
        for count, row in enumerate(self._rows):
            if count % _TOLD_EVERY == 0:
                self._on_progress(count, total)
            yield row
        self._on_progress(total, total)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self._rows[index]


def _outcomes(history: History, rows: Sequence[Row], labels: dict[str, tuple[str, str]]) -> list[Outcome]:
    outcomes = []
    micro_usd, unlabelled = history.micro_usd, ("", "")
    for row in rows:
        if isinstance(row, (Sent, Executed)):
            at = row.at
            event_id = at.block_hash
            label, detail = labels.get(event_id, unlabelled)
            outcomes.append(
                Outcome(
                    event_id,
                    at.block_time_s,
                    row.lane,
                    isinstance(row, Executed),
                    (micro_usd[event_id] or 0) / 1e6,
                    label == "attack",
                    detail,
                    at.tx_hash,
                    row.message_id,
                )
            )
    return outcomes


def _scores(outcomes: Sequence[Outcome], scored: Sequence[Scored], statistics: int) -> NDArray[np.float64]:
    """Of each outcome the highest of its flows' scores, by each statistic: 1 less the rate, 0 without an opinion."""
    scores = np.zeros((len(outcomes), statistics))
    position = {outcome.event_id: index for index, outcome in enumerate(outcomes)}
    places = np.array([position.get(each.row.at.block_hash, -1) for each in scored], dtype=np.int64)
    order = np.argsort(places, kind="stable")
    order = order[places[order] >= 0]
    if len(order):
        rates = np.concatenate([each.rates for each in scored]).reshape(len(scored), statistics)[order]
        known, firsts = np.unique(places[order], return_index=True)
        scores[known] = np.maximum.reduceat(1.0 - np.minimum(1.0, rates), firsts)
    return scores


def _is_since(signal: Signal, since_s: int | None) -> bool:
    return since_s is None or signal.known_at_ms >= since_s * 1000


def _second(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return second_of(text)
    except ValueError:
        raise HistoryError(f"{name} = {text}: not a time; write it like 2022-08-01 or 2022-08-01T21:32:31Z") from None
