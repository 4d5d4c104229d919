"""Frame in, chart out. Pure; nothing is loaded from anywhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from dashboard.words import LANE_COLOURS, LANE_STATES

if TYPE_CHECKING:
    from collections.abc import Hashable

_SHIFT = 0.07
"""How far the two lanes of a pair stand apart, in units of the circle's radius."""
_TRIM = 0.24
"""How much of an arrow is left free at each chain."""


def lane_map(lanes: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Chains on a circle, every lane an arrow from source to dest in the colour of its state."""
    chains = sorted({*lanes["source"], *lanes["dest"]})
    place = {
        chain: (math.sin(2 * math.pi * number / len(chains)), math.cos(2 * math.pi * number / len(chains)))
        for number, chain in enumerate(chains)
    }
    arrows = pd.DataFrame([_arrow(lane, place) for lane in lanes.to_dict("records")])
    points = pd.DataFrame([{"chain": chain, "x": x, "y": y} for chain, (x, y) in place.items()])

    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(LANE_COLOURS), range=list(LANE_COLOURS.values())),
        legend=alt.Legend(title=None, orient="bottom", columns=5),
    )
    tooltip = ["lane:N", "meaning:N", "sent:Q", "committed:Q"]
    lines = (
        alt.Chart(arrows)
        .mark_rule(strokeWidth=3)
        .encode(x=_x("x"), y=_y("y"), x2="x2:Q", y2="y2:Q", color=colour, tooltip=tooltip)
    )
    heads = (
        alt.Chart(arrows)
        .mark_point(shape="triangle", filled=True, size=140, opacity=1)
        .encode(x=_x("x2"), y=_y("y2"), angle=alt.Angle("angle:Q", scale=None), color=colour, tooltip=tooltip)
    )
    labels = alt.Chart(points).mark_text(fontSize=14, fontWeight="bold").encode(x=_x("x"), y=_y("y"), text="chain:N")
    return alt.layer(lines, heads, labels).properties(height=360)


def _arrow(lane: dict[Hashable, Any], place: dict[str, tuple[float, float]]) -> dict[str, object]:
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
        "x": x + dx * _TRIM + side_x,
        "y": y + dy * _TRIM + side_y,
        "x2": x2 - dx * _TRIM + side_x,
        "y2": y2 - dy * _TRIM + side_y,
        "angle": math.degrees(math.atan2(dx, dy)),
    }


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-1.35, 1.35]))


def _y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-1.35, 1.35]))
