"""What imputed times leave open: a history judged again and again with the times that nobody knows dealt anew.

`ts_quality` says of each row how its time was had. `exact` times (and a generated history's) stay. `shuffled` times are
the true ones of these rows, but nobody knows whose is whose: all of one side are dealt anew over all its rows. Every
other quality is a guess near the truth: its times are dealt anew among the side's rows of the same day. What is said
is the range over the dealings and their middle, since one dealing's figure is luck.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from detectors.backtest.history import HistoryError
from detectors.backtest.run import run_backtest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.random import Generator

_KNOWN = {"exact", "generated"}
_SHUFFLED = "shuffled"
_DAY_S = 86_400


def resample(
    history_path: str | Path, times: int, judge: Callable[[Path], Mapping[str, Any]] = run_backtest, *, seed: int = 0
) -> dict[str, Any]:
    """Judge so many dealings of a history's imputed times.

    Args:
        history_path: Parquet or CSV with the columns of the data README, `ts_quality` among them.
        times: how many dealings; research/detection.md asks for 50.
        judge: `run_backtest` with the settings to judge by.
        seed: of the dealings.

    Returns:
        `rows` and `rows_dealt`; `false_signals_per_day`, `first_signal_delay_s` and `first_curse_delay_s` (of the
        first attack) and `averted_share` by reaction, each with `low`, `median` and `high` over the dealings, and
        `missed`: in how many there was none.

    Raises:
        HistoryError: no column `ts_quality`, or all times are exact: there is nothing to deal.
    """
    path = Path(history_path)
    table = _read(path)
    groups = groups_of(table)
    random = np.random.default_rng(seed)
    said: dict[str, list[float | None]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        dealt = Path(folder) / "dealt.parquet"
        for _ in range(times):
            pa_parquet.write_table(deal(table, groups, random), dealt)
            for name, value in _figures(judge(dealt)).items():
                said[name].append(value)
    return {
        "history": str(history_path),
        "dealings": times,
        "rows": table.num_rows,
        "rows_dealt": sum(len(group) for group in groups),
        **{name: _range(values) for name, values in said.items()},
    }


def render_resampled(found: Mapping[str, Any]) -> str:
    """For a terminal: a line a figure."""
    lines = [f"{found['rows_dealt']} of {found['rows']} times are imputed; {found['dealings']} dealings of them"]
    for name, figure in found.items():
        if isinstance(figure, dict):
            span = (
                "never"
                if figure["median"] is None
                else f"{figure['median']:g} ({figure['low']:g} to {figure['high']:g})"
            )
            lines.append(f"  {name.replace('_', ' '):<28}{span}, none in {figure['missed']}")
    return "\n".join(lines)


def groups_of(table: pa.Table) -> list[list[int]]:
    """The rows among which times are dealt; groups of one are none."""
    found: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    columns = (table.column(name).to_pylist() for name in ("side", "ts_quality", "timestamp"))
    for row, (side, quality, time_s) in enumerate(zip(*columns, strict=True)):
        if quality not in _KNOWN:
            found[side, quality, -1 if quality == _SHUFFLED else int(time_s) // _DAY_S].append(row)
    return [rows for _, rows in sorted(found.items()) if len(rows) > 1]


def deal(table: pa.Table, groups: Sequence[Sequence[int]], random: Generator) -> pa.Table:
    """The same rows, in order of time, with each group's times dealt anew."""
    times_s = np.array([int(time_s) for time_s in table.column("timestamp").to_pylist()], dtype=np.int64)
    for group in groups:
        times_s[list(group)] = random.permutation(times_s[list(group)])
    place = table.schema.get_field_index("timestamp")
    return table.set_column(place, "timestamp", pa.array(times_s)).take(pa.array(np.argsort(times_s, kind="stable")))


def _read(path: Path) -> pa.Table:
    if not path.is_file():
        raise HistoryError(f"history = {path}: no such file; name a Parquet or CSV file")
    try:
        table = pa_parquet.read_table(path) if path.suffix == ".parquet" else _read_text(path)
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0]
        raise HistoryError(f"history = {path}: {reason}; give a Parquet or CSV file with a header") from None
    for name in ("ts_quality", "side", "timestamp"):
        if name not in table.column_names:
            raise HistoryError(f"history = {path}: the column {name} is missing; it says which times are imputed")
    if not groups_of(table):
        raise HistoryError(f"history = {path}: ts_quality: every time is exact; nothing to resample, leave it out")
    return table


def _read_text(path: Path) -> pa.Table:
    """Every cell as it stands, so that no large whole number becomes a float."""
    with pa_csv.open_csv(path) as file:
        names = file.schema.names
    kept = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return pa_csv.read_csv(path, convert_options=kept)


def _figures(result: Mapping[str, Any]) -> dict[str, float | None]:
    figures: dict[str, float | None] = {"false_signals_per_day": result["false_signals"]["per_day"]}
    for attack in result["attacks"][:1]:
        for name in ("first_signal", "first_curse"):
            figures[f"{name}_delay_s"] = None if attack[name] is None else attack[name]["delay_s"]
        for reaction_s, share in attack["averted_share_by_reaction_s"].items():
            figures[f"averted_share_after_{reaction_s}_s"] = share
    return figures


def _range(values: Sequence[float | None]) -> dict[str, float | int | None]:
    had = [value for value in values if value is not None]
    return {
        "low": min(had, default=None),
        "median": median(had) if had else None,
        "high": max(had, default=None),
        "missed": len(values) - len(had),
    }
