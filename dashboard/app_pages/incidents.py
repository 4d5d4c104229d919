"""The inbox of incidents, and one incident's page: what was seen when, on what evidence, what was done about it."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard import moment, report, session, words
from dashboard.at_risk import risk_of
from dashboard.charts import score_timeline
from dashboard.client import Answer, ApiError, Node, act_on_all, read
from dashboard.looks import AT, listed, look, nodes_or_say, speaking, who_speaks
from dashboard.names import Names, short, shortened, usd
from dashboard.outcome import tell
from dashboard.pdf import incident_pdf
from dashboard.picking import picked
from dashboard.verify import verified


def inbox(items: list[Answer], names: Names) -> str | None:
    """The list, worst and newest first; the id of the incident that was picked."""
    if not items:
        st.success(words.NO_INCIDENTS)
        return None
    table = pd.DataFrame(
        {
            "severity": item["severity"],
            "state": item["state"],
            "since": names.time(item["opened_at"]),
            "what": shortened(item["summary"]),
            "where": ", ".join(names.lane(lane) for lane in item["lanes"]),
            "decision": item["decision"]["reach"],
            "label": item["label"] or "",
            "acknowledged by": item["acknowledged_by"] or "",
            "assigned to": item["assigned_to"] or "",
            "snoozed until": names.time(item["snoozed_until"]),
        }
        for item in items
    )
    return picked(table, [item["id"] for item in items], "incident")


def page_of(node: Node, incident_id: str, names: Names) -> None:
    """Everything about one incident."""
    try:
        incident = read(node, f"/incidents/{incident_id}", at=moment.chosen())
    except ApiError as error:
        st.error(str(error))
        return
    given = (("incident", incident_id), ("limit", 1000), ("at", moment.chosen()))
    signals = listed((node,), "/signals", given).get(node.name, [])
    st.subheader(f"{incident['severity'].capitalize()}: {shortened(incident['summary'])}")
    with st.container(horizontal=True):
        st.metric(words.STATE, incident["state"], border=True)
        day, _, clock = names.time(incident["opened_at"]).partition(" ")
        st.metric(f"{words.SINCE}, {day}", clock, border=True)
        st.metric(words.DECISION, incident["decision"]["reach"], border=True)
        if incident["value_at_risk_micro_usd"] is not None:
            st.metric(words.VALUE_ACCUSED, usd(int(incident["value_at_risk_micro_usd"])), border=True)
    st.markdown(f"**{words.AT_RISK}**: {risk_of([incident])}.")
    st.markdown(f"**{words.DECISION}**: {incident['decision']['reach']}, for {incident['decision']['reason']}.")
    if incident["decision"]["held_back"]:
        st.warning(words.HELD_BACK.format(why=incident["decision"]["held_back"]))
    acts(incident)
    with st.expander(words.LIFE):
        st.dataframe(pd.DataFrame(incident["timeline"]), hide_index=True, key="life")
    if signals:
        st.subheader(words.TIMELINE)
        st.altair_chart(score_timeline(report.signal_table(signals, names)), width="stretch", key="score_timeline")
        st.subheader(words.SIGNALS)
        table = report.signal_table(signals, names)
        st.dataframe(table, hide_index=True, key="signals", column_config={"at": AT})
        evidence(node, signals)
    st.subheader(words.ACTIONS)
    done = report.action_table(incident["actions"], names)
    st.dataframe(done, hide_index=True, key="actions") if len(done) else st.caption(words.NOTHING_DONE)
    export(node, incident, signals, names)


def export(node: Node, incident: Answer, signals: list[Answer], names: Names) -> None:
    """For people who have no access to the nodes."""
    name = f"incident-{incident['id']}"
    made = words.MADE_AT.format(at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}", node=node.name)
    at = moment.chosen()
    if at is not None:
        made = f"{made} {words.STOOD_AT.format(at=Names.time(at))}"
    with st.container(horizontal=True):
        st.download_button(
            words.EXPORT,
            lambda: report.incident_html(incident, signals, names),
            file_name=f"{name}.html",
            mime="text/html",
            key="export",
        )
        st.download_button(
            words.EXPORT_PDF,
            lambda: incident_pdf(incident, signals, names, made),
            file_name=f"{name}.pdf",
            mime="application/pdf",
            key="export_pdf",
        )


def evidence(node: Node, signals: list[Answer]) -> None:
    """The bundle behind a signal, to be verified offline by `rmn evidence verify`."""
    chosen = st.selectbox(
        words.EVIDENCE,
        signals,
        format_func=lambda signal: f"{signal['detector']} · {short(signal['evidence'])}",
        key="evidence_of",
    )
    try:
        bundle = read(node, f"/evidence/{chosen['evidence']}")
    except ApiError as error:
        st.caption(str(error))
        return
    text = report.bundle_text(bundle)
    st.download_button(
        words.DOWNLOAD_EVIDENCE,
        text,
        file_name=f"evidence-{chosen['evidence'][2:14]}.json",
        mime="application/json",
        key="download_evidence",
    )
    if st.button(words.VERIFY_HERE, help=words.VERIFY_HELP, key="verify_evidence"):
        with st.spinner(words.VERIFYING):
            verdict = verified(text, chosen["evidence"])
        if verdict.follows:
            facts = verdict.facts
            st.success(words.VERIFIED.format(facts=f"{facts['detector']}, {facts['blocks']}, {facts['raw logs']}"))
            st.json(facts, expanded=False)
        else:
            st.error(words.NOT_VERIFIED.format(why=verdict.why))
    st.caption(words.VERIFY_EVIDENCE)
    st.code(f"rmn evidence verify evidence-{chosen['evidence'][2:14]}.json", language="sh")


def acts(incident: Answer) -> None:
    """What an operator may say about it."""
    who = session.actor()
    if who is None or "speak about incidents" not in who.may or incident["state"] == "closed":
        return
    say, wait, name = st.columns(3)
    with say:
        if st.button(words.ACKNOWLEDGE, key="acknowledge", disabled=incident["acknowledged_by"] is not None):
            said(who.token, incident["id"], "acknowledge", {})
        with st.form("assign", border=False):
            to = st.text_input(words.ASSIGN, value=incident["assigned_to"] or who.name, key="assign_to")
            if st.form_submit_button(words.ASSIGN_BUTTON):
                said(who.token, incident["id"], "assign", {"to": to.strip() or None})
    with wait, st.form("snooze", border=False):
        hours = st.number_input(words.SNOOZE_HOURS, 1, 168, 1, key="snooze_hours")
        if st.form_submit_button(words.SNOOZE):
            said(who.token, incident["id"], "snooze", {"seconds": int(hours) * 3600})
    with name, st.form("label", border=False):
        label = st.radio(words.LABEL_AS, list(words.LABELS), horizontal=True, key="label_as")
        reason = st.text_input(words.LABEL_REASON, key="label_reason")
        close = st.checkbox(words.CLOSE_TOO, key="label_close", help=words.CLOSE_MEANS)
        if st.form_submit_button(words.LABEL):
            body = {"label": words.LABELS[label], "reason": reason.strip(), "close": close}
            said(who.token, incident["id"], "label", body)


def said(token: str, incident_id: str, what: str, body: Answer) -> None:
    """Say it at every node that has the incident, and tell which did not take it."""
    tell(act_on_all(nodes_or_say(), token, lambda _: (f"/incidents/{incident_id}/{what}", body)))


def show() -> None:
    """The inbox first, then the one that was picked."""
    node = who_speaks(nodes_or_say())
    names = Names.of(speaking(look(nodes_or_say())))
    given = (("limit", 1000), ("at", moment.chosen()))
    items = listed((node,), "/incidents", given).get(node.name, [])
    rank = {"critical": 0, "warning": 1, "info": 2}
    items = sorted(items, key=lambda item: item["opened_at"], reverse=True)
    items = sorted(items, key=lambda item: (item["state"] == "closed", rank[item["severity"]]))
    chosen = inbox(items, names)
    if chosen is not None:
        page_of(node, chosen, names)


show()
