"""The demo's status: what the nodes say of the network, as lines for a log and as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.deployment import Deployment

_TIMEOUT_S = 2.0


class Look(NamedTuple):
    """One look at the network, through its first node that answers."""

    health: dict[str, str]
    """Node → ok, blind or silent."""
    chains: list[dict[str, Any]]
    lanes: list[dict[str, Any]]
    incidents: list[dict[str, Any]]
    curses: list[dict[str, Any]]


def look(nodes: Sequence[tuple[str, str]]) -> Look:
    """Ask the nodes (name, URL). A silent node is shown as silent, never as quiet."""
    health: dict[str, str] = {}
    lists: dict[str, list[dict[str, Any]]] = {}
    for name, url in nodes:
        try:
            with httpx.Client(base_url=url, timeout=_TIMEOUT_S) as http:
                health[name] = "ok" if http.get("/health").status_code == httpx.codes.OK else "blind"
                if not lists:
                    words = ("chains", "lanes", "incidents", "curses")
                    lists = {word: http.get(f"/{word}").raise_for_status().json()[word] for word in words}
        except httpx.HTTPError:
            health[name] = "silent"
    empty: list[dict[str, Any]] = []
    is_open = [incident for incident in lists.get("incidents", empty) if incident["state"] != "closed"]
    return Look(health, lists.get("chains", empty), lists.get("lanes", empty), is_open, lists.get("curses", empty))


def line_of(seen: Look, sent: int) -> str:
    """One line for a log."""
    blocks = " ".join(f"{chain['name']}@{chain['block']}" for chain in seen.chains)
    nodes = " ".join(f"{name}:{state}" for name, state in seen.health.items())
    committed = sum(int(lane["committed"]) for lane in seen.lanes)
    return (
        f"{blocks} | {nodes} | sent {sent} committed {committed} | "
        f"incidents {len(seen.incidents)} curses {len(seen.curses)}"
    )


def tables_of(seen: Look, deployment: Deployment, sent: int, dashboard: str) -> Group:
    """Tables for a terminal."""
    names = {str(chain.selector): chain.name for chain in deployment.chains}
    nodes = Table("node", "state", title="RMN nodes", title_justify="left")
    for name, state in seen.health.items():
        nodes.add_row(name, Text(state, style="green" if state == "ok" else "bold red"))
    chains = Table("chain", "block", "final", "blind", title="chains", title_justify="left")
    for chain in seen.chains:
        chains.add_row(chain["name"], str(chain["block"]), str(chain["final"]), chain["blind"] or "")
    lanes = Table("lane", "sent", "committed", "state", title="lanes", title_justify="left")
    for lane in seen.lanes:
        state = "cursed" if lane["curse"] else "watched" if lane["incidents"] else "open"
        style = {"cursed": "bold red", "watched": "yellow", "open": "green"}[state]
        lanes.add_row(
            f"{names[lane['source']]} → {names[lane['dest']]}",
            lane["sent"],
            lane["committed"],
            Text(state, style=style),
        )
    parts: list[Table | Text] = [nodes, chains, lanes]
    if seen.incidents:
        incidents = Table("severity", "what", "decision", title="incidents", title_justify="left")
        for incident in seen.incidents:
            incidents.add_row(incident["severity"], incident["summary"], incident["decision"]["reach"])
        parts.append(incidents)
    parts.append(Text(f"{sent} messages sent by the demo's traffic · dashboard {dashboard} · Ctrl-C stops everything"))
    return Group(*parts)
