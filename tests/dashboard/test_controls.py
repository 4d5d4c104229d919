"""What people do from the pages reaches every node, under their name, after they typed it; and nothing else does."""

from __future__ import annotations

import pytest

from ccip_core.protocol.messages import ChainSelector
from dashboard import words
from rmn_service.policy import Target
from tests.dashboard.conftest import LANE, press, set_posture

HOURS_MS = 3_600_000


def status(node):
    return node.http.get("/status").json()["status"]


@pytest.fixture
def pair(situation):
    nodes = situation.add_node(), situation.add_node()
    situation.deliver()
    return nodes


class TestKillSwitch:
    def throw(self, look, situation, typed=words.STOP_WORD, reason="enough", token="alice-token"):
        page = look("nodes", *situation.urls, token=token)
        page.text_input(key="kill_reason").set_value(reason)
        page.text_input(key="kill_typed").set_value(typed)
        label = next(b.label for b in page.button if b.label in {words.STOP_ALL, words.LET_GO_ON})
        return press(page, label)

    def test_an_operator_throws_it_everywhere_and_only_an_approver_takes_it_back(self, look, situation, pair):
        page = self.throw(look, situation)
        assert [one.value for one in page.success][:1] == [words.TAKEN_BY_ALL.format(count=2)]
        assert [status(node)["kill_switch"]["by"] for node in pair] == ["alice", "alice"]
        page = look("nodes", *situation.urls, token="alice-token")
        assert words.LET_GO_ON not in {button.label for button in page.button}
        self.throw(look, situation, words.GO_ON_WORD, token="bob-token")
        assert [status(node)["kill_switch"]["is_on"] for node in pair] == [False, False]

    @pytest.mark.parametrize(("typed", "reason"), [("stop", "enough"), ("", "enough"), (words.STOP_WORD, " ")])
    def test_nothing_happens_unless_it_was_typed_and_explained(self, look, situation, pair, typed, reason):
        page = self.throw(look, situation, typed, reason)
        assert page.error
        assert not any(status(node)["kill_switch"]["is_on"] for node in pair)


class TestPosture:
    def test_to_lower_it_takes_a_typed_word_and_a_reason_that_every_node_keeps(self, look, situation, pair):
        page = look("nodes", *situation.urls, token="alice-token", part=words.CONTROLS)
        page.checkbox(key="posture_everywhere").check()
        page = set_posture(page, "observe", typed="lower")
        assert [one.value for one in page.error] == [words.MISTYPED.format(word=words.LOWER_WORD)]
        page = set_posture(page, "observe", reason=" ")
        assert [one.value for one in page.error] == [words.NO_REASON]
        assert [status(node)["posture"] for node in pair] == ["curse", "curse"]
        assert words.LOWERS.format(nodes="node 1, node 2") in [one.value for one in page.warning]
        page = set_posture(page, "observe")
        assert [one.value for one in page.success][:1] == [words.TAKEN_BY_ALL.format(count=2)]
        for node in pair:
            (row,) = [row for row in node.http.get("/audit").json()["audit"] if row["kind"] == "posture"]
            assert row["body"] == {"from": "curse", "to": "observe", "by": "alice", "reason": "too loud"}

    def test_to_raise_it_takes_a_reason_alone(self, look, situation):
        node = situation.add_node(posture="observe")
        page = look("nodes", *situation.urls, token="alice-token", part=words.CONTROLS)
        page.radio(key="posture").set_value("curse").run()
        assert words.POSTURE_MEANS["curse"] in [one.value for one in page.caption]
        assert "posture_typed" not in {box.key for box in page.text_input}
        page = set_posture(page, "curse", reason="")
        assert page.error
        set_posture(page, "curse", reason="watched long enough")
        assert status(node)["posture"] == "curse"


def test_a_drill_is_run_for_a_reason(look, situation):
    node = situation.add_node()
    page = look("curses", *situation.urls, token="alice-token", part=words.DRILLS)
    assert words.DRILL_HELP in [one.value for one in page.caption]
    assert press(page, words.DRILL).error
    page.text_input(key="drill_reason").set_value("before the release")
    press(page, words.DRILL)
    (drill,) = node.http.get("/drills").json()["drills"]
    assert (drill["by"], drill["reason"]) == ("alice", "before the release")


def test_a_maintenance_is_announced_at_every_node_and_ended(look, situation, pair, table):
    situation.ccip.now_ms = wall_clock_ms()
    page = look("nodes", *situation.urls, token="alice-token")
    for typed in ("", words.MUTE_WORD):
        assert not any(node.http.get("/maintenance").json()["maintenance"] for node in pair)
        page.multiselect(key="maintenance_lanes").set_value(["geth-testnet → anvil-devnet"])
        page.text_input(key="maintenance_reason").set_value("upgrade")
        page.text_input(key="maintenance_typed").set_value(typed)
        page = press(page, words.ANNOUNCE)
        assert [one.value for one in page.error] == ([] if typed else [words.MISTYPED.format(word=words.MUTE_WORD)])
    situation.ccip.now_ms = wall_clock_ms()
    page = look("nodes", *situation.urls, token="alice-token")
    assert list(table(page, "until", "lanes", "why")["now"]) == [words.YES]
    page = press(page, words.END_MAINTENANCE.format(why="upgrade"))
    for node in pair:
        (window,) = node.http.get("/maintenance").json()["maintenance"]
        assert window["reason"] == "upgrade"
        assert not window["is_active"]


