"""Find a message, see its journey, and read why it waits."""

import streamlit as st

from dashboard import moment, travel, words
from dashboard.charts import journey
from dashboard.client import Answer, ApiError, Node, read
from dashboard.looks import AT, ink, listed, look, nodes_or_say, speaking, who_speaks
from dashboard.names import Names, shortened
from dashboard.picking import picked


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


def show_hold(node: Node, hold: Answer, names: Names) -> None:
    """Why it waits: every reason with its rule, its evidence, when it ends at the earliest, and who may end it."""
    st.markdown(f"**{words.HOLD}**")
    (st.warning if hold["is_held"] else st.info)(shortened(hold["why"]))
    for reason in hold["reasons"]:
        rules = []
        if reason["incident"] is not None:
            given = (("incident", reason["incident"]), ("limit", 1000))
            rules = [signal["detector"] for signal in listed((node,), "/signals", given).get(node.name, [])]
        with st.container(border=True):
            st.table(travel.reason_table(reason, rules, names).set_index("what"))


def page_of(node: Node, message_id: str, listed_state: str, names: Names) -> None:
    """One message; `listed_state`: as the list says it stood at the moment that is looked at."""
    message = read(node, f"/messages/{message_id}")
    st.subheader(f"{names.lane(message['source'] + ':' + message['dest'])} · {message['sequence_number']}")
    st.code(message["id"], language=None)
    at = moment.chosen()
    steps = travel.steps(message, names, at)
    state = message["state"] if at is None else listed_state
    st.markdown(f"**{words.JOURNEY}**: {state}")
    if at is not None:
        st.caption(words.HOLD_IS_NOW)
    elif message["hold"]["is_waiting"]:
        show_hold(node, message["hold"], names)
    dated = steps.dropna(subset="at")
    if len(dated) > 1:
        st.altair_chart(journey(dated, ink()), width="stretch", key="journey")
    of_now = [] if at is None else ["done", "usual s", "late"]
    shown = steps.drop(columns=["label", *of_now])
    st.dataframe(shown, hide_index=True, key="steps", placeholder="", column_config={"at": AT})
    if message["tokens"]:
        st.markdown(f"**{words.TOKENS}**")
        st.dataframe(travel.token_table(message["tokens"]), hide_index=True, key="tokens", placeholder="")


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
        states = {message["id"]: message["state"] for message in messages}
        chosen = picked(table, list(states), "message")
        page_of(node, chosen, states[chosen], names)
    except ApiError as error:
        st.error(str(error))


show()
