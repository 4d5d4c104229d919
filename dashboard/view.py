"""What several nodes say, as tables. Pure. Where nodes differ the worst is shown and the difference is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from dashboard.words import LANE_STATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.client import NodeAnswer

_STATES = list(LANE_STATES)


class NetworkView(NamedTuple):
    """One look at the network."""

    chains: pd.DataFrame
    """selector, chain, block, final, seen by, blind."""
    lanes: pd.DataFrame
    """source, dest, state, sent, committed, blessing."""
    incidents: pd.DataFrame
    """severity, state, lanes, what, decision, nodes; open ones only, worst first."""
    curses: pd.DataFrame
    """chain, subject, since, by."""
    nodes: pd.DataFrame
    """node, posture, state, open incidents, address."""
    contested: tuple[str, ...]
    """Lanes on whose state the nodes do not agree."""


def view_of(answers: Sequence[NodeAnswer]) -> NetworkView:
    """Merge the nodes' answers."""
    speaking = [answer for answer in answers if answer.fault is None]
    names = {chain["selector"]: chain["name"] for answer in speaking for chain in answer.chains}
    lanes, contested = _lanes(speaking, names)
    return NetworkView(
        chains=_chains(speaking),
        lanes=lanes,
        incidents=_incidents(speaking, names),
        curses=_curses(speaking, names),
        nodes=_nodes(answers),
        contested=contested,
    )


def lane_text(source: str, dest: str, names: dict[str, str]) -> str:
    """A lane as people read it."""
    return f"{names.get(source, source)} → {names.get(dest, dest)}"


def _named(lane: str, names: dict[str, str]) -> str:
    source, dest = lane.split(":")
    return lane_text(source, dest, names)


def _chains(answers: Sequence[NodeAnswer]) -> pd.DataFrame:
    rows: dict[str, dict[str, Any]] = {}
    for answer in answers:
        for chain in answer.chains:
            row = rows.setdefault(
                chain["selector"],
                {
                    "chain": chain["name"],
                    "chain id": chain["chain_id"],
                    "block": 0,
                    "final": 0,
                    "seen by": 0,
                    "blind": "",
                },
            )
            row["block"] = max(row["block"], chain["block"] or 0)
            row["final"] = max(row["final"], chain["final"] or 0)
            row["seen by"] += chain["blind"] is None
            if chain["blind"] is not None:
                row["blind"] = f"{answer.name}: {chain['blind']}"
    for row in rows.values():
        row["seen by"] = f"{row['seen by']} of {len(answers)}"
    columns = ["chain", "chain id", "block", "final", "seen by", "blind"]
    return pd.DataFrame(list(rows.values()), columns=columns)


def _lane_state(lane: dict[str, Any], answer: NodeAnswer) -> str:
    incidents = [incident for incident in answer.incidents if incident["id"] in lane["incidents"]]
    blind = {chain["selector"] for chain in answer.chains if chain["blind"] is not None}
    if lane["curse"] is not None:
        return "cursed"
    if blind & {lane["source"], lane["dest"]}:
        return "blind"
    if any(incident["decision"]["withholds"] for incident in incidents):
        return "withheld"
    return "watched" if incidents else "quiet"


def _lanes(answers: Sequence[NodeAnswer], names: dict[str, str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    contested: dict[str, None] = {}
    for answer in answers:
        for lane in answer.lanes:
            key = (lane["source"], lane["dest"])
            state = _lane_state(lane, answer)
            row = rows.setdefault(
                key,
                {
                    "source": names.get(lane["source"], lane["source"]),
                    "dest": names.get(lane["dest"], lane["dest"]),
                    "state": state,
                    "sent": 0,
                    "committed": 0,
                    "blessing": "on" if lane["blessing"] else "off",
                },
            )
            if state != row["state"]:
                contested[lane_text(*key, names)] = None
                row["state"] = max(state, row["state"], key=_STATES.index)
            row["sent"] = max(row["sent"], int(lane["sent"]))
            row["committed"] = max(row["committed"], int(lane["committed"]))
    columns = ["source", "dest", "state", "sent", "committed", "blessing"]
    return pd.DataFrame(list(rows.values()), columns=columns), tuple(contested)


def _incidents(answers: Sequence[NodeAnswer], names: dict[str, str]) -> pd.DataFrame:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for answer in answers:
        for incident in answer.incidents:
            if incident["state"] == "closed":
                continue
            lanes = ", ".join(_named(lane, names) for lane in incident["lanes"])
            key = (incident["family"], lanes)
            row = rows.setdefault(
                key,
                {
                    "severity": incident["severity"],
                    "state": incident["state"],
                    "since": incident["opened_at"],
                    "lanes": lanes,
                    "what": incident["summary"],
                    "decision": incident["decision"]["reach"],
                    "nodes": [],
                },
            )
            row["nodes"].append(answer.name)
    columns = ["severity", "state", "since", "lanes", "what", "decision", "nodes"]
    table = pd.DataFrame(list(rows.values()), columns=columns)
    table["nodes"] = table["nodes"].map(", ".join)
    rank = {"critical": 0, "warning": 1, "info": 2}
    return table.sort_values("severity", key=lambda column: column.map(rank), kind="stable", ignore_index=True)


def _curses(answers: Sequence[NodeAnswer], names: dict[str, str]) -> pd.DataFrame:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for answer in answers:
        for curse in answer.curses:
            row = {
                "chain": names.get(curse["chain"], curse["chain"]),
                "against": _against(curse["subject"], names),
                "since": curse["since"],
                "by": "external" if curse["by"] == "external" else f"incident or proposal {curse['by']}",
                "subject": curse["subject"],
            }
            known = rows.setdefault((curse["chain"], curse["subject"]), row)
            if known["by"] == "external":
                rows[curse["chain"], curse["subject"]] = row
    return pd.DataFrame(list(rows.values()), columns=["chain", "against", "since", "by", "subject"])


def _against(subject: str, names: dict[str, str]) -> str:
    number = int(subject, 16)
    if number == 0x01000000000000000000000000000001:
        return "everything"
    return names.get(str(number), subject)


def _nodes(answers: Sequence[NodeAnswer]) -> pd.DataFrame:
    rows = [
        {
            "node": answer.name,
            "state": "silent" if answer.fault else "fresh" if answer.is_fresh else "blind",
            "posture": answer.status.get("posture", "unknown"),
            "open incidents": answer.status.get("incidents_open"),
            "as of": answer.status.get("time", ""),
            "address": answer.url,
        }
        for answer in answers
    ]
    return pd.DataFrame(rows, columns=["node", "state", "posture", "open incidents", "as of", "address"])
