"""A backtest from file to result."""

from __future__ import annotations

import gc
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from detectors.backtest.history import History, HistoryError, read_history
from detectors.backtest.metrics import Outcome, find_attacks, read_labels
from detectors.backtest.replay import replay
from detectors.backtest.report import Judged, build_report, code_version
from detectors.frames import Executed, Row, Sent
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.detector import Signal


def run_backtest(
    history_path: str | Path, settings: Settings | None = None, since: str | None = None, until: str | None = None
) -> dict[str, Any]:
    """Judge a history and compare with its labels; the JSON object of interfaces.md.

    Args:
        history_path: Parquet or CSV with the columns of the data README.
        settings: of the detectors; the defaults if left out.
        since: only what is known from this time on is reported; the judges see all that came before. ISO 8601, UTC.
        until: the history ends before this time.

    Raises:
        HistoryError: the history or a time can't be used; one line that names the field, the value and the remedy.
    """
    path = Path(history_path)
    settings = settings or Settings()
    since_s, until_s = _second("since", since), _second("until", until)
    started_s = perf_counter()
    with _no_collection():
        history = read_history(path)
        rows = history.rows if until_s is None else [row for row in history.rows if row.at.block_time_s < until_s]
        scores: dict[str, dict[str, float]] = defaultdict(dict)

        def keep(detector: str, row: Row, score: float) -> None:
            scores[detector][row.at.block_hash] = score

        replayed = replay(history.network, rows, settings=settings, on_score=keep)
        elapsed_s = perf_counter() - started_s
        outcomes = [o for o in _outcomes(path, history, rows) if since_s is None or o.time_s >= since_s]
    judged = Judged(
        outcomes=outcomes,
        attacks=find_attacks(outcomes),
        detectors=replayed.detectors,
        signals=[signal for signal in replayed.signals if _is_since(signal, since_s)],
        undecided=replayed.undecided,
        scores={name: scores[name] for name in replayed.statistics},
        directions=history.directions,
    )
    return {
        "history": str(history_path),
        "rows": len(outcomes),
        "events_per_s": round(history.events / elapsed_s, 1) if elapsed_s > 0 else 0.0,
        "config_hash": settings.hash,
        "code_version": code_version(),
        **build_report(judged),
    }


def _outcomes(path: Path, history: History, rows: list[Row]) -> list[Outcome]:
    labels = read_labels(path)
    outcomes = []
    for row in rows:
        if isinstance(row, Sent | Executed):
            event_id = row.at.block_hash
            label, detail = labels.get(event_id, ("", ""))
            is_release = isinstance(row, Executed)
            usd = (history.micro_usd.get(event_id) or 0) / 1e6
            outcomes.append(
                Outcome(event_id, row.at.block_time_s, row.lane, is_release, usd, label == "attack", detail)
            )
    return outcomes


def _is_since(signal: Signal, since_s: int | None) -> bool:
    return since_s is None or signal.known_at_ms >= since_s * 1000


def _second(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise HistoryError(f"{name} = {text}: not a time; write it like 2022-08-01 or 2022-08-01T21:32:31Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the cyclic collector: a history is many small tuples and no cycle; it would look through them all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
