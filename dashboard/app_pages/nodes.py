"""The nodes themselves: how far they may act, what they promised, whom they ask, and whether their log is whole."""

import streamlit as st

from dashboard import controls, moment, session, standing, words
from dashboard.audit import Log, written_until
from dashboard.client import Answer, ApiError, Node, read
from dashboard.looks import listed, look, nodes_or_say, speaking, who_speaks
from dashboard.names import Names
from dashboard.parts import parts

_AUDIT_PAGE = 1000


@st.cache_resource(max_entries=64, show_spinner=False)
def log_of(url: str) -> Log:  # noqa: ARG001  # whose it is
    """What was checked of a node's log so far, by anybody who looked."""
    return Log()


def audit(node: Node) -> None:
    """The log's newest rows, or the last of a past moment, and whether each row covers the one before it."""
    if st.button(words.AUDIT_AGAIN, help=words.AUDIT_AGAIN_HELP, key="audit_again"):
        log_of.clear(node.url)
    log = log_of(node.url)
    log.read_on(lambda number: rows_after(node, number, _AUDIT_PAGE))
    at, count, rows = moment.chosen(), log.checked, list(log.last)
    if at is not None:
        count = written_until(at, count, lambda number: rows_after(node, number, 1)[0])
        rows = [*rows_after(node, max(0, count - _AUDIT_PAGE), _AUDIT_PAGE)[:count]]
    if log.broken is None:
        st.success(words.AUDIT_OK.format(rows=count))
    else:
        st.error(words.AUDIT_BROKEN.format(row=log.broken))
    st.dataframe(standing.audit_table(rows), hide_index=True, key="audit")


def rows_after(node: Node, number: int, limit: int) -> list[Answer]:
    """So many rows of the log behind row `number`."""
    rows: list[Answer] = read(node, "/audit", after=number, limit=limit)["audit"]
    return rows


def first_visit(answer: Answer) -> None:
    """What to do with a node that has not seen anything yet, step by step, each ticked off by what the node says."""
    st.info(words.FIRST_VISIT)
    chains = answer["chains"]
    done = (
        bool(chains) and all(chain["block"] is not None and chain["blind"] is None for chain in chains),
        any(int(item["messages"]) for item in answer["value"]["moved"].values()),
        answer["posture"] != "observe",
        session.visitor() is not None,
    )
    lines = zip(done, words.FIRST_STEPS, strict=True)
    st.markdown("\n".join(f"- {'✅' if is_done else '⬜'} {step}" for is_done, step in lines))


def budgets(status: Answer) -> None:
    """What was promised against what became of it."""
    item = status["budgets"]
    with st.container(horizontal=True):
        st.metric(words.POSTURE, status["posture"], border=True)
        st.metric(words.KILL_SWITCH, words.THROWN if status["kill_switch"]["is_on"] else words.NOT_THROWN, border=True)
        promised = words.PROMISED_MONTH.format(count=f"{item['false_curses_per_month']:g}")
        false = item["false_curses_30d"]
        is_kept = false <= item["false_curses_per_month"]
        st.metric(
            words.FALSE_CURSES_MONTH,
            false,
            promised,
            delta_color="off" if is_kept else "inverse",
            delta_arrow="off",
            border=True,
        )
        st.metric(words.CURSES_DAY, item["automatic_curses_24h"], border=True)
        st.metric(words.CURSES_HELD, item["curses_held_back"], border=True)
    with st.expander(words.BUDGETS):
        st.dataframe(standing.budget_table(item), hide_index=True, key="budgets")


def alerts(node: Node) -> None:
    """What the node told people, and whether it arrived."""
    deliveries = standing.delivery_table(listed((node,), "/notifications").get(node.name, []))
    if len(deliveries):
        st.dataframe(deliveries, hide_index=True, key="deliveries")
    else:
        st.caption(words.NO_DELIVERIES)


def show() -> None:
    """One node at a time."""
    asked = nodes_or_say()
    node = who_speaks(asked)
    if moment.chosen() is not None:
        then(node)
    else:
        now(asked, node)


def then(node: Node) -> None:
    """What is left of a past moment."""
    st.info(words.NODES_WERE)
    try:
        audit(node)
    except ApiError as error:
        st.error(str(error))


def now(asked: tuple[Node, ...], node: Node) -> None:
    """Everything else."""
    answer = next(one for one in speaking(look(asked)) if one.url == node.url)
    status, names = answer.status, Names.of([answer])
    if not any(lane["sent"] != "0" for lane in answer.lanes):
        first_visit(status)
    budgets(status)
    names_of_parts = (words.ENDPOINTS, words.CONTROLS, words.NOTIFICATIONS, words.CONFIG, words.AUDIT)
    chains, act, told, settings, log = parts(*names_of_parts)
    with chains:
        st.dataframe(standing.chain_table(answer.chains), hide_index=True, key="chains")
        st.dataframe(standing.endpoint_table(answer.chains), hide_index=True, key="endpoints", placeholder="")
        st.markdown(f"**{words.KEYS}**: {words.SIGNER} `{status['signer']}` · {words.CURSER} `{status['curser']}`")
        st.dataframe(standing.power_table(status["powers"], names), hide_index=True, key="powers")
    with act:
        controls.posture(asked, node)
        st.subheader(words.KILL_SWITCH)
        controls.kill_switch(asked, status["kill_switch"])
        st.subheader(words.MAINTENANCE)
        controls.maintenance(asked, node, names)
    try:
        with told:
            controls.test_alerts(asked)
            if told.open:
                alerts(node)
        if settings.open:
            with settings:
                table = standing.setting_table(read(node, "/settings")["settings"])
                st.dataframe(table, hide_index=True, key="settings", height=600)
        if log.open:
            with log:
                audit(node)
    except ApiError as error:
        st.error(str(error))


show()
