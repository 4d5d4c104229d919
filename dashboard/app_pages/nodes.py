"""The nodes themselves: how far they may act, what they promised, whom they ask, and whether their log is whole."""

import pandas as pd
import streamlit as st

from dashboard import session, words
from dashboard.audit import broken_link
from dashboard.client import Answer, ApiError, Node, act, read
from dashboard.looks import look, nodes_or_say, speaking, who_speaks
from dashboard.names import Names, short
from dashboard.outcome import tell

_AUDIT_PAGE = 1000


def posture(node: Node, status: Answer) -> None:
    """How far it may act; an operator may change that."""
    current = status["posture"]
    st.markdown(f"{words.POSTURE}: **{words.POSTURES[current]}**")
    who = session.visitor()
    if who is None or "set posture" not in who.may:
        return
    with st.form("posture", border=False):
        wanted = st.radio(
            words.SET_POSTURE,
            list(words.POSTURES),
            index=list(words.POSTURES).index(current),
            horizontal=True,
            key="posture",
        )
        if st.form_submit_button(words.SET_POSTURE):
            try:
                tell({node.name: act(node, who.token, "/posture", {"posture": wanted})})
            except ApiError as error:
                tell({node.name: str(error)})


def audit(node: Node) -> None:
    """The log's rows, and whether each covers the one before it."""
    rows: list[Answer] = []
    while page := read(node, "/audit", after=rows[-1]["sequence"] if rows else 0, limit=_AUDIT_PAGE)["audit"]:
        rows += page
    broken = broken_link(rows)
    if broken is None:
        st.success(words.AUDIT_OK.format(rows=len(rows)))
    else:
        st.error(words.AUDIT_BROKEN.format(row=broken))
    table = pd.DataFrame(
        {
            "number": row["sequence"],
            "at": Names.time(row["at"]),
            "what": row["kind"],
            "body": str(row["body"]),
            "hash": short(row["hash"]),
        }
        for row in reversed(rows)
    )
    st.dataframe(table, hide_index=True, key="audit")


def show() -> None:
    """One node at a time."""
    asked = nodes_or_say()
    node = who_speaks(asked)
    answer = next(one for one in speaking(look(asked)) if one.url == node.url)
    if not any(chain["block"] for chain in answer.chains):
        st.info(words.FIRST_VISIT)
        st.markdown("\n".join(f"{number}. {step}" for number, step in enumerate(words.FIRST_STEPS, 1)))
    posture(node, answer.status)
    st.subheader(words.ENDPOINTS)
    st.dataframe(pd.DataFrame(answer.chains).astype(str), hide_index=True, key="chains")
    facts = {key: value for key, value in answer.status.items() if not isinstance(value, dict | list)}
    st.subheader(words.CONFIG)
    st.dataframe(
        pd.DataFrame({"what": list(facts), "value": [str(value) for value in facts.values()]}),
        hide_index=True,
        key="facts",
    )
    st.subheader(words.AUDIT)
    try:
        audit(node)
    except ApiError as error:
        st.error(str(error))


show()
