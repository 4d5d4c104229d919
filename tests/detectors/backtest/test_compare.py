"""A candidate configuration beside the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detectors.backtest import run_backtest
from detectors.backtest.compare import compare, render_comparison

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd


def signal(name: str, time: str, severity: str = "warning", detector: str = "outflow_value") -> dict[str, Any]:
    return {
        "id": name,
        "known_at": f"2022-08-{time}Z",
        "detector": detector,
        "severity": severity,
        "rows": [name],
        "subjects": ["a->b"],
    }


def result(*signals: dict[str, Any], first: float | None = 0.0, history: str = "h") -> dict[str, Any]:
    moment = None if first is None else {"at": "", "delay_s": first, "detector": "", "subjects": []}
    return {
        "history": history,
        "rows": 9,
        "config_hash": f"{len(signals)}",
        "signals": list(signals),
        "attacks": [{"name": "theft", "first_signal": moment, "first_curse": None}],
        "false_signals": {"count": len(signals)},
        "false_curses": {"count": 0},
    }


def test_what_appears_disappears_moves_and_is_regraded() -> None:
    stays = signal("same", "01T00:00:00")
    now = result(stays, signal("early", "02T00:00:00"), signal("warned", "09T00:00:00"), signal("gone", "20T00:00:00"))
    then = result(
        stays,
        signal("late", "02T00:10:00"),
        signal("cursed", "09T00:00:00", "critical"),
        signal("new", "25T00:00:00", detector="combination"),
        first=12.0,
    )
    found = compare(now, then)
    changes = {name: [line["id"] for line in lines] for name, lines in found["signals"].items() if name != "unchanged"}
    assert changes == {"appeared": ["new"], "disappeared": ["gone"], "moved": ["early"], "regraded": ["warned"]}
    assert found["signals"]["unchanged"] == 1
    assert found["signals"]["moved"][0]["later_s"] == 600
    text = render_comparison(found)
    assert "attack theft: first signal after 0 s now, after 12 s then" in text
    assert "2022-08-02T00:00:00Z outflow_value warning a->b (600 s later)" in text
    assert "(now critical)" in text


def test_signals_of_other_lanes_or_days_apart_are_not_one_that_moved() -> None:
    elsewhere = signal("other", "01T00:10:00") | {"subjects": ["b->a"]}
    found = compare(result(signal("one", "01T00:00:00")), result(elsewhere, signal("two", "03T00:00:00")))
    assert found["signals"]["moved"] == []
    assert len(found["signals"]["appeared"]) == 2


def test_two_histories_are_not_compared() -> None:
    with pytest.raises(ValueError, match="history = other: the current result has h; compare one history"):
        compare(result(), result(history="other"))


def test_a_configuration_equals_itself(nomad_slice: pd.DataFrame, write: Callable[..., Path]) -> None:
    path = write(nomad_slice)
    one, other = run_backtest(path), run_backtest(path)
    found = compare(one, other)
    assert found["signals"].pop("unchanged") == len(one["signals"]) > 0
    assert all(lines == [] for lines in found["signals"].values())
