"""Who blessed a commit: real signatures in real calldata, and what can't pass for them."""

from __future__ import annotations

import pytest

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.blessing import rmn_digest, sign_blessing
from ccip_core.protocol.messages import CommitReport, Lane, MerkleRoot, PriceUpdates, RmnReport, RmnSignature
from ccip_core.protocol.ocr3 import encode_commit_call, pack_signatures
from ccip_core.scripted_endpoint import ScriptedEndpoint
from ccip_core.transactions import Transaction, sign_transaction
from detectors.frames import At, Committed
from rmn_service.blessed_by import BlessedBy, Signatory

ALPHA, BETA = 3379446385462418246, 7759470850252068959
ROOT = MerkleRoot(ALPHA, b"\x07" * 32, 1, 2, b"\x55" * 32)
OTHER = ROOT._replace(min_seq_nr=3, max_seq_nr=3, merkle_root=b"\x66" * 32)
NO_PRICES = PriceUpdates((), ())


class Scene:
    def __init__(self, ccip) -> None:
        self.chain = ccip.rpcs[BETA]
        self.deployment = ccip.deployment
        self.endpoint = ScriptedEndpoint(self.chain)
        self.blessed_by = BlessedBy(ccip.deployment, {BETA: self.endpoint})

    def sign(self, who: int | str, *roots: MerkleRoot) -> RmnSignature:
        chain = self.deployment.chain(BETA)
        report = RmnReport(
            chain.chain_id,
            BETA,
            chain.contracts.rmn_remote,
            chain.contracts.off_ramp,
            self.deployment.rmn.home_config_digest,
            roots,
        )
        key = dev_key("rmn_signer", who) if isinstance(who, int) else dev_key(who)
        return sign_blessing(key, rmn_digest(report))

    def commit(self, signatures: list[RmnSignature], *roots: MerkleRoot, data: bytes | None = None) -> Committed:
        if data is None:
            report = CommitReport(NO_PRICES, roots, (), tuple(signatures))
            data = encode_commit_call(b"\x01" * 32, 1, report, pack_signatures([]))
        off_ramp, key = self.deployment.chain(BETA).contracts.off_ramp, dev_key("user")
        nonce = self.chain.nonce(key.address)
        content = Transaction(self.chain.chain_id(), nonce, 1, 10**10, 10**6, off_ramp, 0, data)
        signed = sign_transaction(content, key)
        self.chain.send_raw(signed.raw)
        at = At(BETA, 1, "0x", 1, "0x" + signed.tx_hash.hex(), 0, 1)
        return Committed(at, Lane(ALPHA, BETA), "0x", "0x", 1, 2, "0x" + ROOT.merkle_root.hex(), is_blessed=True)


@pytest.fixture
def scene(ccip) -> Scene:
    return Scene(ccip)


def test_who_signed_is_read_off_the_calldata(scene: Scene) -> None:
    roots = (ROOT, OTHER)
    commit = scene.commit([scene.sign(3, *roots), scene.sign(1, *roots)], *roots)
    expected = tuple(Signatory(index, dev_key("rmn_signer", index).address) for index in (1, 3))
    assert scene.blessed_by.of(commit) == expected
    scene.endpoint.is_silent = True
    assert scene.blessed_by.of(commit) == expected  # asked once


def test_one_endpoint_can_invent_nobody(scene: Scene) -> None:
    """What is no signature of a named key over exactly these roots is left out, whatever the calldata says."""
    of_other_roots = scene.sign(0, OTHER)
    garbage = RmnSignature(b"\x01" * 32, b"\x00" * 32)
    commit = scene.commit([of_other_roots, garbage, scene.sign("attacker", ROOT)], ROOT)
    assert scene.blessed_by.of(commit) is None
    commit = scene.commit([of_other_roots, scene.sign(2, ROOT)], ROOT)
    assert [each.node_index for each in scene.blessed_by.of(commit) or ()] == [2]
    elsewhere = scene.commit([scene.sign(2, OTHER)], OTHER)  # a true report about another root
    assert scene.blessed_by.of(elsewhere) is None


def test_what_is_not_known_is_asked_again(scene: Scene) -> None:
    commit = scene.commit([scene.sign(0, ROOT)], ROOT)
    scene.endpoint.is_silent = True
    assert scene.blessed_by.of(commit) is None
    scene.endpoint.is_silent = False
    assert [each.node_index for each in scene.blessed_by.of(commit) or ()] == [0]


@pytest.mark.parametrize("data", [b"", b"\x12\x34", bytes(300)])
def test_a_commit_through_another_contract_is_not_known(scene: Scene, data: bytes) -> None:
    assert scene.blessed_by.of(scene.commit([], data=data)) is None


def test_an_unblessed_root_was_blessed_by_nobody(scene: Scene) -> None:
    commit = scene.commit([scene.sign(0, ROOT)], ROOT)._replace(is_blessed=False)
    assert scene.blessed_by.of(commit) is None
