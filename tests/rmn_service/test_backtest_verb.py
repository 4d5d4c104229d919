"""`rmn backtest`: its options, its exit codes, and one line for whatever goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detectors.backtest import leak
from rmn_service.cli import run

SLICE = Path(__file__).parents[1] / "data" / "nomad_slice.csv"
"""300 events around the beginning of Nomad's attack."""


def test_the_nodes_own_incidents_and_policy_decide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "result.json"
    assert run(["backtest", str(SLICE), "--json", str(out)]) == 0
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["posture"] == "curse"
    assert result["attacks"][0]["first_curse"]["subjects"] == ["moonbeam->eth"]
    told = capsys.readouterr()
    assert "a curse would avert" in told.out
    assert told.err == "", "no bar where nobody looks"


def test_a_node_that_only_observes_curses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "c.toml"
    config.write_text('posture = "observe"\n')
    assert run(["backtest", str(SLICE), "--config", str(config), "--json", "-"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["posture"] == "observe"
    assert result["attacks"][0]["first_signal"] is not None
    assert result["attacks"][0]["first_curse"] is None
    assert set(result["attacks"][0]["averted_share_by_reaction_s"].values()) == {0.0}


def test_a_bad_config_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[detectors]\nbudget = 3\n")
    assert run(["backtest", str(SLICE), "--config", str(config)]) == 2
    told = capsys.readouterr()
    assert "detectors.budget: unknown key" in told.err
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


# INV-DET-2
def test_a_leak_check_passes_or_names_the_difference(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["backtest", str(SLICE), "--leak-check"]) == 0
    assert capsys.readouterr().out.startswith("no leak: ")
    found = leak.LeakChecked(1, 3, 4, "cut after 75 rows: signal none where the whole history gives x on e1:2")
    monkeypatch.setattr(leak, "check_leaks", lambda *_, **__: found)
    assert run(["backtest", str(SLICE), "--leak-check"]) == 1
    told = capsys.readouterr()
    assert "cut after 75 rows" in told.err
    assert len(told.err.splitlines()) == 1
