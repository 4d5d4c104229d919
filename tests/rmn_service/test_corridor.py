"""From a log on a chain to a vote on two chains, with everything in between real but the chains."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import encode_args, encode_call, function_selector
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from ccip_core.rpc import RpcRefused
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA, GAMMA = 3379446385462418246, 7759470850252068959, 4489326297382772450
VOTE = function_selector("voteToCurse(bytes16,bytes16[],bytes32)")
LANE = Lane(ALPHA, BETA)
AT_DEST = Target(BETA, subject_text(chain_subject(ALPHA)))
AT_SOURCE = Target(ALPHA, subject_text(chain_subject(BETA)))


def test_an_honest_message_makes_no_signal_and_no_vote(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    message = ccip.send(LANE)
    ccip.mine_all(3)
    ccip.commit(ccip.claim(LANE, 1, 1))
    ccip.execute(message)
    ccip.mine_all(3)
    node.tick()
    assert node.service.signals == {}
    assert not any(ccip.votes(selector) for selector in ccip.rpcs)


def test_a_forged_execution_becomes_a_vote_on_both_ends(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.mine(ALPHA)
    node.tick()
    (incident,) = node.service.incidents.values()
    assert incident.cause.lanes == (LANE,)
    (at_dest,), (at_source,) = ccip.votes(BETA), ccip.votes(ALPHA)
    assert at_dest.subjects == (AT_DEST.subject,)
    assert at_source.subjects == (AT_SOURCE.subject,)
    assert ccip.votes(GAMMA) == []
    evidence = {item["evidence"] for item in node.http.get("/signals").json()["signals"]}
    assert at_dest.evidence in evidence  # a reader of the chain finds the signal that the vote rests on
    assert at_dest.curse_id != at_source.curse_id


def test_the_audit_says_what_was_meant_before_it_says_what_came_of_it(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.mine(ALPHA)
    node.tick()
    ccip.mine_all()
    node.tick(after_ms=1000)
    rows = list(node.service.store.audit_rows())
    (intent,) = [row for row in rows if row.kind == "intend curse"]
    conclusions = [row for row in rows if row.kind == "conclude curse"]
    assert len(intent.body["actions"]) == 2
    assert [row.body["intent"] for row in conclusions] == [intent.sequence] * 2
    assert {row.body["state"] for row in conclusions} == {"mined"}


def test_more_of_the_same_worsens_the_incident_and_votes_only_once(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.mine(ALPHA)
    node.tick()
    ccip.answer_views(voted=(AT_DEST.subject, AT_SOURCE.subject))
    ccip.forge(LANE, count=2)
    ccip.mine_all(2)
    node.tick(after_ms=1000)
    (incident,) = node.service.incidents.values()
    assert incident.state == "worsening"
    node.tick(after_ms=20_000)
    assert len(ccip.votes(BETA)) == len(ccip.votes(ALPHA)) == 1


@pytest.mark.parametrize(("posture", "reach"), [("observe", "watch"), ("withhold", "withhold")])
# INV-CURSE-6
def test_a_posture_below_curse_never_votes(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, posture: str, reach: str
) -> None:
    node = start_node(posture=posture)
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.mine(ALPHA)
    node.tick()
    (item,) = node.http.get("/incidents").json()["incidents"]
    assert item["decision"]["reach"] == reach
    assert not any(ccip.votes(selector) for selector in ccip.rpcs)


# INV-CURSE-6
def test_a_node_without_a_curser_says_that_it_only_alerts(
    start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
) -> None:
    node = start_node(keys=("signer",))
    ccip.mine_all(3)
    ccip.forge(LANE)
    ccip.mine(ALPHA)
    node.tick()
    (item,) = node.http.get("/incidents").json()["incidents"]
    assert "only alerts" in item["decision"]["reason"]
    assert item["actions"] == []


def test_a_dead_chain_stops_nobody_and_its_vote_follows_when_it_is_back(
    node: NodeUnderTest, ccip: ScriptedCcip
) -> None:
    ccip.answer_views()
    ccip.mine_all(3)
    node.tick()
    ccip.rpcs[GAMMA].cut_off()
    lane = Lane(ALPHA, BETA)
    ccip.forge(lane)
    ccip.mine(ALPHA)
    node.tick()
    assert ccip.votes(BETA)
    assert ccip.votes(ALPHA)
    lane = Lane(ALPHA, GAMMA)
    ccip.forge(lane)
    assert node.http.get("/health").status_code == 503
    assert list(node.http.get("/health").json()["health"]["blind"]) == [str(GAMMA)]
    ccip.rpcs[GAMMA].restore()
    ccip.mine_all()
    node.tick(after_ms=1000)
    assert [vote.subjects for vote in ccip.votes(GAMMA)] == [(subject_text(chain_subject(ALPHA)),)]
    assert node.http.get("/health").status_code == 200


def test_a_vote_that_could_not_be_sent_is_sent_later(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    ccip.answer_views()
    ccip.mine_all(3)
    ccip.forge(LANE)
    node.tick()  # the source has not come far enough to say that nothing was sent
    ccip.mine(ALPHA)
    sending = ccip.rpcs[BETA]
    node.service.tick(ccip.now_ms, [ALPHA])
    assert node.service.voter.settle(10)
    assert ccip.votes(BETA)  # both ends are reached by reading one of them

    ccip.forge(Lane(GAMMA, BETA))
    node.service.tick(ccip.now_ms, [BETA])
    sending.cut_off()
    ccip.mine(GAMMA)
    node.tick(after_ms=1000)
    subject = subject_text(chain_subject(GAMMA))
    assert all(subject not in vote.subjects for vote in ccip.votes(BETA))
    sending.restore()
    node.tick(after_ms=5_000)
    assert [vote for vote in ccip.votes(BETA) if vote.subjects == (subject,)]


# INV-DET-3
def test_silence_of_the_source_is_blindness_and_never_evidence(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    message = ccip.message(LANE)
    ccip.mine_all(3)
    node.tick()
    ccip.rpcs[ALPHA].cut_off()
    ccip.sent[LANE] = []
    ccip.send(LANE)  # it is honest, but this node can't see it
    for _ in range(20):
        ccip.mine(BETA)
    ccip.execute(message)
    for _ in range(20):
        ccip.mine(BETA)
    node.tick()
    assert node.service.signals == {}
    assert not ccip.votes(BETA)
    ccip.rpcs[ALPHA].restore()
    for _ in range(60):
        ccip.mine(ALPHA)
    node.tick()
    assert node.service.signals == {}


def test_a_chain_that_hangs_on_its_vote_keeps_nobody_from_anything(
    node: NodeUnderTest, ccip: ScriptedCcip, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, let_go = threading.Event(), threading.Event()
    send_raw = ccip.rpcs[ALPHA].send_raw

    def hang(raw: bytes) -> bytes:
        hanging.set()
        assert let_go.wait(10)
        return send_raw(raw)

    monkeypatch.setattr(ccip.rpcs[ALPHA], "send_raw", hang)
    ccip.mine_all(3)
    ccip.forge(LANE)
    node.service.tick(ccip.now_ms, [BETA])
    head = ccip.mine(ALPHA)
    reader = threading.Thread(target=node.service.tick, args=(ccip.now_ms, [ALPHA], head))
    reader.start()
    assert hanging.wait(10)
    assert node.service.lock.acquire(timeout=5)
    node.service.lock.release()
    assert node.service.voter.settle(10, [BETA])
    assert ccip.votes(BETA)
    node.service.tick(ccip.now_ms + 5_000, [BETA])  # the vote that hangs is not given to another thread as well
    let_go.set()
    reader.join(10)
    assert node.service.voter.settle(10)
    assert len(ccip.votes(ALPHA)) == 1


class TestRestart:
    def test_in_the_middle_of_an_attack_votes_are_neither_lost_nor_doubled(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        node = start_node()
        ccip.answer_views()
        ccip.mine_all(3)
        ccip.rpcs[ALPHA].cut_off()
        ccip.forge(LANE)
        ccip.rpcs[ALPHA].restore()
        ccip.mine(ALPHA)
        node.service.tick(ccip.now_ms, [BETA])
        sends = ccip.rpcs[BETA]
        assert not ccip.votes(BETA)
        node.service.tick(ccip.now_ms, [ALPHA])
        assert node.service.voter.settle(10)
        (before,) = ccip.votes(BETA)
        node.stop()
        ccip.answer_views(voted=(AT_DEST.subject, AT_SOURCE.subject))
        node = start_node()
        ccip.mine_all(2)
        for _ in range(5):
            node.tick(after_ms=40_000)
        assert ccip.votes(BETA) == [before]
        assert len(sends.sent) == 1
        assert [action.state for action in node.service.voter.actions()] == ["mined", "mined"]

    def test_an_intent_that_was_never_sent_is_sent_by_the_next_process(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        ccip.answer_views()
        node = start_node()
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.service.tick(ccip.now_ms, [BETA])
        ccip.rpcs[BETA].cut_off()
        node.tick()
        assert len(ccip.votes(ALPHA)) == 1
        assert not ccip.votes(BETA)
        node.stop()
        ccip.rpcs[BETA].restore()
        ccip.answer_views(voted=(AT_SOURCE.subject,))
        node = start_node()
        node.tick(after_ms=1000)
        assert len(ccip.votes(ALPHA)) == 1
        assert [vote.subjects for vote in ccip.votes(BETA)] == [(AT_DEST.subject,)]

    def test_incidents_signals_and_verdicts_survive(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        node = start_node()
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.tick()
        before = {name: node.http.get(f"/{name}").json()[name] for name in ("incidents", "signals", "messages")}
        node.stop()
        node = start_node()
        after = {name: node.http.get(f"/{name}").json()[name] for name in ("incidents", "signals", "messages")}
        for name in ("signals", "messages"):
            assert after[name] == before[name]
        assert [item["id"] for item in after["incidents"]] == [item["id"] for item in before["incidents"]]


class TestCurses:
    def test_what_is_cursed_already_is_not_voted_for(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.mine_all(3)
        ccip.curse(AT_DEST)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.tick()
        assert not ccip.votes(BETA)
        assert ccip.votes(ALPHA)
        (curse,) = node.http.get("/curses").json()["curses"]
        assert (curse["chain"], curse["subject"], curse["by"]) == (str(BETA), AT_DEST.subject, "external")

    def test_a_curse_that_answers_our_vote_is_ours(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.tick()
        ccip.curse(AT_DEST)
        node.tick()
        (curse,) = node.http.get("/curses").json()["curses"]
        assert curse["by"] == next(iter(node.service.incidents))

    def test_people_lifted_it_so_only_new_evidence_curses_again(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.answer_views()
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.tick()
        for step in (ccip.curse, ccip.uncurse):
            step(AT_DEST)
            step(AT_SOURCE)
        node.tick(after_ms=60_000)
        node.tick(after_ms=60_000)
        assert len(ccip.votes(BETA)) == len(ccip.votes(ALPHA)) == 1
        ccip.forge(LANE, count=2)
        ccip.mine_all(3)
        node.tick()
        assert len(ccip.votes(BETA)) == len(ccip.votes(ALPHA)) == 2
        assert len({vote.curse_id for vote in ccip.votes(BETA)}) == 2

    def test_a_vote_that_a_new_voter_configuration_voided_is_cast_again(
        self, node: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.tick()
        ccip.mine_all()
        node.tick(after_ms=1000)
        assert {action.state for action in node.service.voter.actions()} == {"mined"}
        ccip.answer_views()  # nobody voted, nothing is cursed
        node.tick(after_ms=15_000)
        assert len(ccip.votes(BETA)) == 2
        assert len({vote.curse_id for vote in ccip.votes(BETA)}) == 2

    def test_what_would_revert_again_is_not_sent_again_but_never_given_up(
        self, node: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        def refuse(_: bytes) -> bytes:
            raise RpcRefused(3, "execution reverted", encode_call("UnauthorizedVoter(address)", b"\x01" * 20))

        ccip.answer_views()
        ccip.mine_all(3)
        node.tick()
        for _ in range(3):
            ccip.mine(BETA)
        ccip.forge(LANE)
        node.service.tick(ccip.now_ms, [BETA])  # not decided: the source has not come so far
        node.service.voter._hands[BETA].wallet.refresh()
        ccip.rpcs[BETA].cut_off()  # so nothing can be numbered, and nothing is signed
        ccip.level()
        node.tick()
        ccip.rpcs[BETA].restore()
        voting = ccip.contracts(BETA).curse_voting
        assert voting is not None
        ccip.rpcs[BETA].on_call(voting, VOTE, refuse)
        for _ in range(3):
            node.tick(after_ms=40_000)
        assert not ccip.votes(BETA)
        (action,) = [action for action in node.service.voter.actions() if action.chain == BETA]
        assert action.note.startswith("will try again")
        assert "0x" + "01" * 20 in action.note
        ccip.rpcs[BETA].on_call(voting, VOTE, lambda _: b"")
        node.tick(after_ms=40_000)
        assert len(ccip.votes(BETA)) == 1

    def test_without_a_voting_contract_the_owner_curses_and_others_only_say_so(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip
    ) -> None:
        ccip.deploy(has_voting=False)
        owners = {ALPHA: b"\x07" * 20, BETA: dev_key("rmn_curser").address, GAMMA: b"\x07" * 20}
        for selector, owner in owners.items():
            answer = encode_args(("address",), (owner,))
            ccip.rpcs[selector].on_call(
                ccip.contracts(selector).rmn_remote, function_selector("owner()"), lambda _, answer=answer: answer
            )
            name = encode_args(("string",), ("RMNRemote 1.6.0",))
            ccip.rpcs[selector].on_call(
                ccip.contracts(selector).rmn_remote, function_selector("typeAndVersion()"), lambda _, name=name: name
            )
        node = start_node()
        ccip.mine_all(3)
        ccip.forge(LANE)
        ccip.mine(ALPHA)
        node.tick()
        (sent,) = ccip.rpcs[BETA].sent
        subjects = (bytes.fromhex(AT_DEST.subject[2:]),)
        assert sent.content.data == encode_call("curse(bytes16[])", subjects)
        assert sent.content.to == ccip.contracts(BETA).rmn_remote
        assert ccip.rpcs[ALPHA].sent == []
        states = {action.chain: (action.state, action.note) for action in node.service.voter.actions()}
        assert states[ALPHA][0] == "impossible"
        assert states[ALPHA][1] == "only alerts: the owner alone may curse here"


class TestReorgs:
    def test_a_rewind_takes_messages_and_curses_back(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.mine_all(3)
        message = ccip.send(LANE)
        ccip.curse(AT_DEST)
        node.tick()
        id_ = "0x" + message.header.message_id.hex()
        assert node.http.get(f"/messages/{id_}").json()["state"] == "sent"
        assert node.http.get("/curses").json()["curses"]
        for selector in (ALPHA, BETA):
            ccip.rpcs[selector].fork(1)
            ccip.mine(selector)
            ccip.mine(selector)
        node.tick()
        assert node.http.get(f"/messages/{id_}").status_code == 404
        assert node.http.get("/curses").json()["curses"] == []

    def test_broken_finality_is_an_incident_and_the_chain_is_not_believed_any_more(
        self, node: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        ccip.mine_all(8)
        node.tick()
        ccip.rpcs[ALPHA].fork(6)
        for _ in range(8):
            ccip.mine(ALPHA)
        node.tick()
        (incident,) = node.service.incidents.values()
        assert incident.cause.family == "finality_violation"
        health = node.http.get("/health")
        assert health.status_code == 503
        assert "finality" in health.json()["health"]["blind"][str(ALPHA)]
