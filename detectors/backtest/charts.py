"""The charts of a backtest's report: altair, drawn by the reader's own browser.

Lines and text take the page's own colour, so that they can be read on light and dark; marks have the colours of Okabe
and Ito (2008), which colour-blind eyes tell apart, and lines differ by their dashes too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from detectors.backtest.rates import Rates, precision_and_recall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from detectors.backtest.sweep import Cell

_COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#999999"]
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3], [10, 3]]
_CURVES_MAX = len(_COLOURS)
_POINTS_MAX = 200
_SLOTS_MAX = 240
_DAY_S = 86_400
_INK = "currentColor"
_PLAIN = {
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "domainColor": _INK,
        "tickColor": _INK,
        "gridColor": "#88888844",
        "labelLimit": 160,
    },
    "legend": {"labelColor": _INK, "titleColor": _INK, "orient": "bottom", "columns": 2, "labelLimit": 300},
    "text": {"color": _INK},
}

Spec = dict[str, Any]


_MEANS = {
    "curse": "curse",
    "with_limiter": "curse and limiter",
    "with_veto": "curse and veto",
    "with_limiter_and_veto": "all three",
}


def averted(attacks: Sequence[Mapping[str, Any]]) -> Spec | None:
    """The share of each attack's loss that is averted, by how late the curse comes; the ceiling of a curse dashed."""
    lines = [
        {"attack": attack["name"], "means": told, "reaction": float(line["reaction_s"]), "share": share}
        for attack in attacks
        for line in attack["counterfactual"]["reactions"]
        for means, told in _MEANS.items()
        if (share := (line if means == "curse" else line[means])["saved_share"]) is not None
    ]
    if not lines:
        return None
    ceilings = [
        {"attack": attack["name"], "ceiling": attack["ceiling_share"]}
        for attack in attacks
        if attack["ceiling_share"] is not None
    ]
    share = alt.Y("share:Q", title="share of the loss averted", scale=alt.Scale(domain=[0, 1]), axis=_percent())
    reaction = alt.X("reaction:Q", title="seconds from decision to curse", scale=alt.Scale(type="symlog", constant=10))
    tooltip = ["attack:N", "means:N", "reaction:Q", alt.Tooltip("share:Q", format=".1%")]
    curve = alt.Chart(_values(lines)).mark_line(point=True)
    curve = curve.encode(reaction, share, detail="attack:N", tooltip=tooltip, **_by("means"))
    ceiling = alt.Chart(_values(ceilings)).mark_rule(strokeDash=[4, 4], color=_COLOURS[-1])
    return _spec(curve + ceiling.encode(alt.Y("ceiling:Q"), tooltip=["attack:N", "ceiling:Q"]), 220)


def false_by_quarter(quarters: Sequence[Mapping[str, Any]]) -> Spec | None:
    """False signals of every calendar quarter against what the budget expects of it."""
    if not quarters:
        return None
    base = alt.Chart(_values(quarters)).encode(alt.X("quarter:O", title=None))
    tooltip = ["quarter:O", "counted:Q", "expected:Q", "days:Q"]
    counted = base.mark_bar(color=_COLOURS[0]).encode(alt.Y("counted:Q", title="false signals"), tooltip=tooltip)
    expected = base.mark_tick(color=_COLOURS[3], thickness=3).encode(alt.Y("expected:Q"), tooltip=tooltip)
    return _spec(counted + expected, 180)


def delays(detectors: Sequence[Mapping[str, Any]]) -> Spec | None:
    """How long after an attack's first row each detector was first to tell of one."""
    told = [
        {"detector": line["name"], "kind": line["kind"], "delay": line["first_delay_s"]}
        for line in detectors
        if line["first_delay_s"] is not None
    ]
    if not told:
        return None
    delay = alt.X("delay:Q", title="seconds after the attack began", scale=alt.Scale(type="symlog", constant=10))
    dots = alt.Chart(_values(told)).mark_point(filled=True, size=90)
    chart = dots.encode(delay, alt.Y("detector:N", title=None, sort="x"), shape="kind:N", **_coloured("kind"))
    return _spec(chart, 22 * len(told) + 20)


def precision_recall(rates: Rates, release_ids: AbstractSet[str], attack_ids: AbstractSet[str]) -> Spec | None:
    """Precision against recall of the statistics that part attack from honest releases best."""
    attacked = release_ids & attack_ids
    if not attacked:
        return None
    rarest = {event_id: line for event_id, line in rates.rarest().items() if event_id in release_ids}
    curves = []
    for line, name in enumerate(rates.names):
        points = precision_and_recall(rarest, attacked, line)
        recalls = np.diff([0.0, *(recall for recall, _ in points)])
        area = sum(gained * precision for gained, (_, precision) in zip(recalls.tolist(), points, strict=True))
        curves.append((area, name, points))
    best = sorted(curves, key=lambda curve: (-curve[0], curve[1]))[:_CURVES_MAX]
    lines = [
        {"statistic": f"{name} ({area:.2f})", "recall": recall, "precision": precision, "order": order}
        for area, name, points in best
        if area > 0
        for order, (recall, precision) in enumerate(_thinned(points))
    ]
    if not lines:
        return None
    curve = alt.Chart(_values(lines)).mark_line(interpolate="step-before")
    share = alt.Scale(domain=[0, 1])
    chart = curve.encode(
        alt.X("recall:Q", scale=share, axis=_percent()),
        alt.Y("precision:Q", scale=share, axis=_percent()),
        order="order:Q",
        **_by("statistic"),
    )
    return _spec(chart, 280)


