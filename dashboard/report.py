"""An incident as tables and as one HTML file that asks no host for anything. Pure; all text from outside is escaped."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboard import words
from dashboard.at_risk import risk_of
from dashboard.names import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.names import Names

_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}code{overflow-wrap:anywhere}"
)


def signal_table(signals: Sequence[Mapping[str, Any]], names: Names) -> pd.DataFrame:
    """At (time), detector, severity, score, summary, chain, block, tx, evidence."""
    rows = [
        {
            "at": pd.Timestamp(signal["at"]),
            "detector": signal["detector"],
            "severity": signal["severity"],
            "score": signal["score"],
            "summary": signal["summary"],
            "chain": names.chain(signal["chain"]),
            "block": signal["block"],
            "tx": signal["tx"],
            "evidence": signal["evidence"],
        }
        for signal in signals
    ]
    columns = ["at", "detector", "severity", "score", "summary", "chain", "block", "tx", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def action_table(actions: Sequence[Mapping[str, Any]], names: Names) -> pd.DataFrame:
    """what, chain, against, state, at, note, tx."""
    rows = [
        {
            "what": action["kind"],
            "chain": names.chain(action["chain"]),
            "against": ", ".join(names.subject(subject) for subject in action["subjects"]),
            "state": action["state"],
            "at": names.time(action["changed_at"]),
            "note": action["note"] or "",
            "tx": action["tx"] or "",
        }
        for action in actions
    ]
    return pd.DataFrame(rows, columns=["what", "chain", "against", "state", "at", "note", "tx"])


def bundle_text(answer: Mapping[str, Any]) -> str:
    """The evidence exactly as `rmn evidence fetch` writes it, without what an endpoint would add."""
    body = {"bundle": answer["bundle"], "hash": answer["hash"], "headers": {}, "receipts": {}}
    return json.dumps(body, sort_keys=True, separators=(",", ":")) + "\n"


def facts_of(incident: Mapping[str, Any], names: Names) -> dict[str, str]:
    """What an incident is, in a few lines."""
    return {
        words.STATE: incident["state"],
        words.SINCE: names.time(incident["opened_at"]),
        words.WHERE: ", ".join(names.lane(lane) for lane in incident["lanes"]) or words.EVERYWHERE,
        words.AT_RISK: risk_of([incident]),
        words.DECISION: f"{incident['decision']['reach']}: {incident['decision']['reason']}",
        words.ASSIGN: incident["assigned_to"] or "",
        words.LABEL: " ".join(filter(None, (incident["label"], incident["label_reason"]))),
        "id": incident["id"],
    }


def incident_html(incident: Mapping[str, Any], signals: Sequence[Mapping[str, Any]], names: Names) -> str:
    """The incident for people who have no access to the nodes."""
    facts = facts_of(incident, names)
    table = signal_table(signals, names).assign(tx=lambda frame: frame["tx"].map(short))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(incident["summary"])}</title>'
        f"<style>{_STYLE}</style><h1>{escape(incident['severity'])}: {escape(incident['summary'])}</h1><table>"
        + "".join(f"<tr><th>{escape(key)}</th><td>{escape(str(value))}</td></tr>" for key, value in facts.items())
        + f"</table><h2>{words.SIGNALS}</h2>{table.to_html(index=False, escape=True, border=0)}"
        + f"<h2>{words.ACTIONS}</h2>{action_table(incident['actions'], names).to_html(index=False, border=0)}</html>"
    )
