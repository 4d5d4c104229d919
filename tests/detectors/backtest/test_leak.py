"""The leak check passes on honest judges and names the first difference of dishonest ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from detectors.backtest import leak
from detectors.backtest.history import read_table
from detectors.backtest.leak import check_leaks
from detectors.backtest.truth import blanked_copy
from detectors.settings import Settings

Write = Callable[..., Path]
MakeEvent = Callable[..., dict[str, Any]]


# INV-DET-2
@pytest.mark.parametrize("name", ["history.csv", "history.parquet"])
def test_nomads_judges_look_neither_ahead_nor_at_the_truth(nomad_slice: pd.DataFrame, write: Write, name: str) -> None:
    frame = nomad_slice if name.endswith(".csv") else nomad_slice.assign(timestamp=nomad_slice["timestamp"].astype(int))
    checked = check_leaks(write(frame, name))
    assert checked.difference is None
    assert checked.cuts == 4
    assert checked.signals > 40
    assert checked.scores > 500


# INV-DET-2
def test_nor_do_they_on_generated_traffic(event: MakeEvent, write: Write) -> None:
    draw = random.Random(7)
    lines, clock_s = [], 0
    for nonce in range(1500):
        clock_s += draw.randrange(1, 8000)
        usd = f"{draw.lognormvariate(7, 2):.2f}"
        cells = {"nonce": nonce, "usd": usd, "amount_raw": str(draw.randrange(1, 10**9)), "receiver": f"0x{nonce % 37}"}
        lines += [event("burn", clock_s, **cells), event("release", clock_s + draw.randrange(1800, 9000), **cells)]
    lines += [
        event("release", clock_s - 10**6 + 60 * number, nonce=10**6, usd="90000", label="attack")
        for number in range(40)
    ]
    checked = check_leaks(write(lines), Settings(grace_days=5, false_alarms_per_day=1.0))
    assert checked.difference is None
    assert checked.signals > 40


def test_a_judge_that_knows_the_future_is_named(
    nomad_slice: pd.DataFrame, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = leak.replay

    def prescient(network: Any, rows: Any, **kwargs: Any) -> Any:
        replayed = honest(network, rows, **kwargs)
        return replayed._replace(signals=replayed.signals if len(rows) < 460 else replayed.signals[1:])

    monkeypatch.setattr(leak, "replay", prescient)
    checked = check_leaks(write(nomad_slice))
    assert checked.difference is not None
    assert checked.difference.startswith("cut after ")
    assert "signal " in checked.difference
    assert "\n" not in checked.difference


def test_a_judge_that_reads_labels_is_named(
    nomad_slice: pd.DataFrame, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = leak.read_history

    def cheating(path: Path) -> Any:
        history = honest(path)
        is_told = "attack" in (read_table(path, ["label"]).get("label") or [])
        return history._replace(rows=history.rows if is_told else history.rows[:-50])

    monkeypatch.setattr(leak, "read_history", cheating)
    checked = check_leaks(write(nomad_slice))
    assert checked.difference is not None
    assert checked.difference.startswith("without the truth columns")


@pytest.mark.parametrize("name", ["history.csv", "history.parquet"])
def test_a_blanked_copy_has_all_but_the_truth(nomad_slice: pd.DataFrame, write: Write, name: str) -> None:
    path = write(nomad_slice, name)
    with blanked_copy(path) as copy:
        blank = read_table(copy, list(nomad_slice.columns))
        assert copy.exists()
    assert not copy.exists()
    told = read_table(path, list(nomad_slice.columns))
    for column in ("matched", "match_tx_hash", "match_timestamp", "latency_s", "label", "label_detail", "window"):
        assert not any(blank[column]), column
    for column in ("event_id", "timestamp", "amount_raw", "nonce", "receiver"):
        assert blank[column] == told[column]
