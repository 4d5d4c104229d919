"""The only file that talks to the nodes: their HTTP APIs, to read and, with an operator's token, to act.

What a node says is shown as it says it; a node that says nothing is *silent*, never quiet.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from dashboard.words import KEEPS_READS, NODES_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TIMEOUT_S = 3.0
_ACT_TIMEOUT_S = 15.0
"""An approval waits for the node's chains, a drill for its votes, who somebody is for an identity provider."""
_LISTS = ("chains", "lanes", "incidents", "curses")
_NAMES_OF_CHAIN = ("selector", "name", "chain_id")

LIMITS = httpx.Limits(max_connections=64, keepalive_expiry=3.0)
"""A connection is left before a node closes it, after five idle seconds: who asks just then gets no answer."""
_HTTP = httpx.Client(timeout=_TIMEOUT_S, limits=LIMITS)
"""Connections are kept: eight viewers at three seconds are some thirty requests a second. Safe among threads."""

Answer = dict[str, Any]
T = TypeVar("T")


class ApiError(RuntimeError):
    """A node refused or did not answer; the text is what a person should read."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node to ask."""

    name: str
    url: str
    token: str | None = field(default=None, repr=False)
    """Of whoever looks, where the node keeps its reads for operators."""


@dataclass(frozen=True)
class NodeAnswer:
    """All that one node said in one look; `fault` says why there is nothing.

    A look at a past moment holds nothing of the present: no status, and of chains only what they are called.
    """

    url: str
    name: str
    fault: str | None = None
    is_fresh: bool = False
    """Whether /health was 200: every chain of the node advances."""
    status: Answer = field(default_factory=dict)
    chains: list[Answer] = field(default_factory=list)
    lanes: list[Answer] = field(default_factory=list)
    incidents: list[Answer] = field(default_factory=list)
    curses: list[Answer] = field(default_factory=list)


def nodes() -> tuple[Node, ...]:
    """The nodes to ask: from the environment, else from a running demo in this folder, else none."""
    named = os.environ.get(NODES_VARIABLE, "")
    if named:
        return tuple(Node(f"node {number}", url.strip()) for number, url in enumerate(named.split(","), 1))
    try:
        demo = json.loads(Path(".demo/demo.json").read_text())
        return tuple(Node(node["name"], node["url"]) for node in demo["nodes"])
    except (OSError, ValueError, KeyError):  # no demo runs here; the page says what to do
        return ()


def ask_all(asked: Sequence[Node], at: str | None = None) -> list[NodeAnswer]:
    """Ask every node at once; a silent node costs the time-out, not the page. `at`: as it stood then (ISO 8601)."""
    return _each(asked, lambda node: _look(node, at))


def read(node: Node, route: str, **parameters: object) -> Answer:
    """One answer of one node.

    Raises:
        ApiError: no answer, or a refusal, in the node's own words.
    """
    return _call(node, "GET", route, parameters=parameters)


def act(node: Node, token: str, route: str, body: Mapping[str, Any] | None = None) -> Answer:
    """Do something at one node in the name of whoever holds the token; the API decides whether they may.

    Raises:
        ApiError: no answer, or a refusal, in the node's own words.
    """
    return _call(node, "POST", route, token=token, body=dict(body or {}))


def act_on_all(
    asked: Sequence[Node], token: str, call: Callable[[Node], tuple[str, Mapping[str, Any]]]
) -> dict[str, Answer | str]:
    """Do one thing at every node at once: the answer of each by its name, or why it refused."""

    def one(node: Node) -> Answer | str:
        route, body = call(node)
        try:
            return act(node, token, route, body)
        except ApiError as error:  # shown per node: a partial failure is no success and no silence
            return str(error)

    return dict(zip((node.name for node in asked), _each(asked, one), strict=True))


def keeps_reads(node: Node) -> bool:
    """Whether a node answers nobody who shows no token; a silent one doesn't."""
    try:
        return _HTTP.get(node.url + "/chains", timeout=_TIMEOUT_S).status_code == httpx.codes.UNAUTHORIZED
    except (httpx.HTTPError, httpx.InvalidURL):  # the page says who is silent
        return False


def whoami(node: Node, token: str) -> Answer:
    """`name`, `role` and what a token's holder `may`, as this node knows them.

    Raises:
        ApiError: nobody's token, or no answer.
    """
    found: Answer = _call(node, "GET", "/whoami", token=token)["whoami"]
    return found


def _each(asked: Sequence[Node], question: Callable[[Node], T]) -> list[T]:
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        return list(pool.map(question, asked))


def _look(node: Node, at: str | None) -> NodeAnswer:
    headers = _bearer(node.token)

    def ask(route: str, **given: str) -> httpx.Response:
        return _HTTP.get(node.url + route, params=given, headers=headers)

    try:
        if at is not None:
            lists = {word: ask(f"/{word}", at=at).raise_for_status().json()[word] for word in _LISTS}
            lists["chains"] = [{name: chain[name] for name in _NAMES_OF_CHAIN} for chain in lists["chains"]]
            return NodeAnswer(node.url, node.name, None, **lists)
        is_fresh = ask("/health").status_code == httpx.codes.OK
        said = ask("/status")
        if said.status_code == httpx.codes.UNAUTHORIZED:
            return NodeAnswer(node.url, node.name, fault=KEEPS_READS)
        status = said.raise_for_status().json()["status"]
        lists = {word: ask(f"/{word}").raise_for_status().json()[word] for word in _LISTS}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:  # silence is shown as silence
        return NodeAnswer(node.url, node.name, fault=type(error).__name__)
    return NodeAnswer(node.url, node.name, None, is_fresh, status, **lists)


def _bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


def _call(
    node: Node,
    method: str,
    route: str,
    *,
    token: str | None = None,
    parameters: Mapping[str, object] | None = None,
    body: Answer | None = None,
) -> Answer:
    given = {key: str(value) for key, value in (parameters or {}).items() if value not in (None, "")}
    try:
        answer = _HTTP.request(
            method,
            node.url + route,
            params=given,
            json=body,
            headers=_bearer(token or node.token),
            timeout=_TIMEOUT_S if method == "GET" and token is None else _ACT_TIMEOUT_S,
        )
        said = dict(answer.json())
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        ValueError,
        TypeError,
    ) as error:  # the type alone: a URL may hold a secret
        raise ApiError(f"{node.name} does not answer ({type(error).__name__})") from None
    if answer.is_error:
        raise ApiError(f"{node.name}: {said.get('error', answer.status_code)}")
    return said
