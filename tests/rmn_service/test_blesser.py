"""Known? equal? quiet? Each question, each refusal, and the near misses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.blessing import recover_blessing, rmn_digest
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.messages import Lane, MerkleRoot, RmnReport
from ccip_core.protocol.subjects import chain_subject, subject_text
from rmn_service.curses import GLOBAL
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from rmn_service.blesser import Claim
    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip

ALPHA, BETA, GAMMA = 3379446385462418246, 7759470850252068959, 4489326297382772450
LANE = Lane(ALPHA, BETA)


def reason(node: NodeUnderTest, *claims: Claim) -> str | None:
    """The first refusal, None when all is blessed."""
    blessing = node.service.bless(claims, node.ccip.now_ms)
    reasons = [verdict.reason for verdict in blessing.verdicts if verdict.reason is not None]
    assert (blessing.signature is None) == bool(reasons)
    return reasons[0] if reasons else None


@pytest.fixture
def claim(ccip: ScriptedCcip) -> Claim:
    """Three honest messages, final."""
    for _ in range(3):
        ccip.send(LANE)
    ccip.mine_all(4)
    return ccip.claim(LANE, 1, 3)


def test_a_true_root_is_signed_as_the_chain_verifies_it(node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim) -> None:
    blessing = node.service.bless([claim], ccip.now_ms)
    assert blessing.signature is not None
    at = ccip.contracts(BETA)
    report = RmnReport(
        31337,
        BETA,
        at.rmn_remote,
        at.off_ramp,
        ccip.deployment.rmn.home_config_digest,
        (MerkleRoot(ALPHA, encode_address(ccip.contracts(ALPHA).on_ramp), 1, 3, claim.root),),
    )
    assert blessing.digest == rmn_digest(report)
    assert recover_blessing(blessing.digest, blessing.signature) == dev_key("rmn_signer").address == blessing.signer


# INV-BLESS-5
def test_one_signature_covers_all_roots_in_their_order(node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim) -> None:
    other_lane = Lane(GAMMA, BETA)
    ccip.send(other_lane)
    ccip.mine_all(3)
    other = ccip.claim(other_lane, 1, 1)
    one, two = node.service.bless([claim, other], ccip.now_ms), node.service.bless([other, claim], ccip.now_ms)
    assert one.signature is not None
    assert two.signature is not None
    assert one.digest != two.digest


def test_one_bad_root_spoils_the_signature_but_not_the_other_verdict(
    node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim
) -> None:
    blessing = node.service.bless([claim, claim._replace(root=b"\x11" * 32)], ccip.now_ms)
    assert [verdict.reason is None for verdict in blessing.verdicts] == [True, False]
    assert blessing.signature is None


class TestPossible:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"lane": Lane(ALPHA, ALPHA)}, "unknown lane"),
            ({"lane": Lane(12345, BETA)}, "unknown lane"),
            ({"on_ramp": b"\x01" * 32}, "is not the OnRamp"),
            ({"on_ramp": b""}, "is not the OnRamp"),
            ({"min_seq_nr": 3, "max_seq_nr": 1}, "upside down"),
            ({"min_seq_nr": 0}, "out of range"),
            ({"max_seq_nr": 10**19 * 9}, "out of range"),
            ({"max_seq_nr": 257}, "longer than 256"),
        ],
    )
    def test_an_absurd_claim_is_refused_without_asking_the_record(
        self, node: NodeUnderTest, claim: Claim, change: dict[str, object], said: str
    ) -> None:
        assert said in str(reason(node, claim._replace(**change)))

    def test_the_on_ramp_must_be_spelled_as_the_off_ramp_has_it(
        self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim
    ) -> None:
        assert "is not the OnRamp" in str(reason(node, claim._replace(on_ramp=ccip.contracts(ALPHA).on_ramp)))

    def test_without_a_signing_key_it_says_so(self, start_node: Callable[..., NodeUnderTest], claim: Claim) -> None:
        assert "no signing key" in str(reason(start_node(keys=("curser",)), claim))


class TestKnown:
    # INV-BLESS-1
    def test_a_message_that_was_never_sent(self, node: NodeUnderTest, claim: Claim) -> None:
        assert "message 4 of geth-testnet → anvil-devnet is not in this node's record" in str(
            reason(node, claim._replace(max_seq_nr=4))
        )

    # INV-BLESS-1
    def test_a_message_that_is_not_final_yet_is_blessed_as_soon_as_it_is(
        self, node: NodeUnderTest, ccip: ScriptedCcip
    ) -> None:
        ccip.send(LANE)
        claim = ccip.claim(LANE, 1, 1)
        assert "is not final" in str(reason(node, claim))
        ccip.mine_all()
        assert "is not final" in str(reason(node, claim))
        ccip.mine_all()
        assert reason(node, claim) is None

    def test_it_reads_the_chains_before_it_answers(self, node: NodeUnderTest, claim: Claim) -> None:
        assert reason(node, claim) is None  # nobody called tick since the messages were sent

    @pytest.mark.parametrize("dead", [ALPHA, BETA])
    # INV-BLESS-6
    def test_a_chain_that_does_not_answer_is_blindness(
        self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim, dead: int
    ) -> None:
        assert reason(node, claim) is None
        ccip.rpcs[dead].cut_off()
        assert str(reason(node, claim)).startswith("blind on")
        ccip.rpcs[dead].restore()
        assert reason(node, claim) is None

    def test_a_chain_that_stands_still_is_blindness(
        self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim
    ) -> None:
        assert reason(node, claim) is None
        ccip.now_ms += 121_000  # ten blocks of 12 s, and a second
        assert "no new block" in str(reason(node, claim))
        ccip.mine_all()
        assert reason(node, claim) is None

    def test_a_chain_that_was_not_read_up_to_its_head_is_blindness(
        self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim
    ) -> None:
        ccip.rpcs[BETA].finality_depth = 10_000  # block by block, a bounded piece at a time
        for _ in range(200):
            ccip.mine(BETA)
        ccip.level()
        assert "behind its head" in str(reason(node, claim))
        for _ in range(3):
            node.tick()
        assert reason(node, claim) is None

    def test_a_message_that_a_reorg_took_away(self, node: NodeUnderTest, ccip: ScriptedCcip) -> None:
        ccip.send(LANE)
        claim = ccip.claim(LANE, 1, 1)
        assert "is not final" in str(reason(node, claim))
        ccip.rpcs[ALPHA].fork(1)
        ccip.mine_all(5)
        assert "not in this node's record" in str(reason(node, claim))


class TestEqual:
    # INV-BLESS-2
    def test_a_forged_root(self, node: NodeUnderTest, claim: Claim) -> None:
        said = str(reason(node, claim._replace(root=b"\x11" * 32)))
        assert "root mismatch" in said
        assert claim.root.hex() in said

    def test_the_root_of_another_interval(self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim) -> None:
        assert "root mismatch" in str(reason(node, claim._replace(root=ccip.claim(LANE, 1, 2).root)))

    def test_the_root_of_another_lane(self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim) -> None:
        other = Lane(ALPHA, GAMMA)
        for _ in range(3):
            ccip.send(other)
        ccip.mine_all(4)
        assert "root mismatch" in str(reason(node, claim._replace(root=ccip.claim(other, 1, 3).root)))

    def test_growing_and_overlapping_intervals_of_the_same_messages_are_no_contradiction(
        self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim
    ) -> None:
        assert reason(node, ccip.claim(LANE, 1, 2)) is None
        assert reason(node, claim) is None
        assert reason(node, ccip.claim(LANE, 2, 3)) is None

    # INV-BLESS-4
    def test_a_number_is_never_blessed_with_two_contents_not_even_after_a_restart(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, claim: Claim
    ) -> None:
        node = start_node()
        assert reason(node, claim) is None
        node.stop()
        (ccip.folder / "node.db").rename(ccip.folder / "old.db")
        _copy_documents(ccip.folder, kind="blessing")  # the record is lost, what was signed is not
        for rpc in ccip.rpcs.values():
            rpc.fork(rpc.head.number)
        ccip.sent.clear()
        for text in (b"another", b"hello", b"hello"):
            ccip.send(LANE, data=text)
        ccip.mine_all(4)
        node = start_node()
        assert "contradiction: message 1" in str(reason(node, ccip.claim(LANE, 1, 3)))


class TestQuiet:
    @pytest.mark.parametrize(
        "target",
        [
            Target(BETA, subject_text(chain_subject(ALPHA))),
            Target(ALPHA, subject_text(chain_subject(BETA))),
            Target(BETA, GLOBAL),
            Target(ALPHA, GLOBAL),
        ],
    )
    # INV-BLESS-3
    def test_a_curse_at_either_end(self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim, target: Target) -> None:
        assert reason(node, claim) is None
        ccip.curse(target)
        assert str(reason(node, claim)).startswith("cursed:")
        ccip.uncurse(target)
        assert reason(node, claim) is None

    @pytest.mark.parametrize(
        "target",
        [Target(BETA, subject_text(chain_subject(GAMMA))), Target(GAMMA, GLOBAL), Target(BETA, "0x" + "5" * 32)],
    )
    def test_a_curse_of_something_else(
        self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim, target: Target
    ) -> None:
        ccip.curse(target)
        assert reason(node, claim) is None

    @pytest.mark.parametrize("posture", ["observe", "withhold", "curse"])
    # INV-BLESS-3
    def test_an_open_critical_incident_withholds_until_people_close_it(
        self, start_node: Callable[..., NodeUnderTest], ccip: ScriptedCcip, claim: Claim, posture: str
    ) -> None:
        node = start_node(posture=posture, keys=("signer",))
        ccip.forge(LANE)
        ccip.mine_all(2)
        said = str(reason(node, claim))
        (incident,) = node.service.incidents
        assert f"incident {incident} is open" in said
        assert node.act("alice", f"/incidents/{incident}/label", {"label": "drill", "close": True}).status_code == 200
        assert reason(node, claim) is None

    def test_an_incident_of_another_lane(self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim) -> None:
        ccip.forge(Lane(GAMMA, ALPHA))
        ccip.level()
        node.tick()
        assert reason(node, claim) is None
        assert node.service.incidents


class TestAudit:
    def test_a_blessing_is_announced_before_it_is_signed(self, node: NodeUnderTest, claim: Claim) -> None:
        assert reason(node, claim) is None
        assert [row.kind for row in node.service.store.audit_rows()] == ["intend bless", "conclude bless"]

    def test_a_refusal_is_noted_once_however_often_the_don_asks(self, node: NodeUnderTest, claim: Claim) -> None:
        forged = claim._replace(root=b"\x11" * 32)
        for _ in range(3):
            reason(node, forged)
        (row,) = node.service.store.audit_rows()
        assert row.kind == "withhold"
        assert row.body["question"] == "equal"
        assert "root mismatch" in row.body["reason"]

    # INV-AUDIT-1
    def test_no_audit_write_no_signature(
        self, node: NodeUnderTest, ccip: ScriptedCcip, claim: Claim, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from rmn_service.errors import StoreError  # noqa: PLC0415

        def full_disk(*_: object) -> int:
            raise StoreError("disk full")

        monkeypatch.setattr(node.service.store, "audit_append", full_disk)
        answer = node.http.post("/blessings", json=as_request(claim))
        assert answer.status_code == 503
        assert "nothing was done" in answer.json()["error"]
        ccip.forge(Lane(GAMMA, ALPHA))
        ccip.level()
        with pytest.raises(Exception, match="disk full"):
            node.tick()
        assert not ccip.votes(ALPHA)
        monkeypatch.undo()
        node.tick()
        assert ccip.votes(ALPHA)


def as_request(*claims: Claim) -> dict[str, object]:
    return {
        "roots": [
            {
                "source": str(claim.lane.source),
                "dest": str(claim.lane.dest),
                "on_ramp": "0x" + claim.on_ramp.hex(),
                "min_seq": str(claim.min_seq_nr),
                "max_seq": str(claim.max_seq_nr),
                "root": "0x" + claim.root.hex(),
            }
            for claim in claims
        ]
    }


def _copy_documents(folder: object, kind: str) -> None:
    from rmn_service.store import Store  # noqa: PLC0415

    with Store.open(f"sqlite:///{folder}/old.db") as old, Store.open(f"sqlite:///{folder}/node.db") as new:
        new.put_many(kind, [(str(index), body) for index, body in enumerate(old.all(kind))], 0)
