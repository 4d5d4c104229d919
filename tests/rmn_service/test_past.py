"""What the API says of a past moment holds nothing that came later: what people said, votes, proposals, the posture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ccip_core.protocol.messages import Lane
from rmn_service.policy import both_ends
from rmn_service.times import time_text
from tests.rmn_service.conftest import ALPHA, BETA, GAMMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

LANE = Lane(ALPHA, BETA)
HOUR_MS = 3_600_000


@pytest.fixture
def hit(node: NodeUnderTest, ccip: ScriptedCcip) -> NodeUnderTest:
    """A theft was seen; votes are out."""
    ccip.send(LANE)
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    return node


def pass_time(node: NodeUnderTest, ms: int = 10_000) -> str:
    """A while; a moment in the middle of it."""
    node.ccip.now_ms += ms // 2
    at = time_text(node.ccip.now_ms)
    node.ccip.now_ms += ms // 2
    return at


def listed(node: NodeUnderTest, what: str, at: str | None = None) -> list[dict[str, Any]]:
    answer = node.http.get(f"/{what}", params={} if at is None else {"at": at}).json()
    found: list[dict[str, Any]] = answer[what]
    return found


def test_an_incident_is_told_without_what_people_said_later(hit: NodeUnderTest) -> None:
    (now,) = listed(hit, "incidents")
    early = pass_time(hit)
    hit.act("alice", f"/incidents/{now['id']}/acknowledge")
    hit.act("alice", f"/incidents/{now['id']}/assign", {"to": "bob"})
    between = pass_time(hit)
    hit.act("bob", f"/incidents/{now['id']}/snooze", {"seconds": 60})
    hit.act("bob", f"/incidents/{now['id']}/label", {"label": "true", "reason": "stolen key"})
    pass_time(hit)
    said = ("acknowledged_by", "assigned_to", "snoozed_until", "label", "label_reason")
    (then,) = listed(hit, "incidents", early)
    assert [then[name] for name in said] == [None] * 5
    (then,) = listed(hit, "incidents", between)
    assert [then[name] for name in said] == ["alice", "bob", None, None, None]
    (now,) = listed(hit, "incidents")
    assert (now["label"], now["label_reason"]) == ("true", "stolen key")


def test_an_incident_is_decided_as_at_the_posture_of_then(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, hit: NodeUnderTest
) -> None:
    ccip.level()
    hit.tick()
    before = pass_time(hit)
    hit.act("alice", "/posture", {"posture": "observe", "reason": "too loud"})
    between = pass_time(hit)
    hit.act("alice", "/posture", {"posture": "withhold"})
    pass_time(hit)
    hit.stop()
    again = start_node()  # kept over a restart
    reach = [listed(again, "incidents", at)[0]["decision"]["reach"] for at in (before, between, None)]
    assert reach == ["curse", "watch", "withhold"]


def test_a_vote_that_was_mined_later_was_only_intended(hit: NodeUnderTest, ccip: ScriptedCcip) -> None:
    (incident,) = listed(hit, "incidents")
    assert {action["state"] for action in incident["actions"]} == {"sent"}
    early = pass_time(hit)
    for target in both_ends([LANE]):
        ccip.curse(target)
    ccip.answer_views(
        cursed=tuple(target.subject for target in both_ends([LANE])),
        voted=tuple(target.subject for target in both_ends([LANE])),
    )
    ccip.level()
    hit.tick(60_000)
    (incident,) = listed(hit, "incidents")
    assert {action["state"] for action in incident["actions"]} <= {"mined", "moot"}
    (then,) = listed(hit, "incidents", early)
    assert [(action["state"], action["tx"]) for action in then["actions"]] == [("intended", None)] * 2


def test_a_proposal_is_told_as_far_as_it_was(node: NodeUnderTest) -> None:
    never = pass_time(node)
    body = {"kind": "curse", "subjects": [f"{GAMMA}:{ALPHA}"], "reason": "drill"}
    first, second = (node.act("alice", "/proposals", body).json()["id"] for _ in range(2))
    proposed = pass_time(node)
    node.act("bob", f"/proposals/{first}/approve")
    node.act("bob", f"/proposals/{second}/reject", {"reason": "once is enough"})
    decided = pass_time(node)
    assert listed(node, "proposals", never) == []
    for item in listed(node, "proposals", proposed):
        told = [item[name] for name in ("state", "approved_by", "approved_at", "rejected_by", "rejected_reason")]
        assert told == ["proposed", None, None, None, None]
        assert {each["state"] for each in item["progress"]} == {"waiting"}
        assert item["actions"] == []
    by_id = {item["id"]: item for item in listed(node, "proposals", decided)}
    assert (by_id[first]["state"], by_id[first]["approved_by"]) == ("approved", "bob")
    assert (by_id[second]["state"], by_id[second]["rejected_reason"]) == ("rejected", "once is enough")
    (open_then,) = node.http.get(f"/proposals?state=approved&at={decided}").json()["proposals"]
    assert open_then["id"] == first


def test_a_proposal_that_expired_later_was_open(node: NodeUnderTest) -> None:
    body = {"kind": "curse", "subjects": ["geth-testnet"], "reason": "drill", "expires_s": 60}
    node.act("alice", "/proposals", body)
    at = pass_time(node)
    pass_time(node, HOUR_MS)
    assert [item["state"] for item in listed(node, "proposals", at)] == ["proposed"]
    assert [item["state"] for item in listed(node, "proposals")] == ["expired"]


def test_a_curse_is_told_without_who_affirmed_it_later(hit: NodeUnderTest, ccip: ScriptedCcip) -> None:
    target = both_ends([LANE])[0]
    ccip.curse(target)
    ccip.level()
    hit.tick()
    (now,) = listed(hit, "curses")
    early = pass_time(hit)
    (then,) = listed(hit, "curses", early)
    assert (then["affirm_by"], then["is_overdue"]) == (now["affirm_by"], False)
    late = pass_time(hit, 60 * HOUR_MS)
    (then,) = listed(hit, "curses", late)
    assert then["is_overdue"]
    body = {"chain": str(target.chain), "subject": target.subject, "reason": "the key is still out there"}
    hit.act("bob", "/curses/affirm", body)
    affirmed = pass_time(hit)
    (then,) = listed(hit, "curses", early)
    assert (then["affirmed"], then["affirm_by"], then["is_overdue"]) == (None, None, False)
    (then,) = listed(hit, "curses", affirmed)
    assert then["affirmed"]["by"] == "bob"
    assert then["by"] == listed(hit, "incidents")[0]["id"]
