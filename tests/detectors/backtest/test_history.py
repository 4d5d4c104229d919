from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from detectors.backtest import HistoryError, run_backtest
from detectors.backtest.history import read_history
from detectors.frames import UNNUMBERED, Executed, Pooled, Priced, Sent

Write = Callable[..., Path]
MakeEvent = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    "column", ["event_id", "side", "direction", "chain", "timestamp", "tx_hash", "token", "amount_raw", "receiver"]
)
@pytest.mark.parametrize("name", ["history.csv", "history.parquet"])
def test_a_missing_column_is_named(nomad_slice: pd.DataFrame, write: Write, column: str, name: str) -> None:
    path = write(nomad_slice.drop(columns=column), name)
    with pytest.raises(HistoryError, match=f"column {column} is missing; it needs event_id, ") as error:
        run_backtest(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"side": "mint"}, "row 2: side = mint: use one of src_deposit"),
        ({"timestamp": "yesterday"}, "row 2: timestamp = yesterday: use whole seconds"),
        ({"timestamp": -5}, "row 2: timestamp = -5"),
        ({"timestamp": ""}, "row 2: timestamp = :"),
        ({"timestamp": "nan"}, "row 2: timestamp = "),
        ({"timestamp": "100.5"}, "row 2: timestamp = 100.5: use whole seconds"),
        ({"timestamp": 1_659_389_551_000}, "row 2: timestamp = 1659389551000: use whole seconds since 1970"),
        ({"timestamp": "1e300"}, "row 2: timestamp = 1e300"),
        ({"amount_raw": "1.5"}, "row 2: amount_raw = 1.5: use the token's smallest unit"),
        ({"amount_raw": ""}, "row 2: amount_raw = "),
        ({"usd": "much"}, "row 2: usd = much: use a number or leave it empty"),
        ({"usd": "-1"}, "row 2: usd = -1"),
        ({"usd": "inf"}, "row 2: usd = inf"),
        ({"event_id": "e0"}, "row 2: event_id = e0: it must name one row only"),
        ({"token": ""}, "row 2: token = : every row needs one"),
        ({"chain": "c"}, "direction = a->b: has rows of one side on a and on c"),
    ],
)
def test_a_bad_cell_is_named_with_its_remedy(write: Write, event: MakeEvent, cells: dict[str, Any], words: str) -> None:
    path = write([event("burn", 100), event("burn", 101) | cells])
    with pytest.raises(HistoryError) as error:
        run_backtest(path)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no such file"):
        run_backtest(tmp_path / "nothing.csv")
    noise = tmp_path / "noise.parquet"
    noise.write_bytes(b"not parquet")
    with pytest.raises(HistoryError, match=r"noise\.parquet"):
        run_backtest(noise)
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(HistoryError, match=r"empty\.csv"):
        run_backtest(empty)


def test_a_bad_time_is_named(write: Write, event: MakeEvent) -> None:
    with pytest.raises(HistoryError, match="since = soon: not a time; write it like 2022-08-01"):
        run_backtest(write([event("burn", 100)]), since="soon")


def test_csv_and_parquet_read_alike(nomad_slice: pd.DataFrame, write: Write) -> None:
    typed = nomad_slice.assign(timestamp=nomad_slice["timestamp"].astype(int))
    assert read_history(write(nomad_slice, "one.csv")) == read_history(write(typed, "other.parquet"))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("one.csv", lambda times: times.dt.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("one.csv", lambda times: times.dt.strftime("%Y-%m-%d %H:%M:%S")),
        ("one.csv", lambda times: (times + pd.Timedelta(hours=2)).dt.strftime("%Y-%m-%dT%H:%M:%S+02:00")),
        ("one.csv", lambda times: times.astype("int64").astype(float) / 1e9),
        ("one.parquet", lambda times: times),
        ("one.parquet", lambda times: times.dt.tz_localize("UTC")),
        ("one.parquet", lambda times: times.astype("datetime64[s]")),
    ],
)
def test_times_read_alike_however_they_are_written(
    nomad_slice: pd.DataFrame, write: Write, name: str, written: Callable[[pd.Series], pd.Series]
) -> None:
    seconds = nomad_slice["timestamp"].astype(int)
    times = pd.to_datetime(seconds, unit="s").astype("datetime64[ns]")
    path = write(nomad_slice.assign(timestamp=written(times)), name)
    assert read_history(path) == read_history(write(nomad_slice.assign(timestamp=seconds), "other.parquet"))


def test_sent_stands_before_executed_within_a_second(write: Write, event: MakeEvent) -> None:
    rows = read_history(write([event("release", 100), event("burn", 100), event("burn", 99)])).rows
    assert [type(row) for row in rows if not isinstance(row, Priced)] == [Sent, Sent, Pooled, Executed]
    assert [row.at.block_time_s for row in rows] == sorted(row.at.block_time_s for row in rows)
    assert len({row.at.row_id for row in rows}) == len(rows)


