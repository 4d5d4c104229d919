"""Frame in, chart out. Pure; nothing is loaded from anywhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from dashboard.words import FRESH_COLOURS, LANE_COLOURS, LANE_STATES, SEVERITY_COLOURS

if TYPE_CHECKING:
    from collections.abc import Hashable

_SHIFT = 0.07
"""How far the two lanes of a pair stand apart, in units of the circle's radius."""
_OUTSIDE = 1.4
"""How far out a chain's name stands, so that no arrow runs through it."""
_MARGIN, _UNIT_PX = 0.2, 112
"""Left free above and below the names; about what a unit is wide in half a page, so that heads point along arrows."""
INK = "#31333F"
_TRIM = 0.18
"""How much of an arrow is left free at each chain."""


def lane_map(lanes: pd.DataFrame, ink: str = INK) -> alt.LayerChart | alt.FacetChart:
    """Chains on a circle, every lane an arrow in the colour of its state; its width grows with what it moved.

    `ink`: the colour of text on the visitor's background.
    """
    chains = sorted({*lanes["source"], *lanes["dest"]})
    place = {
        chain: (math.sin(2 * math.pi * number / len(chains)), math.cos(2 * math.pi * number / len(chains)))
        for number, chain in enumerate(chains)
    }
    most = max(lanes["moved"].max(), 1)
    arrows = pd.DataFrame([_arrow(lane, place, most) for lane in lanes.to_dict("records")])
    heights = [_OUTSIDE * y for _, y in place.values()]
    tall = min(heights) - _MARGIN, max(heights) + _MARGIN
    points = pd.DataFrame([{"chain": chain, "x": x, "y": y} for chain, (x, y) in place.items()])

    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(LANE_COLOURS), range=list(LANE_COLOURS.values())),
        legend=alt.Legend(title=None, orient="bottom", columns=3),  # the width of a phone
    )
    tooltip = ["lane:N", "meaning:N", "sent:Q", "committed:Q"]
    lines = (
        alt.Chart(arrows)
        .mark_rule()
        .encode(
            x=_x("x"),
            y=_y("y", tall),
            x2="x2:Q",
            y2="y2:Q",
            color=colour,
            tooltip=tooltip,
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        )
    )
    heads = (
        alt.Chart(arrows)
        .mark_point(shape="triangle", filled=True, size=140, opacity=1)
        .encode(x=_x("x2"), y=_y("y2", tall), angle=alt.Angle("angle:Q", scale=None), color=colour, tooltip=tooltip)
    )
    outside = points.assign(x=_OUTSIDE * points["x"], y=_OUTSIDE * points["y"])
    names = alt.Chart(outside).mark_text(fontSize=14, fontWeight="bold", color=ink)
    labels = names.encode(x=_x("x"), y=_y("y", tall), text="chain:N")
    told = "; ".join(f"{lane.source} to {lane.dest}: {lane.state}" for lane in lanes.itertuples())
    return alt.layer(lines, heads, labels).properties(height=round(_UNIT_PX * (tall[1] - tall[0])), description=told)


def _arrow(lane: dict[Hashable, Any], place: dict[str, tuple[float, float]], most: float) -> dict[str, object]:
    (x, y), (x2, y2) = place[str(lane["source"])], place[str(lane["dest"])]
    dx, dy = x2 - x, y2 - y
    length = math.hypot(dx, dy) or 1.0
    side_x, side_y = -dy / length * _SHIFT, dx / length * _SHIFT
    return {
        "lane": f"{lane['source']} → {lane['dest']}",
        "state": lane["state"],
        "meaning": LANE_STATES[str(lane["state"])],
        "sent": lane["sent"],
        "committed": lane["committed"],
        "width": 2 + 8 * math.sqrt(lane["moved"] / most),
        "x": x + dx * _TRIM + side_x,
        "y": y + dy * _TRIM + side_y,
        "x2": x2 - dx * _TRIM + side_x,
        "y2": y2 - dy * _TRIM + side_y,
        "angle": math.degrees(math.atan2(dx, dy)),
    }


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-1.6, 1.6]))


