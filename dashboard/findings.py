"""What a backtest found, as sentences, tables and charts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from dashboard import words
from dashboard.names import Names, usd

if TYPE_CHECKING:
    from collections.abc import Mapping


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
            if line["cost"] is not None:  # where nothing curses nothing is delayed
                rows.append(at | {"what": words.DELAYED, "usd": line["cost"]["value_delayed_usd"]})
    return pd.DataFrame(rows, columns=["attack", "reaction s", "what", "usd"])


def counterfactual_chart(curve: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """What a curse saves against what honest value it delays, by reaction."""
    legend = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=320)
    shown = curve.assign(told=[usd(int(value * 1_000_000)) for value in curve["usd"]])
    lines = (
        alt.Chart(shown)
        .mark_line(point=True)
        .encode(
            x=alt.X("reaction s:Q", title="reaction, seconds"),
            y=alt.Y("usd:Q", title="USD", axis=alt.Axis(format="~s")),
            color=alt.Color("what:N", legend=legend, scale=alt.Scale(range=["#0072B2", "#009E73", "#E69F00"])),
            strokeDash=alt.StrokeDash("what:N", legend=legend),
            tooltip=["attack:N", "what:N", "reaction s:Q", "told:N"],
        )
    )
    return alt.layer(lines).properties(height=360)


def false_by_day(result: Mapping[str, Any]) -> pd.DataFrame:
    """day, severity, false signals: every day that had one."""
    false = set(result["false_signals"]["signals"])
    rows = [
        {"day": signal["at"][:10], "severity": signal["severity"]}
        for signal in result["signals"]
        if signal["id"] in false
    ]
    counted = pd.DataFrame(rows, columns=["day", "severity"]).value_counts().reset_index(name="false signals")
    return counted.sort_values("day", ignore_index=True)


def false_chart(days: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A bar a day with false signals."""
    bars = (
        alt.Chart(days.assign(told=days["day"]))
        .mark_bar()
        .encode(
            x=alt.X("day:T", title=None, scale=alt.Scale(type="utc")),
            y=alt.Y("false signals:Q", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color(
                "severity:N",
                title=None,
                scale=alt.Scale(domain=list(words.SEVERITY_COLOURS), range=list(words.SEVERITY_COLOURS.values())),
            ),
            tooltip=["told:N", "severity:N", "false signals:Q"],
        )
    )
    return alt.layer(bars).properties(height=180)


def changes(comparison: Mapping[str, Any]) -> pd.DataFrame:
    """message, change, at, lane, detector, severity, detail: every signal that two configurations do not share."""
    told = comparison["signals"]
    rows = []
    for change in ("appeared", "disappeared", "moved", "regraded"):
        for signal in told[change]:
            detail = ""
            if change == "moved":
                detail = words.LATER.format(seconds=signal["later_s"])
            elif change == "regraded":
                detail = words.REGRADED.format(before=signal["severity"], after=signal["now"])
            rows.append(
                {
                    "message": ", ".join(signal["rows"]),
                    "change": words.CHANGES[change],
                    "at": Names.time(signal["known_at"]),
                    "lane": ", ".join(signal["subjects"]),
                    "detector": signal["detector"],
                    "severity": signal["severity"],
                    "detail": detail,
                }
            )
    columns = ["message", "change", "at", "lane", "detector", "severity", "detail"]
    return pd.DataFrame(rows, columns=columns).sort_values(["at", "message"], ignore_index=True)


def compared_sums(comparison: Mapping[str, Any]) -> pd.DataFrame:
    """what, this configuration, the other one."""
    rows = [
        (label, str(comparison[key]["current"]), str(comparison[key]["candidate"]))
        for label, key in ((words.FALSE_SIGNALS, "false_signals"), (words.FALSE_CURSES_ALL, "false_curses"))
    ]
    for attack in comparison["attacks"]:
        for label, key in ((words.FIRST_SIGNAL, "first_signal"), (words.FIRST_CURSE, "first_curse")):
            rows.append(
                (f"{attack['name']}: {label}", _delay(attack[key]["current"]), _delay(attack[key]["candidate"]))
            )
    return pd.DataFrame(rows, columns=["what", words.THIS_CONFIG, words.OTHER_CONFIG])


def _delay(first: Mapping[str, Any] | None) -> str:
    return words.NEVER if first is None else words.AFTER.format(seconds=f"{first['delay_s']:g}")
