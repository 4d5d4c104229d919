"""Times that nobody knows are dealt anew, and only those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from detectors.backtest.history import HistoryError
from detectors.backtest.resample import deal, groups_of, render_resampled, resample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

DAY_S = 86_400


def table(qualities: list[str], sides: str = "src_release") -> pa.Table:
    times_s = [1_000 + DAY_S // 2 * row for row in range(len(qualities))]
    return pa.table(
        {"side": [sides] * len(qualities), "ts_quality": qualities, "timestamp": times_s, "row": range(len(qualities))}
    )


def test_exact_times_stay_and_shuffled_ones_are_the_same_times_of_other_rows() -> None:
    before = table(["exact", *["shuffled"] * 40, "exact"])
    after = deal(before, groups_of(before), np.random.default_rng(1))
    assert after.column("timestamp").to_pylist() == before.column("timestamp").to_pylist(), "in order, the same times"
    at = dict(zip(after.column("row").to_pylist(), after.column("timestamp").to_pylist(), strict=True))
    assert (at[0], at[41]) == (1_000, 1_000 + 41 * DAY_S // 2)
    assert sum(at[row] != 1_000 + row * DAY_S // 2 for row in range(1, 41)) > 30


def test_a_guess_stays_within_its_day() -> None:
    before = table(["imputed"] * 40)
    after = deal(before, groups_of(before), np.random.default_rng(1))
    days = {
        row: at_s // DAY_S
        for row, at_s in zip(after.column("row").to_pylist(), after.column("timestamp").to_pylist(), strict=True)
    }
    assert all(day == (1_000 + row * DAY_S // 2) // DAY_S for row, day in days.items())
    assert after.column("row").to_pylist() != before.column("row").to_pylist()


def test_sides_are_dealt_apart() -> None:
    mixed = pa.concat_tables(
        [table(["shuffled"] * 3), table(["shuffled"] * 2, "dst_burn"), table(["shuffled"], "dst_mint")]
    )
    assert groups_of(mixed) == [[3, 4], [0, 1, 2]]


def test_a_history_is_judged_under_every_dealing(nomad_slice: pd.DataFrame, write: Callable[..., Path]) -> None:
    is_benign_release = (nomad_slice["side"] == "src_release") & (nomad_slice["label"] != "attack")
    nomad_slice.loc[is_benign_release, "ts_quality"] = "shuffled"
    path = write(nomad_slice)
    found = resample(path, 3)
    assert found["rows_dealt"] == int(is_benign_release.sum()) > 1
    delay = found["first_signal_delay_s"]
    assert (delay["low"], delay["high"], delay["missed"]) == (0.0, 0.0, 0), "the attack's own times are exact"
    assert found["false_signals_per_day"]["low"] <= found["false_signals_per_day"]["high"]
    assert resample(path, 3) == found, "the same seed deals the same"
    assert "3 dealings" in render_resampled(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame, "every time is exact; nothing to resample"),
        (lambda frame: frame.drop(columns="ts_quality"), "the column ts_quality is missing"),
    ],
)
def test_where_nothing_is_imputed_that_is_said(
    nomad_slice: pd.DataFrame, write: Callable[..., Path], change: Callable[[Any], Any], words: str
) -> None:
    with pytest.raises(HistoryError, match=words):
        resample(write(change(nomad_slice)), 1)
