"""The curse console: what is cursed, what people want, and both halves of the two-person rule."""

import pandas as pd
import streamlit as st

from dashboard import moment, session, words
from dashboard.blast import show_blast
from dashboard.campaigns import Campaign, campaigns, progress
from dashboard.client import ApiError, Node, act_on_all, read
from dashboard.looks import listed, look, nodes_or_say, speaking, who_speaks
from dashboard.names import Names, short
from dashboard.outcome import tell
from dashboard.view import view_of

Seen = dict[tuple[str, str], list[str]]
"""Which nodes see a curse, by (chain, subject)."""


def subjects(node: Node, names: Names) -> dict[str, str]:
    """What may be named in a proposal, as people read it: every lane, every chain, everything."""
    lanes = [f"{lane['source']}:{lane['dest']}" for lane in listed((node,), "/lanes").get(node.name, [])]
    return {
        **{f"{words.LANE}: {names.lane(lane)}": lane for lane in lanes},
        **{f"{words.CHAIN}: {name}": selector for selector, name in names.chains.items()},
        words.EVERYTHING: words.GLOBAL_SUBJECT,
    }


def propose(asked: tuple[Node, ...], node: Node, names: Names) -> None:
    """The first person's half."""
    who = session.visitor()
    kind = st.radio(words.PROPOSE, (words.PROPOSE_CURSE, words.PROPOSE_UNCURSE), horizontal=True, key="kind")
    act = "curse" if kind == words.PROPOSE_CURSE else "uncurse"
    known = subjects(node, names)
    picked = st.multiselect(words.SUBJECT, list(known), help=words.SUBJECT_HELP, key="subjects")
    chosen = [known[text] for text in picked]
    if chosen:
        st.markdown(f"**{words.PREVIEW}**")
        try:
            show_blast(read(node, "/blast-radius", subjects=",".join(chosen), kind=act)["blast_radius"], names)
        except ApiError as error:
            st.error(str(error))
    if who is None or "propose" not in who.may:
        st.info(words.READ_ONLY)
        return
    is_curse = act == "curse"
    word = "CURSE" if is_curse else "LIFT"
    with st.form("propose", clear_on_submit=True):
        ticks = []
        if not is_curse:
            st.markdown(f"**{words.CHECKLIST}**")
            ticks = [st.checkbox(line, key=f"check_{number}") for number, line in enumerate(words.CHECKS)]
        reason = st.text_area(words.REASON, key="reason")
        typed = st.text_input(words.TYPED.format(word=word), key="typed")
        if not st.form_submit_button(words.PROPOSE_BUTTON, type="primary"):
            return
    if not chosen or not reason.strip():
        st.error(words.INCOMPLETE)
    elif typed != word:
        st.error(words.MISTYPED.format(word=word))
    elif not all(ticks):
        st.error(words.CHECK_ALL)
    else:
        body = {"kind": act, "subjects": chosen, "reason": reason.strip()}
        tell(act_on_all(asked, who.token, lambda _: ("/proposals", body)))


def approve(asked: tuple[Node, ...], campaign: Campaign, number: int) -> None:
    """The second person's half."""
    who = session.visitor()
    waiting = campaign.open_at()
    if not waiting:
        return
    if who is None or "approve" not in who.may or who.name == campaign.proposed_by:
        st.caption(words.NEEDS_APPROVER)
        return
    if st.button(words.APPROVE, key=f"approve_{number}", type="primary"):
        there = tuple(node for node in asked if node.name in waiting)
        tell(act_on_all(there, who.token, lambda node: (f"/proposals/{waiting[node.name]}/approve", {})))


def show_campaign(asked: tuple[Node, ...], campaign: Campaign, number: int, names: Names, seen: Seen) -> None:
    """One wish: who, why, how far on every chain; what it promised and what happened."""
    on = ", ".join(
        names.lane(s) if ":" in s else names.subject(s) if s.startswith("0x") else names.chain(s)
        for s in campaign.subjects
    )
    with st.expander(f"{campaign.kind} · {on} · {campaign.state}", expanded=campaign.state == "proposed"):
        st.markdown(f"{words.BY} **{campaign.proposed_by}**, {names.time(campaign.proposed_at)}")
        st.text(campaign.reason)
        if campaign.approved_by:
            st.markdown(f"{words.APPROVED_BY} **{campaign.approved_by}**")
        approve(asked, campaign, number)
        rows = progress(campaign, seen)
        table = pd.DataFrame(
            {
                "chain": names.chain(row["chain"]),
                "against": names.subject(row["subject"]),
                "on-chain": words.STANDS if row["stands"] else words.OPEN_AGAIN,
                "as wanted": "✓" if row["is_done"] else "…",
                **{
                    node: "" if vote is None else f"{vote[0]} {short(vote[1])} {vote[2]}"
                    for node, vote in row["votes"].items()
                },
            }
            for row in rows
        )
        st.dataframe(table, hide_index=True, key=f"progress_{number}")
        calldata = next(iter(campaign.proposals.values()))["council_calldata"]
        if campaign.kind == "uncurse" and campaign.state != "proposed" and not all(row["is_done"] for row in rows):
            st.caption(words.COUNCIL)
            st.dataframe(pd.DataFrame(calldata), hide_index=True, key=f"calldata_{number}")
        promised = campaign.preview()
        if promised is not None:
            show_blast(promised, names, outcome=campaign.outcome(), key=f"blast_{number}")


def drills(node: Node) -> None:
    """Press the button before the day on which it must work."""
    who = session.visitor()
    if who is not None and "propose" in who.may and st.button(words.DRILL, help=words.DRILL_HELP, key="drill"):
        tell(act_on_all((node,), who.token, lambda _: ("/drills", {})))
    done = listed((node,), "/drills").get(node.name, [])
    if done:
        st.dataframe(pd.DataFrame(done), hide_index=True, key="drills")


@st.fragment(run_every=2)
def stands(asked: tuple[Node, ...]) -> None:
    """What is cursed, live."""
    curses = view_of(look(asked, moment.chosen())).curses
    st.subheader(words.CURSED_NOW)
    st.dataframe(curses, hide_index=True, key="curses") if len(curses) else st.success(words.NO_CURSES)


def show() -> None:
    """Now, then the wishes of people, then the past."""
    asked = nodes_or_say()
    node = who_speaks(asked)
    answers = speaking(look(asked))
    names = Names.of(answers)
    stands(asked)
    seen: Seen = {}
    for answer in answers:
        for curse in answer.curses:
            seen.setdefault((curse["chain"], curse["subject"]), []).append(answer.name)
    every = campaigns(listed(asked, "/proposals"))
    waiting, past, new, drill = st.tabs([words.WAITING, words.HISTORY, words.PROPOSE, words.DRILLS])
    is_open = [campaign.state == "proposed" for campaign in every]
    for tab, wanted in ((waiting, True), (past, False)):
        with tab:
            shown = [number for number, is_one in enumerate(is_open) if is_one == wanted]
            for number in shown:
                show_campaign(asked, every[number], number, names, seen)
            if not shown:
                st.caption(words.NO_CAMPAIGNS if wanted is False else words.NOBODY_WAITS)
    with new:
        propose(asked, node, names)
    with drill:
        drills(node)


show()
