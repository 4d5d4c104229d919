"""extraArgs of both EVM forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.codec import AbiError
from ccip_core.protocol.extra_args import ExtraArgs, decode, encode_v1, encode_v2
from ccip_core.protocol.hashing import keccak

UINT256 = st.integers(0, 2**256 - 1)


def test_the_bytes():
    assert encode_v1(200_000) == keccak(b"CCIP EVMExtraArgsV1")[:4] + (200_000).to_bytes(32)
    assert encode_v2(7, True) == keccak(b"CCIP EVMExtraArgsV2")[:4] + (7).to_bytes(32) + (1).to_bytes(32)


@given(UINT256, st.booleans())
def test_v2_round_trips(gas_limit, allow):
    assert decode(encode_v2(gas_limit, allow)) == ExtraArgs(gas_limit, allow)


@given(UINT256)
def test_v1_means_ordered_execution(gas_limit):
    assert decode(encode_v1(gas_limit)) == ExtraArgs(gas_limit, False)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        bytes(4),
        bytes.fromhex("1f3b3aba") + bytes(64),  # Solana's
        encode_v1(1)[:-1],
        encode_v2(1, True)[:-1],
        encode_v2(1, True) + b"\0",
        encode_v2(1, False)[:-1] + b"\2",
    ],
)
def test_anything_else_is_refused(raw):
    with pytest.raises(AbiError):
        decode(raw)


@given(st.sampled_from([b"", encode_v1(0)[:4], encode_v2(0, True)[:4]]), st.binary(max_size=80))
def test_random_bytes_raise_nothing_but_abi_error(tag, body):
    try:
        decode(tag + body)
    except AbiError:
        return
