"""Tokens, their pools, limits and plans as tables. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from dashboard import words
from dashboard.names import short, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.names import Names


def my_tokens(tokens: Sequence[Mapping[str, Any]], names: Names) -> pd.DataFrame:
    """token, chain, pool, locked, address: a row for each chain that a token lives on."""
    rows = [
        {
            "token": token["symbol"],
            "chain": names.chain(token["chain"]),
            "pool": words.POOL_TYPES[token["pool_type"]],
            "locked in the pool": whole(token["pool_balance"], token["decimals"]),
            "decimals": token["decimals"],
            "address": token["address"],
            "pool address": token["pool"],
        }
        for token in tokens
    ]
    return pd.DataFrame(rows)


def facts(token: Mapping[str, Any]) -> pd.DataFrame:
    """what, value: who may do what with a token on one chain."""
    shown = {
        words.POOL_VERSION: token["pool_version"],
        words.SUPPLY: whole(token["total_supply"], token["decimals"]),
        words.LOCKED: whole(token["pool_balance"], token["decimals"]),
        words.ADMINISTRATOR: token["administrator"],
        words.PENDING_ADMINISTRATOR: token["pending_administrator"],
        words.TOKEN_OWNER: token["owner"],
        words.POOL_OWNER: token["pool_owner"],
        words.LIMIT_ADMIN: token["rate_limit_admin"],
        words.REBALANCER: token["rebalancer"],
        words.REGISTERED_POOL: token["registered_pool"],
    }
    return pd.DataFrame({"what": list(shown), "value": [_somebody(value) for value in shown.values()]})


def buckets(token: Mapping[str, Any], names: Names) -> pd.DataFrame:
    """lane, direction, available, capacity, rate, fill: every rate limit of a token's pool, in whole tokens."""
    rows = []
    for limit in token["limits"]:
        for direction, word in (("outbound", words.LEAVING), ("inbound", words.ARRIVING)):
            bucket = limit[direction]
            capacity = int(bucket["capacity"])
            rows.append(
                {
                    "lane": f"{word} {names.chain(limit['remote'])}",
                    "limited": bucket["enabled"],
                    "available": whole(bucket["available"], token["decimals"]) if bucket["enabled"] else words.NO_LIMIT,
                    "capacity": whole(bucket["capacity"], token["decimals"]) if bucket["enabled"] else "",
                    "refill a second": whole(bucket["rate_per_s"], token["decimals"]) if bucket["enabled"] else "",
                    "fill %": 100 * int(bucket["available"]) // capacity if bucket["enabled"] and capacity else 100,
                    "remote pools": ", ".join(short("0x" + pool[-40:]) for pool in limit["remote_pools"]),
                }
            )
    return pd.DataFrame(rows)


def bucket_chart(rows: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A bar a bucket: how full it is."""
    base = alt.Chart(rows).encode(y=alt.Y("lane:N", title=None, sort=None, axis=alt.Axis(labelLimit=320)))
    full = base.mark_bar(color="#7A7A7A", opacity=0.25).encode(x=alt.datum(100))
    fill = base.mark_bar(color="#0072B2").encode(
        x=alt.X("fill %:Q", title=words.FILL, scale=alt.Scale(domain=[0, 100])), tooltip=list(rows.columns)
    )
    return alt.layer(full, fill).properties(height=alt.Step(22))


def plan_table(plan: Mapping[str, Any]) -> pd.DataFrame:
    """number, chain, what, from, to, call: every transaction of a plan before anybody signs it."""
    rows = [
        {
            "number": number,
            "chain": step["chain_name"],
            "what": step["summary"],
            "from": step["from"],
            "to": step["to"] or words.CREATES.format(address=step["creates"]),
            "call": step["call"] or "",
        }
        for number, step in enumerate(plan["steps"], 1)
    ]
    return pd.DataFrame(rows, columns=["number", "chain", "what", "from", "to", "call"])


def _somebody(value: str) -> str:
    return words.NOBODY if value == "0x" + 40 * "0" else value
