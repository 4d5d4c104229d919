"""A message's journey as tables: which step when, how long it took, and what it waits for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from dashboard.names import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.names import Names


class Hold(NamedTuple):
    """Why a message waits."""

    why: str
    facts: pd.DataFrame
    """what, value: the rule, the evidence, the earliest release, who may act."""


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
            "tokens": len(message["tokens"]),
            "id": message["id"],
        }
        for message in messages
    ]
    return pd.DataFrame(rows)


def steps(message: Mapping[str, Any], names: Names) -> pd.DataFrame:
    """step, at, took, chain, block, tx, label: what has happened to a message so far, oldest first."""
    done = message["transactions"]
    told = [("sent", done["sent"])]
    if done["committed"] is not None:
        told.append(("committed, blessed" if done["committed"]["is_blessed"] else "committed", done["committed"]))
    told += [(f"executed: {step['state']}", step) for step in done["executed"]]
    rows: list[dict[str, Any]] = []
    for name, step in told:
        at = pd.Timestamp(step["at"])
        took_s = None if not rows else int((at - rows[-1]["at"]).total_seconds())
        rows.append(
            {
                "step": name,
                "at": at,
                "took s": took_s,
                "chain": names.chain(step["chain"]),
                "block": step["block"],
                "tx": step["tx"],
                "label": name if took_s is None else f"{name} (+{took_s} s)",
            }
        )
    return pd.DataFrame(rows)


def hold(message: Mapping[str, Any], names: Names) -> Hold | None:
    """The node's own explanation; None when the message waits for nothing."""
    told = message.get("hold")
    if not told:
        return None
    facts = {key: _text(value, names) for key, value in told.items() if key != "why" and value not in (None, [], "")}
    return Hold(told["why"], pd.DataFrame({"what": list(facts), "value": list(facts.values())}))


def _text(value: object, names: Names) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one, names) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key} {_text(one, names)}" for key, one in value.items())
    return names.chain(str(value))
