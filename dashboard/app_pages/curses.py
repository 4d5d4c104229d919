"""The curse console: what is cursed, what people want, and both halves of the two-person rule."""

import pandas as pd
import streamlit as st

from dashboard import moment, session, standing, words
from dashboard.blast import show_blast
from dashboard.campaigns import Campaign, campaigns, progress
from dashboard.client import Answer, ApiError, Node, act_on_all, read
from dashboard.controls import has_reason
from dashboard.decisions import affirm, checklist, decide
from dashboard.looks import listed, look, nodes_or_say, speaking, who_speaks
from dashboard.names import Names, counted, short
from dashboard.outcome import tell
from dashboard.parts import parts
from dashboard.view import view_of


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
    who = session.actor()
    kind = st.radio(words.PROPOSE, (words.PROPOSE_CURSE, words.PROPOSE_UNCURSE), horizontal=True, key="kind")
    act = "curse" if kind == words.PROPOSE_CURSE else "uncurse"
    known = subjects(node, names)
    picked = st.multiselect(words.SUBJECT, list(known), help=words.SUBJECT_HELP, key="subjects")
    chosen = [known[text] for text in picked]
    if chosen:
        st.markdown(f"**{words.PREVIEW}**")
        try:
            blast = read(node, "/blast-radius", subjects=",".join(chosen), kind=act)["blast_radius"]
            show_blast(blast, names)
            st.markdown(f"**{words.WHO_CARRIES_OUT}**")
            st.dataframe(
                standing.permission_table(speaking(look(asked)), act, names), hide_index=True, key="permission"
            )
        except ApiError as error:
            st.error(str(error))
    if who is None or "propose" not in who.may:
        st.info(words.READ_ONLY)
        return
    is_curse = act == "curse"
    word = words.PROPOSE_WORDS[act]
    with st.form("propose", clear_on_submit=True):
        ticks = [] if is_curse else checklist("propose")
        reason = st.text_area(words.REASON, key="reason")
        typed = st.text_input(words.TYPED.format(word=word), key="typed")
        if not st.form_submit_button(words.PROPOSE_BUTTON):
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


def show_campaign(asked: tuple[Node, ...], campaign: Campaign, number: int, names: Names) -> None:
    """One wish: who, why, how far on every chain; what it promised and what happened."""
    on = ", ".join(
        names.lane(s) if ":" in s else names.subject(s) if s.startswith("0x") else names.chain(s)
        for s in campaign.subjects
    )
    is_open = campaign.state in {"prepared", "proposed"}
    rows = progress(campaign)
    is_under_way = campaign.state == "approved" and not all(row["is_done"] for row in rows)
    with st.expander(f"{campaign.kind} · {on} · {campaign.state}", expanded=is_open or is_under_way):
        st.markdown(f"{words.BY} **{campaign.proposed_by}**, {names.time(campaign.proposed_at)}")
        st.text(campaign.reason)
        if campaign.approved_by:
            st.markdown(f"{words.APPROVED_BY} **{campaign.approved_by}**")
        missing = [node.name for node in asked if node.name not in campaign.proposals]
        if missing and is_open:
            st.warning(words.NOT_AT.format(nodes=", ".join(missing)))
        if is_open and moment.chosen() is None:
            decide(asked, campaign, number)
        show_progress(campaign, rows, number, names)
        promised = campaign.preview()
        if promised is not None:
            show_blast(promised, names, outcome=campaign.outcome(), key=f"blast_{number}")


def show_progress(campaign: Campaign, rows: list[Answer], number: int, names: Names) -> None:
    """How far on every chain, until it is mined there; what failed is named."""
    if campaign.state == "approved":
        targets, standing = sum(row["targets"] for row in rows), sum(row["standing"] for row in rows)
        wanted = words.STANDS if campaign.kind == "curse" else words.OPEN_AGAIN
        text = words.PROGRESS.format(done=standing, of=targets, wanted=wanted)
        st.progress(standing / max(1, targets), text=text)
    table = pd.DataFrame(
        {
            "chain": names.chain(row["chain"]),
            "as wanted": f"{row['standing']} of {row['targets']}",
            **{node: f"{words.PROGRESS_WORDS[state]} {short(tx)}" for node, (state, tx, _) in row["votes"].items()},
        }
        for row in rows
    )
    st.dataframe(table, hide_index=True, key=f"progress_{number}")
    stuck = {
        f"- {node}, {names.chain(row['chain'])}: {words.PROGRESS_WORDS[state]} {note}"
        for row in rows
        for node, (state, _, note) in row["votes"].items()
        if not row["is_done"] and (note or state == "impossible")
    }
    if stuck and campaign.state == "approved":
        st.warning("\n".join([words.NOT_EVERYWHERE, *sorted(stuck)]))
    calldata = next(iter(campaign.proposals.values()))["council_calldata"]
    if campaign.kind == "uncurse" and campaign.state == "approved" and not all(row["is_done"] for row in rows):
        st.caption(words.COUNCIL)
        shown = [{**line, "chain": names.chain(line["chain"])} for line in calldata]
        st.dataframe(pd.DataFrame(shown), hide_index=True, key=f"calldata_{number}")


def drills(node: Node) -> None:
    """Press the button before the day on which it must work."""
    who = session.actor()
    if who is not None and "propose" in who.may:
        with st.form("drill", clear_on_submit=True):
            st.caption(words.DRILL_HELP)
            reason = st.text_input(words.REASON, key="drill_reason")
            if st.form_submit_button(words.DRILL) and has_reason(reason):
                tell(act_on_all((node,), who.token, lambda _: ("/drills", {"reason": reason.strip()})))
    done = [drill for drill in listed((node,), "/drills").get(node.name, []) if moment.is_told(drill["at_ms"])]
    if not done:
        st.caption(words.NO_DRILLS)
        return
    st.dataframe(standing.drill_table(done), hide_index=True, key="drills")


@st.fragment(run_every=2)
def stands(asked: tuple[Node, ...]) -> None:
    """What is cursed, live."""
    curses = view_of(look(asked, moment.chosen())).curses
    st.subheader(words.CURSED_NOW)
    st.dataframe(curses, hide_index=True, key="curses") if len(curses) else st.success(words.NO_CURSES)
    overdue = int((curses["must stay"] == words.OVERDUE).sum())
    if overdue:
        st.warning(words.OVERDUE_CURSES.format(curses=counted(overdue, "curse")))


def show() -> None:
    """Now, then the wishes of people, then the past."""
    asked, at = nodes_or_say(), moment.chosen()
    node = who_speaks(asked)
    answers = speaking(look(asked, at))
    names = Names.of(answers)
    stands(asked)
    unique = {(curse["chain"], curse["subject"]): curse for answer in answers for curse in answer.curses}
    affirm(asked, list(unique.values()), names)
    every = campaigns(listed(asked, "/proposals", (("at", at),)))
    waiting, past, new, drill = parts(words.WAITING, words.HISTORY, words.PROPOSE, words.DRILLS)
    is_open = [campaign.state in {"prepared", "proposed"} for campaign in every]
    for tab, wanted in ((waiting, True), (past, False)):
        with tab:
            shown = [number for number, is_one in enumerate(is_open) if is_one == wanted]
            for number in shown:
                show_campaign(asked, every[number], number, names)
            if not shown:
                st.caption(words.NO_CAMPAIGNS if wanted is False else words.NOBODY_WAITS)
    with new:
        st.info(words.NOBODY_ACTS) if at is not None else propose(asked, node, names)
    with drill:
        drills(node)


show()
