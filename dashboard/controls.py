"""What people may change about the nodes: posture, kill switch, maintenance, test alerts. Forms; the API decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import session, words
from dashboard.client import act_on_all
from dashboard.looks import listed, look, speaking
from dashboard.outcome import tell

if TYPE_CHECKING:
    from dashboard.client import Answer, Node
    from dashboard.names import Names


def may(what: str) -> str | None:
    """The visitor's token if the nodes said that they may do this."""
    who = session.actor()
    return None if who is None or what not in who.may else who.token


def has_reason(reason: str) -> bool:
    """Whether somebody said why; else says that it is missing."""
    if not reason.strip():
        st.error(words.NO_REASON)
    return bool(reason.strip())


def is_confirmed(typed: str, word: str, reason: str) -> bool:
    """Whether somebody said why and typed the word (none where it is empty); else says what is missing."""
    if not has_reason(reason):
        return False
    if typed != word:
        st.error(words.MISTYPED.format(word=word))
    return typed == word


def posture(asked: tuple[Node, ...], node: Node) -> None:
    """How far it may act; an operator may change that, and types a word where it would protect less."""
    stands = {answer.name: answer.status["posture"] for answer in speaking(look(asked))}
    current = stands[node.name]
    st.markdown(f"{words.POSTURE}: **{words.POSTURES[current]}**")
    token = may("set posture")
    if token is None:
        return
    postures = list(words.POSTURES)
    wanted = st.radio(
        words.SET_POSTURE,
        postures,
        index=postures.index(current),
        captions=[words.POSTURES[each].partition(": ")[2] for each in postures],
        horizontal=True,
        key="posture",
    )
    is_everywhere = st.checkbox(words.AT_EVERY_NODE, key="posture_everywhere")
    there = asked if is_everywhere else (node,)
    lowered = [
        name
        for name, stood in stands.items()
        if name in {each.name for each in there} and postures.index(wanted) < postures.index(stood)
    ]
    with st.form("posture_form", clear_on_submit=True):
        st.caption(words.POSTURE_MEANS[wanted])
        if lowered:
            st.warning(words.LOWERS.format(nodes=", ".join(lowered)))
        reason = st.text_input(words.REASON, key="posture_reason")
        word = words.LOWER_WORD if lowered else ""
        typed = st.text_input(words.TYPED.format(word=word), key="posture_typed") if lowered else ""
        if st.form_submit_button(words.SET_POSTURE) and is_confirmed(typed, word, reason):
            body = {"posture": wanted, "reason": reason.strip()}
            tell(act_on_all(there, token, lambda _: ("/posture", body)))


def kill_switch(asked: tuple[Node, ...], switch: Answer) -> None:
    """To stop is easy and to go on is not: any operator throws it, only an approver takes it back."""
    is_on = switch["is_on"]
    if is_on:
        st.error(words.KILL_SWITCH_ON.format(by=switch["by"], reason=switch["reason"]))
    else:
        st.caption(words.KILL_SWITCH_OFF)
    token = may("let go on" if is_on else "stop")
    if token is None:
        if is_on:
            st.caption(words.NEEDS_APPROVER_TO_GO_ON)
        return
    word, label = (words.GO_ON_WORD, words.LET_GO_ON) if is_on else (words.STOP_WORD, words.STOP_ALL)
    with st.form("kill_switch", clear_on_submit=True):
        reason = st.text_input(words.REASON, key="kill_reason")
        typed = st.text_input(words.TYPED.format(word=word), key="kill_typed")
        if st.form_submit_button(label) and is_confirmed(typed, word, reason):
            body = {"on": not is_on, "reason": reason.strip()}
            tell(act_on_all(asked, token, lambda _: ("/kill-switch", body)))


def maintenance(asked: tuple[Node, ...], node: Node, names: Names) -> None:
    """Announced work: statistics of its lanes decide nothing in its time; exact rules go on."""
    st.caption(words.MAINTENANCE_HELP)
    windows = listed((node,), "/maintenance").get(node.name, [])
    table = pd.DataFrame(
        {
            "from": names.time(window["start"]),
            "until": names.time(window["end"]),
            "lanes": ", ".join(names.lane(lane) for lane in window["lanes"]) or words.EVERYWHERE,
            "why": window["reason"],
            "by": window["by"],
            "now": words.YES if window["is_active"] else "",
        }
        for window in windows[::-1]
    )
    st.dataframe(table, hide_index=True, key="windows") if len(table) else st.caption(words.NO_MAINTENANCE)
    token = may("announce maintenance")
    if token is None:
        return
    for window in windows:
        if window["is_active"]:
            label = words.END_MAINTENANCE.format(why=window["reason"][:40])
            if st.button(label, key=f"end_{window['id']}"):
                _end(asked, token, window)
    lanes = {names.lane(text): text for text in _lanes(node)}
    with st.form("maintenance", clear_on_submit=True):
        on = st.multiselect(words.MAINTENANCE_LANES, list(lanes), key="maintenance_lanes")
        left, right = st.columns(2)
        begins = left.number_input(words.BEGINS_IN_MIN, 0, 6 * 24 * 60, 0, key="maintenance_begins")
        lasts = right.number_input(words.LASTS_MIN, 1, 24 * 60, 60, key="maintenance_lasts")
        st.warning(words.MUTES)
        reason = st.text_input(words.REASON, key="maintenance_reason")
        typed = st.text_input(words.TYPED.format(word=words.MUTE_WORD), key="maintenance_typed")
        if not (st.form_submit_button(words.ANNOUNCE) and is_confirmed(typed, words.MUTE_WORD, reason)):
            return
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=int(begins))
    end = start + timedelta(minutes=int(lasts))
    body = {
        "lanes": [lanes[lane] for lane in on],
        "start": start.isoformat(),
        "end": end.isoformat(),
        "reason": reason.strip(),
    }
    tell(act_on_all(asked, token, lambda _: ("/maintenance", body)))


def test_alerts(asked: tuple[Node, ...]) -> None:
    """Press the bell before the night on which it must ring."""
    token = may("test alerts")
    if token is not None and st.button(words.TEST_ALERTS, help=words.TEST_ALERTS_HELP, key="test_alerts"):
        tell(act_on_all(asked, token, lambda _: ("/notifications/test", {})))


def _end(asked: tuple[Node, ...], token: str, window: Answer) -> None:
    """Each node has its own number for it; who, when and why are the same."""
    ids = {
        name: one["id"]
        for name, windows in listed(asked, "/maintenance").items()
        for one in windows
        if all(one[key] == window[key] for key in ("start", "end", "reason", "by"))
    }
    there = tuple(node for node in asked if node.name in ids)
    tell(act_on_all(there, token, lambda node: (f"/maintenance/{ids[node.name]}/end", {})))


def _lanes(node: Node) -> list[str]:
    return [f"{lane['source']}:{lane['dest']}" for lane in listed((node,), "/lanes").get(node.name, [])]
