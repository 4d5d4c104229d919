"""How a node stands, as tables: budgets against promises, endpoints, keys, settings. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboard import words
from dashboard.names import Names, short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.client import NodeAnswer


def budget_table(budgets: Mapping[str, Any]) -> pd.DataFrame:
    """what, so far, promised."""
    a_day = budgets["curses_a_day"]
    rows = [
        (words.FALSE_CURSES_MONTH, budgets["false_curses_30d"], f"{budgets['false_curses_per_month']:g}"),
        (words.TRUE_CURSES_MONTH, budgets["true_curses_30d"], ""),
        (words.UNLABELLED_MONTH, budgets["unlabelled_curses_30d"], words.LABEL_THEM),
        (words.FALSE_INCIDENTS_MONTH, budgets["false_incidents_30d"], f"{30 * budgets['false_alarms_per_day']:g}"),
        (words.CURSES_DAY, budgets["automatic_curses_24h"], words.NO_LIMIT if a_day is None else str(a_day)),
        (words.CURSES_HELD, budgets["curses_held_back"], ""),
    ]
    return pd.DataFrame(rows, columns=["what", "so far", "promised or allowed"])


def endpoint_table(chains: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row an endpoint: chain, endpoint, head, behind, latency ms, faults, problem."""
    rows = []
    for chain in chains:
        heads = [asked["head"] for asked in chain["asked"] if asked["head"] is not None]
        for asked in chain["asked"]:
            head = asked["head"]
            rows.append(
                {
                    "chain": chain["name"],
                    "endpoint": asked["number"],
                    "head": head,
                    "behind the best": None if head is None else max(heads) - head,
                    "latency ms": asked["latency_ms"],
                    "faults": ", ".join(f"{word}: {count}" for word, count in asked["faults"].items()),
                    "problem": asked["problem"] or "",
                }
            )
    columns = ["chain", "endpoint", "head", "behind the best", "latency ms", "faults", "problem"]
    return pd.DataFrame(rows, columns=columns)


def chain_table(chains: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """chain, state, block, head, final, agreement, read at, catching up, gas for votes."""
    rows = [
        {
            "chain": chain["name"],
            "state": chain["blind"] or words.FRESH,
            "block": chain["block"],
            "head": chain["head"],
            "final": chain["final"],
            "agreement": words.MUST_AGREE.format(count=chain["min_agree"], of=len(chain["asked"])),
            "read at": Names.time(chain["read_at"]),
            "catching up": _catching_up(chain["catching_up"]),
            "gas for votes": _gas(chain),
        }
        for chain in chains
    ]
    return pd.DataFrame(rows)


def power_table(powers: Mapping[str, Mapping[str, Any]], names: Names) -> pd.DataFrame:
    """chain, contract, may curse, may lift, in words."""
    rows = [
        {
            "chain": names.chain(selector),
            "contract": power["contract"] or "",
            "may curse": power["may_curse"],
            "may lift": power["may_uncurse"],
            "in words": power["text"],
        }
        for selector, power in powers.items()
    ]
    return pd.DataFrame(rows, columns=["chain", "contract", "may curse", "may lift", "in words"])


def permission_table(answers: Sequence[NodeAnswer], act: str, names: Names) -> pd.DataFrame:
    """node, a column a chain: whether this node's key may do it there (`act`: curse or uncurse), in words."""
    key = "may_curse" if act == "curse" else "may_uncurse"
    rows = [
        {
            "node": answer.name,
            **{
                names.chain(chain): f"{words.MAY if power[key] else words.MAY_NOT}: {power['text']}"
                for chain, power in answer.status["powers"].items()
            },
        }
        for answer in answers
    ]
    return pd.DataFrame(rows)


def setting_table(settings: Mapping[str, Any], prefix: str = "") -> pd.DataFrame:
    """setting, value: the effective configuration, a line each, as node.toml would name it."""
    return pd.DataFrame(list(_flat(settings, prefix)), columns=["setting", "value"])


def delivery_table(deliveries: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """at, route, what, severity, state, tries, error; newest first."""
    rows = [
        {
            "at": pd.Timestamp(delivery["message"]["at_ms"], unit="ms").strftime("%Y-%m-%d %H:%M:%S UTC"),
            "route": delivery["route"],
            "what": delivery["message"]["title"],
            "severity": delivery["message"]["severity"],
            "state": delivery["state"],
            "tries": delivery["tries"],
            "error": delivery["error"] or "",
        }
        for delivery in reversed(deliveries)
    ]
    return pd.DataFrame(rows, columns=["at", "route", "what", "severity", "state", "tries", "error"])


def drill_table(drills: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """at, kind, passed, one column a step in ms, by, why, note; newest first."""
    steps = [name for name in (drills[0] if drills else ()) if name.endswith("_ms") and name != "at_ms"]
    rows = [
        {
            "at": pd.Timestamp(drill["at_ms"], unit="ms").strftime("%Y-%m-%d %H:%M:%S UTC"),
            "kind": drill["kind"],
            "result": words.PASSED if drill["passed"] else words.FELL_SHORT,
            **{name.replace("_ms", ", ms"): drill[name] for name in steps},
            "by": drill["by"],
            "why": drill.get("reason", ""),
            "note": drill["note"],
        }
        for drill in reversed(drills)
    ]
    return pd.DataFrame(rows)


def audit_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """number, at, what, body, hash; newest first."""
    told = [
        {
            "number": row["sequence"],
            "at": Names.time(row["at"]),
            "what": row["kind"],
            "body": str(row["body"]),
            "hash": short(row["hash"]),
        }
        for row in reversed(rows)
    ]
    return pd.DataFrame(told, columns=["number", "at", "what", "body", "hash"])


def _flat(value: Any, name: str) -> Any:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{name}[{number}]")
    else:
        yield name, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _catching_up(progress: Mapping[str, Any] | None) -> str:
    if progress is None:
        return ""
    left = "" if progress["left_s"] is None else words.LEFT.format(seconds=progress["left_s"])
    return f"{progress['block']} / {progress['head']}{left}"


def _gas(chain: Mapping[str, Any]) -> str:
    wei = chain["curser_balance_wei"]
    if wei is None:
        return ""
    low = words.LOW if chain["curser_balance_low"] else ""
    return f"{int(wei) // 10**15 / 1000:g}{low}"
