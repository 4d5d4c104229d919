"""Time travel: the slider sets every page to a past moment. What came later is nowhere, and nobody acts there."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from dashboard import words
from dashboard.names import Names
from rmn_service.policy import Target
from tests.dashboard.conftest import LANE
from tests.rmn_service.conftest import ALPHA, GAMMA

PAGES = ("overview", "messages", "incidents", "curses", "tokens", "nodes", "backtest")
OTHER = Lane(GAMMA, ALPHA)
ACTS = {
    *(words.ACKNOWLEDGE, words.ASSIGN_BUTTON, words.SNOOZE, words.LABEL),
    *(words.PROPOSE_BUTTON, words.APPROVE, words.REJECT, words.WITHDRAW, words.ADOPT, words.AFFIRM_BUTTON, words.DRILL),
    *(words.SET_POSTURE, words.STOP_ALL, words.LET_GO_ON, words.ANNOUNCE, words.TEST_ALERTS, words.PROPOSE_CONFIG),
}


@pytest.fixture
def told(situation):
    """A node to which things happened one after another, and when: calm, then an incident, then what people did."""
    node = situation.add_node()
    situation.deliver()
    waiting = situation.ccip.send(LANE)
    situation.ccip.level()
    situation.tick()
    calm = pass_time(situation)

    situation.forge()
    (incident,) = node.http.get("/incidents").json()["incidents"]
    body = {"kind": "curse", "subjects": [f"{OTHER.source}:{OTHER.dest}"], "reason": "a wish of the day"}
    proposal = node.act("alice", "/proposals", body).json()["id"]
    during = pass_time(situation)

    for target in incident["decision"]["targets"]:
        situation.ccip.curse(Target(ChainSelector(int(target["chain"])), target["subject"]))
    situation.ccip.commit(situation.ccip.claim(LANE, 2, 2))
    situation.ccip.execute(waiting)
    sent_later = situation.ccip.send(LANE)
    situation.ccip.level()
    situation.tick()
    node.act("alice", f"/incidents/{incident['id']}/acknowledge")
    said = {"label": "true", "reason": "the key was stolen"}
    node.act("carol", f"/incidents/{incident['id']}/label", said)
    node.act("bob", f"/proposals/{proposal}/approve")
    node.act("alice", "/posture", {"posture": "observe", "reason": "too loud for the night"})
    node.act("alice", "/drills", {"reason": "a drill of the day after"})
    pass_time(situation)
    return SimpleNamespace(
        node=node,
        calm=calm,
        during=during,
        incident=incident,
        waiting="0x" + waiting.header.message_id.hex(),
        later="0x" + sent_later.header.message_id.hex(),
    )


def pass_time(situation):
    """A minute in which nothing happens; a moment in the middle of it."""
    moments = []
    for _ in range(2):
        situation.ccip.now_ms += 30_000
        situation.ccip.level()
        situation.tick()
        moments.append(datetime.fromtimestamp(situation.ccip.now_ms // 1000, UTC))
    return moments[0]


@pytest.fixture
def visit(look, situation, told):
    """Open a page as alice, who may act, with the slider in the present of this network."""

    def open_page(page, at=None, part=None):
        shown = look(page, *situation.urls, token="alice-token", part=part)
        shown.session_state["moment_until"] = datetime.fromtimestamp(told.node.ccip.now_ms // 1000, UTC)
        shown.run()
        if at is not None:
            shown.slider(key="moment_slider").set_value(at).run()
        assert not shown.exception, [e.value for e in shown.exception]
        return shown

    return open_page


def text_of(page):
    """Everything that stands on the page itself."""
    main = page.main
    kinds = ("markdown", "caption", "text", "code", "error", "warning", "info", "success", "subheader")
    said = [str(one.value) for kind in kinds for one in getattr(main, kind)]
    said += [f"{one.label}: {one.value}" for one in main.metric]
    return "\n".join([*said, *(one.value.to_csv() for one in main.dataframe)])


def buttons(page):
    return {button.label for button in page.button}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_which_moment_it_shows_and_nobody_acts_there(name, visit, told):
    page = visit(name, told.during)
    banner = words.TIME_TRAVEL_ON.format(at=Names.time(told.during.isoformat()))
    assert banner in [one.value for one in page.warning]
    assert not buttons(page) & ACTS
    page.button(key="back_to_now").click().run()
    assert not any("You look at" in one.value for one in page.warning)
    if name in {"incidents", "curses", "nodes"}:
        assert buttons(page) & ACTS


@pytest.mark.parametrize(
    ("name", "part"), [*((name, None) for name in PAGES), ("curses", words.HISTORY), ("curses", words.DRILLS)]
)
def test_what_came_later_is_nowhere(name, part, visit, told):
    later = {
        told.incident["summary"],
        told.incident["id"],
        told.later,
        *("a wish of the day", "the key was stolen", "too loud for the night", "a drill of the day after"),
        words.TAKEN_BY_ALL.format(count=1),
    }
    then = text_of(visit(name, told.calm, part))
    assert not {text for text in later if text in then}


@pytest.mark.parametrize(
    ("name", "part", "text"),
    [
        ("incidents", None, "alice"),
        ("curses", words.HISTORY, "a wish of the day"),
        ("curses", words.DRILLS, "a drill of the day after"),
        ("nodes", words.AUDIT, "too loud for the night"),
    ],
)
def test_what_came_later_is_there_now(name, part, text, visit):
    assert text in text_of(visit(name, part=part))


def test_the_overview_shows_what_stood_and_nothing_of_the_present(visit, told):
    page = visit("overview", told.calm)
    assert [one.value for one in page.success] == [words.ALL_WAS_QUIET.format(lanes=6)]
    shown = {metric.label: metric.value for metric in page.metric}
    assert words.METRIC_NODES not in shown
    assert (shown[words.METRIC_INCIDENTS], shown[words.METRIC_CURSES]) == ("0", "0")
    assert page.table[0].value.loc[words.VALUE, words.SPANS["1h"]] == "1 message"
    assert not any({"block", "as of", "posture"} & set(one.value.columns) for one in page.dataframe)

    page = visit("overview", told.during)
    (said,) = [one.value for one in page.error]
    assert told.incident["summary"].rstrip(".") in said
    assert words.DONE_VOTING.format(of=2) in said
    assert "cursed on" not in said
    page.button(key="back_to_now").click().run()
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown[words.METRIC_NODES] == "1 of 1"
    assert shown[words.METRIC_CURSES] == "2"
    assert page.table[0].value.loc[words.VALUE, words.SPANS["1h"]] == "2 messages"


def test_a_message_is_where_it_was(visit, told, table):
    page = visit("messages", told.calm)
    assert told.waiting in [one.value for one in page.code]
    assert f"**{words.JOURNEY}**: sent" in [one.value for one in page.markdown]
    assert list(table(page, "step", "took s")["step"]) == ["sent"]  # nobody records when a block became final
    assert not {"usual s", "late"} & set(table(page, "step", "took s").columns)
    assert any(one.value == words.HOLD_IS_NOW for one in page.caption)
    page.button(key="back_to_now").click().run()
    page.query_params["message"] = told.waiting
    page.run()
    assert "executed (success)" in list(table(page, "step", "took s")["step"])


def test_an_incident_is_what_it_was_before_people_spoke_and_chains_moved(visit, told, table):
    page = visit("incidents", told.during)
    (row,) = table(page, "severity", "acknowledged by").to_dict("records")
    assert (row["acknowledged by"], row["label"]) == ("", "")
    assert row["decision"] == "curse"  # at the posture of then
    assert list(table(page, "state", "by", "what", "at").query("by == by")["what"]) == []
    page.button(key="back_to_now").click().run()
    rows = table(page, "severity", "acknowledged by").to_dict("records")
    row = next(row for row in rows if row["what"] == told.incident["summary"])
    assert (row["acknowledged by"], row["label"], row["decision"]) == ("alice", "true", "watch")


def test_a_wish_is_as_far_as_it_was(visit, told, table):
    page = visit("curses", told.during)
    assert any("curse · private-testnet-mica → geth-testnet · proposed" in one.label for one in page.expander)
    assert not any(words.APPROVED_BY in one.value for one in page.markdown)
    assert not any("against" in one.value.columns and len(one.value) for one in page.dataframe)  # nothing cursed yet
    page = visit("curses", part=words.HISTORY)
    assert any("· approved" in one.label for one in page.expander)
    assert len(table(page, "chain", "against", "must stay")) == 2


def test_the_nodes_page_shows_the_log_as_it_stood_and_no_state_of_now(visit, told):
    page = visit("nodes", told.during, words.AUDIT)
    assert words.NODES_WERE in [one.value for one in page.info]
    (log,) = [one.value for one in page.dataframe]
    assert "propose" in set(log["what"])
    assert "approve" not in set(log["what"])
    assert [one.value for one in page.success] == [words.AUDIT_OK.format(rows=log["number"].max())]
    assert not page.metric


def test_the_tokens_page_tells_nothing_of_now_in_the_past(visit, told):
    page = visit("tokens", told.calm)
    assert [one.value for one in page.info] == [words.ONLY_NOW]
    assert not page.dataframe
    assert not page.error
