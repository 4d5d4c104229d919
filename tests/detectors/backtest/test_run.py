from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from detectors.backtest import render_table, run_backtest
from detectors.backtest.intervals import upper_95
from detectors.backtest.metrics import average_precision
from detectors.registry import all_rules, all_statistics

Write = Callable[..., Path]
MakeEvent = Callable[..., dict[str, Any]]
NOMAD = Path(__file__).parents[3].parent / "shared" / "data" / "nomad_transfers.parquet"
TRUTH = ["matched", "match_tx_hash", "match_timestamp", "latency_s", "label", "label_detail"]


def test_the_beginning_of_nomads_attack(nomad_slice: pd.DataFrame, write: Write) -> None:
    result = run_backtest(write(nomad_slice))
    (attack,) = result["attacks"]
    assert attack["first_malicious"] == "2022-08-01T21:32:31Z"
    assert attack["first_signal"]["detector"] in {"message_mismatch", "double_execution"}, "of one second, by id"
    assert (attack["first_signal"]["at"], attack["first_signal"]["delay_s"]) == ("2022-08-01T21:32:31Z", 0.0)
    assert attack["first_curse"]["subjects"] == ["moonbeam->eth"]
    assert attack["rows_signalled_by_rules"] == attack["rows"] == 26
    assert result["rows"] == 301
    assert result["false_signals"]["count"] == 0
    assert result["undecided"]["rows"] == 26, "13 releases and 13 mints of messages from before the slice"
    assert json.loads(json.dumps(result)) == result


def test_the_result_has_the_promised_shape(nomad_slice: pd.DataFrame, write: Write) -> None:
    result = run_backtest(write(nomad_slice))
    assert result.keys() >= {
        *("history", "rows", "events_per_s", "config_hash", "code_version"),
        *("attacks", "false_signals", "false_curses", "false_withholds", "detectors", "signals"),
        *("quality", "budget"),
    }
    assert result["attacks"][0].keys() >= {
        *("name", "first_malicious", "loss_usd", "ceiling_share", "first_signal", "first_curse"),
        "averted_share_by_reaction_s",
    }
    assert result["attacks"][0]["averted_share_by_reaction_s"].keys() == {"0", "12", "60", "300", "900"}
    assert result["false_signals"].keys() >= {"count", "per_day", "upper_95_per_day", "benign_days"}
    assert result["false_curses"].keys() >= {"count", "per_day", "benign_value_delayed_usd"}
    for line in result["detectors"]:
        assert line.keys() >= {
            *("name", "kind", "signals", "true", "false", "false_per_day", "first_delay_s", "pr_auc")
        }
        assert line["signals"] == line["true"] + line["false"]
    for signal in result["signals"]:
        assert signal.keys() >= {"at", "detector", "score", "severity", "rows", "subjects", "evidence"}


def test_truth_is_not_read_by_the_judges(nomad_slice: pd.DataFrame, write: Write) -> None:
    said = run_backtest(write(nomad_slice))["signals"]
    assert said
    shuffled = nomad_slice.copy()
    shuffled[TRUTH] = nomad_slice[TRUTH].sample(frac=1, random_state=1).to_numpy()
    assert run_backtest(write(shuffled))["signals"] == said
    assert run_backtest(write(nomad_slice.assign(**dict.fromkeys(TRUTH, ""))))["signals"] == said
    assert run_backtest(write(nomad_slice.drop(columns=TRUTH)))["signals"] == said


def test_what_comes_later_changes_nothing_before(nomad_slice: pd.DataFrame, write: Write) -> None:
    said = run_backtest(write(nomad_slice))["signals"]
    for count in (245, 260, 290):
        early = run_backtest(write(nomad_slice.head(count)))["signals"]
        assert early
        assert [signal for signal in said if signal in early] == early
        last = nomad_slice["datetime_utc"][count - 1]
        assert all(signal["known_at"] >= last for signal in said if signal not in early)


def test_since_and_until_cut_the_report(nomad_slice: pd.DataFrame, write: Write) -> None:
    path = write(nomad_slice)
    before = run_backtest(path, until="2022-08-01T21:32:31Z")
    assert before["signals"] == []
    assert before["attacks"] == []
    after = run_backtest(path, since="2022-08-01T21:32:43")
    assert after["attacks"][0]["first_malicious"] == "2022-08-01T21:32:43Z"
    assert {signal["known_at"] for signal in after["signals"]} >= {"2022-08-01T21:32:43Z"}
    assert min(signal["known_at"] for signal in after["signals"]) == "2022-08-01T21:32:43Z"
    assert before["rows"] + after["rows"] == 301 - 4


