"""The lab: a run outlives the page that started it, can be cancelled, and is read on the page itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dashboard import candidates, lab, words
from dashboard.replays import RUNS_VARIABLE, runs, start
from tests.dashboard.conftest import press

SLICE = Path(__file__).parents[1] / "data" / "nomad_slice.csv"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path / "runs"))
    return tmp_path / "runs"


def ended(run):
    for _ in range(1200):
        if run.state != "running":
            return run
        time.sleep(0.1)  # another process, which tells its end by a file
    raise AssertionError(run.said)


def test_a_run_is_read_picture_by_picture_and_proposed(look, situation, folder, table):
    situation.add_node()
    compare = lab.Config(1.0, 3.0).toml()
    assert ended(start(folder, SLICE, lab.Config().toml(), compare=compare, is_swept=True)).state == "done"
    page = look("backtest", *situation.urls, token="alice-token")
    assert any("first signal after" in one.value for one in page.markdown)
    assert [tab.label for tab in page.tabs] == [
        words.COUNTERFACTUAL,
        words.PR_CURVE,
        words.FALSE_BY_DAY,
        words.DELAYS,
        words.SWEEP,
        words.COMPARED,
        words.REPORT,
    ]
    assert not any(
        one.value in {words.NO_SWEEP, words.NO_COMPARISON, words.NO_ATTACK, words.NO_DELAY} for one in page.caption
    )
    charts = page.get("vega_lite_chart")
    assert len(charts) >= 3
    saved = table(page, "attack", "reaction s", "usd")
    assert {words.SAVED, words.DELAYED} <= set(saved["what"])
    sums = table(page, "what", words.THIS_CONFIG, words.OTHER_CONFIG).set_index("what")
    assert int(sums.loc[words.FALSE_SIGNALS, words.OTHER_CONFIG]) >= int(
        sums.loc[words.FALSE_SIGNALS, words.THIS_CONFIG]
    )
    page.text_input(key="config_reason").set_value("fewer false alarms")
    next(button for button in page.button if button.label == words.PROPOSE_CONFIG).click().run()
    (written,) = candidates.proposed(folder)
    assert (written["by"], written["reason"]) == ("alice", "fewer false alarms")
    assert "false_alarms_per_day" in written["config"]


def test_a_run_goes_on_without_the_page_and_is_cancelled_from_another(look, situation, folder):
    situation.add_node()
    history = Path(__file__).parents[3] / "shared/data/nomad_transfers.parquet"
    if not history.exists():
        history = SLICE
    run = start(folder, history, lab.Config().toml(), is_swept=True)
    page = look("backtest", *situation.urls)
    assert run.state in {"running", "done"}
    cancel = [button for button in page.button if button.label == words.CANCEL]
    if cancel:
        cancel[0].click().run()
        assert ended(run).state == "cancelled"
    assert runs(folder)[0].folder == run.folder


def test_detectors_are_chosen(look, situation, folder, table):
    situation.add_node()
    lab.keep(folder, "slice.csv", SLICE.read_bytes())
    page = look("backtest", *situation.urls)
    page.multiselect(key="detectors").set_value(["double_execution", "latency_floor"])
    press(page, words.RUN)
    (run,) = runs(folder)
    assert ended(run).state == "done"
    shown = table(look("backtest", *situation.urls), "name", "signals").set_index("name")
    assert set(shown.index) == {"double_execution", "latency_floor"}
    assert shown.loc["double_execution", "signals"] > 0


def test_what_can_not_be_replayed_says_why(look, situation, folder, tmp_path):
    situation.add_node()
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    assert ended(start(folder, bad, lab.Config().toml())).state == "failed"
    page = look("backtest", *situation.urls)
    (error,) = [error.value for error in page.error]
    assert "bad.csv" in error
    assert str(tmp_path) not in error


def test_histories_are_offered_by_their_names(look, situation, folder):
    situation.add_node()
    lab.keep(folder, "nomad_transfers.parquet", b"")
    page = look("backtest", *situation.urls)
    assert "nomad_transfers.parquet" in page.selectbox(key="history").options
    assert not any("/" in option for option in page.selectbox(key="history").options)
