"""Why a message waits, where to find it, how lanes stand, now and as they stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.policy import both_ends
from rmn_service.times import time_text

if TYPE_CHECKING:
    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA, GAMMA = (
    ChainSelector(selector) for selector in (3379446385462418246, 7759470850252068959, 4489326297382772450)
)
LANE, OTHER = Lane(ALPHA, BETA), Lane(GAMMA, ALPHA)
E18 = 10**18


def hold_of(node: NodeUnderTest, number: int = 1, lane: Lane = LANE) -> dict[str, Any]:
    id_ = node.ccip.sent[lane][number - 1].header.message_id.hex()
    return node.http.get(f"/messages/0x{id_}").json()["hold"]


def rules(hold: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in hold["reasons"]]


def lane_of(node: NodeUnderTest, lane: Lane = LANE, query: str = "") -> dict[str, Any]:
    lanes = node.http.get(f"/lanes{query}").json()["lanes"]
    return next(item for item in lanes if (item["source"], item["dest"]) == (str(lane.source), str(lane.dest)))


class TestHold:
    def test_the_ordinary_course_of_things(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        message = ccip.send(LANE)
        seen = []
        steps = (
            lambda: None,
            lambda: ccip.mine_all(3),
            lambda: ccip.commit(ccip.claim(LANE, 1, 1)),
            lambda: ccip.execute(message),
        )
        for step in steps:
            step()
            ccip.level()
            node.tick()
            hold = hold_of(node)
            assert hold["is_held"] is False
            seen.append((rules(hold), [each["step"] for each in hold["journey"] if each["is_done"]]))
        assert [waits for waits, _ in seen] == [["finality"], ["commit"], ["execution"], []]
        assert seen[-1][1] == ["sent", "final", "blessed", "committed", "executed (success)"]

    def test_finality_names_its_hour(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.send(LANE)
        node.tick()
        sent_s = ccip.rpcs[ALPHA].head.timestamp_s
        hold = hold_of(node)
        assert hold["earliest_release"] == time_text(1000 * (sent_s + 2 * 12))  # two blocks of twelve seconds
        assert hold["reasons"][0]["who_may"].startswith("nobody")

    def test_an_incident_names_rule_evidence_and_who_may(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.send(LANE)
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        hold = hold_of(node)
        assert hold["is_held"] is True
        (reason,) = [reason for reason in hold["reasons"] if reason["rule"] == "incident"]
        (incident,) = node.http.get("/incidents").json()["incidents"]
        assert reason["incident"] == incident["id"]
        assert reason["signals"] == incident["signals"]
        known = {item["id"]: item["evidence"] for item in node.http.get("/signals").json()["signals"]}
        assert reason["evidence"] == [known[id_] for id_ in reason["signals"]]
        assert incident["id"] in reason["who_may"]
        assert hold["earliest_release"] is None  # not before people act
        node.act("bob", f"/incidents/{incident['id']}/label", {"label": "drill", "close": True})
        assert rules(hold_of(node)) == ["commit"]

    def test_what_holds_it_is_told_before_what_is_in_the_ordinary_course(
        self, node: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        ccip.curse(next(target for target in both_ends([LANE]) if target.chain == BETA))
        ccip.send(LANE)
        node.tick()
        hold = hold_of(node)
        assert rules(hold) == ["finality", "curse"]
        assert hold["why"] == "traffic with geth-testnet is cursed on anvil-devnet"

    def test_a_curse_is_named_with_its_cause_until_it_is_lifted(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.send(LANE)
        ccip.mine_all(3)
        ccip.commit(ccip.claim(LANE, 1, 1))
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        target = next(target for target in both_ends([LANE]) if target.chain == BETA)
        ccip.curse(target)
        node.tick()
        hold = hold_of(node)
        assert rules(hold) == ["curse"]
        assert hold["why"].startswith("traffic with geth-testnet is cursed on anvil-devnet")
        assert hold["reasons"][0]["incident"] == next(iter(node.service.incidents))
        assert "council" in hold["reasons"][0]["who_may"]
        ccip.uncurse(target)
        node.tick()
        assert rules(hold_of(node)) == ["execution"]

    def test_blindness_is_a_reason(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.send(LANE)
        ccip.mine_all(3)
        node.tick()
        ccip.rpcs[BETA].cut_off()
        node.tick()
        hold = hold_of(node)
        assert rules(hold) == ["blind"]
        assert "anvil-devnet" in hold["why"]
        assert lane_of(node)["state"] == "blind"

    def test_a_failure_is_for_people(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        message = ccip.send(LANE)
        ccip.mine_all(3)
        ccip.commit(ccip.claim(LANE, 1, 1))
        ccip.execute(message, state=3)
        ccip.level()
        node.tick()
        hold = hold_of(node)
        assert rules(hold) == ["failure"]
        assert f"ccip execute 0x{message.header.message_id.hex()}" in hold["reasons"][0]["who_may"]

    def test_late_is_measured_against_the_lane(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        for number in range(1, 4):
            ccip.send(LANE)
            ccip.mine_all(3)
            ccip.commit(ccip.claim(LANE, number, number))
        ccip.send(LANE)
        ccip.mine_all(3)
        ccip.level()
        node.tick()
        committed = next(each for each in hold_of(node, 1)["journey"] if each["step"] == "committed")
        usual = committed["usual"]
        assert usual["samples"] == 3
        assert usual["median_s"] <= usual["p90_s"]
        assert next(each for each in hold_of(node, 4)["journey"] if each["step"] == "committed")["is_late"] is False
        ccip.now_ms += 1000 * (usual["p90_s"] + 60)
        assert next(each for each in hold_of(node, 4)["journey"] if each["step"] == "committed")["is_late"] is True


@pytest.fixture
def market(node: NodeUnderTest, ccip: ScriptedCcip) -> NodeUnderTest:
    """Four messages on two lanes; two arrived."""
    ccip.price(ALPHA, 2)
    for amount in (5, 7, 11):
        ccip.send(LANE, amount=amount * E18)
    ccip.send(OTHER)
    ccip.level()
    ccip.mine_all(3)
    ccip.commit(ccip.claim(LANE, 1, 3))
    for message in ccip.sent[LANE][:2]:
        ccip.execute(message)
    ccip.level()
    node.tick()
    assert node.http.get("/signals").json()["signals"] == []
    return node


class TestSearch:
    def ids(self, node: NodeUnderTest, query: str) -> list[int]:
        answer = node.http.get(f"/messages?{query}")
        assert answer.status_code == 200, answer.text
        return [int(item["sequence_number"]) for item in answer.json()["messages"]]

    def test_by_what_people_have_in_hand(self, market: NodeUnderTest, ccip: ScriptedCcip) -> None:
        second = ccip.sent[LANE][1].header.message_id.hex()
        (item,) = market.http.get(f"/messages?q=0x{second}").json()["messages"]
        assert item["tokens"][0]["symbol"] == "BNM"
        assert item["value_micro_usd"] == "14000000"
        for key in ("q", "tx"):
            assert self.ids(market, f"{key}={item['transactions']['sent']['tx']}") == [2]
            assert self.ids(market, f"{key}={item['transactions']['executed'][0]['tx']}") == [2]
        assert self.ids(market, f"sender={item['sender'].upper().replace('0X', '0x')}&lane=1337:31337") == [3, 2, 1]
        assert self.ids(market, "token=bnm") == self.ids(market, "q=BNM") == [3, 2, 1]
        assert self.ids(market, f"token={item['tokens'][0]['token']}&state=success") == [2, 1]
        assert self.ids(market, "q=nothing") == self.ids(market, "tx=0x00") == []

    def test_by_lane_and_state_and_time(self, market: NodeUnderTest) -> None:
        assert self.ids(market, "lane=1337:") == [3, 2, 1]
        assert self.ids(market, "lane=:geth-testnet") == [1]
        assert self.ids(market, "state=committed") == [3]
        assert self.ids(market, "state=final") == [1]
        times = [
            item["transactions"]["sent"]["at"] for item in market.http.get("/messages?lane=1337:").json()["messages"]
        ]
        assert self.ids(market, f"lane=1337:&since={times[1]}") == [3, 2]
        assert self.ids(market, f"lane=1337:&until={times[1]}") == [2, 1]
        for wrong in ("lane=1:2", "since=now", "state=lost", "cursor=0x1:1"):
            assert market.http.get(f"/messages?{wrong}").status_code == 422

    def test_pages_follow_each_other_without_gap_or_repeat(self, market: NodeUnderTest) -> None:
        whole = [item["id"] for item in market.http.get("/messages").json()["messages"]]
        paged: list[str] = []
        query = "limit=1"
        while True:
            answer = market.http.get(f"/messages?{query}").json()
            paged += [item["id"] for item in answer["messages"]]
            if answer["next_cursor"] is None:
                break
            query = f"limit=1&cursor={answer['next_cursor']}"
        assert paged == whole
        assert len(whole) == 4


class TestLanes:
    def test_value_moved(self, market: NodeUnderTest, ccip: ScriptedCcip) -> None:
        moved = lane_of(market)["moved"]
        assert moved["1h"]["messages"] == 2
        assert moved["1h"]["value_micro_usd"] == str((5 + 7) * 2 * 10**6)
        assert [token["amount"] for token in moved["7d"]["tokens"]] == [str(12 * E18)]
        total = market.http.get("/status").json()["status"]["value"]
        assert total["moved"]["24h"]["value_micro_usd"] == "24000000"
        ccip.now_ms += 2 * 3_600_000
        later = lane_of(market)["moved"]
        assert (later["1h"]["messages"], later["24h"]["messages"]) == (0, 2)

    def test_blocked_is_what_waits_on_a_lane_that_is_held(self, market: NodeUnderTest, ccip: ScriptedCcip) -> None:
        assert lane_of(market)["blocked"]["7d"]["messages"] == 0  # on its way, and nothing holds it
        ccip.forge(LANE)
        ccip.level()
        market.tick()
        assert lane_of(market)["state"] == "withheld"
        blocked = lane_of(market)["blocked"]
        assert (blocked["1h"]["messages"], blocked["1h"]["value_micro_usd"]) == (1, "22000000")
        status = market.http.get("/status").json()["status"]
        assert status["value"]["blocked"]["1h"]["value_micro_usd"] == "22000000"
        ccip.curse(both_ends([LANE])[0])
        market.tick()
        assert lane_of(market)["state"] == "cursed"
        assert market.http.get("/status").json()["status"]["lanes"]["cursed"] == 2

    def test_a_message_that_arrived_before_we_read_its_source_counts(
        self, node: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        message = ccip.send(LANE, amount=3 * E18)
        ccip.mine_all(3)
        ccip.commit(ccip.claim(LANE, 1, 1))
        ccip.execute(message)
        ccip.level()
        node.service.tick(ccip.now_ms, [BETA])
        node.service.tick(ccip.now_ms, [ALPHA])
        lane = lane_of(node)
        assert (lane["in_flight"], lane["moved"]["1h"]["messages"]) == (0, 1)


class TestTimeTravel:
    def test_everything_stands_as_it_stood(self, market: NodeUnderTest, ccip: ScriptedCcip) -> None:
        before = ccip.rpcs[BETA].head
        quiet = lane_of(market)
        ccip.forge(LANE)
        ccip.level()
        market.tick()
        incident = next(iter(market.service.incidents))
        during = time_text(ccip.now_ms)
        target = both_ends([LANE])[0]
        cursed_s = ccip.curse(target).timestamp_s
        ccip.execute(ccip.sent[LANE][2])
        ccip.level()
        market.tick(60_000)
        market.act("bob", f"/incidents/{incident}/label", {"label": "true", "reason": "stolen key", "close": True})
        ccip.uncurse(target)
        ccip.level()
        market.tick(60_000)
        at_block = f"?at_block={BETA}:{before.number}"
        then = lane_of(market, query=at_block)
        for name in ("state", "sent", "committed", "in_flight", "curse", "incidents"):
            assert then[name] == quiet[name], name
        assert then["moved"]["1h"] == quiet["moved"]["1h"]
        assert market.http.get(f"/incidents{at_block}").json()["incidents"] == []
        assert market.http.get(f"/signals{at_block}").json()["signals"] == []
        third = f"state=committed&at_block={BETA}:{before.number}"
        assert len(market.http.get(f"/messages?{third}").json()["messages"]) == 1
        (stood,) = market.http.get(f"/incidents?at={during}").json()["incidents"]
        assert (stood["id"], stood["state"]) == (incident, "open")
        assert lane_of(market, query=f"?at={during}")["state"] == "withheld"
        assert market.http.get("/curses").json()["curses"] == []
        cursed = market.http.get(f"/curses?at={time_text(1000 * cursed_s)}").json()["curses"]
        assert [item["subject"] for item in cursed] == [target.subject]

    @pytest.mark.parametrize("query", ["at=noon", "at_block=5", "at_block=x:y", "at=2026-01-01T00:00:00"])
    def test_no_time_is_422(self, node: NodeUnderTest, query: str) -> None:
        assert node.http.get(f"/lanes?{query}").status_code == 422

    @pytest.mark.parametrize("query", ["at_block=5:1", f"at_block={BETA}:999999", f"at_block={BETA}:{'9' * 19}"])
    def test_a_block_that_is_not_there_is_404(self, node: NodeUnderTest, query: str) -> None:
        assert node.http.get(f"/lanes?{query}").status_code == 404


class TestInbox:
    def test_filters_assignment_and_verdicts(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        (incident,) = node.service.incidents
        path = f"/incidents/{incident}"
        assert node.act("alice", f"{path}/assign", {"to": "mallory"}).status_code == 422
        assert node.act("alice", f"{path}/assign", {"to": "carol"}).json()["assigned_to"] == "carol"
        assert node.act("alice", f"{path}/label", {"label": "false"}).status_code == 422
        said = node.act("alice", f"{path}/label", {"label": "false", "reason": "a drill", "close": True}).json()
        assert (said["label_reason"], said["state"]) == ("a drill", "closed")
        assert [moment["by"] for moment in said["timeline"]][-2:] == ["alice", "alice"]
        assert len(node.http.get("/incidents?open=false&severity=critical&assigned_to=carol").json()["incidents"]) == 1
        assert node.http.get("/incidents?open=true").json()["incidents"] == []
        budgets = node.http.get("/status").json()["status"]["budgets"]
        assert (budgets["false_curses_30d"], budgets["true_curses_30d"]) == (1, 0)
        # what it was is often known only afterwards
        assert node.act("alice", f"{path}/label", {"label": "true", "reason": "no drill"}).status_code == 200
        assert node.act("alice", f"{path}/label", {"label": "x", "close": True}).status_code == 409
        assert node.http.get("/status").json()["status"]["budgets"]["true_curses_30d"] == 1
        found = node.http.get(f"/signals?incident={incident}&detector=unmatched_execution").json()["signals"]
        assert len(found) == 1
        assert node.http.get("/signals?severity=info").json()["signals"] == []

    def test_alerts_are_for_what_is_new_or_worse(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.level()
        node.tick()
        told = node.heard.kinds()
        assert (told.count("incident"), told.count("cursed")) == (1, 1)
        for _ in range(3):
            ccip.forge(LANE)
            ccip.level()
            node.tick(1_000)
        assert node.heard.kinds().count("incident") == 1
