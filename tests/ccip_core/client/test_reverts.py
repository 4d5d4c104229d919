from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ccip_core.protocol import codec
from ccip_core.protocol.abi import Array, Blob, Word, parse_type, split_types
from ccip_core.refusal import remedy
from ccip_core.remedies import REMEDIES
from ccip_core.reverts import ERROR_SIGNATURES, Revert, decode_revert, revert_text, root_cause

OFFICIAL = json.loads((Path(__file__).parents[2] / "data" / "errors.json").read_text())
"""The errors of the official ABIs, by contract and selector (spec, appendix A)."""
POOL, TOKEN = b"\x11" * 20, b"\x22" * 20


def example_of(abi_type):
    if isinstance(abi_type, Word):
        return {"uint": 7, "bool": True}.get(abi_type.kind, b"\x07" * abi_type.size)
    if isinstance(abi_type, Blob):
        return b"seven" if abi_type.text == "bytes" else "seven"
    if isinstance(abi_type, Array):
        return (example_of(abi_type.item),)
    return tuple(example_of(field) for _, field in abi_type.fields)


def test_an_error_is_read_with_its_arguments():
    data = codec.encode_call("TokenRateLimitReached(uint256,uint256,address)", 7, 10**18, TOKEN)
    assert decode_revert(data) == Revert("TokenRateLimitReached", (7, 10**18, TOKEN))
    assert revert_text(data) == f"TokenRateLimitReached(7, {10**18}, 0x{TOKEN.hex()})"


def test_the_cause_is_found_at_the_bottom_of_nested_errors():
    inner = codec.encode_call("TokenHandlingError(address,bytes)", POOL, codec.encode_call("CursedByRMN()"))
    outer = codec.encode_call("ExecutionError(bytes32,bytes)", bytes(32), inner)
    assert root_cause(outer) == Revert("CursedByRMN", ())
    assert revert_text(outer).endswith(f"TokenHandlingError(0x{POOL.hex()}, CursedByRMN()))")


def test_strings_and_panics_are_solidity_errors():
    assert (
        revert_text(codec.encode_call("Error(string)", "Only callable by owner")) == "Error('Only callable by owner')"
    )
    assert revert_text(codec.encode_call("Panic(uint256)", 0x11)) == "Panic(17)"


def test_unknown_and_empty_data_stay_readable():
    assert revert_text(bytes.fromhex("deadbeef01")) == "0xdeadbeef01"
    assert revert_text(b"") == "reverted without a reason"


def test_selectors_are_those_of_the_specification():
    selectors = {codec.function_selector(signature).hex(): signature for signature in ERROR_SIGNATURES}
    assert len(selectors) == len(ERROR_SIGNATURES)  # no two errors share one
    for selector, signature in {
        "fdbd6a72": "CursedByRMN(uint64)",
        "53ad11d8": "CursedByRMN()",
        "c1483715": "BadARMSignal()",
        "a9cfc862": "ManualExecutionNotYetEnabled(uint64)",
        "d68af9cc": "DisabledNonZeroRateLimit((bool,uint128,uint128))",
        "1a76572a": "TokenMaxCapacityExceeded(uint256,uint256,address)",
    }.items():
        assert selectors[selector] == signature


@given(st.sampled_from(ERROR_SIGNATURES), st.binary(max_size=300))
@example("Error(string)", (32).to_bytes(32) + (1).to_bytes(32) + b"\xff" + bytes(31))
def test_hostile_bytes_behind_a_known_selector_never_raise(signature, tail):
    data = codec.function_selector(signature) + tail
    assert revert_text(data)
    root_cause(data)


@pytest.mark.parametrize("contract", OFFICIAL)
def test_every_error_of_the_official_contracts_is_read_with_its_arguments_and_has_a_remedy(contract):
    for selector, signature in OFFICIAL[contract].items():
        name, types = signature[:-1].split("(", 1)
        given = tuple(example_of(parse_type(text)) for text in split_types(types))
        data = bytes.fromhex(selector[2:]) + codec.encode_args(split_types(types), given)
        assert decode_revert(data) == Revert(name, given), signature
        assert remedy(data).startswith("; "), signature


def test_our_own_errors_and_openzeppelins_have_remedies_too_and_no_remedy_is_for_nothing():
    known = {signature.partition("(")[0] for signature in ERROR_SIGNATURES}
    assert set(REMEDIES) == known - {"Error"}


def test_the_words_of_old_contracts_mean_what_newer_ones_say_by_name():
    assert remedy(codec.encode_call("Error(string)", "Only callable by owner")) == "; only the contract's owner may"
    assert remedy(codec.encode_call("Error(string)", "no such thing")) == ""


def test_a_remedy_is_found_under_the_errors_that_carry_it():
    inner = codec.function_selector("CallerIsNotARampOnRouter(address)") + bytes(32)
    outer = codec.function_selector("TokenHandlingError(address,bytes)")
    wrapped = outer + codec.encode_args(("address", "bytes"), (bytes(20), inner))
    assert remedy(wrapped) == "; only the ramps that the Router names may call a pool"
    assert remedy(b"") == remedy(b"\x01\x02\x03\x04") == ""
