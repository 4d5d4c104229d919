"""A bundle fetched from a node proves its claim offline; one with a changed byte proves nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccip_core.protocol import events
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import Lane, MerkleRoot, PriceUpdates
from detectors.folding import State
from detectors.fused import STATISTICS
from rmn_service.audit_chain import canonical_json
from rmn_service.cli.app import run
from rmn_service.evidence_proof import EvidenceError, envelope, prove
from rmn_service.evidence_values import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALPHA, BETA = 3379446385462418246, 7759470850252068959
LANE = Lane(ALPHA, BETA)


def bundle_of(node: Any, address: str) -> dict[str, Any]:
    answer = node.http.get(f"/evidence/{address}")
    assert answer.status_code == 200, answer.text
    return answer.json()["bundle"]


@pytest.fixture
def attacked(node: Any, ccip: Any) -> Any:
    """A node that saw honest traffic, a forged execution, a forged root and a double execution."""
    ccip.mine_all(3)
    first = ccip.send(LANE)
    ccip.mine_all(4)
    ccip.commit(ccip.claim(LANE, 1, 1))
    ccip.execute(first)
    node.tick()
    ccip.execute(first)
    ccip.send(LANE)
    ccip.forge(LANE)
    forged = MerkleRoot(LANE.source, ccip.claim(LANE, 1, 1).on_ramp, 3, 4, b"\x07" * 32)
    report = events.CommitReportAccepted((forged,), (), PriceUpdates((), ()))
    ccip.mine(LANE.dest, (ccip.contracts(LANE.dest).off_ramp, report))
    ccip.mine_all(12)
    node.tick()
    ccip.mine_all(12)
    node.tick()
    return node


def file_of(node: Any, address: str) -> bytes:
    return envelope(bundle_of(node, address), {})


# INV-EVIDENCE-1
def test_every_signal_of_a_node_can_be_judged_again_without_it(attacked: Any) -> None:
    """Each one from raw logs, by the same code."""
    signals = attacked.http.get("/signals").json()["signals"]
    detectors = {signal["detector"] for signal in signals}
    assert {"unmatched_execution", "double_execution", "interval_gap"} <= detectors
    for signal in signals:
        proof = prove(file_of(attacked, signal["evidence"]), address=signal["evidence"])
        assert (proof.claim["id"], proof.claim["summary"]) == (signal["id"], signal["summary"])
        assert proof.logs >= 1
        assert proof.stated_rows == 0
        assert proof.is_same_code


def test_the_votes_on_the_chain_carry_the_address_of_a_bundle_that_proves_them(attacked: Any, ccip: Any) -> None:
    votes = ccip.votes(LANE.dest)
    assert votes
    for vote in votes:
        proof = prove(file_of(attacked, vote.evidence), address=vote.evidence)
        assert [str(LANE.source), str(LANE.dest)] in proof.claim["lanes"]


def test_what_was_missing_from_the_record_is_said(attacked: Any) -> None:
    signals = attacked.http.get("/signals").json()["signals"]
    forged = next(signal for signal in signals if signal["detector"] == "unmatched_execution")
    proof = prove(file_of(attacked, forged["evidence"]))
    assert f"sent {LANE.source} {LANE.dest} 3" in proof.absent


# INV-EVIDENCE-2
def test_a_bundle_with_any_changed_byte_is_refused(attacked: Any) -> None:
    """One position of each kind of byte in the file, each turned into several others."""
    signals = attacked.http.get("/signals").json()["signals"]
    file = file_of(attacked, signals[0]["evidence"])
    prove(file)
    kinds: dict[tuple[int, bytes], int] = {}
    for place, byte in enumerate(file):
        kinds.setdefault((byte, file[max(0, place - 2) : place]), place)
    assert len(kinds) > 500
    for place in kinds.values():
        for change in (1, 0x20, 0x80):
            changed = bytearray(file)
            changed[place] ^= change
            with pytest.raises(EvidenceError):
                prove(bytes(changed))


def test_no_edit_of_the_file_passes(attacked: Any) -> None:
    file = file_of(attacked, attacked.http.get("/signals").json()["signals"][0]["evidence"])

    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, len(file)), st.integers(0, 3), st.binary(max_size=3))
    def edit(place: int, dropped: int, put: bytes) -> None:
        edited = file[:place] + put + file[place + dropped :]
        if edited != file:
            with pytest.raises(EvidenceError):
                prove(edited)

    edit()


def rehashed(bundle: dict[str, Any]) -> bytes:
    """What a liar who knows how addresses are made would publish."""
    return envelope(bundle, {})


def test_a_liar_who_writes_the_hash_anew_still_has_to_convince_the_rule(attacked: Any) -> None:
    signals = attacked.http.get("/signals").json()["signals"]
    forged = next(signal for signal in signals if signal["detector"] == "unmatched_execution")
    bundle = bundle_of(attacked, forged["evidence"])

    def lie(change: Callable[[dict[str, Any]], None], complaint: str) -> None:
        false = json.loads(json.dumps(bundle))
        change(false)
        with pytest.raises(EvidenceError, match=complaint):
            prove(rehashed(false))
        with pytest.raises(EvidenceError, match="it was changed"):
            prove(rehashed(false), address=forged["evidence"])

    def accuse_other_lane(false: dict[str, Any]) -> None:
        false["signal"]["lanes"] = [[str(LANE.dest), str(LANE.source)]]

    def drop_log(false: dict[str, Any]) -> None:
        false["blocks"][0]["logs"] = []

    def state_the_row(false: dict[str, Any]) -> None:
        at = ["#1", "#1", "0x", "#1", "0x", "#1", "#1"]
        false["rows"].append(["Minted", [{"At": at}, "0xaa", "0xbb", "#1"]])

    def other_emitter(false: dict[str, Any]) -> None:
        for block in false["blocks"]:
            for log in block["logs"]:
                log["address"] = "0x" + "66" * 20

    def other_settings(false: dict[str, Any]) -> None:
        false["judged_by"]["settings"]["clock_skew_s"] = 5

    lie(accuse_other_lane, "does not say this")
    lie(drop_log, "not written by a node")
    lie(state_the_row, "stands in no log")
    lie(other_emitter, "not written by a node")
    lie(other_settings, "settings_hash")


def test_a_state_of_other_shapes_never_reaches_compiled_code() -> None:
    like = State.empty()
    assert State.empty().is_like(like)
    grown = State.empty()
    grown.make_room(9)
    assert grown.is_like(like)
    uneven = State((grown.states[0], *State.empty().states[1:]), *grown.arrays[-3:])
    uneven.make_room(9)
    per_token = [state for state, of in zip(uneven.states, STATISTICS, strict=True) if of.is_per_token]
    assert min(map(len, per_token)) >= 9, "whatever a stranger's state holds, each of its arrays has room"
    short, flat, other = State.empty(), State.empty(), State.empty()
    short.states = short.states[:-1]
    flat.tails = flat.tails[:, :-1]
    other.states = (other.states[0].astype("float32"), *other.states[1:])
    assert not any(state.is_like(like) for state in (short, flat, other))


@pytest.mark.parametrize(
    "bundle",
    [
        {},
        {"version": 2},
        {"version": 1, "statement": []},
        {"version": 1, "statement": {"kind": "oracle", "document": {}}},
        {"version": 1, "signal": {}, "judged_by": {"settings": {"x": 1}}},
        {"version": 1, "signal": 1, "judged_by": 1, "network": 1, "grounds": 1, "blocks": 1, "rows": 1},
    ],
)
def test_what_no_node_writes_is_refused_in_one_line(bundle: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError) as caught:
        prove(envelope(bundle, {}))
    assert "\n" not in str(caught.value)
    for file in (b"", b"5\n", b"[]\n", b'{"bundle":5,"hash":"0x","headers":{}}\n', b"\xff"):
        with pytest.raises(EvidenceError):
            prove(file)


def test_statistics_carry_their_frozen_past() -> None:
    """The whole frozen state of a chain's statistics goes through the file and back, bit for bit."""

    def no_rows(_: object) -> Any:
        pytest.fail("no row in a state")

    before = State.empty()
    before.tails[:, :3] = 0.1
    for array in (*before.states, before.tails, before.together):
        again = from_json(json.loads(canonical_json({"a": to_json(array, no_rows)}))["a"], no_rows)
        assert again.dtype == array.dtype
        assert again.tobytes() == array.tobytes()


