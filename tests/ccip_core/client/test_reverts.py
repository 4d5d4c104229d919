from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ccip_core.protocol import codec
from ccip_core.refusal import REMEDIES, remedy
from ccip_core.reverts import ERROR_SIGNATURES, Revert, decode_revert, revert_text, root_cause

POOL, TOKEN = b"\x11" * 20, b"\x22" * 20


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


def test_every_remedy_is_for_an_error_that_can_be_decoded():
    known = {signature.partition("(")[0] for signature in ERROR_SIGNATURES}
    assert set(REMEDIES) - known == set()


def test_a_remedy_is_found_under_the_errors_that_carry_it():
    inner = codec.function_selector("CallerIsNotARampOnRouter(address)") + bytes(32)
    outer = codec.function_selector("TokenHandlingError(address,bytes)")
    wrapped = outer + codec.encode_args(("address", "bytes"), (bytes(20), inner))
    assert remedy(wrapped) == "; only the ramps that the Router names may call a pool"
    assert remedy(b"") == remedy(b"\x01\x02\x03\x04") == ""
