"""Files whose columns go by other names, and files of deposits alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detectors.backtest import HistoryError, run_backtest
from detectors.backtest.history import read_history
from detectors.frames import Sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    Write = Callable[..., Path]

OTHERS = {
    "event_id": "log_id",
    "side": "event_type",
    "direction": "lane",
    "timestamp": "block_timestamp",
    "tx_hash": "transaction_hash",
    "nonce": "sequence_number",
    "token": "token_address",
    "usd": "value_usd",
    "sender": "from",
    "receiver": "To",
}


def deposit(bridge: str, number: int, **cells: Any) -> dict[str, Any]:
    return {
        "bridge": bridge,
        "corridor": "ETH-BNB",
        "tx_hash": "0x01",
        "timestamp": str(1_600_000_000 + number),
        "sender": "0xA",
        "receiver": "0xB",
        "amount_raw": "5",
        "asset_s": "0xT",
        "asset_d": None,
        "src": "ETH",
        "dst": "BNB",
        **cells,
    }


@pytest.mark.parametrize("name", ["history.csv", "history.parquet"])
def test_other_names_of_columns_make_no_difference(nomad_slice: pd.DataFrame, write: Write, name: str) -> None:
    renamed = nomad_slice.rename(columns=OTHERS)
    assert not set(OTHERS) & set(renamed.columns)
    assert read_history(write(renamed, name)) == read_history(write(nomad_slice, "plain.csv"))


def test_a_column_under_its_own_name_counts_before_any_other(nomad_slice: pd.DataFrame, write: Write) -> None:
    both = nomad_slice.assign(to="0xnobody", id="none")
    assert read_history(write(both)) == read_history(write(nomad_slice, "plain.csv"))


def test_what_is_missing_is_told_with_every_name_that_would_do(nomad_slice: pd.DataFrame, write: Write) -> None:
    with pytest.raises(HistoryError, match="name it receiver or recipient or to or to_address"):
        read_history(write(nomad_slice.drop(columns=["receiver"])))


@pytest.mark.parametrize("name", ["deposits.csv", "deposits.parquet"])
def test_deposits_are_one_stream_a_bridge(write: Write, name: str) -> None:
    lines = [deposit("Celer", number, corridor=f"ETH-{number % 2}") for number in range(6)]
    history = read_history(write([*lines, deposit("Poly", 9)], name))
    assert {facts.name for facts in history.network.chains.values()} == {"Celer", "Poly"}
    assert all(isinstance(row, Sent) for row in history.rows)
    assert len({row.at.chain for row in history.rows}) == 2
    assert set(history.directions.values()) == {"Celer->ETH-0", "Celer->ETH-1", "Poly->ETH-BNB"}
    assert len(history.micro_usd) == 7


def test_honest_deposits_are_quiet_and_counted(write: Write) -> None:
    result = run_backtest(write([deposit("Celer", 40_000 * number) for number in range(30)]))
    assert result["rows"] == 30
    assert result["signals"] == []
    assert result["attacks"] == []
    assert result["undecided"]["rows"] == 0


def test_a_deposit_of_no_bridge_is_refused(write: Write) -> None:
    with pytest.raises(HistoryError, match="row 2: direction = : every row needs one"):
        read_history(write([deposit("Celer", 1), deposit("", 2)]))