def test_the_table_says_it_in_a_few_lines(nomad_slice: pd.DataFrame, write: Write) -> None:
    table = render_table(run_backtest(write(nomad_slice)))
    assert "26 of 26 rows signalled by exact rules" in table
    assert "unmatched_execution" in table
    few = 14
    assert len(table.splitlines()) < few + len(all_rules()) + len(all_statistics()), "a line for each detector"


def test_shares_averted_follow_the_reaction_time(write: Write, event: MakeEvent) -> None:
    honest = [event("burn", 100, nonce=1), event("release", 200, nonce=1)]
    theft = [
        event("release", 1000 + later, nonce=50 + later, usd=str(usd), label="attack")
        for later, usd in ((0, 10), (12, 20), (60, 30), (300, 40), (5000, 100))
    ]
    (attack,) = run_backtest(write([*honest, *theft]))["attacks"]
    assert attack["loss_usd"] == 200.0
    assert attack["ceiling_share"] == pytest.approx(0.95)
    assert attack["averted_share_by_reaction_s"] == pytest.approx(
        {"0": 0.95, "12": 0.85, "60": 0.7, "300": 0.5, "900": 0.5}
    )


def test_attacks_a_week_apart_are_two(write: Write, event: MakeEvent) -> None:
    lines = [event("burn", 100, nonce=1)]
    lines += [event("release", time_s, nonce=7, label="attack") for time_s in (1000, 5000, 700_000)]
    result = run_backtest(write([*lines, event("burn", 699_000, nonce=2)]))
    assert [(attack["name"], attack["rows"]) for attack in result["attacks"]] == [("attack-1", 2), ("attack-2", 1)]


def test_a_false_signal_is_counted_as_false_and_as_a_curse(write: Write, event: MakeEvent) -> None:
    day_s = 86_400
    lines = [event("burn", n * day_s, nonce=n) for n in range(10)]
    lines += [event("release", n * day_s + 600, nonce=n, usd="7") for n in range(10)]
    result = run_backtest(write([*lines, event("release", 5 * day_s + 700, nonce=77)]))
    assert result["attacks"] == []
    assert result["false_signals"] == {
        "count": 1,
        "per_day": 0.1,
        "upper_95_per_day": pytest.approx(4.7439 / 10, abs=1e-4),
        "benign_days": 10.0,
        "signals": [signal["id"] for signal in result["signals"]],
    }
    assert result["false_curses"]["count"] == 1
    assert result["false_curses"]["benign_value_delayed_usd"] == 7.0


def test_an_attack_without_prices_has_no_shares(write: Write, event: MakeEvent) -> None:
    lines = [event("burn", 100, nonce=1), event("release", 1000, nonce=9, usd="", label="attack")]
    (attack,) = run_backtest(write(lines))["attacks"]
    assert attack["ceiling_share"] is None
    assert attack["first_signal"]["delay_s"] == 0.0


@pytest.mark.parametrize(("count", "bound"), [(0, 2.9957), (1, 4.7439), (5, 10.513), (100, 118.08)])
def test_the_upper_bound_is_the_exact_poisson_one(count: int, bound: float) -> None:
    assert upper_95(count, 1.0) == pytest.approx(bound, abs=5e-3)
    assert upper_95(count, 0.0) is None


def test_average_precision_takes_ties_together() -> None:
    truth = np.array([True, False, True, False])
    assert average_precision(np.array([0.9, 0.8, 0.7, 0.1]), truth) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.zeros(4), truth) == pytest.approx(0.5)
    assert average_precision(np.zeros(2), np.array([False, False])) is None


@pytest.mark.skipif(not NOMAD.exists(), reason="the whole history lies beside the checkout, not in it")
def test_nomads_whole_history() -> None:
    result = run_backtest(NOMAD)
    (attack,) = result["attacks"]
    assert result["rows"] == 33_936
    assert attack["rows_signalled_by_rules"] == attack["rows"] == 382
    assert attack["first_signal"]["delay_s"] == attack["first_curse"]["delay_s"] == 0.0
    assert attack["ceiling_share"] == pytest.approx(0.942, abs=1e-3)
    assert attack["averted_share_by_reaction_s"]["60"] >= 0.899
    exact = [line for line in result["detectors"] if line["kind"] == "rule"]
    assert sum(line["false"] for line in exact) <= 5
    assert result["false_curses"]["count"] <= 5
    assert result["budget"]["false_curses"]["counted"] == 0
    counterfactual = attack["counterfactual"]
    after_a_minute = next(line for line in counterfactual["reactions"] if line["reaction_s"] == 60)
    assert after_a_minute["saved_share"] >= 0.899
    assert after_a_minute["with_limiter"]["saved_share"] >= 0.917
    assert counterfactual["veto"]["vetoed"] == 382
