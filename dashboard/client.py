"""The only file that talks to the nodes: their HTTP APIs, read side."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from dashboard.words import NODES_VARIABLE

_TIMEOUT_S = 3.0
_LISTS = ("chains", "lanes", "incidents", "curses")


@dataclass(frozen=True)
class NodeAnswer:
    """All that one node said in one look; `fault` says why there is nothing."""

    url: str
    name: str
    fault: str | None = None
    is_fresh: bool = False
    """Whether /health was 200: every chain of the node advances."""
    status: dict[str, Any] = field(default_factory=dict)
    chains: list[dict[str, Any]] = field(default_factory=list)
    lanes: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    curses: list[dict[str, Any]] = field(default_factory=list)


def node_urls() -> dict[str, str]:
    """The nodes to ask, name → URL: from the environment, else from a running demo in this folder, else none."""
    named = os.environ.get(NODES_VARIABLE, "")
    if named:
        return {f"node {number}": url.strip() for number, url in enumerate(named.split(","), 1)}
    try:
        demo = json.loads(Path(".demo/demo.json").read_text())
        return {node["name"]: node["url"] for node in demo["nodes"]}
    except (OSError, ValueError, KeyError):  # no demo runs here; the page says what to do
        return {}


def ask_all(urls: dict[str, str]) -> list[NodeAnswer]:
    """Ask every node at once; a silent node costs the time-out, not the page."""
    with ThreadPoolExecutor(max(1, len(urls))) as pool:
        return list(pool.map(lambda item: _ask(*item), urls.items()))


def _ask(name: str, url: str) -> NodeAnswer:
    try:
        with httpx.Client(base_url=url, timeout=_TIMEOUT_S) as http:
            is_fresh = http.get("/health").status_code == httpx.codes.OK
            status = http.get("/status").raise_for_status().json()["status"]
            lists = {word: http.get(f"/{word}").raise_for_status().json()[word] for word in _LISTS}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:  # silence is shown as silence
        return NodeAnswer(url, name, fault=type(error).__name__)
    return NodeAnswer(url, name, None, is_fresh, status, **lists)