def test_unknown_and_malformed_addresses_get_one_line(node: Any) -> None:
    assert node.http.get("/evidence/0x" + "00" * 32).status_code == 404
    assert node.http.get("/evidence/latest").status_code == 422


def test_the_verb_judges_a_file_and_says_what_must_be_believed(
    attacked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = attacked.http.get("/signals").json()["signals"][0]["evidence"]
    file = tmp_path / "evidence.json"
    file.write_bytes(file_of(attacked, address))
    assert run(["evidence", "verify", str(file), "--hash", address, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["hash"]) == ("follows", address)
    assert any("canonical" in belief for belief in said["to be believed"])
    assert run(["evidence", "verify", str(file), "--hash", "0x" + keccak(b"").hex()]) == 1
    assert "it was changed" in capsys.readouterr().err
    assert run(["evidence", "verify", str(tmp_path / "none.json")]) == 2
    (tmp_path / "deep.json").write_bytes(b"[" * 100_000)
    assert run(["evidence", "verify", str(tmp_path / "deep.json")]) == 1


def test_a_restart_keeps_every_bundle_and_writes_none_anew(attacked: Any, start_node: Callable[..., Any]) -> None:
    before = {signal["id"]: signal["evidence"] for signal in attacked.http.get("/signals").json()["signals"]}
    attacked.stop()
    again = start_node()
    after = {signal["id"]: signal["evidence"] for signal in again.http.get("/signals").json()["signals"]}
    assert after == before
    for address in after.values():
        prove(file_of(again, address), address=address)


def test_a_vote_that_people_decided_names_them(node: Any, ccip: Any) -> None:
    ccip.mine_all(3)
    node.tick()
    proposed = node.act(
        "alice", "/proposals", {"kind": "curse", "subjects": [f"{ALPHA}:{BETA}"], "reason": "stolen key"}
    )
    assert node.act("bob", f"/proposals/{proposed.json()['id']}/approve").status_code == 200
    assert node.service.voter.settle(10)
    (vote,) = ccip.votes(BETA)
    proof = prove(file_of(node, vote.evidence), address=vote.evidence)
    assert proof.claim["summary"] == "alice proposed it and bob approved it: stolen key"
    assert (proof.logs, proof.stated_rows) == (0, 1)


def test_a_vote_does_not_wait_for_evidence_of_a_whole_history(
    node: Any, ccip: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A root that continues nothing is compared with every root before it: stated, not carried; the others are."""
    ccip.mine_all(3)
    sent = [ccip.send(LANE) for _ in range(30)]
    ccip.mine_all(4)
    for number in range(1, len(sent) + 1):
        ccip.commit(ccip.claim(LANE, number, number))
    node.tick()
    monkeypatch.setattr("rmn_service.evidence._ENTRIES_MAX", 25)
    forged = MerkleRoot(LANE.source, ccip.claim(LANE, 1, 1).on_ramp, 10, 11, b"\x07" * 32)
    report = events.CommitReportAccepted((forged,), (), PriceUpdates((), ()))
    ccip.mine(LANE.dest, (ccip.contracts(LANE.dest).off_ramp, report))
    ccip.mine_all(12)
    node.tick()
    proofs = {
        signal["detector"]: prove(file_of(node, signal["evidence"]), address=signal["evidence"])
        for signal in node.http.get("/signals").json()["signals"]
    }
    assert proofs["interval_gap"].claim["detector"] == "none: signal"
    assert "too many to carry" in proofs["interval_gap"].claim["summary"]
    assert proofs["root_mismatch"].claim["detector"] == "root_mismatch"
