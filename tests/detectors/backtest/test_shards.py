"""However the work is divided, the result is the one that a single process gives."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dask.distributed import LocalCluster
from hypothesis import given
from hypothesis import strategies as st

from detectors.backtest import run_backtest
from detectors.backtest.history import History, read_history
from detectors.backtest.replay import Replayed, replay
from detectors.backtest.shards import Workers, WorkersError, replay_shared, share_out
from detectors.folding import Scored
from detectors.settings import Settings

Write = Callable[..., Path]
_SETTINGS = Settings(grace_days=0, false_alarms_per_day=1.0)


@pytest.fixture
def nomad_path(nomad_slice: pd.DataFrame, write: Write) -> Path:
    return write(nomad_slice)


def _result(path: Path, workers: Workers | None = None) -> dict[str, Any]:
    result = run_backtest(path, _SETTINGS, workers=workers)
    del result["events_per_s"]
    return result


# INV-DET-1
@pytest.mark.slow
def test_two_processes_say_what_one_says(nomad_path: Path) -> None:
    assert _result(nomad_path, Workers(2)) == _result(nomad_path)


def _doubled_where_it_may(task: tuple[int, int]) -> int:
    number, only_here = task
    if os.getpid() != only_here and number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def test_work_of_a_process_that_was_killed_is_done_here(caplog: pytest.LogCaptureFixture) -> None:
    tasks = [(number, os.getpid()) for number in range(4)]
    assert Workers(2).map(_doubled_where_it_may, tasks) == [0, 2, 4, 6]
    assert "a worker process died" in caplog.text


# INV-DET-1
def test_a_dask_cluster_says_what_one_process_says(nomad_path: Path) -> None:
    options: dict[str, Any] = {"processes": False, "protocol": "tcp", "host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster:  # type: ignore[no-untyped-call]
        assert _result(nomad_path, Workers(3, cluster.scheduler_address)) == _result(nomad_path)


# INV-DET-1
@pytest.mark.parametrize("shares", [1, 2, 3, 7])
def test_shares_of_any_number_hear_every_score_once(nomad_path: Path, shares: int) -> None:
    class InTurn(Workers):
        def map(self, function: Any, tasks: Any) -> Any:
            return [function(task) for task in tasks]

    history = read_history(nomad_path)
    one, alone = _replayed(history, None)
    several, together = _replayed(history, InTurn(shares))
    assert several == one
    assert together == alone
    assert one.signals
    assert one.undecided
    assert len(alone) > 100


def _replayed(history: History, workers: Workers | None) -> tuple[Replayed, list[Any]]:
    scored: list[Scored] = []
    if workers is None:
        said = replay(history.network, history.rows, settings=_SETTINGS, on_score=scored.append)
    else:
        said = replay_shared(history.network, history.rows, workers=workers, settings=_SETTINGS, on_score=scored.append)
    return said, sorted((one.row.at.row_id, one.flow, one.rates.tolist(), one.levels.tolist()) for one in scored)


def test_a_scheduler_that_is_not_there_is_named(nomad_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("Timed out trying to connect")

    monkeypatch.setattr("dask.distributed.Client", refuse)
    with pytest.raises(WorkersError, match=r"dask = tcp://127\.0\.0\.1:9: Timed out .* give the address"):
        _result(nomad_path, Workers(2, "tcp://127.0.0.1:9"))


@given(st.dictionaries(st.integers(), st.integers(0, 10**6), min_size=1), st.integers(1, 9))
def test_every_key_goes_to_one_group_and_no_group_is_much_heavier(weights: dict[int, int], count: int) -> None:
    groups = share_out(weights, count)
    assert sorted(key for group in groups for key in group) == sorted(weights)
    assert len(groups) <= count
    loads = [sum(weights[key] for key in group) for group in groups] + [0] * (count - len(groups))
    assert max(loads) - min(loads) <= max(weights.values())
