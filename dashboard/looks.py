"""One look at all nodes, shared by every viewer of a page for a second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import charts, session, words
from dashboard.client import ApiError, Node, NodeAnswer, ask_all, keeps_reads, nodes, read

if TYPE_CHECKING:
    from collections.abc import Sequence

AT = st.column_config.DatetimeColumn("at", format="YYYY-MM-DD HH:mm:ss [UTC]", timezone="UTC")
"""A column of times, as `Names.time` writes them."""


@st.cache_data(ttl=1, show_spinner=False)
def look(asked: tuple[Node, ...], at: str | None = None) -> list[NodeAnswer]:
    """What all nodes say now, or said `at` a past time."""
    return ask_all(asked, at)


@st.cache_data(ttl=1, show_spinner=False)
def listed(asked: tuple[Node, ...], route: str, parameters: tuple[tuple[str, object], ...] = ()) -> dict[str, Any]:
    """One list of every node that answers, by the node's name."""
    found = {}
    for node in asked:
        try:
            found[node.name] = read(node, route, **dict(parameters))[route.strip("/").split("/")[0]]
        except ApiError:  # the overview says who is silent; a page shows what the others know
            continue
    return found


def ink() -> str:
    """The colour of text on the visitor's background, for charts whose marks are words."""
    return "#FAFAFA" if st.context.theme.type == "dark" else charts.INK


def speaking(answers: Sequence[NodeAnswer]) -> list[NodeAnswer]:
    """Those that answered."""
    return [answer for answer in answers if answer.fault is None]


def nodes_or_say() -> tuple[Node, ...]:
    """The nodes; without any the page says what to do and ends."""
    asked = nodes()
    if not asked:
        st.info(words.NO_NODES)
        st.stop()
    who = session.visitor()
    if who is not None:  # shown only to nodes that want it, so that everybody else shares one look
        asked = tuple(replace(node, token=who.token) if _is_kept(node) else node for node in asked)
    if all(answer.fault == words.KEEPS_READS for answer in look(asked)):
        st.info(words.SIGN_IN_TO_READ)
        st.stop()
    return asked


@st.cache_data(ttl=60, show_spinner=False)
def _is_kept(node: Node) -> bool:
    return keeps_reads(node)


def who_speaks(asked: tuple[Node, ...]) -> Node:
    """The node whose view a page of details shows: the visitor's choice among those that answer."""
    answers = look(asked)
    alive = [node for node, answer in zip(asked, answers, strict=True) if answer.fault is None]
    if not alive:
        st.error(words.ALL_SILENT)
        st.stop()
    if len(alive) == 1:
        return alive[0]
    return st.selectbox(words.SEEN_BY, alive, format_func=lambda node: node.name, key="seen_by")
