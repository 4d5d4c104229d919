"""`rmn backtest` with all that can be asked of a replay besides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rmn_service.cli.app import run

SLICE = Path(__file__).parents[1] / "data" / "nomad_slice.csv"


def test_one_command_sweeps_walks_forward_compares_and_reports(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    candidate, html, out = (tmp_path / name for name in ("candidate.toml", "report.html", "result.json"))
    candidate.write_text("[detectors]\nfalse_alarms_per_day = 0.01\n")
    studies = ["--sweep", "--walk-forward", "--compare", str(candidate)]
    assert run(["backtest", str(SLICE), *studies, "--html", str(html), "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert "all together" in said
    assert "test days" in said
    assert "signals unchanged" in said
    assert "messages fare alike" in said
    result = json.loads(out.read_text())
    assert {cell["statistics"] for cell in result["sweep"]} >= {"combination", "all together"}
    assert len(result["walk_forward"]) == 4
    hashes = result["comparison"]["config_hash"]
    assert hashes["current"] == result["config_hash"] != hashes["candidate"]
    messages = result["comparison"]["messages"]
    assert messages["messages"] == messages["unchanged"] + len(messages["differ"]) > 0
    assert html.read_text().startswith("<!doctype html>")


def test_the_json_holds_only_what_was_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["backtest", str(SLICE), "--html", str(tmp_path / "report.html"), "--json", "-"]) == 0
    assert not {"sweep", "walk_forward", "comparison"} & json.loads(capsys.readouterr().out).keys()


def test_imputed_times_are_dealt_anew_and_the_ranges_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    dealt = tmp_path / "dealt.csv"
    dealt.write_text(SLICE.read_text().replace(",exact,", ",shuffled,", 40))
    assert run(["backtest", str(dealt), "--resample", "2"]) == 0
    assert "40 of 301 times are imputed; 2 dealings" in capsys.readouterr().out
    assert run(["backtest", str(dealt), "--resample", "2", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["rows_dealt"] == 40
    assert run(["backtest", str(SLICE), "--resample", "2"]) == 2
    assert "every time is exact" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--compare", "none.toml", "config = none.toml: No such file"),
        ("--html", "none/report.html", "html = none/report.html: No such file"),
    ],
)
def test_what_cannot_be_read_or_written_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str], option: str, value: str, complaint: str
) -> None:
    assert run(["backtest", str(SLICE), option, value]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
