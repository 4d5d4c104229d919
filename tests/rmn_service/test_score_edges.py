"""`rmn score-edges`: one score an edge, the same for a file's beginning, and one line for whatever goes wrong."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest

from rmn_service.cli import run

BURST = 1500


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five edges a tick between a few nodes, then one edge over and over; written to edges.csv."""
    monkeypatch.chdir(tmp_path)
    rng = random.Random(1)
    rows = [f"{rng.randrange(9)},0x{rng.randrange(9):040x},{row // 5}" for row in range(BURST)]
    rows += [f"99,0xdead,{BURST // 5}"] * 200
    Path("edges.csv").write_text("\n".join(["src,dst,tick", *rows]) + "\n")
    return rows


def test_json_has_a_score_for_each_row(lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score-edges", "edges.csv", "--json", "scores.json", "--out", "scores.parquet"]) == 0
    answer = json.loads(Path("scores.json").read_text())
    assert set(answer) == {"rows", "scores", "rows_per_s"}
    assert answer["rows"] == len(answer["scores"]) == len(lines)
    assert answer["rows_per_s"] > 0
    assert all(0 <= score < 1 for score in answer["scores"])
    assert max(answer["scores"]) == answer["scores"][-1]
    assert pa_parquet.read_table("scores.parquet").to_pydict() == {"score": answer["scores"]}
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("1,700 edges, ")
    assert shown[2].split()[:4] == ["1700", "99", "0xdead", "300"]
    assert len(shown) == 7
    assert run(["score-edges", "edges.csv", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == answer["scores"]


@pytest.mark.parametrize("rows", [0, 1, 700, BURST + 1])
def test_a_beginning_scores_the_same(lines: list[str], rows: int) -> None:
    Path("beginning.csv").write_text("\n".join(["src,dst,tick", *lines[:rows]]) + "\n")
    assert run(["score-edges", "edges.csv", "--json", "whole.json"]) == 0
    assert run(["score-edges", "beginning.csv", "--json", "beginning.json"]) == 0
    whole = json.loads(Path("whole.json").read_text())["scores"]
    beginning = json.loads(Path("beginning.json").read_text())
    assert beginning["rows"] == rows
    assert beginning["scores"] == whole[:rows]


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.csv"], "file = none.csv: no such file"),
        (["backwards.csv"], "row 2: tick = 4 comes after 5"),
        (["edges.csv", "--json", "none/scores.json"], "json = none/scores.json"),
        (["edges.csv", "--out", "none/scores.parquet"], "out = none/scores.parquet"),
        ([], "Missing argument 'file'"),
    ],
)
def test_asked_wrongly(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    Path("backwards.csv").write_text("src,dst,tick\n1,2,5\n1,2,4\n")
    assert run(["score-edges", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_no_edges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("src,dst,tick\n")
    assert run(["score-edges", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == ["0 edges, 0 a second; 0 with reading.", "No edges."]


def test_a_file_writes_nothing_to_the_terminal_but_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("src,dst,tick\n1,2,1\n\x1b[2J\x1b]0;all is well\x07\n")
    assert run(["score-edges", str(path)]) == 2
    said = capsys.readouterr().err
    assert "all is well" in said
    assert said.endswith("\n")
    assert said[:-1].isprintable()
