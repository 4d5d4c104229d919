"""Edge files: a row's nodes come from that row, whatever the file around it, and every bad cell is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from detectors.backtest import edge_file
from detectors.backtest.edge_file import EdgeFileError, read_edges

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> list[tuple[int, int, int]]:
    parts = list(read_edges(path))
    assert [part.first_row for part in parts] == [
        1 + sum(len(part.ticks) for part in parts[:at]) for at in range(len(parts))
    ]
    return [row for part in parts for row in zip(*(c.tolist() for c in part[1:4]), strict=True)]


def csv(folder: Path, text: str) -> Path:
    path = folder / "edges.csv"
    path.write_text(text)
    return path


def parquet(folder: Path, **columns: object) -> Path:
    path = folder / "edges.parquet"
    pa_parquet.write_table(pa.table(columns), path)
    return path


def test_numbers_are_themselves_in_any_file(tmp_path: Path) -> None:
    expected = [(1, -5, -3), (2**63 - 1, -(2**63), 0), (-1, 7, 0)]
    text = "src,dst,tick\n1,-5,-3\n9223372036854775807,-9223372036854775808,0\n18446744073709551615,7,0\n"
    assert read(csv(tmp_path, text)) == expected
    numbers = {"src": pa.array([1, 2**63 - 1, 2**64 - 1], pa.uint64()), "dst": pa.array([-5, -(2**63), 7], pa.int64())}
    for kind in (pa.int8(), pa.int32(), pa.int64()):
        assert read(parquet(tmp_path, **numbers, tick=pa.array([-3, 0, 0], kind))) == expected
    texts = {name: column.cast(pa.string()) for name, column in numbers.items()}
    encoded = {name: column.dictionary_encode() for name, column in texts.items()}
    for columns in (texts, encoded):
        assert read(parquet(tmp_path, **columns, tick=["-3", "0", "0"])) == expected


def test_texts_stay_apart_and_a_number_stays_one_beside_them(tmp_path: Path) -> None:
    rows = read(csv(tmp_path, "tick,note,dst,src\n5,x,0xAb,7\n5,x,0xab,007\n6,x,7.0,\u0667\n6,x, 7,-0\n"))
    nodes = [node for src, dst, _ in rows for node in (src, dst)]
    assert nodes[0] == 7
    assert len(set(nodes)) == len(nodes)
    assert [tick for *_, tick in rows] == [5, 5, 6, 6]


def test_parts_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    srcs = [f"0x{row % 17:040x}" for row in range(1000)]
    path = parquet(tmp_path, src=srcs, dst=[str(row % 5) for row in range(1000)], tick=np.arange(1000) // 7)
    as_text = csv(tmp_path, "src,dst,tick\n" + "".join(f"{s},{r % 5},{r // 7}\n" for r, s in enumerate(srcs)))
    whole = read(path)
    monkeypatch.setattr(edge_file, "_PART_ROWS", 64)
    monkeypatch.setattr(edge_file, "_PART_BYTES", 600)
    assert len(list(read_edges(path))) == 16
    assert len(list(read_edges(as_text))) > 16
    assert read(path) == read(as_text) == whole
    assert next(read_edges(path)).describe(16) == (srcs[16], "1", "2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("src,dst,tick\n1,2,5\n1,2,4\n", "row 2: tick = 4 comes after 5; ticks never fall, sort the file by tick"),
        ("src,dst,tick\n1,2,5\n1,,6\n", "row 2: dst is empty"),
        ("src,dst,tick\n1,2,5\n1,2,\n", "row 2: tick = ''; give a whole number"),
        ("src,dst,tick\n1,2,5\n1,2,6.5\n", "row 2: tick = '6.5'; give a whole number"),
        ("src,dst,tick\n1,2,9223372036854775808\n", "row 1: tick = '9223372036854775808'; give a whole number"),
        ("src,dst,time\n1,2,5\n", "the column tick is missing; it needs src,dst,tick"),
        ("src,src,dst,tick\n1,2,5,6\n", "the column src is there more than once"),
        ("src,dst,tick\n1,2\n", "Expected 3 columns, got 2"),
        ("", "Empty CSV file; give a Parquet or CSV file with src,dst,tick"),
        ("src,dst,tick\n1,\xff,3\n", "invalid UTF8 data"),
    ],
)
def test_a_bad_csv(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "edges.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EdgeFileError) as caught:
        read(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"src": [1.5], "dst": [2], "tick": [3]}, "src: a column of double; give whole numbers or text"),
        ({"src": [1], "dst": [2], "tick": [3.0]}, "tick: a column of double; give whole numbers"),
        ({"src": [1, None], "dst": [2, 2], "tick": [3, 3]}, "row 2: src is empty"),
        ({"src": [1, 1], "dst": [2, 2], "tick": [3, None]}, "row 2: tick = ''"),
        ({"src": [1], "dst": [2], "tick": pa.array([2**63], pa.uint64())}, "row 1: tick = '9223372036854775808'"),
        ({"src": [True], "dst": [2], "tick": [3]}, "src: a column of bool"),
    ],
)
def test_a_bad_parquet(tmp_path: Path, columns: dict[str, list[object]], said: str) -> None:
    with pytest.raises(EdgeFileError, match=said.replace("(", r"\(")):
        read(parquet(tmp_path, **columns))


def test_a_tick_that_falls_between_two_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_file, "_PART_ROWS", 2)
    path = parquet(tmp_path, src=[1, 1, 1], dst=[2, 2, 2], tick=[4, 5, 3])
    with pytest.raises(EdgeFileError, match="row 3: tick = 3 comes after 5"):
        read(path)


def test_no_file_and_no_parquet(tmp_path: Path) -> None:
    with pytest.raises(EdgeFileError, match="no such file"):
        read(tmp_path / "none.csv")
    (tmp_path / "edges.parquet").write_text("src,dst,tick\n")
    with pytest.raises(EdgeFileError, match="give a Parquet or CSV file with src,dst,tick"):
        read(tmp_path / "edges.parquet")


def test_a_file_without_rows(tmp_path: Path) -> None:
    assert read(csv(tmp_path, "src,dst,tick\n")) == []
    assert (
        read(
            parquet(tmp_path, src=pa.array([], pa.int64()), dst=pa.array([], pa.int64()), tick=pa.array([], pa.int64()))
        )
        == []
    )


def test_what_arrow_holds_does_not_grow_with_the_file(tmp_path: Path) -> None:
    held: list[int] = []
    for groups in (4, 24):
        rows, random = groups << 18, np.random.default_rng(groups)
        nodes = {name: random.integers(0, 1 << 62, rows) for name in ("src", "dst")}
        path = tmp_path / f"{groups}.parquet"
        pa_parquet.write_table(pa.table(nodes | {"tick": np.arange(rows)}), path, row_group_size=1 << 18)
        held.append(0)
        for part in read_edges(path):
            assert len(part.ticks) == 1 << 18
            held[-1] = max(held[-1], pa.total_allocated_bytes())
    assert 0 < held[1] < 1.3 * held[0]
