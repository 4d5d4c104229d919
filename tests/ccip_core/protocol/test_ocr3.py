"""OCR3: packing, recovering and the calldata of the OffRamp's entrances."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode as eth_abi_decode

from ccip_core.protocol.abi import struct_of
from ccip_core.protocol.blessing import SignatureError
from ccip_core.protocol.codec import AbiError, decode_args
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import ExecutionReport, GasLimitOverride
from ccip_core.protocol.ocr3 import (
    encode_execute_call,
    encode_manually_execute_call,
    ocr3_digest,
    pack_signatures,
    recover,
)
from ccip_core.signers import LocalSigner

CONFIG = keccak(b"config")


def test_packed_signatures_recover_to_their_oracles():
    digest = ocr3_digest(b"report", CONFIG, 5)
    oracles = [LocalSigner(keccak(b"oracle %d" % i)) for i in range(8)]
    packed = pack_signatures(oracle.sign_digest(digest) for oracle in oracles)
    assert len(packed.raw_vs) == 32
    recovered = [
        recover(digest, 27 + packed.raw_vs[i], int.from_bytes(packed.rs[i]), int.from_bytes(packed.ss[i]))
        for i in range(8)
    ]
    assert recovered == [oracle.address for oracle in oracles]
    assert set(packed.raw_vs[:8]) == {0, 1}  # both v's occur among eight


def test_the_digest_covers_report_config_and_sequence_number():
    digests = {
        ocr3_digest(report, config, sequence_number)
        for report in (b"a", b"b")
        for config in (CONFIG, bytes(32))
        for sequence_number in (1, 2)
    }
    assert len(digests) == 8


def test_digests_of_impossible_contexts_are_refused():
    with pytest.raises(AbiError):
        ocr3_digest(b"", CONFIG, 2**64)
    with pytest.raises(AbiError):
        ocr3_digest(b"", CONFIG[1:], 1)


def test_signatures_that_cannot_be_packed():
    with pytest.raises(SignatureError, match="33 signatures"):
        pack_signatures([(27, 1, 1)] * 33)
    with pytest.raises(SignatureError, match="27 or 28"):
        pack_signatures([(1, 1, 1)])
    for wrong in (-1, 2**256):
        with pytest.raises(SignatureError, match="32 bytes"):
            pack_signatures([(27, wrong, 1)])
        with pytest.raises(SignatureError, match="32 bytes"):
            recover(bytes(32), 27, 1, wrong)


def test_execute_calldata(extremes_of):
    report = extremes_of(struct_of(ExecutionReport), True)
    call = encode_execute_call(CONFIG, 9, [report, report])
    assert call[:4].hex() == "f58e03fc"
    context, raw = eth_abi_decode(["bytes32[2]", "bytes"], call[4:])
    assert context == (CONFIG, (9).to_bytes(32))
    assert decode_args((tuple[ExecutionReport, ...],), raw) == ((report, report),)
    assert len(call) == 132 + len(raw)  # the OffRamp counts: WrongMessageLength


def test_manually_execute_calldata(extremes_of, for_eth_abi):
    struct = struct_of(ExecutionReport)
    report = extremes_of(struct, True)
    overrides = [[GasLimitOverride(0, ()), GasLimitOverride(300_000, (1, 2))]]
    call = encode_manually_execute_call([report], overrides)
    assert call[:4].hex() == "5e7bb008"
    reports, given = eth_abi_decode([f"{struct.text}[]", "(uint256,uint32[])[][]"], call[4:])
    assert reports == (for_eth_abi(struct, report),)
    assert given == (((0, ()), (300_000, (1, 2))),)
