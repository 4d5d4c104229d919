"""Find a message, see its journey, and read why it waits."""

import streamlit as st

from dashboard import moment, travel, words
from dashboard.charts import journey
from dashboard.client import Answer, ApiError, Node, read
from dashboard.looks import look, nodes_or_say, speaking, who_speaks
from dashboard.names import Names


def found(node: Node, names: Names) -> list[Answer]:
    """The messages that fit the search, newest first."""
    text, state, lane = st.columns([3, 1, 2])
    wanted = text.text_input(words.SEARCH, key="search", label_visibility="collapsed", placeholder=words.SEARCH)
    states = [words.ANY_STATE, *words.MESSAGE_STATES]
    chosen = state.selectbox(words.STATE, states, key="state", label_visibility="collapsed")
    lanes = {names.lane(f"{item['source']}:{item['dest']}"): item for item in read(node, "/lanes")["lanes"]}
    on = lane.selectbox(words.LANE, [words.ANY_LANE, *lanes], key="lane", label_visibility="collapsed")
    given = {"q": wanted.strip(), "state": "" if chosen == words.ANY_STATE else chosen, "limit": 200}
    if on != words.ANY_LANE:
        given["lane"] = f"{lanes[on]['source']}:{lanes[on]['dest']}"
    messages: list[Answer] = read(node, "/messages", **given, at=moment.chosen())["messages"]
    return messages


def page_of(node: Node, message_id: str, names: Names) -> None:
    """One message."""
    message = read(node, f"/messages/{message_id}")
    st.subheader(f"{names.lane(message['source'] + ':' + message['dest'])} · {message['sequence_number']}")
    st.code(message["id"], language=None)
    steps = travel.steps(message, names)
    st.markdown(f"**{words.JOURNEY}**: {message['state']}")
    st.altair_chart(journey(steps.dropna(subset="at")), width="stretch", key="journey")
    st.dataframe(steps, hide_index=True, key="steps")
    if message["hold"]["is_waiting"]:
        st.markdown(f"**{words.HOLD}**")
        (st.warning if message["hold"]["is_held"] else st.info)(message["hold"]["why"])
        st.dataframe(travel.reasons(message, names), hide_index=True, key="hold")
    if message["tokens"]:
        st.markdown(f"**{words.TOKENS}**")
        st.dataframe(message["tokens"], hide_index=True, key="tokens")


def show() -> None:
    """The search first, then the one that was picked."""
    node = who_speaks(nodes_or_say())
    names = Names.of(speaking(look(nodes_or_say())))
    try:
        messages = found(node, names)
        if not messages:
            st.info(words.NO_MESSAGES)
            return
        table = travel.table(messages, names)
        picked = st.dataframe(table, hide_index=True, key="messages", on_select="rerun", selection_mode="single-row")
        rows = picked["selection"]["rows"]
        page_of(node, messages[rows[0] if rows else 0]["id"], names)
    except ApiError as error:
        st.error(str(error))


show()
