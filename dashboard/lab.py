"""What the backtest lab asks and shows. Pure but for keeping an uploaded history."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from dashboard import words
from dashboard.names import Names, usd
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

FALSE_ALARMS_PER_DAY = Settings().false_alarms_per_day
FALSE_CURSES_PER_MONTH = Settings().false_curses_per_month
_HISTORIES = "histories"
_WHERE = ("../shared/data", "data", ".")
"""Folders, from where the dashboard was started, whose histories are offered."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a run is judged with."""

    false_alarms_per_day: float = FALSE_ALARMS_PER_DAY
    false_curses_per_month: float = FALSE_CURSES_PER_MONTH
    posture: str = "curse"

    def toml(self) -> str:
        """As `rmn backtest --config` and a node.toml read it."""
        return (
            f'posture = "{self.posture}"\n\n[detectors]\n'
            f"false_alarms_per_day = {self.false_alarms_per_day!r}\n"
            f"false_curses_per_month = {self.false_curses_per_month!r}\n"
        )


def histories(folder: Path) -> list[Path]:
    """Histories that lie near: uploaded ones, and transfers and deposits in the usual places."""
    found = sorted((folder / _HISTORIES).glob("*"))
    for where in _WHERE:
        found += sorted(Path(where).glob("*_transfers.parquet")) + sorted(Path(where).glob("*_deposits.parquet"))
    return [path.absolute() for path in found]


def keep(folder: Path, name: str, content: bytes) -> Path:
    """Write an uploaded history down under a harmless name."""
    place = folder / _HISTORIES
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / re.sub(r"[^\w.-]", "_", Path(name).name).lstrip(".")[-100:]
    path.write_bytes(content)
    return path.absolute()


def sentences(result: Mapping[str, Any]) -> list[str]:
    """The findings, a sentence each, in markdown."""
    told = [words.REPLAYED.format(rows=f"{result['rows']:,}", per_s=f"{result['events_per_s']:,.0f}")]
    for attack in result["attacks"]:
        first = attack["first_signal"]
        if first is None:
            told.append(words.ATTACK_UNSEEN.format(name=attack["name"]))
            continue
        told.append(
            words.ATTACK_SEEN.format(
                name=attack["name"],
                delay=f"{first['delay_s']:g}",
                detector=first["detector"],
                at=Names.time(first["at"]),
            )
        )
        share = attack["averted_share_by_reaction_s"].get("60")
        if share is not None:
            told.append(words.WOULD_SAVE.format(share=f"{share:.1%}", ceiling=f"{attack['ceiling_share']:.1%}"))
    false = result["false_signals"]
    told.append(words.FALSE_TOLD.format(count=false["count"], days=f"{false['benign_days']:.0f}"))
    return told


def saved_and_delayed(result: Mapping[str, Any]) -> pd.DataFrame:
    """attack, reaction s, what, usd: what a curse saves and what it delays, by how long people take."""
    rows = []
    for attack in result["attacks"]:
        for line in (attack.get("counterfactual") or {}).get("reactions", []):
            at = {"attack": attack["name"], "reaction s": line["reaction_s"]}
            rows.append(at | {"what": words.SAVED, "usd": line["saved_usd"]})
            rows.append(at | {"what": words.SAVED_LIMITER, "usd": line["with_limiter"]["saved_usd"]})
            rows.append(at | {"what": words.DELAYED, "usd": line["cost"]["value_delayed_usd"]})
    return pd.DataFrame(rows, columns=["attack", "reaction s", "what", "usd"])


def counterfactual_chart(curve: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """What a curse saves against what honest value it delays, by reaction."""
    shown = curve.assign(told=[usd(int(value * 1_000_000)) for value in curve["usd"]])
    lines = (
        alt.Chart(shown)
        .mark_line(point=True)
        .encode(
            x=alt.X("reaction s:Q", title="reaction, seconds"),
            y=alt.Y("usd:Q", title="USD", axis=alt.Axis(format="~s")),
            color=alt.Color("what:N", title=None, scale=alt.Scale(range=["#0072B2", "#009E73", "#E69F00"])),
            strokeDash=alt.StrokeDash("what:N", legend=None),
            tooltip=["attack:N", "what:N", "reaction s:Q", "told:N"],
        )
    )
    return alt.layer(lines).properties(height=260)


def framed(html: str) -> str:
    """A report for an iframe of an origin of its own: what it was made from may be anybody's file."""
    return "data:text/html;charset=utf-8;base64," + base64.b64encode(html.encode()).decode()
