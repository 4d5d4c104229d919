"""What a second person, or the first again, says about a wish that stands: approve, reject, adopt, affirm. Forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard import session, words
from dashboard.client import act_on_all
from dashboard.controls import has_reason, is_confirmed, may
from dashboard.outcome import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.campaigns import Campaign
    from dashboard.client import Answer, Node
    from dashboard.names import Names


def decide(asked: tuple[Node, ...], campaign: Campaign, number: int) -> None:
    """Whatever the visitor may say about a campaign, at every node where it is open."""
    if campaign.state == "prepared":
        _adopt(asked, campaign, number)
    elif campaign.open_at():
        _approve(asked, campaign, number)
    _reject(asked, campaign, number)


def affirm(asked: tuple[Node, ...], curses: list[Answer], names: Names) -> None:
    """A curse that must stay needs somebody who says so from time to time; else the watchdog prepares its uncurse."""
    token = may("affirm")
    if token is None or not curses:
        return
    with st.expander(words.AFFIRM), st.form("affirm", clear_on_submit=True, border=False):
        st.caption(words.AFFIRM_HELP)
        told = {f"{names.chain(curse['chain'])}: {names.subject(curse['subject'])}": curse for curse in curses}
        chosen = st.multiselect(words.CURSES, list(told), default=list(told), key="affirm_curses")
        reason = st.text_input(words.REASON, key="affirm_reason")
        typed = st.text_input(words.TYPED.format(word=words.STAYS_WORD), key="affirm_typed")
        if st.form_submit_button(words.AFFIRM_BUTTON) and is_confirmed(typed, words.STAYS_WORD, reason):
            said: dict[str, Answer | str] = {}
            for text in chosen:
                results = _affirm(asked, token, told[text], reason.strip())
                said |= {f"{node}, {text}": what for node, what in results.items()}
            tell(said)


def _affirm(asked: tuple[Node, ...], token: str, curse: Answer, reason: str) -> dict[str, Answer | str]:
    body = {"chain": curse["chain"], "subject": curse["subject"], "reason": reason}
    return act_on_all(asked, token, lambda _: ("/curses/affirm", body))


def _approve(asked: tuple[Node, ...], campaign: Campaign, number: int) -> None:
    token, who = may("approve"), session.actor()
    if token is None or who is None or who.name == campaign.proposed_by:
        st.caption(words.NEEDS_APPROVER)
        return
    with st.form(f"approve_{number}"):
        word = words.APPROVE_WORDS[campaign.kind]
        typed = st.text_input(words.TYPED.format(word=word), key=f"approve_typed_{number}")
        if st.form_submit_button(words.APPROVE):
            if typed != word:
                st.error(words.MISTYPED.format(word=word))
                return
            tell(_say(asked, token, campaign.open_at(), "approve", {"confirm": list(campaign.subjects)}))


def _reject(asked: tuple[Node, ...], campaign: Campaign, number: int) -> None:
    who = session.actor()
    is_ours = who is not None and who.name == campaign.proposed_by
    is_prepared = campaign.state == "prepared"
    ids = {name: p["id"] for name, p in campaign.proposals.items() if p["state"] in {"prepared", "proposed"}}
    allowed = is_ours or "reject" in (who.may if who else ()) or (is_prepared and may("adopt") is not None)
    if who is None or not ids or not allowed:
        return
    with st.expander(words.WITHDRAW if is_ours else words.REJECT), st.form(f"reject_{number}", border=False):
        st.caption(words.REJECT_MEANS[campaign.kind])
        reason = st.text_input(words.REASON, key=f"reject_reason_{number}")
        if st.form_submit_button(words.WITHDRAW if is_ours else words.REJECT):
            if not has_reason(reason):
                return
            tell(_say(asked, who.token, ids, "reject", {"reason": reason.strip()}))


def _adopt(asked: tuple[Node, ...], campaign: Campaign, number: int) -> None:
    st.info(words.PREPARED)
    token = may("adopt")
    if token is None:
        return
    with st.form(f"adopt_{number}"):
        ticks = checklist(f"adopt_{number}")
        st.caption(words.ADOPT_MEANS)
        reason = st.text_input(words.REASON, key=f"adopt_reason_{number}")
        typed = st.text_input(words.TYPED.format(word=words.ADOPT_WORD), key=f"adopt_typed_{number}")
        if st.form_submit_button(words.ADOPT) and is_confirmed(typed, words.ADOPT_WORD, reason):
            if not all(ticks):
                st.error(words.CHECK_ALL)
                return
            ids = {name: p["id"] for name, p in campaign.proposals.items() if p["state"] == "prepared"}
            tell(_say(asked, token, ids, "adopt", {"reason": reason.strip()}))


def checklist(key: str) -> list[bool]:
    """What must be true before a curse is lifted, ticked off one by one."""
    st.markdown(f"**{words.CHECKLIST}**")
    return [st.checkbox(line, key=f"check_{key}_{number}") for number, line in enumerate(words.CHECKS)]


def _say(
    asked: tuple[Node, ...], token: str, ids: Mapping[str, str], what: str, body: Answer
) -> dict[str, Answer | str]:
    there = tuple(node for node in asked if node.name in ids)
    return act_on_all(there, token, lambda node: (f"/proposals/{ids[node.name]}/{what}", body))
