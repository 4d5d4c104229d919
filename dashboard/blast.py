"""What a curse or its lift would touch, as a picture and numbers; afterwards, beside them, what it did touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import words
from dashboard.names import amount, counted, short, usd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.names import Names


def show_blast(
    blast: Mapping[str, Any], names: Names, *, outcome: Mapping[str, Any] | None = None, key: str = "blast"
) -> None:
    """`blast` and `outcome` as `GET /blast-radius` and `/proposals` tell them; widgets are named after `key`."""
    worth = blast["value_micro_usd"]
    with st.container(horizontal=True):
        st.metric(words.LANES_HIT, len(blast["lanes"]), border=True)
        st.metric(words.IN_FLIGHT, blast["messages_in_flight"], border=True)
        st.metric(words.IN_FLIGHT_VALUE, words.NOT_PRICED if worth is None else usd(int(worth)), border=True)
        st.metric(words.SENDERS_HIT, blast["senders_in_7_days"], border=True)
    lanes = lane_table(blast, names)
    if len(lanes):
        st.altair_chart(waiting_chart(lanes), width="stretch", key=f"{key}_lanes")
    for strand in blast["strands"]:
        st.markdown(
            words.STRAND.format(
                messages=counted(strand["messages"], "message"),
                state=strand["state"],
                effect=strand["effect"],
                recovery=strand["recovery"],
            )
        )
    with st.expander(words.TABLES):
        st.dataframe(lanes, hide_index=True, key=f"{key}_table")
        st.dataframe(token_table(blast, names), hide_index=True, key=f"{key}_tokens")
    if outcome is not None:
        st.markdown(f"**{words.HAPPENED}**")
        st.dataframe(comparison(blast, outcome), hide_index=True, key=f"{key}_outcome")


def lane_table(blast: Mapping[str, Any], names: Names) -> pd.DataFrame:
    """lane, waiting, value, oldest, a day, sending, delivery."""
    rows = [
        {
            "lane": names.lane(f"{lane['source']}:{lane['dest']}"),
            "waiting": lane["in_flight"],
            "value": words.NOT_PRICED if lane["value_micro_usd"] is None else usd(int(lane["value_micro_usd"])),
            "oldest": names.time(lane["oldest_sent_at"]),
            "messages a day": lane["messages_a_day"],
            "value a day": usd(int(lane["value_a_day_micro_usd"])),
            "sending": words.STOPS if lane["stops_sending"] else words.GOES_ON,
            "delivery": words.STOPS if lane["stops_delivery"] else words.GOES_ON,
        }
        for lane in blast["lanes"]
    ]
    return pd.DataFrame(rows)


def token_table(blast: Mapping[str, Any], names: Names) -> pd.DataFrame:
    """chain, token, amount in whole tokens, value."""
    rows = [
        {
            "chain": names.chain(token["chain"]),
            "token": token["symbol"] or short(token["token"]),
            "amount": amount(token),
            "value": words.NOT_PRICED if token["value_micro_usd"] is None else usd(int(token["value_micro_usd"])),
        }
        for token in blast["tokens"]
    ]
    return pd.DataFrame(rows, columns=["chain", "token", "amount", "value"])


def comparison(blast: Mapping[str, Any], outcome: Mapping[str, Any]) -> pd.DataFrame:
    """what, promised, happened."""
    rows = [
        (words.IN_FLIGHT, blast["messages_in_flight"], outcome["messages_still_waiting"]),
        (words.DELIVERED_SINCE, "", outcome["messages_delivered_since"]),
        (words.SENT_SINCE, "", outcome["messages_sent_since"]),
        (words.LASTED, "", f"{outcome['lasted_s']} s"),
    ]
    told = pd.DataFrame(rows, columns=["what", words.PROMISED, words.HAPPENED])
    return told.astype(str)


def waiting_chart(lanes: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A bar a lane: how many messages wait on it."""
    bars = (
        alt.Chart(lanes)
        .mark_bar(color="#E69F00")
        .encode(
            x=alt.X("waiting:Q", title=words.IN_FLIGHT, axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("lane:N", title=None, axis=alt.Axis(labelLimit=320)),
            tooltip=list(lanes.columns),
        )
    )
    return alt.layer(bars).properties(height=alt.Step(24))