def wall_clock_ms():
    import time  # noqa: PLC0415  # the dashboard reads the wall clock; the nodes of this test follow it

    return int(time.time() * 1000)


def propose(look, situation):
    page = look("curses", *situation.urls, token="alice-token")
    page.multiselect(key="subjects").set_value(["lane: geth-testnet → anvil-devnet"]).run()
    page.text_area(key="reason").set_value("drill")
    page.text_input(key="typed").set_value(words.PROPOSE_WORDS["curse"])
    return press(page, words.PROPOSE_BUTTON)


def states(pair):
    return [proposal["state"] for node in pair for proposal in node.http.get("/proposals").json()["proposals"]]


def test_a_proposal_is_approved_by_another_person_who_types_it(look, situation, pair, table):
    page = propose(look, situation)
    assert states(pair) == ["proposed", "proposed"]
    assert words.APPROVE not in {button.label for button in page.button}  # it is their own
    page = look("curses", *situation.urls, token="bob-token")
    press(page, words.APPROVE)
    assert states(pair) == ["proposed", "proposed"]
    page.text_input(key="approve_typed_0").set_value(words.APPROVE_WORDS["curse"])
    page = press(page, words.APPROVE)
    assert states(pair) == ["approved", "approved"]
    situation.tick()
    page = look("curses", *situation.urls)
    shown = table(page, "chain", "as wanted", "node 1", "node 2")
    assert set(shown["as wanted"]) == {"0 of 1"}
    assert all(
        words.PROGRESS_WORDS["voted"] in text or words.PROGRESS_WORDS["sent"] in text for text in shown["node 1"]
    )


def test_a_proposal_is_rejected_or_taken_back_with_a_reason(look, situation, pair):
    propose(look, situation)
    page = look("curses", *situation.urls, token="bob-token")
    assert words.REJECT_MEANS["curse"] in [one.value for one in page.caption]
    assert press(page, words.REJECT).error
    page.text_input(key="reject_reason_0").set_value("not now")
    press(page, words.REJECT)
    assert states(pair) == ["rejected", "rejected"]
    situation.ccip.now_ms += 120_000
    propose(look, situation)
    page = look("curses", *situation.urls, token="alice-token")
    page.text_input(key="reject_reason_0").set_value("my mistake")
    press(page, words.WITHDRAW)
    assert states(pair)[1::2] == ["rejected", "rejected"]


def test_a_curse_is_affirmed_and_one_that_nobody_affirmed_is_adopted(look, situation, pair):
    situation.ccip.curse(Target(ChainSelector(LANE.source), "0x" + f"{int(LANE.dest):032x}"))
    situation.ccip.level()
    situation.tick()
    page = look("curses", *situation.urls, token="alice-token")
    page.text_input(key="affirm_reason").set_value("the key is still lost")
    page.text_input(key="affirm_typed").set_value(words.STAYS_WORD)
    press(page, words.AFFIRM_BUTTON)
    for node in pair:
        (curse,) = node.http.get("/curses").json()["curses"]
        assert curse["affirmed"]["by"] == "alice"
    situation.tick(after_ms=72 * HOURS_MS)
    for node in pair:
        node.node.patrol()
    page = look("curses", *situation.urls, token="alice-token")
    assert any(words.OVERDUE_CURSES.format(curses="1 curse") == one.value for one in page.warning)
    for box in [box for box in page.checkbox if box.key.startswith("check_adopt")]:
        box.check()
    page.text_input(key="adopt_reason_0").set_value("the key was found")
    assert words.MISTYPED.format(word=words.ADOPT_WORD) in [one.value for one in press(page, words.ADOPT).error]
    page.text_input(key="adopt_typed_0").set_value(words.ADOPT_WORD)
    press(page, words.ADOPT)
    proposals = [node.http.get("/proposals").json()["proposals"][0] for node in pair]
    assert [(proposal["state"], proposal["proposed_by"]) for proposal in proposals] == [("proposed", "alice")] * 2


@pytest.mark.usefixtures("pair")
def test_settings_budgets_and_endpoints_are_shown(look, situation, table):
    page = look("nodes", *situation.urls, part=words.CONFIG)
    told = {metric.label: metric.value for metric in page.metric}
    assert told[words.FALSE_CURSES_MONTH] == "0"
    settings = table(page, "setting", "value").set_index("setting")["value"]
    assert settings["posture"] == "curse"
    assert "detectors.false_curses_per_month" in settings
    assert set(table(page, "chain", "agreement")["agreement"]) == {words.MUST_AGREE.format(count=1, of=1)}


def test_a_log_that_was_rewritten_after_somebody_looked_is_told(look, situation, pair):
    situation.forge()
    page = look("nodes", *situation.urls, part=words.AUDIT)
    assert any("every link holds" in one.value for one in page.success)
    with pair[0].service.store.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET body = '{}' WHERE sequence = 1")
    assert press(look("nodes", *situation.urls, part=words.AUDIT), words.AUDIT_AGAIN).error[
        0
    ].value == words.AUDIT_BROKEN.format(row=1)
