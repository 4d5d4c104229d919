"""Chains, lanes, incidents and curses at a glance, from what all nodes say."""

import streamlit as st

from dashboard import words
from dashboard.charts import lane_map
from dashboard.client import NodeAnswer, ask_all, node_urls
from dashboard.view import view_of


@st.cache_data(ttl=1, show_spinner=False)
def load(urls: dict[str, str]) -> list[NodeAnswer]:
    """One look at all nodes, shared by every viewer for a second."""
    return ask_all(urls)


@st.fragment(run_every=2)
def show() -> None:
    """Look again every two seconds."""
    urls = node_urls()
    if not urls:
        st.info(words.NO_NODES)
        return
    answers = load(urls)
    view = view_of(answers)
    silent = [answer.name for answer in answers if answer.fault is not None]
    if len(silent) == len(answers):
        st.error(words.ALL_SILENT)
    elif silent:
        st.warning(f"{words.SILENT_NODES} ({', '.join(silent)})")
    if view.contested:
        st.warning(words.NODES_DISAGREE.format(lanes=", ".join(view.contested)))

    with st.container(horizontal=True):
        fresh = int((view.nodes["state"] == "fresh").sum())
        st.metric(words.METRIC_NODES, f"{fresh} of {len(answers)}", border=True)
        is_open = int(view.lanes["state"].isin(["quiet", "watched"]).sum())
        st.metric(words.METRIC_LANES, f"{is_open} of {len(view.lanes)}", border=True)
        st.metric(words.METRIC_INCIDENTS, len(view.incidents), border=True)
        st.metric(words.METRIC_CURSES, len(view.curses), border=True)

    left, right = st.columns(2)
    with left:
        st.subheader(words.LANES)
        if len(view.lanes):
            st.altair_chart(lane_map(view.lanes), width="stretch", key="lane_map")
            st.dataframe(view.lanes, hide_index=True, key="lanes")
    with right:
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
        st.subheader(words.CHAINS)
        st.dataframe(view.chains, hide_index=True, key="chains")
        st.subheader(words.NODES)
        st.dataframe(view.nodes, hide_index=True, key="nodes")


show()
