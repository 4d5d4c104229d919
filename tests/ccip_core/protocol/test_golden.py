"""Every vector of golden.json: what CCIP's own bytecode computed, we compute."""

from __future__ import annotations

import ast

import pytest

from ccip_core.protocol.blessing import recover_blessing, rmn_digest, sign_blessing
from ccip_core.protocol.codec import decode, encode
from ccip_core.protocol.events import CCIPMessageSent, decode_log, encode_log_fields
from ccip_core.protocol.hashing import leaf, leaf_of_sent, message_id, to_any2evm
from ccip_core.protocol.logs import RawLog
from ccip_core.protocol.merkle import Proof, compute_root
from ccip_core.protocol.messages import (
    Any2EVMRampMessage,
    Any2EVMTokenTransfer,
    CommitReport,
    EVM2AnyRampMessage,
    EVM2AnyTokenTransfer,
    MerkleRoot,
    PriceUpdates,
    RampMessageHeader,
    RmnReport,
    RmnSignature,
)
from ccip_core.protocol.ocr3 import encode_commit_call, ocr3_digest, pack_signatures, recover
from ccip_core.signers import LocalSigner


@pytest.fixture(scope="module")
def sent(golden, from_json):
    """The three messages as the OnRamp emitted them."""
    return tuple(
        EVM2AnyRampMessage(
            RampMessageHeader(*header), *rest, tuple(EVM2AnyTokenTransfer(*transfer) for transfer in transfers)
        )
        for header, *rest, transfers in from_json(golden["messages"])
    )


@pytest.fixture(scope="module")
def arriving(golden, from_json):
    """The same messages in the form that the OffRamp executes."""
    return tuple(
        Any2EVMRampMessage(
            RampMessageHeader(*header), *rest, tuple(Any2EVMTokenTransfer(*transfer) for transfer in transfers)
        )
        for header, *rest, transfers in from_json(golden["any2evm"])
    )


@pytest.fixture(scope="module")
def root(golden, from_json):
    return MerkleRoot(*from_json(golden["merkleRoot"]))


@pytest.fixture(scope="module")
def rmn_report(golden, from_json, root):
    return RmnReport(
        dest_chain_id=golden["chainId"],
        dest_chain_selector=golden["destSelector"],
        rmn_remote_contract_address=from_json(golden["rmnRemoteB"]),
        offramp_address=from_json(golden["offRampB"]),
        rmn_home_contract_config_digest=from_json(golden["rmnHomeDigest"]),
        merkle_roots=(root,),
    )


def test_message_ids(golden, from_json, sent):
    on_ramp = from_json(golden["onRampA"])
    assert [message_id(message, on_ramp) for message in sent] == [message.header.message_id for message in sent]


def test_messages_cross_to_their_destination_form(sent, arriving):
    assert tuple(map(to_any2evm, sent)) == arriving


def test_leaves(golden, from_json, sent, arriving):
    on_ramp, leaves = from_json(golden["onRampA"]), from_json(golden["leaves"])
    assert tuple(leaf(message, bytes(12) + on_ramp) for message in arriving) == leaves
    assert tuple(leaf_of_sent(message, on_ramp) for message in sent) == leaves


def test_messages_survive_their_log(sent):
    for message in sent:
        event = CCIPMessageSent(message.header.dest_chain_selector, message.header.sequence_number, message)
        topics, data = encode_log_fields(event)
        assert decode_log(RawLog(bytes(20), topics, data, 1, bytes(32), bytes(32), 0)) == event


def test_every_proof_leads_to_the_root(golden, from_json):
    # that tree was padded with zeros instead of 0xFF…FF; a verifier can't see the difference
    leaves, expected = from_json(golden["leaves"]), from_json(golden["root"])
    for indices, (proofs, flag_bits) in golden["proofs"].items():
        proven = tuple(leaves[i] for i in ast.literal_eval(indices))
        assert compute_root(proven, Proof(from_json(proofs), flag_bits)) == expected


def test_rmn_digest(golden, from_json, rmn_report):
    assert rmn_digest(rmn_report) == from_json(golden["rmnDigest"])


def test_rmn_digest_covers_every_field(rmn_report, root):
    digests = {rmn_digest(rmn_report)}
    for name, value in rmn_report._asdict().items():
        changed = (root, root) if name == "merkle_roots" else value + 1 if isinstance(value, int) else value[::-1]
        digests.add(rmn_digest(rmn_report._replace(**{name: changed})))
    assert len(digests) == 1 + len(rmn_report)


def test_blessings(golden, from_json):
    digest = from_json(golden["rmnDigest"])
    for node in golden["rmnSigners"]:
        signature = RmnSignature(*from_json(node["sig"]))
        assert recover_blessing(digest, signature) == from_json(node["addr"])
        assert sign_blessing(LocalSigner(from_json(node["priv"])), digest) == signature


def test_commit_report_round_trips(golden, from_json, root):
    report = CommitReport(
        price_updates=PriceUpdates((), ()),
        blessed_merkle_roots=(root,),
        unblessed_merkle_roots=(),
        rmn_signatures=tuple(RmnSignature(*from_json(node["sig"])) for node in golden["rmnSigners"][:2]),
    )
    assert encode(report) == from_json(golden["ocr"]["report"])
    assert decode(CommitReport, from_json(golden["ocr"]["report"])) == report


def test_ocr_digest(golden, from_json):
    ocr = golden["ocr"]
    digest = ocr3_digest(from_json(ocr["report"]), from_json(ocr["configDigest"]), ocr["seq"])
    assert digest == from_json(ocr["digest"])


def test_ocr_signatures(golden, from_json):
    digest = from_json(golden["ocr"]["digest"])
    for oracle in golden["ocr"]["signers"]:
        v, r, s = 27 + oracle["v"], int(oracle["r"], 16), int(oracle["s"], 16)
        assert recover(digest, v, r, s) == from_json(oracle["addr"])
        assert LocalSigner(from_json(oracle["priv"])).sign_digest(digest) == (v, r, s)


def test_commit_calldata_has_the_length_that_the_offramp_demands(golden, from_json):
    ocr = golden["ocr"]
    report = from_json(ocr["report"])
    signatures = pack_signatures((27 + o["v"], int(o["r"], 16), int(o["s"], 16)) for o in ocr["signers"][:2])
    call = encode_commit_call(from_json(ocr["configDigest"]), ocr["seq"], decode(CommitReport, report), signatures)
    assert len(call) == 132 + len(report) + 160 + 32 * (2 + 2)  # WrongMessageLength otherwise
    assert call[:4].hex() == "de5e0b9a"
    assert call[4:36] == from_json(ocr["configDigest"])
    assert report in call
    assert signatures.raw_vs == b"\1\1" + bytes(30)
