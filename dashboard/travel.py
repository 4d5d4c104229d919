"""A message's journey as tables: which step when, how long it took, and what it waits for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboard import words
from dashboard.names import amount, short, shortened, usd

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
            "tokens": ", ".join(f"{amount(token)} {token['symbol'] or '?'}" for token in message["tokens"]),
            "value": "" if message["value_micro_usd"] is None else usd(int(message["value_micro_usd"])),
            "id": message["id"],
        }
        for message in messages
    ]
    return pd.DataFrame(rows)


def token_table(tokens: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """token, amount, value, address, source pool, token at the destination: what a message carries."""
    rows = [
        {
            "token": token["symbol"] or "",
            "amount": amount(token),
            "value": words.NOT_PRICED if token["value_micro_usd"] is None else usd(int(token["value_micro_usd"])),
            "address": token["token"] or "",
            "source pool": token["source_pool"],
            "token at the destination": token["dest_token"],
        }
        for token in tokens
    ]
    return pd.DataFrame(rows)


def steps(message: Mapping[str, Any], names: Names, until: str | None = None) -> pd.DataFrame:
    """step, done, at, by, took s, usual s, late, chain, block, tx, label: what has happened and what is still to come.

    `until`: what happened later than this (ISO time) is left out.
    """
    rows = []
    blessers = message.get("blessed_by")
    for step in message["hold"]["journey"]:
        if until is not None and (step["at"] is None or step["at"] > until):
            continue
        took = step["took_s"]
        usual = step["usual"]
        rows.append(
            {
                "step": step["step"],
                "done": step["is_done"],
                "at": None if step["at"] is None else pd.Timestamp(step["at"]),
                "by": words.BLESSED_BY.format(nodes=", ".join(map(str, blessers)))
                if step["step"] == "blessed" and blessers
                else shortened(step["by"] or ""),
                "took s": took,
                "usual s": None if usual is None else usual["median_s"],
                "late": step["is_late"],
                "chain": names.chain(step["chain"]),
                "block": step["block"],
                "tx": step["tx"] or "",
                "label": step["step"] if took is None else f"{step['step']} (+{took} s)",
            }
        )
    return pd.DataFrame(rows)


def reason_table(reason: Mapping[str, Any], rules: Sequence[str], names: Names) -> pd.DataFrame:
    """what, told: one thing that holds a message; `rules`: the detectors behind its incident."""
    told = {
        words.WHY: shortened(reason["why"]),
        words.RULE: ", ".join(dict.fromkeys(rules)) or reason["rule"],
        words.SINCE: names.time(reason["since"]),
        words.EARLIEST: names.time(reason["earliest_release"]) or words.NOT_BEFORE_PEOPLE,
        words.WHO_MAY: reason["who_may"],
        words.INCIDENT: reason["incident"] or "",
        words.EVIDENCE: ", ".join(map(short, dict.fromkeys(reason["evidence"]))),
    }
    shown = {what: text for what, text in told.items() if text}
    return pd.DataFrame({"what": list(shown), "told": list(shown.values())})
