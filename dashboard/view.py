"""What several nodes say, as tables. Pure. Where nodes differ the worst is shown and the difference is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from dashboard import words
from dashboard.names import Names, counted, shortened, usd
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
    """chain, against, since, must stay (who affirmed it, or until when somebody has to), incident or proposal,
    subject."""
    nodes: pd.DataFrame
    """node, posture, state, open incidents, address."""
    freshness: pd.DataFrame
    """node, chain, state (fresh, blind, silent), block, reason: one cell for each chain at each node. Like `chains` and
    `nodes` of the present alone."""
    values: pd.DataFrame
    """What was moved and what is held back, a row each; a column for the last hour, day and week."""
    contested: tuple[str, ...]
    """Lanes on whose state the nodes do not agree."""


def view_of(answers: Sequence[NodeAnswer]) -> NetworkView:
    """Merge the nodes' answers."""
    speaking = [answer for answer in answers if answer.fault is None]
    names = Names.of(speaking)
    lanes, contested = _lanes(speaking, names)
    return NetworkView(
        chains=_chains(speaking),
        lanes=lanes,
        incidents=_incidents(speaking, names),
        curses=_curses(speaking, names),
        nodes=_nodes(answers),
        freshness=_freshness(answers),
        values=_values(speaking),
        contested=contested,
    )


def _chains(answers: Sequence[NodeAnswer]) -> pd.DataFrame:
    rows: dict[str, dict[str, Any]] = {}
    for answer in answers:
        for chain in answer.chains if answer.status else ():
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


def _lanes(answers: Sequence[NodeAnswer], names: Names) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    contested: dict[str, None] = {}
    for answer in answers:
        for lane in answer.lanes:
            key = (lane["source"], lane["dest"])
            state = lane["state"]
            row = rows.setdefault(
                key,
                {
                    "source": names.chain(lane["source"]),
                    "dest": names.chain(lane["dest"]),
                    "state": state,
                    "sent": 0,
                    "committed": 0,
                    "blessing": "on" if lane["blessing"] else "off",
                    "moved": 0,
                },
            )
            if state != row["state"]:
                contested[names.lane(f"{lane['source']}:{lane['dest']}")] = None
                row["state"] = max(state, row["state"], key=_STATES.index)
            row["sent"] = max(row["sent"], int(lane["sent"]))
            row["committed"] = max(row["committed"], int(lane["committed"]))
            row["moved"] = max(row["moved"], _moved(lane))
    columns = ["source", "dest", "state", "sent", "committed", "blessing", "moved"]
    return pd.DataFrame(list(rows.values()), columns=columns), tuple(contested)


def _incidents(answers: Sequence[NodeAnswer], names: Names) -> pd.DataFrame:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for answer in answers:
        for incident in answer.incidents:
            if incident["state"] == "closed":
                continue
            lanes = ", ".join(names.lane(lane) for lane in incident["lanes"])
            key = (incident["family"], lanes)
            row = rows.setdefault(
                key,
                {
                    "severity": incident["severity"],
                    "state": incident["state"],
                    "since": names.time(incident["opened_at"]),
                    "lanes": lanes,
                    "what": shortened(incident["summary"]),
                    "decision": incident["decision"]["reach"],
                    "nodes": [],
                },
            )
            row["nodes"].append(answer.name)
    columns = ["severity", "what", "lanes", "since", "state", "decision", "nodes"]
    table = pd.DataFrame(list(rows.values()), columns=columns)
    table["nodes"] = table["nodes"].map(", ".join)
    rank = {"critical": 0, "warning": 1, "info": 2}
    return table.sort_values("severity", key=lambda column: column.map(rank), kind="stable", ignore_index=True)


def _curses(answers: Sequence[NodeAnswer], names: Names) -> pd.DataFrame:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for answer in answers:
        for curse in answer.curses:
            row = {
                "chain": names.chain(curse["chain"]),
                "against": names.subject(curse["subject"]),
                "since": names.time(curse["since"]),
                "must stay": _affirmed(curse, names),
                "incident or proposal": words.BY_OTHERS if curse["by"] == "external" else curse["by"][:8],
                "subject": curse["subject"],
            }
            known = rows.setdefault((curse["chain"], curse["subject"]), row)
            if known["incident or proposal"] == words.BY_OTHERS:
                rows[curse["chain"], curse["subject"]] = row
    return pd.DataFrame(
        list(rows.values()), columns=["chain", "against", "since", "must stay", "incident or proposal", "subject"]
    )


def _affirmed(curse: dict[str, Any], names: Names) -> str:
    if curse["is_overdue"]:
        return words.OVERDUE
    said, until = curse["affirmed"], curse["affirm_by"]
    told = [words.AFFIRMED_BY.format(name=said["by"])] if said is not None else []
    if until is not None:  # a past moment does not always tell
        told.append(words.AFFIRM_UNTIL.format(at=names.time(until)))
    return ", ".join(told)


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


def _freshness(answers: Sequence[NodeAnswer]) -> pd.DataFrame:
    every = dict.fromkeys(chain["name"] for answer in answers for chain in answer.chains)
    rows = []
    for answer in answers:
        known = {chain["name"]: chain for chain in answer.chains if answer.status}
        for name in every:
            chain = known.get(name)
            state = "silent" if chain is None else "fresh" if chain["blind"] is None else "blind"
            reason = answer.fault or "" if chain is None else chain["blind"] or ""
            rows.append((answer.name, name, state, None if chain is None else chain["block"], reason))
    return pd.DataFrame(rows, columns=["node", "chain", "state", "block", "reason"])


def _moved(lane: dict[str, Any]) -> int:
    """What sets the width of an arrow: a day's value in micro-USD, else, where nothing has a price, its messages."""
    day = lane["moved"]["24h"]
    return int(day["value_micro_usd"]) or int(day["messages"])


def _values(answers: Sequence[NodeAnswer]) -> pd.DataFrame:
    """The largest that any node tells: one that is behind knows less."""
    rows = {}
    for word, label in (("moved", words.VALUE), ("blocked", words.BLOCKED)):
        rows[label] = [_flow(answers, word, span) for span in words.SPANS]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(words.SPANS.values()))


def _flow(answers: Sequence[NodeAnswer], word: str, span: str) -> str:
    worth = count = 0
    for answer in answers:
        flows = [lane[word][span] for lane in answer.lanes]
        priced, messages = sum(int(flow["value_micro_usd"]) for flow in flows), sum(flow["messages"] for flow in flows)
        worth, count = max((worth, count), (priced, messages))
    told = [usd(worth)] if worth else []
    told += [counted(count, "message")] if count else []
    return ", ".join(told) or words.NOTHING