def test_a_price_is_stated_when_it_moves(write: Write, event: MakeEvent) -> None:
    lines = [event("burn", second, usd=usd) for second, usd in enumerate(["2.0", "2.0005", "2.5", "", "0.5"])]
    prices = [row.usd_per_token for row in read_history(write(lines)).rows if isinstance(row, Priced)]
    assert prices == [2 * 10**30, 25 * 10**29]


def test_amounts_are_compared_in_the_coarser_decimals(write: Write, event: MakeEvent) -> None:
    fine = event("burn", 100, amount_raw="1999999999999", amount="0.000002", nonce=1)
    telling = event("burn", 99, amount_raw=str(10**18), amount="1.0", nonce=0)
    coarse = event("release", 200, amount_raw="1", amount="0.000001", nonce=1)
    half = event("release", 201, amount_raw="1000000", amount="1.0", nonce=0)
    result = run_backtest(write([telling, fine, coarse, half]))
    assert result["signals"] == []
    wrong = run_backtest(write([telling, fine, coarse | {"amount_raw": "2"}, half]))
    assert [(one["detector"], one["evidence"]["differs"]) for one in wrong["signals"]] == [
        ("message_mismatch", ["amount"])
    ]


def test_tokens_meet_by_their_canonical_address(write: Write, event: MakeEvent) -> None:
    lines = [
        event("burn", 100, nonce=1, token="0xHere", token_eth="0xeth"),
        event("release", 200, nonce=1, token="0xThere", token_eth="0xETH"),
    ]
    assert run_backtest(write(lines))["signals"] == []


def test_without_nonces_messages_match_as_often_as_they_were_sent(write: Write, event: MakeEvent) -> None:
    lines = [event("burn", 100 + n, receiver=f"0x{n}") for n in range(20)]
    lines += [event("release", 130 + n, receiver=f"0x{n}") for n in range(20)]
    twice = [event("burn", 5000), event("burn", 5001), event("release", 5100), event("release", 5101)]
    assert run_backtest(write([*lines, *twice]))["signals"] == []
    thrice = run_backtest(write([*lines, *twice, event("release", 5102)]))
    assert [signal["detector"] for signal in thrice["signals"]] == ["unmatched_execution"]
    assert thrice["signals"][0]["at"] == "1970-01-01T01:25:02Z"


def test_without_nonces_early_releases_may_be_older_than_the_record(write: Write, event: MakeEvent) -> None:
    lines = [event("burn", 1000 + n, receiver=f"0x{n}") for n in range(20)]
    lines += [event("release", 1500 + n, receiver=f"0x{n}") for n in range(20)]
    result = run_backtest(write([*lines, event("release", 1600, receiver="0xelder")]))
    assert result["signals"] == []
    assert result["undecided"]["rows"] == 1


def test_ids_that_are_no_numbers_match_by_id(write: Write, event: MakeEvent) -> None:
    lines = [event("burn", 100, nonce="0xabc"), event("release", 200, nonce="0xabc")]
    rows = read_history(write(lines)).rows
    assert {row.sequence_number for row in rows if isinstance(row, Sent | Executed)} == {UNNUMBERED}
    assert run_backtest(write(lines))["signals"] == []
    forged = run_backtest(write([lines[0], lines[1] | {"receiver": "0xthief"}]))
    assert [(one["detector"], one["evidence"]["differs"]) for one in forged["signals"]] == [
        ("message_mismatch", ["receiver"])
    ]


def test_a_number_that_several_messages_bear_may_be_executed_as_often(write: Write, event: MakeEvent) -> None:
    lines = [event("burn", 100 + n, nonce=1, receiver=f"0x{n}") for n in range(2)]
    lines += [event("release", 200 + n, nonce=1, receiver=f"0x{n}") for n in range(2)]
    assert run_backtest(write(lines))["signals"] == []
    again = run_backtest(write([*lines, event("release", 300, nonce=1, receiver="0x0")]))
    assert [signal["detector"] for signal in again["signals"]] == ["double_execution"]


def test_a_source_that_fell_silent_is_blind_not_quiet(write: Write, event: MakeEvent) -> None:
    traffic = [event("burn", 3600 * n, nonce=n) for n in range(50)]
    soon = event("release", 3600 * 49 + 40_000, nonce=99, label="attack")
    late = event("release", 3600 * 49 + 90_000, nonce=99, label="attack")
    assert len(run_backtest(write([*traffic, soon]))["signals"]) == 1
    silent = run_backtest(write([*traffic, late]))
    assert silent["signals"] == []
    assert silent["undecided"]["rows"] == 1
    back = run_backtest(write([*traffic, late, event("burn", 3600 * 49 + 90_500, nonce=50)]))
    assert [signal["known_at"] for signal in back["signals"]] == ["1970-01-04T02:08:20Z"]
