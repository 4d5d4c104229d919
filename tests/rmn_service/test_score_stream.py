"""`rmn score-stream`: one score a row, the same for a file's beginning, and one line for whatever goes wrong."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest

from rmn_service.cli import run

ROWS = 2000
SPIKE = 1500


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A day's wave every 288 rows, with a spike; written to stream.csv."""
    monkeypatch.chdir(tmp_path)
    rng = random.Random(1)
    values = [20 * math.sin(row / 288 * 2 * math.pi) + rng.gauss(0, 1) for row in range(ROWS)]
    values[SPIKE] += 60
    found = ["timestamp,value", *(f"{1_700_000_000 + 300 * row},{value}" for row, value in enumerate(values))]
    Path("stream.csv").write_text("\n".join(found) + "\n")
    return found


@pytest.mark.usefixtures("lines")
def test_json_has_a_score_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score-stream", "stream.csv", "--json", "scores.json", "--out", "scores.parquet"]) == 0
    answer = json.loads(Path("scores.json").read_text())
    assert set(answer) == {"rows", "scores", "rows_per_s"}
    assert answer["rows"] == len(answer["scores"]) == ROWS
    assert answer["rows_per_s"] > 0
    assert all(0 <= score <= 1 for score in answer["scores"])
    assert max(answer["scores"]) == answer["scores"][SPIKE] > 0.99
    assert pa_parquet.read_table("scores.parquet").to_pydict() == {"score": answer["scores"]}
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("2,000 rows")
    assert shown[2].split()[:3] == ["1501", "2023-11-20", "03:13:20"]
    assert run(["score-stream", "stream.csv", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == answer["scores"]


@pytest.mark.parametrize("rows", [0, 1, 700, SPIKE + 1])
def test_a_beginning_scores_the_same(lines: list[str], rows: int) -> None:
    Path("beginning.csv").write_text("\n".join(lines[: 1 + rows]) + "\n")
    assert run(["score-stream", "stream.csv", "--json", "whole.json"]) == 0
    assert run(["score-stream", "beginning.csv", "--json", "beginning.json"]) == 0
    whole = json.loads(Path("whole.json").read_text())["scores"]
    beginning = json.loads(Path("beginning.json").read_text())
    assert beginning["rows"] == rows
    assert beginning["scores"] == whole[:rows]


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.csv"], "file = none.csv: No such file or directory"),
        (["stream.csv", "--json", "none/scores.json"], "json = none/scores.json"),
        (["stream.csv", "--out", "none/scores.parquet"], "out = none/scores.parquet"),
        ([], "Missing argument 'file'"),
    ],
)
def test_asked_wrongly(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(["score-stream", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_nothing_unusual(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("timestamp,value\n")
    assert run(["score-stream", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == ["0 rows, 0 a second.", "Nothing unusual."]
