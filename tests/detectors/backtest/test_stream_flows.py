"""A file of flows is folded in pieces, with the rates that one fold over each chain would give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from detectors.backtest import stream_flows
from detectors.backtest.history import HistoryError
from detectors.backtest.stream_flows import CHAIN, COLUMNS, Alarm, chain_rows, score_flows
from detectors.claims import NAMES
from detectors.folding import State
from detectors.fused import QUIET, limits_of
from detectors.settings import Settings

_SETTINGS = Settings(grace_days=10, false_alarms_per_day=20.0)
_ROWS = 4000


def _table() -> dict[str, list[int]]:
    rng = np.random.default_rng(3)
    times_s = np.sort(rng.integers(1_700_006_400, 1_700_006_400 + 60 * 86_400, _ROWS))
    columns = {
        CHAIN: rng.integers(1, 4, _ROWS),
        "time_s": times_s,
        "is_release": rng.integers(0, 2, _ROWS),
        "token": rng.integers(2, 5, _ROWS),
        "is_priced": np.ones(_ROWS, dtype=np.int64),
        "remote": rng.integers(1, 3, _ROWS),
        "sender": rng.integers(1, 50, _ROWS),
        "receiver": rng.integers(1, 50, _ROWS),
        "amount": rng.integers(1, 1 << 62, _ROWS),
        "value": np.exp(rng.normal(18, 2, _ROWS)).astype(np.int64),
        "is_minted": np.zeros(_ROWS, dtype=np.int64),
    }
    columns["is_minted"] = (columns["token"] == 4).astype(np.int64)
    columns["value"][-20:] = 10**13
    return {name: column.tolist() for name, column in columns.items()}


def _write(path: Path, table: dict[str, list[int]]) -> Path:
    pa_parquet.write_table(pa.table(table), path, row_group_size=700)
    return path


def test_pieces_give_the_rates_and_alarms_of_one_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_flows, "_BATCH_ROWS", 333)
    table = _table()
    alarms = list(score_flows(_write(tmp_path / "f.parquet", table), _SETTINGS, rates_path=tmp_path / "rates.parquet"))
    rates = np.column_stack([column.to_numpy() for column in pa_parquet.read_table(tmp_path / "rates.parquet").columns])
    flows = np.column_stack([table[name] for name in COLUMNS])
    expected: list[Alarm] = []
    for chain in (1, 2, 3):
        rows = np.flatnonzero(np.array(table[CHAIN]) == chain)
        whole, levels = State.empty().fold(flows[rows], limits_of(_SETTINGS, 3))
        assert np.array_equal(rates[rows], whole)
        for place, line in zip(*np.nonzero(levels != QUIET), strict=True):
            row = int(rows[place])
            level, rate = int(levels[place, line]), float(whole[place, line])
            expected.append(Alarm(row, chain, NAMES[line], table["time_s"][row], level, rate))
    assert alarms == sorted(expected)
    assert {alarm.chain for alarm in alarms} == {1, 2, 3}


def test_chains_folded_apart_alarm_as_together(tmp_path: Path) -> None:
    path = _write(tmp_path / "f.parquet", _table())
    apart = [score_flows(path, _SETTINGS, chain_count=3, only=only) for only in ({1}, {2, 3})]
    assert sorted(alarm for some in apart for alarm in some) == list(score_flows(path, _SETTINGS))
    assert sum(chain_rows(path).values()) == _ROWS


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("token", 0, "row 3: token = 0: use 1 to 65535"),
        ("token", 1 << 16, "row 3: token = 65536: use 1 to 65535"),
        ("remote", 1 << 16, "row 3: remote = 65536: use 0 to 65535"),
        ("is_release", 2, "row 3: is_release = 2: use 0 to 1"),
        ("value", -5, "row 3: value = -5: use 0 to"),
        ("is_minted", 2, "row 3: is_minted = 2: use 0 to 1"),
    ],
)
def test_a_number_that_the_fold_could_not_take_is_named(tmp_path: Path, column: str, value: int, message: str) -> None:
    table = _table()
    table[column][3] = value
    with pytest.raises(HistoryError, match=message):
        list(score_flows(_write(tmp_path / "f.parquet", table)))


def test_a_file_that_does_not_say_what_is_minted_is_of_what_is_locked(tmp_path: Path) -> None:
    table = _table()
    table["is_minted"] = [0] * _ROWS
    said = list(score_flows(_write(tmp_path / "said.parquet", table), _SETTINGS))
    del table["is_minted"]
    assert list(score_flows(_write(tmp_path / "unsaid.parquet", table), _SETTINGS)) == said


def test_a_file_that_holds_no_flows_is_named(tmp_path: Path) -> None:
    table = _table()
    del table["remote"]
    with pytest.raises(HistoryError, match="remote = missing: it must be a column of integers"):
        list(score_flows(_write(tmp_path / "f.parquet", table)))
    with pytest.raises(HistoryError, match="no such file"):
        chain_rows(tmp_path / "nothing.parquet")


def test_what_arrow_holds_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    for groups in (4, 24):
        rows, random = groups << 16, np.random.default_rng(groups)
        columns = {name: random.integers(1, 1 << 62, rows) for name in (CHAIN, *COLUMNS)}
        path = tmp_path / f"{groups}.parquet"
        pa_parquet.write_table(pa.table(columns), path, row_group_size=1 << 16)
        seen: list[int] = []
        read = stream_flows._flows

        def watched(batch: pa.RecordBatch, positions: object, read=read, seen=seen) -> object:
            seen.append(pa.total_allocated_bytes())
            return read(batch, positions)

        with monkeypatch.context() as patch:
            patch.setattr(stream_flows, "_flows", watched)
            assert list(score_flows(path, chain_count=1, only=frozenset())) == []
        assert len(seen) >= groups
        held.append(max(seen))
    assert held[1] < 1.3 * held[0]
