"""Charts say the same to everybody: a chain's clock in UTC wherever the visitor is, words in the ink of the theme."""

from __future__ import annotations

import pandas as pd

from dashboard import charts
from dashboard.findings import false_chart

AT = pd.to_datetime(["2026-11-27T23:59:58Z", "2026-11-28T00:00:01Z"])


def encodings(chart):
    """Of every layer."""
    return [layer["encoding"] for layer in chart.to_dict()["layer"]]


def test_times_are_utc_in_the_axis_and_in_what_the_mouse_shows():
    steps = pd.DataFrame(
        {
            "step": ["sent", "committed"],
            "at": AT,
            "label": ["sent", "committed (+3 s)"],
            "chain": "a",
            "block": 1,
            "tx": "",
        }
    )
    signals = pd.DataFrame(
        {"at": AT, "detector": "d", "severity": "critical", "score": 1.0, "summary": "s", "chain": "a", "block": 1}
    )
    for chart in (charts.journey(steps), charts.score_timeline(signals)):
        for encoding in encodings(chart):
            assert encoding["x"]["scale"]["type"] == "utc"
            shown = [each["field"] for each in encoding.get("tooltip", ())]
            assert "at" not in shown
        (data,) = [rows for rows in chart.to_dict()["datasets"].values() if len(rows) == 2]
        assert [row["time"] for row in data] == ["2026-11-27 23:59:58 UTC", "2026-11-28 00:00:01 UTC"]
    days = pd.DataFrame({"day": ["2026-11-27"], "severity": ["warning"], "false signals": [2]})
    assert encodings(false_chart(days))[0]["x"]["scale"]["type"] == "utc"


def test_steps_of_one_moment_are_written_at_two_heights():
    steps = pd.DataFrame({"step": ["a", "b"], "at": AT, "label": ["a", "b"], "chain": "c", "block": 1, "tx": ""})
    heights = [layer["mark"]["dy"] for layer in charts.journey(steps).to_dict()["layer"] if "dy" in layer["mark"]]
    assert len(set(heights)) == 2


def test_the_names_on_the_map_are_in_the_ink_of_the_theme(look, situation):
    situation.add_node()
    page = look("overview", *situation.urls)
    assert charts.INK in str(page.get("vega_lite_chart")[0].proto.spec)
    page.context["theme"] = "dark"
    page.run()
    assert charts.INK not in str(page.get("vega_lite_chart")[0].proto.spec)
