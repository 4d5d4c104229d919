"""The HTTP API as interfaces.md promises it: routes, shapes, who may act, and never a 5xx for what strangers send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.codec import encode_args, encode_call, function_selector
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from rmn_service.body_limit import BODY_BYTES_MAX
from rmn_service.curses import GLOBAL
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA, GAMMA = 3379446385462418246, 7759470850252068959, 4489326297382772450
LANE = Lane(ALPHA, BETA)
LISTS = ("chains", "lanes", "messages", "signals", "incidents", "curses", "proposals", "audit")


def as_request(claim) -> dict[str, str]:
    return {
        "source": str(claim.lane.source),
        "dest": str(claim.lane.dest),
        "on_ramp": "0x" + claim.on_ramp.hex(),
        "min_seq": str(claim.min_seq_nr),
        "max_seq": str(claim.max_seq_nr),
        "root": "0x" + claim.root.hex(),
    }


@pytest.fixture
def busy(node: NodeUnderTest, ccip: ScriptedCcip) -> NodeUnderTest:
    """A node that has seen an honest message go through, and a forged one."""
    message = ccip.send(LANE)
    ccip.mine_all(3)
    ccip.commit(ccip.claim(LANE, 1, 1))
    ccip.execute(message)
    ccip.level()
    node.tick()
    ccip.forge(LANE)
    ccip.level()
    node.tick()
    return node


def test_every_list_stands_under_its_route_with_as_of(busy: NodeUnderTest) -> None:
    for name in LISTS:
        answer = busy.http.get(f"/{name}").json()
        assert isinstance(answer[name], list)
        assert set(answer["as_of"]) == {str(ALPHA), str(BETA), str(GAMMA)}
        assert answer["as_of"][str(ALPHA)]["hash"].startswith("0x")


def test_the_promised_fields(busy: NodeUnderTest) -> None:
    promised = {
        "signals": "id at known_at detector severity score subjects chain block tx evidence",
        "incidents": "id state severity subjects opened_at signals decision actions",
        "messages": "source dest sequence_number state transactions",
        "lanes": "source dest",
    }
    for name, fields in promised.items():
        items = busy.http.get(f"/{name}").json()[name]
        assert items, name
        for item in items:
            assert set(fields.split()) <= item.keys()
    (signal, *_) = busy.http.get("/signals").json()["signals"]
    assert signal["chain"] == str(BETA)  # a selector never becomes a JSON number


def test_the_openapi_document_names_every_route(node: NodeUnderTest) -> None:
    paths = node.http.get("/openapi.json").json()["paths"]
    promised = (
        "/health /status /chains /lanes /messages /messages/{message_id} /signals /incidents /incidents/{incident_id} "
        "/curses /proposals /audit /metrics /blessings /proposals/{proposal_id}/approve /posture "
        "/incidents/{incident_id}/acknowledge /incidents/{incident_id}/snooze /incidents/{incident_id}/label"
    )
    assert set(promised.split()) <= paths.keys()


def test_the_first_request_finds_every_route_ready(node: NodeUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise AssertionError("a route's types are built while somebody waits, perhaps by two threads at once")

    monkeypatch.setattr(TypeAdapter, "__init__", late)
    assert node.http.get("/lanes").status_code == 200


def test_a_message_is_followed_from_step_to_step(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    message = ccip.send(LANE)
    path = f"/messages/0x{message.header.message_id.hex()}"
    states = []
    steps = (
        lambda: None,
        lambda: ccip.mine_all(3),
        lambda: ccip.commit(ccip.claim(LANE, 1, 1)),
        lambda: ccip.execute(message, state=3),
        lambda: ccip.execute(message),
    )
    for step in steps:
        step()
        node.tick()
        states.append(node.http.get(path).json()["state"])
    assert states == ["sent", "final", "committed", "failure", "success"]
    answer = node.http.get(path).json()
    assert answer["sequence_number"] == "1"
    assert [step["state"] for step in answer["transactions"]["executed"]] == ["failure", "success"]
    assert answer["transactions"]["committed"]["is_blessed"] is True


def test_what_is_not_there_is_404(busy: NodeUnderTest) -> None:
    for path in ("/messages/0x00", "/incidents/none", "/nothing", "/messages/%00%ff"):
        answer = busy.http.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]


def test_health_and_metrics_tell_of_blindness(node: NodeUnderTest, ccip: ScriptedCcip) -> None:
    assert node.http.get("/health").status_code == 200
    ccip.now_ms += 121_000
    answer = node.http.get("/health")
    assert answer.status_code == 503
    assert set(answer.json()["health"]["blind"]) == {str(ALPHA), str(BETA), str(GAMMA)}
    text = node.http.get("/metrics").text
    assert 'rmn_curser_balance_low{chain="geth-testnet"} 0.0' in text
    assert node.http.get("/chains").json()["chains"][0]["curser_balance_wei"] == str(10**18)
    assert 'rmn_chain_blind{chain="geth-testnet"} 1.0' in text
    assert "rmn_ticks_failed_total 0.0" in text


class TestBlessings:
    def test_the_don_gets_what_it_was_promised(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.send(LANE)
        ccip.mine_all(3)
        claim = as_request(ccip.claim(LANE, 1, 1))
        answer = node.http.post("/blessings", json={"roots": [claim]})
        assert answer.status_code == 200
        body = answer.json()
        assert body["results"] == [{"root": claim["root"], "verdict": "blessed", "reason": None}]
        assert body["signature"].keys() == {"signer", "r", "s", "digest"}
        assert body["signature"]["signer"] == "0x" + dev_key("rmn_signer").address.hex()
        forged = claim | {"root": "0x" + "11" * 32}
        body = node.http.post("/blessings", json={"roots": [claim, forged]}).json()
        assert [result["verdict"] for result in body["results"]] == ["blessed", "withheld"]
        assert body["signature"] is None

    @pytest.mark.parametrize(
        "change",
        [
            {"source": "5"},
            {"source": str(BETA)},
            {"min_seq": "9", "max_seq": "1"},
            {"max_seq": "18446744073709551615"},
            {"max_seq": "99999999999999999999"},
            {"on_ramp": "0x"},
        ],
    )
    def test_what_can_not_be_true_is_withheld_at_once(
        self, node: NodeUnderTest, ccip: ScriptedCcip, change: dict[str, str]
    ) -> None:
        ccip.send(LANE)
        ccip.mine_all(3)
        claim = as_request(ccip.claim(LANE, 1, 1)) | change
        body = node.http.post("/blessings", json={"roots": [claim]}).json()
        assert body["results"][0]["verdict"] == "withheld"
        assert body["results"][0]["reason"]

    @pytest.mark.parametrize(
        "change",
        [
            {"source": 5},
            {"source": "-1"},
            {"root": "0x11"},
            {"on_ramp": "0xzz"},
            {"on_ramp": "0x" + "00" * 65},
            {"min_seq": "1" * 5000},
            {"min_seq": "\uff11"},
            {"root": None},
        ],
    )
    def test_what_is_malformed_is_422(self, node: NodeUnderTest, ccip: ScriptedCcip, change: dict[str, object]) -> None:
        ccip.send(LANE)
        claim = as_request(ccip.claim(LANE, 1, 1)) | change
        answer = node.http.post("/blessings", json={"roots": [claim]})
        assert answer.status_code == 422
        assert "as_of" in answer.json()

    def test_two_destinations_and_no_roots_are_422(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.send(LANE)
        claim = as_request(ccip.claim(LANE, 1, 1))
        assert node.http.post("/blessings", json={"roots": []}).status_code == 422
        answer = node.http.post("/blessings", json={"roots": [claim, claim | {"dest": str(GAMMA)}]})
        assert answer.status_code == 422
        assert "one dest" in answer.json()["error"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
root_like = st.fixed_dictionaries(
    {},
    optional={
        "source": st.sampled_from([str(ALPHA), str(BETA)]) | json_values,
        "dest": st.sampled_from([str(BETA), "7"]) | json_values,
        "on_ramp": st.binary(max_size=40).map(lambda raw: "0x" + raw.hex()) | json_values,
        "min_seq": st.integers(0, 1 << 65).map(str) | json_values,
        "max_seq": st.integers(0, 1 << 65).map(str) | json_values,
        "root": st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex()) | json_values,
    },
)


class TestStrangers:
    @settings(
        max_examples=settings.default.max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        body=json_values | st.fixed_dictionaries({"roots": st.lists(root_like, max_size=3)}), route=st.integers(0, 3)
    )
    def test_no_json_makes_a_5xx(self, node: NodeUnderTest, body: object, route: int) -> None:
        path = ("/blessings", "/proposals", "/posture", "/incidents/x/snooze")[route]
        text = json.dumps(body)  # NaN, Infinity and lone surrogates included
        headers = {"Content-Type": "application/json", "Authorization": "Bearer alice-token"}
        answer = node.http.post(path, content=text, headers=headers)
        assert answer.status_code < 500, answer.text
        assert "as_of" in answer.json()

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 60_000, b'{"roots": "\\ud800"}', b"1e999999"])
    def test_no_bytes_make_a_5xx(self, node: NodeUnderTest, content: bytes) -> None:
        answer = node.http.post("/blessings", content=content, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500

    @pytest.mark.parametrize(
        "path", ["/messages?limit=0", "/signals?limit=x", "/audit?after=-1", f"/audit?after={1 << 70}"]
    )
    def test_no_query_makes_a_5xx(self, node: NodeUnderTest, path: str) -> None:
        assert node.http.get(path).status_code == 422

    def test_a_body_is_bounded(self, node: NodeUnderTest) -> None:
        answer = node.http.post("/blessings", content=b" " * (BODY_BYTES_MAX + 1))
        assert answer.status_code == 413

        async def drip():
            for _ in range(BODY_BYTES_MAX // 1000 + 2):
                yield b" " * 1000

        assert node.http.post("/blessings", content=drip()).status_code == 413


class TestOperators:
    def propose(self, node: NodeUnderTest, who: str = "alice", **change: object):
        body = {"kind": "curse", "subjects": [subject_text(chain_subject(ALPHA))], "reason": "drill"} | change
        return node.act(who, "/proposals", body)

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic alice-token", "alice-token"])
    def test_acts_need_a_token(self, node: NodeUnderTest, header: str | None) -> None:
        headers = {} if header is None else {"Authorization": header}
        body = {"kind": "curse", "subjects": ["geth-testnet"], "reason": "drill"}
        assert node.http.post("/proposals", json=body, headers=headers).status_code == 401
        assert node.http.get("/proposals").json()["proposals"] == []
        assert node.http.post("/posture", json={"posture": "observe"}, headers=headers).status_code == 401
        assert node.service.posture == "curse"

    @pytest.mark.parametrize("posture", ["curse", "observe"])
    # INV-CURSE-6
    def test_two_people_make_this_nodes_vote(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, posture: str
    ) -> None:
        node = start_node(posture=posture)
        answer = self.propose(node)
        assert answer.status_code == 201
        proposal = answer.json()["id"]
        assert not any(ccip.votes(selector) for selector in ccip.rpcs)
        assert node.act("alice", f"/proposals/{proposal}/approve").status_code == 403  # no approver
        approved = node.act("bob", f"/proposals/{proposal}/approve")
        assert approved.status_code == 200
        assert node.service.voter.settle(10)
        for selector in (BETA, GAMMA):
            (vote,) = ccip.votes(selector)
            assert vote.subjects == (subject_text(chain_subject(ALPHA)),)
        assert ccip.votes(ALPHA) == []  # its own subject has no effect there
        assert node.act("carol", f"/proposals/{proposal}/approve").status_code == 409
        ccip.curse(Target(BETA, subject_text(chain_subject(ALPHA))))
        node.tick()
        (curse,) = node.http.get("/curses").json()["curses"]
        assert curse["by"] == proposal

    def test_an_approver_can_not_approve_their_own(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        proposal = self.propose(node, "bob").json()["id"]
        answer = node.act("bob", f"/proposals/{proposal}/approve")
        assert answer.status_code == 403
        assert "another person" in answer.json()["error"]
        assert not any(ccip.votes(selector) for selector in ccip.rpcs)

    def test_an_uncurse_is_prepared_for_the_council_and_not_voted(
        self, node: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        target = Target(BETA, subject_text(chain_subject(ALPHA)))
        ccip.curse(target)
        for selector, rpc in ccip.rpcs.items():
            voting = ccip.contracts(selector).curse_voting
            assert voting is not None
            rpc.on_call(voting, function_selector("owner()"), lambda _: encode_args(("address",), (b"\x07" * 20,)))
        node.tick()
        proposal = self.propose(node, kind="uncurse").json()["id"]
        node.act("bob", f"/proposals/{proposal}/approve")
        assert node.service.voter.settle(10)
        assert all(rpc.sent == [] for rpc in ccip.rpcs.values())
        (item,) = node.http.get("/proposals").json()["proposals"]
        assert [action["state"] for action in item["actions"]] == ["impossible"]
        subjects = (bytes.fromhex(target.subject[2:]),)
        prepared = {entry["chain"]: entry for entry in item["council_calldata"]}
        assert prepared[str(BETA)]["data"] == "0x" + encode_call("liftCurse(bytes16[])", subjects).hex()
        assert "council" in item["note"]

    def test_a_council_that_runs_a_node_lifts_by_it(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        target = Target(BETA, subject_text(chain_subject(ALPHA)))
        ccip.curse(target)
        ccip.answer_views(cursed=(target.subject,))
        owner = dev_key("rmn_curser").address
        voting = ccip.contracts(BETA).curse_voting
        assert voting is not None
        ccip.rpcs[BETA].on_call(voting, function_selector("owner()"), lambda _: encode_args(("address",), (owner,)))
        node.tick()
        proposal = self.propose(node, kind="uncurse").json()["id"]
        node.act("bob", f"/proposals/{proposal}/approve")
        assert node.service.voter.settle(10)
        (sent,) = ccip.rpcs[BETA].sent
        assert sent.content.data == encode_call("liftCurse(bytes16[])", (bytes.fromhex(target.subject[2:]),))

    @pytest.mark.parametrize(
        ("subject", "targets"),
        [
            (GLOBAL, {(ALPHA, GLOBAL), (BETA, GLOBAL), (GAMMA, GLOBAL)}),
            ("geth-testnet", {(BETA, subject_text(chain_subject(ALPHA))), (GAMMA, subject_text(chain_subject(ALPHA)))}),
            (
                f"1337:{BETA}",
                {(BETA, subject_text(chain_subject(ALPHA))), (ALPHA, subject_text(chain_subject(BETA)))},
            ),
        ],
    )
    def test_what_a_subject_means(self, node: NodeUnderTest, subject: str, targets: set[tuple[int, str]]) -> None:
        answer = self.propose(node, subjects=[subject]).json()
        assert {(int(target["chain"]), target["subject"]) for target in answer["targets"]} == targets

    @pytest.mark.parametrize("subject", ["nowhere", "0x12", "0x" + "0" * 32, "0x" + "z" * 32, "1337:1337", "a:b", ":"])
    def test_a_subject_that_means_nothing_is_422(self, node: NodeUnderTest, subject: str) -> None:
        answer = self.propose(node, subjects=[subject])
        assert answer.status_code == 422
        assert "subjects = " in answer.json()["error"]

    def test_what_people_say_about_an_incident(self, busy: NodeUnderTest) -> None:
        (incident,) = busy.service.incidents
        assert busy.act("alice", f"/incidents/{incident}/acknowledge").json()["acknowledged_by"] == "alice"
        assert busy.act("alice", f"/incidents/{incident}/snooze", {"seconds": 60}).json()["snoozed_until"]
        closed = busy.act("bob", f"/incidents/{incident}/label", {"label": "attack", "close": True}).json()
        assert (closed["state"], closed["label"], closed["closed_by"]) == ("closed", "attack", "bob")
        assert busy.act("bob", f"/incidents/{incident}/acknowledge").status_code == 409
        kinds = [row["kind"] for row in busy.http.get("/audit").json()["audit"]]
        assert kinds[-3:] == ["acknowledge", "snooze", "label"]

    def test_posture_lowered_by_people_survives_a_restart(self, start_node: Callable[..., NodeUnderTest]) -> None:
        node = start_node()
        assert node.act("alice", "/posture", {"posture": "observe", "reason": "too loud"}).status_code == 200
        assert node.http.get("/status").json()["status"]["posture"] == "observe"
        node.stop()
        assert start_node().service.posture == "observe"

    @pytest.mark.parametrize(("said", "kept"), [({}, ""), ({"reason": " too loud\n"}, "too loud")])
    def test_why_a_posture_was_changed_is_in_the_audit_log(
        self, node: NodeUnderTest, said: dict[str, str], kept: str
    ) -> None:
        assert node.act("alice", "/posture", {"posture": "withhold", **said}).status_code == 200
        (row,) = [row for row in node.http.get("/audit").json()["audit"] if row["kind"] == "posture"]
        assert row["body"] == {"from": "curse", "to": "withhold", "by": "alice", "reason": kept}

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/proposals", {"kind": "curse", "subjects": ["geth-testnet"]}),
            ("/kill-switch", {"on": True}),
            ("/maintenance", {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}),
        ],
    )
    def test_blanks_are_no_reason(self, node: NodeUnderTest, path: str, body: dict[str, object]) -> None:
        refused = node.act("alice", path, {**body, "reason": "  "})
        assert refused.status_code == 422
        assert "reason" in refused.json()["error"]

    def test_a_posture_in_the_file_that_is_new_wins(self, start_node: Callable[..., NodeUnderTest]) -> None:
        node = start_node()
        node.act("alice", "/posture", {"posture": "observe", "reason": "too loud"})
        node.stop()
        assert start_node(posture="withhold").service.posture == "withhold"