def timeline(rates: Rates, attacks: Sequence[tuple[str, int]]) -> Spec | None:
    """The rarest that each statistic said of every day, in bits, with the beginnings of attacks (name, second)."""
    slots = _slots(rates)
    if not slots:
        return None
    strips = alt.Chart(_values(slots)).mark_rect()
    chart: alt.Chart | alt.LayerChart = strips.encode(
        alt.X("from:T", title=None, scale=alt.Scale(type="utc")),
        alt.X2("until:T"),
        alt.Y("statistic:N", title=None, sort=list(rates.names)),
        alt.Color("bits:Q", title="bits: 10 is one quiet day in 1,024", scale=alt.Scale(scheme="cividis")),
        tooltip=["statistic:N", "from:T", alt.Tooltip("bits:Q", format=".1f"), "per_day:Q"],
    )
    if attacks:
        began = [{"attack": name, "at": at_s * 1000} for name, at_s in attacks]
        rule = alt.Chart(_values(began)).mark_rule(color=_COLOURS[3], strokeWidth=2)
        chart += rule.encode(alt.X("at:T"), tooltip=["attack:N", "at:T"])
    return _spec(chart, 20 * len(rates.names) + 20)


def heat_map(cells: Sequence[Cell]) -> Spec | None:
    """Every cell of a sweep: its colour the false alerts a day, its words the recall."""
    if not cells:
        return None
    lines = [
        {
            "statistics": cell.statistics,
            "budget": f"{cell.false_alarms_per_day:.4g}",
            "false_per_day": cell.false_per_day,
            "recall": "none" if cell.recall is None else f"{cell.recall:.0%}",
            "averted": "none" if cell.averted_share is None else f"{cell.averted_share:.1%}",
        }
        for cell in cells
    ]
    budgets = list(dict.fromkeys(f"{cell.false_alarms_per_day:.4g}" for cell in cells))
    names = list(dict.fromkeys(cell.statistics for cell in cells))
    base = alt.Chart(_values(lines)).encode(
        alt.X("budget:O", title="false alarms a day that are put up with", sort=budgets),
        alt.Y("statistics:N", title=None, sort=names),
        tooltip=["statistics:N", "budget:O", "recall:N", "averted:N", "false_per_day:Q"],
    )
    scale = alt.Scale(scheme="cividis", reverse=True, type="symlog", constant=0.001)
    colour = alt.Color("false_per_day:Q", title="false alerts a day", scale=scale)
    # A halo lets the words stand on any colour of the scale.
    halo = base.mark_text(fontSize=11, color="#000", stroke="#000", strokeWidth=3).encode(text="recall:N")
    words = base.mark_text(fontSize=11, color="#fff").encode(text="recall:N")
    return _spec(base.mark_rect().encode(colour) + halo + words, 22 * len(names) + 20)


def _slots(rates: Rates) -> list[dict[str, Any]]:
    """The lowest rate of each statistic in every slot of whole days; at most `_SLOTS_MAX` slots."""
    if not len(rates.time_s):
        return []
    day = rates.time_s // _DAY_S
    first = int(day.min())
    days = -(-(int(day.max()) - first + 1) // _SLOTS_MAX)
    slot = (day - first) // days
    found = []
    for at in np.unique(slot).tolist():
        lowest = rates.rates[slot == at].min(axis=0)
        from_s = (first + at * days) * _DAY_S
        for name, rate in zip(rates.names, lowest.tolist(), strict=True):
            if np.isfinite(rate):
                found.append(
                    {
                        "statistic": name,
                        "from": from_s * 1000,
                        "until": (from_s + days * _DAY_S) * 1000,
                        "bits": max(0.0, -float(np.log2(max(rate, 1e-300)))),
                        "per_day": rate,
                    }
                )
    return found


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    if len(points) <= _POINTS_MAX:
        return points
    return [points[at] for at in np.unique(np.linspace(0, len(points) - 1, _POINTS_MAX).astype(int)).tolist()]


def _by(field: str) -> dict[str, Any]:
    """Colour and dashes, one legend."""
    dash = alt.StrokeDash(f"{field}:N", title=None, scale=alt.Scale(range=_DASHES))
    return {**_coloured(field), "strokeDash": dash}


def _coloured(field: str) -> dict[str, Any]:
    return {"color": alt.Color(f"{field}:N", title=None, scale=alt.Scale(range=_COLOURS))}


def _percent() -> alt.Axis:
    return alt.Axis(format="%")


def _values(lines: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=[dict(line) for line in lines])


def _spec(chart: alt.Chart | alt.LayerChart, height_px: int) -> Spec:
    sized = chart.properties(width="container", height=height_px)
    return {**sized.to_dict(), "config": _PLAIN}
