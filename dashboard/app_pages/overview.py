"""Is anything wrong, where, since when, how much is at risk, what was done: from what all nodes say."""

import streamlit as st

from dashboard import moment, words
from dashboard.charts import lane_map, node_strip
from dashboard.client import Node
from dashboard.headline import Headline, headlines
from dashboard.looks import ink, look, nodes_or_say
from dashboard.view import NetworkView, view_of

_LEVELS = {"error": (st.error, "🛑"), "warning": (st.warning, "⚠️"), "success": (st.success, "✅")}

_SHOWN_MAX = 3
"""Worst first; whoever has just been woken reads no more."""


@st.cache_data(ttl=2, show_spinner=False)
def drawn(
    asked: tuple[Node, ...], at: str | None, on_paper: str
) -> tuple[list[Headline], NetworkView, dict[str, dict[str, object]]]:
    """What everybody who looks sees, worked out once for all of them: the verdict, the tables, the charts."""
    answers = look(asked, at)
    view = view_of(answers)
    charts: dict[str, dict[str, object]] = {}
    if len(view.lanes):
        charts["lane_map"] = lane_map(view.lanes, on_paper).to_dict()
    if at is None and len(view.freshness):
        charts["node_strip"] = node_strip(view.freshness).to_dict()
    return headlines(answers, is_past=at is not None), view, charts


def show_verdict(told: list[Headline]) -> None:
    """What somebody reads who reads nothing else."""
    for level, text in told[:_SHOWN_MAX]:
        write, icon = _LEVELS[level]
        write(text, icon=icon)
    if len(told) > _SHOWN_MAX:
        st.warning(words.MORE_WRONG.format(count=len(told) - _SHOWN_MAX), icon="⚠️")
    if any(level != "success" for level, _ in told):
        st.page_link("app_pages/incidents.py", label=words.READ_ON, icon="🚨")


@st.fragment(run_every=3)
def show() -> None:
    """Look again every three seconds."""
    asked, at = nodes_or_say(), moment.chosen()
    answers = look(asked, at)
    told, view, charts = drawn(asked, at, ink())
    silent = [answer.name for answer in answers if answer.fault is not None]
    show_verdict(told)
    if silent and len(silent) < len(answers):
        st.warning(f"{words.SILENT_NODES} ({', '.join(silent)})")
    if view.contested:
        st.warning(words.NODES_DISAGREE.format(lanes=", ".join(view.contested)))

    with st.container(horizontal=True):
        if at is None:
            fresh = int((view.nodes["state"] == "fresh").sum())
            st.metric(words.METRIC_NODES, f"{fresh} of {len(answers)}", border=True)
        is_open = int(view.lanes["state"].isin(["quiet", "watched"]).sum())
        st.metric(words.METRIC_LANES, f"{is_open} of {len(view.lanes)}", border=True)
        st.metric(words.METRIC_INCIDENTS, len(view.incidents), border=True)
        st.metric(words.METRIC_CURSES, len(view.curses), border=True)
    st.table(view.values)
    left, right = st.columns(2)
    with left:
        st.subheader(words.LANES)
        if "lane_map" in charts:
            st.vega_lite_chart(spec=charts["lane_map"], width="stretch", key="lane_map")
    with right:
        if "node_strip" in charts:
            st.subheader(words.NODES)
            st.vega_lite_chart(spec=charts["node_strip"], width="stretch", key="node_strip")
    st.subheader(words.INCIDENTS)
    if len(view.incidents):
        st.dataframe(view.incidents, hide_index=True, key="incidents")
    else:
        st.caption(words.NO_INCIDENTS)
    st.subheader(words.CURSES)
    if len(view.curses):
        st.dataframe(view.curses, hide_index=True, key="curses")
    else:
        st.caption(words.NO_CURSES)
    with st.expander(words.TABLES):
        st.dataframe(view.lanes, hide_index=True, key="lanes")
        if at is None:
            st.dataframe(view.chains, hide_index=True, key="chains")
            st.dataframe(view.nodes, hide_index=True, key="nodes")


show()
