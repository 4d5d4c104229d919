"""Logs of CCIP 1.5, 1.6 and 2.0: what we state and read, the official client reads as the same."""

from __future__ import annotations

import pytest

from ccip_core.deployment import checksum_address
from ccip_core.protocol import codec, events, extra_args
from ccip_core.protocol.messages import (
    EVM2AnyRampMessage,
    EVMTokenAmount,
    MerkleRoot,
    PriceUpdates,
    RampMessageHeader,
)
from ccip_core.protocol.packed_message import packed_message_id, read_packed_message
from ccip_core.protocol.structs_v1_5 import CommitReportV15, EVM2EVMMessage, IntervalV15, SourceTokenData

SOURCE, DEST = 3379446385462418246, 7759470850252068959
ROOT, ID = b"\x5a" * 32, b"\x1d" * 32
SENDER, RECEIVER, ON_RAMP, TOKEN, POOL = (bytes((number,)) * 20 for number in range(0x11, 0x16))


def hex_text(raw: bytes) -> str:
    return "0x" + raw.hex()


@pytest.fixture
def read_by_client(official_client):
    """What the official client makes of the logs of these events."""

    def read(*stated):
        logs = []
        for event in stated:
            topics, data = events.encode_log_fields(event)
            logs.append({"topics": [hex_text(topic) for topic in topics], "data": hex_text(data)})
        lane = {"sourceChainSelector": str(SOURCE), "onRamp": checksum_address(ON_RAMP)}
        return official_client("decode", {"logs": logs, "lane": lane})["logs"]

    return read


def test_a_lane_of_1_5(read_by_client):
    said = SourceTokenData(codec.encode_address(POOL), codec.encode_address(TOKEN), b"", 90_000)
    message = EVM2EVMMessage(
        source_chain_selector=SOURCE,
        sender=SENDER,
        receiver=RECEIVER,
        sequence_number=41,
        gas_limit=200_000,
        strict=False,
        nonce=3,
        fee_token=TOKEN,
        fee_token_amount=10**18,
        data=b"hello",
        token_amounts=(EVMTokenAmount(TOKEN, 5),),
        source_token_data=(codec.encode(said),),
        message_id=ID,
    )
    report = CommitReportV15(PriceUpdates((), ()), IntervalV15(40, 42), ROOT)
    sent, accepted, executed = read_by_client(
        events.CCIPSendRequested(message),
        events.ReportAccepted(report),
        events.ExecutionStateChangedV15(41, ID, 2, b""),
    )
    assert sent["messageId"] == hex_text(ID)
    assert (sent["sequenceNumber"], sent["nonce"], sent["gasLimit"]) == ("41", "3", "200000")
    assert (sent["sender"], sent["receiver"]) == (checksum_address(SENDER), checksum_address(RECEIVER))
    (token,) = sent["tokenAmounts"]
    assert (token["amount"], token["token"]) == ("5", checksum_address(TOKEN))
    assert [codec.decode(SourceTokenData, bytes.fromhex(raw[2:])) for raw in sent["sourceTokenData"]] == [said]
    (committed,) = accepted
    assert (committed["minSeqNr"], committed["maxSeqNr"], committed["merkleRoot"]) == ("40", "42", hex_text(ROOT))
    assert (executed["messageId"], executed["state"], executed["sequenceNumber"]) == (hex_text(ID), 2, "41")


def test_a_lane_of_1_6(read_by_client):
    message = EVM2AnyRampMessage(
        RampMessageHeader(ID, SOURCE, DEST, 7, 0),
        SENDER,
        b"hello",
        codec.encode_address(RECEIVER),
        extra_args.encode_v2(200_000, True),
        TOKEN,
        10**18,
        10**17,
        (),
    )
    root = MerkleRoot(SOURCE, codec.encode_address(ON_RAMP), 7, 9, ROOT)
    sent, accepted, executed = read_by_client(
        events.CCIPMessageSent(DEST, 7, message),
        events.CommitReportAccepted((root,), (), PriceUpdates((), ())),
        events.ExecutionStateChanged(SOURCE, 7, ID, ROOT, 3, b"\x01", 5),
    )
    assert (sent["messageId"], sent["destChainSelector"], sent["gasLimit"]) == (hex_text(ID), str(DEST), "200000")
    assert [(report["minSeqNr"], report["maxSeqNr"]) for report in accepted] == [("7", "9")]
    assert (executed["state"], executed["messageHash"], executed["gasUsed"]) == (3, hex_text(ROOT), "5")


def test_a_lane_of_2_0(read_by_client):
    def short(raw):
        return len(raw).to_bytes(1) + raw

    def long(raw):
        return len(raw).to_bytes(2) + raw

    word = codec.encode_address
    transfer = b"\x01" + (5).to_bytes(32) + short(word(POOL)) + short(word(TOKEN)) + short(TOKEN) + short(RECEIVER)
    numbers = [SOURCE.to_bytes(8), DEST.to_bytes(8), (7).to_bytes(8), (300_000).to_bytes(4), (200_000).to_bytes(4)]
    accounts = short(word(ON_RAMP)) + short(POOL) + short(word(SENDER)) + short(RECEIVER)
    encoded = (
        b"\x01" + b"".join(numbers) + bytes(36) + accounts + long(b"") + long(transfer + long(b"ex")) + long(b"hi")
    )
    ours = read_packed_message(encoded)
    sent, executed = read_by_client(
        events.CCIPMessageSentV20(DEST, SENDER, packed_message_id(encoded), TOKEN, 5, encoded, (), ()),
        events.ExecutionStateChangedV20(SOURCE, 7, packed_message_id(encoded), 2, b""),
    )
    assert sent["messageId"] == executed["messageId"] == hex_text(packed_message_id(encoded))
    assert (int(sent["sourceChainSelector"]), int(sent["destChainSelector"])) == (ours.source, ours.dest)
    assert int(sent["messageNumber"]) == ours.message_number == int(executed["messageNumber"])
    assert int(sent["executionGasLimit"]) == ours.execution_gas_limit
    assert int(sent["ccipReceiveGasLimit"]) == ours.receiver_gas_limit
    assert (sent["sender"], sent["receiver"]) == (checksum_address(SENDER), checksum_address(RECEIVER))
    assert (ours.sender, ours.receiver, ours.data) == (word(SENDER), RECEIVER, b"hi")
    assert ours.token_transfer is not None
    (token,) = sent["tokenAmounts"]
    assert (int(token["amount"]), token["extraData"]) == (ours.token_transfer.amount, "0x6578")
    assert token["tokenReceiver"] == checksum_address(ours.token_transfer.token_receiver)
    assert sent["data"] == hex_text(ours.data)
