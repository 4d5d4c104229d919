"""Two people, one act: what they are shown, how long it holds, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import encode_args, function_selector
from ccip_core.protocol.messages import ChainSelector, Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from rmn_service.policy import Target, both_ends

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA, GAMMA = (
    ChainSelector(selector) for selector in (3379446385462418246, 7759470850252068959, 4489326297382772450)
)
LANE = Lane(ALPHA, BETA)
E18 = 10**18
CURSE = {"kind": "curse", "subjects": ["1337:31337"], "reason": "the issuer reports a stolen minter key"}


@pytest.fixture
def traffic(node: NodeUnderTest, ccip: ScriptedCcip) -> NodeUnderTest:
    """Of three messages one arrived, one is committed, one just sent; a fourth is on another lane."""
    ccip.price(ALPHA, 2)
    first = ccip.send(LANE, amount=5 * E18)
    ccip.send(LANE, amount=7 * E18)
    ccip.mine_all(3)
    ccip.commit(ccip.claim(LANE, 1, 2))
    ccip.execute(first)
    ccip.send(LANE, amount=11 * E18)
    ccip.send(Lane(GAMMA, ALPHA), amount=13 * E18)
    ccip.level()
    node.tick()
    assert node.http.get("/signals").json()["signals"] == []
    return node


def propose(node: NodeUnderTest, who: str = "alice", **change: object) -> dict[str, Any]:
    answer = node.act(who, "/proposals", CURSE | change)
    assert answer.status_code == 201, answer.text
    return answer.json()


class TestBlastRadius:
    def test_a_preview_counts_what_is_on_its_way(self, traffic: NodeUnderTest) -> None:
        radius = traffic.http.get("/blast-radius?subjects=1337:31337").json()["blast_radius"]
        assert radius["messages_in_flight"] == 2
        assert radius["value_micro_usd"] == str((7 + 11) * 2 * 10**6)
        (token,) = radius["tokens"]
        assert (token["symbol"], token["amount"]) == ("BNM", str(18 * E18))
        assert {strand["state"]: strand["messages"] for strand in radius["strands"]} == {"committed": 1, "sent": 1}
        assert all("CursedByRMN" in strand["effect"] for strand in radius["strands"] if strand["state"] == "committed")
        assert radius["senders"] == ["0x" + "01" * 20]
        assert len(radius["pools"]) == 2
        assert len(radius["message_ids"]) == 2
        assert traffic.http.get("/proposals").json()["proposals"] == []

    def test_both_directions_of_the_lane_stop_and_no_other(self, traffic: NodeUnderTest) -> None:
        radius = traffic.http.get("/blast-radius?subjects=1337:31337").json()["blast_radius"]
        touched = {
            (int(lane["source"]), int(lane["dest"])): (lane["stops_sending"], lane["stops_delivery"])
            for lane in radius["lanes"]
        }
        assert touched == {(ALPHA, BETA): (True, True), (BETA, ALPHA): (True, True)}

    def test_a_chain_subject_stops_its_lanes_at_the_other_ends(self, traffic: NodeUnderTest) -> None:
        radius = traffic.http.get("/blast-radius?subjects=geth-testnet").json()["blast_radius"]
        stops = {(int(lane["source"]), int(lane["dest"])): lane["stops_delivery"] for lane in radius["lanes"]}
        assert stops == {(ALPHA, BETA): True, (ALPHA, GAMMA): True, (BETA, ALPHA): False, (GAMMA, ALPHA): False}

    def test_a_lift_that_another_curse_outlives_says_so(self, traffic: NodeUnderTest, ccip: ScriptedCcip) -> None:
        (at_alpha, at_beta) = both_ends([LANE])
        ccip.curse(at_alpha)
        ccip.curse(at_beta)
        traffic.tick()
        subject = at_beta.subject
        radius = traffic.http.get(f"/blast-radius?kind=uncurse&subjects={subject}").json()["blast_radius"]
        stays = {(int(lane["source"]), int(lane["dest"])): lane["stays_cursed"] for lane in radius["lanes"]}
        assert stays[ALPHA, BETA] is True
        assert [target["is_cursed"] for target in radius["targets"] if int(target["chain"]) == at_beta.chain] == [True]

    @pytest.mark.parametrize("subjects", ["", "atlantis", ",", "1337:1337"])
    def test_of_nothing_there_is_none(self, traffic: NodeUnderTest, subjects: str) -> None:
        assert traffic.http.get(f"/blast-radius?subjects={subjects}").status_code == 422


# INV-PEOPLE-3
class TestWhatWasPromisedAndWhatCame:
    def test_the_preview_is_kept_and_the_outcome_set_against_it(
        self, traffic: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        made = propose(traffic)
        assert made["blast_radius"]["messages_in_flight"] == 2
        assert made["outcome"] is None
        path = f"/proposals/{made['id']}"
        assert traffic.act("bob", f"{path}/approve").status_code == 200
        assert traffic.service.voter.settle(10)
        states = {item["state"] for item in traffic.http.get(path).json()["progress"]}
        assert states <= {"sent", "voted"}  # our vote alone curses nothing
        targets = both_ends([LANE])
        ccip.curse(targets[0])
        traffic.tick()
        half = traffic.http.get(path).json()
        assert (half["is_executed"], [item["state"] for item in half["progress"]].count("done")) == (False, 1)
        ccip.curse(targets[1])
        ccip.level()
        traffic.tick()
        whole = traffic.http.get(path).json()
        assert whole["is_executed"] is True
        assert {item["state"] for item in whole["progress"]} == {"done"}
        outcome = whole["outcome"]
        assert (outcome["messages_promised"], outcome["messages_still_waiting"], outcome["ended_at"]) == (2, 2, None)
        assert outcome["value_still_waiting_micro_usd"] == str(18 * 2 * 10**6)
        for target in targets:
            ccip.uncurse(target)
        ccip.execute(ccip.sent[LANE][1])
        ccip.level()
        traffic.tick()
        outcome = traffic.http.get(path).json()["outcome"]
        assert outcome["ended_at"] is not None
        assert (outcome["messages_delivered_since"], outcome["messages_still_waiting"]) == (1, 1)
        assert whole["blast_radius"] == made["blast_radius"]

    def test_it_survives_a_restart(self, traffic: NodeUnderTest, start_node: Callable[..., NodeUnderTest]) -> None:
        made = propose(traffic)
        traffic.stop()
        again = start_node()
        answer = again.http.get(f"/proposals/{made['id']}").json()
        assert answer["blast_radius"] == made["blast_radius"]
        assert again.act("bob", f"/proposals/{made['id']}/approve").status_code == 200


# INV-PEOPLE-1
class TestTwoPeople:
    def test_a_proposal_expires(self, traffic: NodeUnderTest, ccip: ScriptedCcip) -> None:
        made = propose(traffic, expires_s=60)
        ccip.now_ms += 60_000
        answer = traffic.act("bob", f"/proposals/{made['id']}/approve")
        assert answer.status_code == 409
        assert "propose it again" in answer.json()["error"]
        assert traffic.http.get(f"/proposals/{made['id']}").json()["state"] == "expired"
        assert not any(ccip.votes(selector) for selector in ccip.rpcs)

    def test_without_a_word_it_expires_after_a_day(self, traffic: NodeUnderTest, ccip: ScriptedCcip) -> None:
        made = propose(traffic)
        ccip.now_ms += 86_399_000
        assert traffic.http.get(f"/proposals/{made['id']}").json()["state"] == "proposed"
        ccip.now_ms += 1_000
        assert traffic.http.get(f"/proposals/{made['id']}").json()["state"] == "expired"

    def test_subjects_typed_again_must_be_the_same(self, traffic: NodeUnderTest) -> None:
        wrong = CURSE | {"confirm": ["1337:424242"]}
        assert traffic.act("alice", "/proposals", wrong).status_code == 422
        made = propose(traffic, confirm=["1337:31337"])
        path = f"/proposals/{made['id']}/approve"
        answer = traffic.act("bob", path, {"confirm": ["31337:1337"]})
        assert answer.status_code == 422
        assert "type the subjects exactly" in answer.json()["error"]
        assert traffic.act("bob", path, {"confirm": ["1337:31337"]}).status_code == 200

    @pytest.mark.parametrize("change", [{"reason": ""}, {"reason": None}, {"subjects": []}, {"kind": "pause"}])
    def test_what_is_half_said_is_refused(self, traffic: NodeUnderTest, change: dict[str, object]) -> None:
        assert traffic.act("alice", "/proposals", CURSE | change).status_code == 422

    def test_who_may_turn_it_down(self, traffic: NodeUnderTest) -> None:
        mine, other = propose(traffic), propose(traffic, who="bob")
        reject = {"reason": "false alarm"}
        assert traffic.act("alice", f"/proposals/{other['id']}/reject", reject).status_code == 403
        assert traffic.act("alice", f"/proposals/{mine['id']}/reject", reject).json()["state"] == "rejected"
        assert traffic.act("carol", f"/proposals/{other['id']}/reject", reject).json()["rejected_by"] == "carol"
        assert traffic.act("bob", f"/proposals/{mine['id']}/approve").status_code == 409

    def test_proposals_are_found_by_state(self, traffic: NodeUnderTest) -> None:
        made = propose(traffic)
        propose(traffic, kind="uncurse")
        traffic.act("bob", f"/proposals/{made['id']}/approve")
        found = traffic.http.get("/proposals?state=approved").json()["proposals"]
        assert [item["id"] for item in found] == [made["id"]]
        assert len(traffic.http.get("/proposals?kind=uncurse&state=proposed").json()["proposals"]) == 1

    def test_everybody_hears_of_it_and_the_log_holds_it(self, traffic: NodeUnderTest) -> None:
        made = propose(traffic)
        traffic.act("bob", f"/proposals/{made['id']}/approve")
        assert [alert.key for alert in traffic.heard.alerts if alert.kind == "proposal"] == [made["id"]] * 2
        rows = traffic.http.get("/audit?limit=1000").json()["audit"]
        (row,) = [row for row in rows if row["kind"] == "propose"]
        assert row["body"]["blast_radius"]["messages_in_flight"] == 2
        assert row["body"]["reason"] == CURSE["reason"]


class TestWhoMayLift:
    def owner(self, ccip: ScriptedCcip, owner: bytes) -> None:
        for selector, rpc in ccip.rpcs.items():
            voting = ccip.contracts(selector).curse_voting
            assert voting is not None
            rpc.on_call(voting, function_selector("owner()"), lambda _: encode_args(("address",), (owner,)))

    def test_the_council_is_named_and_whether_it_is_us(self, traffic: NodeUnderTest, ccip: ScriptedCcip) -> None:
        self.owner(ccip, b"\x07" * 20)
        for target in both_ends([LANE]):
            ccip.curse(target)
        traffic.tick()
        made = propose(traffic, kind="uncurse")
        assert {(entry["owner"], entry["is_ours"]) for entry in made["council"]} == {("0x" + "07" * 20, False)}
        traffic.act("bob", f"/proposals/{made['id']}/approve")
        assert traffic.service.voter.settle(10)
        answer = traffic.http.get(f"/proposals/{made['id']}").json()
        assert {item["state"] for item in answer["progress"]} == {"impossible"}
        assert "this node can't on" in answer["note"]
        assert len(answer["council_calldata"]) == 2
        self.owner(ccip, dev_key("rmn_curser").address)
        assert {entry["is_ours"] for entry in propose(traffic, kind="uncurse")["council"]} == {True}

    def test_a_node_without_a_key_says_who_else(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        node = start_node(keys=("signer",))
        target = Target(BETA, subject_text(chain_subject(ALPHA)))
        ccip.curse(target)
        node.tick()
        made = propose(node, kind="uncurse", subjects=[target.subject])
        assert [entry["owner"] for entry in made["council"]] == [None, None]  # the chains did not say
        node.act("bob", f"/proposals/{made['id']}/approve")
        answer = node.http.get(f"/proposals/{made['id']}").json()
        progress = {int(item["chain"]): item["state"] for item in answer["progress"]}
        assert progress == {BETA: "council", GAMMA: "done"}  # on GAMMA nothing stood
        assert "this node can't on" in answer["note"]
        assert node.http.get("/status").json()["status"]["curser"] is None
