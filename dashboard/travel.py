"""A message's journey as tables: which step when, how long it took, and what it waits for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboard import words
from dashboard.names import short, usd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.names import Names


def table(messages: Sequence[Mapping[str, Any]], names: Names) -> pd.DataFrame:
    """state, lane, number, sent, sender, receiver, tokens, id."""
    rows = [
        {
            "state": message["state"],
            "lane": names.lane(f"{message['source']}:{message['dest']}"),
            "number": message["sequence_number"],
            "sent": names.time(message["transactions"]["sent"]["at"]),
            "sender": short(message["sender"]),
            "receiver": short(message["receiver"]),
            "tokens": ", ".join(token["symbol"] or "?" for token in message["tokens"]),
            "value": "" if message["value_micro_usd"] is None else usd(int(message["value_micro_usd"])),
            "id": message["id"],
        }
        for message in messages
    ]
    return pd.DataFrame(rows)


def steps(message: Mapping[str, Any], names: Names) -> pd.DataFrame:
    """step, at, took s, usual s, late, chain, block, tx, by, label: what has happened and what is still to come."""
    rows = []
    for step in message["hold"]["journey"]:
        took = step["took_s"]
        usual = step["usual"]
        rows.append(
            {
                "step": step["step"],
                "done": step["is_done"],
                "at": None if step["at"] is None else pd.Timestamp(step["at"]),
                "took s": took,
                "usual s": None if usual is None else usual["median_s"],
                "late": step["is_late"],
                "chain": names.chain(step["chain"]),
                "block": step["block"],
                "tx": step["tx"] or "",
                "by": step["by"] or "",
                "label": step["step"] if took is None else f"{step['step']} (+{took} s)",
            }
        )
    return pd.DataFrame(rows)


def reasons(message: Mapping[str, Any], names: Names) -> pd.DataFrame:
    """rule, why, since, earliest release, who may act, incident, evidence: everything that holds a message."""
    rows = [
        {
            "rule": reason["rule"],
            "why": reason["why"],
            "since": names.time(reason["since"]),
            "earliest release": names.time(reason["earliest_release"]) or words.NOT_BEFORE_PEOPLE,
            "who may act": reason["who_may"],
            "incident": reason["incident"] or "",
            "evidence": ", ".join(map(short, reason["evidence"])),
        }
        for reason in message["hold"]["reasons"]
    ]
    return pd.DataFrame(rows)
