"""The watchdog of curses: it asks, prepares and escalates; it never lifts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.policy import Target, both_ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA = ChainSelector(3379446385462418246), ChainSelector(7759470850252068959)
LANE = Lane(ALPHA, BETA)
TARGETS = both_ends([LANE])
HOUR_MS = 3_600_000


@pytest.fixture
def cursed(node: NodeUnderTest, ccip: ScriptedCcip) -> NodeUnderTest:
    """A theft was seen, the lane is cursed at both ends, a message waits."""
    ccip.answer_views(voted=tuple(target.subject for target in TARGETS))
    ccip.send(LANE)
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    for target in TARGETS:
        ccip.curse(target)
    ccip.level()
    node.tick()
    return node


def patrol(node: NodeUnderTest, after_ms: int) -> list[dict[str, Any]]:
    """Let time pass; the open proposals afterwards."""
    node.ccip.now_ms += after_ms
    node.node.patrol()
    proposals = node.http.get("/proposals").json()["proposals"]
    return [item for item in proposals if item["state"] in {"prepared", "proposed", "approved"}]


def affirm(node: NodeUnderTest, who: str, target: Target) -> int:
    body = {"chain": str(target.chain), "subject": target.subject, "reason": "the key is still out there"}
    return node.act(who, "/curses/affirm", body).status_code


def test_an_unattended_curse_gets_its_uncurse_prepared_with_the_evidence(cursed: NodeUnderTest) -> None:
    assert patrol(cursed, 23 * HOUR_MS) == []
    (prepared,) = patrol(cursed, 2 * HOUR_MS)
    assert (prepared["kind"], prepared["state"], prepared["proposed_by"]) == ("uncurse", "prepared", "watchdog")
    assert {(int(each["chain"]), each["subject"]) for each in prepared["targets"]} == set(TARGETS)
    assert prepared["incidents"] == list(cursed.service.incidents)
    assert prepared["blast_radius"]["messages_in_flight"] == 1
    (alert,) = [alert for alert in cursed.heard.alerts if alert.kind == "curse_unattended"]
    assert alert.key == prepared["incidents"][0]
    assert prepared["id"] in alert.text
    assert patrol(cursed, HOUR_MS)[0]["id"] == prepared["id"]  # once, not every minute


# INV-CURSE-3
def test_it_never_lifts_by_itself(cursed: NodeUnderTest, ccip: ScriptedCcip) -> None:
    sent = [len(rpc.sent) for rpc in ccip.rpcs.values()]
    for _ in range(30):
        patrol(cursed, 24 * HOUR_MS)
        cursed.tick()
    assert [len(rpc.sent) for rpc in ccip.rpcs.values()] == sent
    assert len(cursed.http.get("/curses").json()["curses"]) == 2
    assert all(curse["is_overdue"] for curse in cursed.http.get("/curses").json()["curses"])
    escalations = [alert for alert in cursed.heard.alerts if alert.kind == "curse_unattended"]
    assert 25 <= len(escalations) <= 30  # once a day as long as nobody speaks


# INV-PEOPLE-1
def test_what_it_prepares_needs_two_people_all_the_same(cursed: NodeUnderTest) -> None:
    (prepared,) = patrol(cursed, 25 * HOUR_MS)
    path = f"/proposals/{prepared['id']}"
    early = cursed.act("bob", f"{path}/approve")
    assert early.status_code == 409
    assert "one person adopts it, another approves" in early.json()["error"]
    adopted = cursed.act("bob", f"{path}/adopt", {"reason": "key revoked in tx 0x12"}).json()
    assert (adopted["state"], adopted["proposed_by"], adopted["reason"]) == (
        "proposed",
        "bob",
        "key revoked in tx 0x12",
    )
    assert cursed.act("bob", f"{path}/approve").status_code == 403
    assert cursed.act("alice", f"{path}/adopt", {"reason": "me too"}).status_code == 409
    assert cursed.act("carol", f"{path}/approve").json()["approved_by"] == "carol"
    assert len(patrol(cursed, HOUR_MS)) == 1  # it is attended now


def test_who_affirms_is_not_asked_again_for_a_while(
    cursed: NodeUnderTest, start_node: Callable[..., NodeUnderTest]
) -> None:
    patrol(cursed, 20 * HOUR_MS)
    assert [affirm(cursed, "alice", target) for target in TARGETS] == [200, 200]
    assert patrol(cursed, 20 * HOUR_MS) == []
    cursed.stop()
    again = start_node()
    assert patrol(again, HOUR_MS) == []
    curses = again.http.get("/curses").json()["curses"]
    assert {curse["affirmed"]["by"] for curse in curses} == {"alice"}
    (prepared,) = patrol(again, 4 * HOUR_MS)
    assert prepared["state"] == "prepared"


def test_affirming_drops_what_was_prepared_and_only_when_all_of_it_is_affirmed(cursed: NodeUnderTest) -> None:
    (prepared,) = patrol(cursed, 25 * HOUR_MS)
    affirm(cursed, "alice", TARGETS[0])
    assert cursed.http.get(f"/proposals/{prepared['id']}").json()["state"] == "prepared"
    affirm(cursed, "alice", TARGETS[1])
    answer = cursed.http.get(f"/proposals/{prepared['id']}").json()
    assert (answer["state"], answer["rejected_by"]) == ("rejected", "alice")


def test_only_a_curse_that_stands_is_affirmed(node: NodeUnderTest) -> None:
    assert affirm(node, "alice", TARGETS[0]) == 404
    assert affirm(node, "vera", TARGETS[0]) == 403


def test_a_curse_that_came_back_is_watched_anew(cursed: NodeUnderTest, ccip: ScriptedCcip) -> None:
    """An uncurse that was approved for an earlier curse does not speak for a later one for ever."""
    (prepared,) = patrol(cursed, 25 * HOUR_MS)
    cursed.act("alice", f"/proposals/{prepared['id']}/adopt", {"reason": "gone"})
    cursed.act("bob", f"/proposals/{prepared['id']}/approve")
    for target in TARGETS:
        ccip.uncurse(target)
    ccip.curse(TARGETS[0])
    ccip.level()
    cursed.tick()
    fresh = [item for item in patrol(cursed, 26 * HOUR_MS) if item["id"] != prepared["id"]]
    assert [item["state"] for item in fresh] == ["prepared"]
    assert [int(each["chain"]) for each in fresh[0]["targets"]] == [TARGETS[0].chain]