def _y(field: str, tall: tuple[float, float]) -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[*tall]))


def node_strip(freshness: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A row a node, a cell a chain: fresh, blind or silent, and as of which block."""
    labelled = [
        state if pd.isna(block) else f"{state} · {int(block)}"
        for state, block in zip(freshness["state"], freshness["block"], strict=True)
    ]
    cells = alt.Chart(freshness.assign(label=labelled)).encode(
        x=alt.X("chain:N", title=None, axis=alt.Axis(labelAngle=0, labelLimit=0, orient="top")),
        y=alt.Y("node:N", title=None, sort=None),
        tooltip=["node:N", "chain:N", "state:N", "block:Q", "reason:N"],
    )
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(FRESH_COLOURS), range=list(FRESH_COLOURS.values())),
        legend=alt.Legend(title=None, orient="bottom"),
    )
    boxes = cells.mark_rect(stroke="white", strokeWidth=2, cornerRadius=4).encode(color=colour)
    labels = cells.mark_text(color="white", fontSize=12).encode(text=alt.Text("label:N"))
    told = "; ".join(f"{row.node}, {row.chain}: {row.state}" for row in freshness.itertuples())
    return alt.layer(boxes, labels).properties(height=alt.Step(28), description=told)


def score_timeline(signals: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Every signal of an incident where it happened, by detector; colour and shape say how grave."""
    points = (
        alt.Chart(signals.assign(time=_written(signals["at"])))
        .mark_point(filled=True, size=120, opacity=0.85)
        .encode(
            x=_time(signals["at"]),
            y=alt.Y("detector:N", title=None),
            color=alt.Color(
                "severity:N",
                scale=alt.Scale(domain=list(SEVERITY_COLOURS), range=list(SEVERITY_COLOURS.values())),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            shape=alt.Shape("severity:N", legend=None),
            tooltip=["time:N", "detector:N", "severity:N", "score:Q", "summary:N", "chain:N", "block:Q"],
        )
    )
    return alt.layer(points).properties(height=alt.Step(34))


def journey(steps: pd.DataFrame, ink: str = INK) -> alt.LayerChart | alt.FacetChart:
    """A message's steps along its time line, each with how long it took; `ink` as for `lane_map`."""
    at = _time(steps["at"])
    shown = steps.assign(time=_written(steps["at"]))
    line = alt.Chart(shown).mark_line(color="#7A7A7A").encode(x=at)
    points = (
        alt.Chart(shown)
        .mark_point(filled=True, size=160, opacity=1)
        .encode(
            x=at, color=alt.Color("step:N", legend=None), tooltip=["step:N", "time:N", "chain:N", "block:Q", "tx:N"]
        )
    )
    labels = [  # at two heights, so that steps of one block don't write over each other
        alt.Chart(shown.iloc[first::2]).mark_text(dy=dy, fontSize=12, color=ink).encode(x=at, text="label:N")
        for first, dy in ((0, -16), (1, -32))
    ]
    padding = {"top": 45, "left": 60, "right": 60}
    return alt.layer(line, points, *labels).properties(height=125, padding=padding)


def _time(times: pd.Series) -> alt.X:
    """Along a chain's clock in UTC, wherever the visitor is."""
    is_short = len(times) > 0 and times.max() - times.min() < pd.Timedelta(days=1)
    axis = alt.Axis(format="%H:%M:%S" if is_short else "%m-%d %H:%M", labelOverlap=True)
    return alt.X("at:T", title="block time (UTC)", scale=alt.Scale(type="utc"), axis=axis)


def _written(times: pd.Series) -> pd.Series:
    return pd.Series([f"{at:%Y-%m-%d %H:%M:%S} UTC" for at in times], index=times.index)
