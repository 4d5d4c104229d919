"""Small histories, written by hand or cut from Nomad's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

SLICE = Path(__file__).parents[2] / "data" / "nomad_slice.csv"
"""300 events around the beginning of Nomad's attack (from XChainWatcher's data, MIT)."""

DEFAULTS = {"direction": "a->b", "token": "0xt", "amount_raw": "1000000", "receiver": "0xr", "usd": "1.0", "nonce": ""}


@pytest.fixture
def nomad_slice() -> pd.DataFrame:
    return pd.read_csv(SLICE, dtype=str, keep_default_na=False)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write events (or a frame) as a history; `name` decides between CSV and Parquet."""

    def put(events: list[dict[str, Any]] | pd.DataFrame, name: str = "history.csv") -> Path:
        frame = events if isinstance(events, pd.DataFrame) else pd.DataFrame(events)
        path = tmp_path / name
        if path.suffix == ".csv":
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path, index=False)
        return path

    return put


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    """One line: `event("burn", 100)`, `event("release", 200, nonce=1, label="attack")`."""
    count = iter(range(10**6))
    sides = {"burn": ("dst_burn", "a"), "release": ("src_release", "b"), "deposit": ("src_deposit", "a")}

    def make(kind: str, time_s: int, **cells: Any) -> dict[str, Any]:
        side, chain = sides[kind]
        number = next(count)
        line = {"event_id": f"e{number}", "side": side, "chain": chain, "timestamp": time_s, "tx_hash": f"0x{number}"}
        return {**DEFAULTS, **line, "label": "benign", **cells}

    return make
