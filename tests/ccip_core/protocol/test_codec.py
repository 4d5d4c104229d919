"""The codec against eth_abi, against itself, and against hostile bytes."""

from __future__ import annotations

import inspect
import tracemalloc

import pytest
from eth_abi.abi import decode as eth_abi_decode
from eth_abi.abi import encode as eth_abi_encode
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol import configs, messages
from ccip_core.protocol.abi import arguments, parse_type, struct_of
from ccip_core.protocol.codec import (
    AbiError,
    decode,
    decode_address,
    decode_args,
    encode,
    encode_address,
    encode_args,
    encode_call,
    function_selector,
)
from ccip_core.protocol.messages import (
    CommitReport,
    EVM2AnyRampMessage,
    ExecutionReport,
    MerkleRoot,
    RmnSignature,
    SourceChainConfig,
)

STRUCTS = [
    cls
    for module in (messages, configs)
    for _, cls in inspect.getmembers(module, inspect.isclass)
    if issubclass(cls, tuple) and cls.__module__ == module.__name__
]

WORDS = st.sampled_from(
    ["address", "bool", "uint8", "uint24", "uint32", "uint64", "uint224", "uint256"]
) | st.sampled_from(["bytes1", "bytes4", "bytes16", "bytes31", "bytes32"])
TYPES = st.recursive(
    WORDS | st.sampled_from(["bytes", "string"]),
    lambda inner: (
        inner.map(lambda item: f"{item}[]")
        | st.tuples(inner, st.integers(1, 3)).map(lambda pair: f"{pair[0]}[{pair[1]}]")
        | st.lists(inner, min_size=1, max_size=3).map(lambda items: f"({','.join(items)})")
    ),
    max_leaves=6,
)


def word(number: int) -> bytes:
    return number.to_bytes(32)


@pytest.mark.parametrize("cls", STRUCTS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("is_large", [False, True])
def test_every_struct_round_trips_and_agrees_with_eth_abi(cls, is_large, extremes_of, for_eth_abi):
    struct = struct_of(cls)
    value = extremes_of(struct, is_large)
    encoded = encode(value)
    assert encoded == eth_abi_encode([struct.text], [for_eth_abi(struct, value)])
    decoded = decode(cls, encoded)
    assert decoded == value
    assert type(decoded) is cls


@given(st.data())
def test_random_structs_agree_with_eth_abi(values_of, for_eth_abi, data):
    cls = data.draw(st.sampled_from(STRUCTS))
    struct = struct_of(cls)
    value = data.draw(values_of(struct))
    encoded = encode(value)
    assert encoded == eth_abi_encode([struct.text], [for_eth_abi(struct, value)])
    assert eth_abi_decode([struct.text], encoded) == (for_eth_abi(struct, value),)
    assert decode(cls, encoded) == value


@given(st.data())
def test_random_types_agree_with_eth_abi(values_of, for_eth_abi, data):
    types = tuple(data.draw(st.lists(TYPES, max_size=3)))
    struct = arguments(types)
    values = data.draw(values_of(struct))
    encoded = encode_args(types, values)
    assert encoded == eth_abi_encode(list(types), for_eth_abi(struct, values))
    assert decode_args(types, encoded) == values


def test_nested_structs_come_back_as_their_classes(extremes_of):
    report = decode(ExecutionReport, encode(extremes_of(struct_of(ExecutionReport), True)))
    assert type(report.messages[0]) is messages.Any2EVMRampMessage
    assert type(report.messages[0].header) is messages.RampMessageHeader
    assert type(report.messages[0].token_amounts[1]) is messages.Any2EVMTokenTransfer


def test_types_may_be_text_classes_or_annotations():
    root = MerkleRoot(messages.ChainSelector(1), b"onramp", 1, 2, bytes(32))
    values = (7, (b"\1" * 16,), root, (root, root))
    types = ("uint64", "bytes16[]", MerkleRoot, tuple[MerkleRoot, ...])
    assert decode_args(types, encode_args(types, values)) == values


def test_bools_come_back_as_bools():
    (yes, no) = decode_args(("bool", "bool"), word(1) + word(0))
    assert yes is True
    assert no is False


# one spelling only


@given(st.data())
def test_whatever_decodes_is_the_encoding_of_what_it_decodes_to(values_of, data):
    cls = data.draw(st.sampled_from([EVM2AnyRampMessage, ExecutionReport, CommitReport, SourceChainConfig]))
    raw = bytearray(encode(data.draw(values_of(struct_of(cls)))))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            raw[at] = data.draw(st.integers(0, 255))
        else:  # a whole word, as offsets and lengths are
            start = at // 32 * 32
            raw[start : start + 32] = word(
                data.draw(st.integers(0, 700) | st.sampled_from([2**63, 2**64, 2**255, 2**256 - 1]))
            )
    try:
        value = decode(cls, bytes(raw))
    except AbiError:
        return
    assert encode(value) == bytes(raw)


@given(st.sampled_from(STRUCTS), st.binary(max_size=800))
def test_random_bytes_raise_nothing_but_abi_error(cls, raw):
    try:
        value = decode(cls, raw)
    except AbiError:
        return
    assert encode(value) == raw


@pytest.mark.parametrize("cls", STRUCTS, ids=lambda cls: cls.__name__)
def test_nothing_is_not_a_struct(cls):
    with pytest.raises(AbiError):
        decode(cls, b"")


@given(st.data())
def test_every_truncation_is_refused(values_of, data):
    value = data.draw(values_of(struct_of(ExecutionReport)))
    raw = encode(value)
    with pytest.raises(AbiError):
        decode(ExecutionReport, raw[: data.draw(st.integers(0, len(raw) - 1))])


@pytest.mark.parametrize(
    ("types", "raw", "said"),
    [
        (("address",), b"\1" + bytes(31), "is not address"),
        (("bool",), word(2), "is not bool"),
        (("uint8",), word(256), "is not uint8"),
        (("uint64",), word(2**64), "is not uint64"),
        (("uint224",), word(2**224), "is not uint224"),
        (("bytes16",), bytes(16) + b"\1" + bytes(15), "is not bytes16"),
        (("uint256",), bytes(31), "needs 32 bytes, 31 are left"),
        (("uint256",), bytes(33), "1 bytes after the end"),
        ((), b"\0", "1 bytes after the end"),
        (("bytes",), word(32) + word(1) + b"a" + bytes(30), "don't fit"),
        (("bytes",), word(32) + word(1) + b"ab" + bytes(30), "padding at byte 65 is not zero"),
        (("bytes",), word(64) + word(0) + word(0), "is 64 instead of 32"),
        (("bytes",), word(2**64 + 32) + word(0), "is not an offset"),
        (("bytes", "bytes"), word(64) + word(64) + word(0), "is 64 instead of 96"),
        (("string",), word(32) + word(1) + b"\xff" + bytes(31), "utf-8"),
        (("uint8[]",), word(32) + word(2) + word(1), "2 items don't fit into 32 bytes"),
        (("uint8[]",), word(32), "0 items don't fit into 0 bytes"),
        (("uint8[]",), word(32) + word(1) + word(256), "is not uint8"),
        (("bytes[]",), word(32) + word(2) + word(64) + bytes(64), "2 items don't fit into 96 bytes"),
        (
            ("bytes[]",),
            word(32) + word(1) + word(0) + word(0),
            r"bytes\[\]\[0\]: the offset from byte 64 is 0 instead of 32",
        ),
        (("bytes[]",), word(32) + word(2) + word(64) * 2 + word(0) * 2, r"bytes\[\]\[1\]: .* is 64 instead of 96"),
    ],
)
def test_malformed_bytes_are_refused_with_their_place(types, raw, said):
    with pytest.raises(AbiError, match=said):
        decode_args(types, raw)


def test_an_error_names_the_field():
    raw = bytearray(encode(SourceChainConfig(bytes(20), True, 1, False, b"")))
    raw[32 * 2 + 31] = 7
    with pytest.raises(AbiError, match=r"SourceChainConfig\.is_enabled at byte 64: 0x0+7 is not bool"):
        decode(SourceChainConfig, bytes(raw))


# hostile sizes

HUGE = [2**31, 2**63, 2**64 - 32, 2**64, 2**255, 2**256 - 32, 2**256 - 1]


def _hostile_inputs():
    """64 KiB each, built to make a careless decoder allocate or loop."""
    body = bytes(65_536)
    for huge in HUGE:
        yield ("bytes",), word(32) + word(huge) + body
        yield ("bytes32[]",), word(32) + word(huge) + body
        yield ("bytes[]",), word(32) + word(huge) + body
        yield ("bytes",), word(huge) + body
        yield (ExecutionReport,), word(huge) + body
    # every element is the whole array again: 680 to the power of the depth
    count = 680
    yield ("bytes[][]",), word(32) + word(count) + word(0) * count + body
    yield ("uint256[][][][]",), word(32) + word(count) + word(32 * count) * count + body
    # arrays that share one tail
    tail = word(count) + word(7) * count
    yield ("uint256[][]",), word(32) + word(count) + word(32 * count) * count + tail
    # an offset that points at itself
    yield ("bytes",), word(0) + body
    yield (tuple[ExecutionReport, ...],), word(0) * 2_000


@pytest.mark.parametrize("number", range(len(list(_hostile_inputs()))))
def test_hostile_offsets_and_lengths_cost_next_to_nothing(number):
    types, raw = list(_hostile_inputs())[number]
    with pytest.raises(AbiError):
        decode_args(types, b"")  # compiles
    tracemalloc.start()
    with pytest.raises(AbiError):
        decode_args(types, raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * len(raw)


# encoding


@pytest.mark.parametrize(
    ("types", "values", "said"),
    [
        (("uint64",), (2**64,), "18446744073709551616 is not a uint64"),
        (("uint64",), (-1,), "-1 is not a uint64"),
        (("uint64",), (True,), "True is not a uint64"),
        (("uint64",), (1.0,), "1.0 is not a uint64"),
        (("bool",), (1,), "1 is not a bool"),
        (("address",), ("0xabc",), "'0xabc' is not 20 bytes"),
        (("address",), (bytes(32),), "is not 20 bytes"),
        (("bytes16",), (bytes(15),), "is not 16 bytes"),
        (("bytes",), ("text",), "is not bytes"),
        (("string",), (b"raw",), "is not string"),
        (("string",), ("\ud800",), "surrogates"),
        (("uint8[]",), (7,), "is not a tuple or list"),
        (("uint8[]",), ((1, 300),), r"\[\]: 300 is not a uint8"),
        (("(uint8,bool)",), ((1,),), "is not a tuple of 2"),
        (("uint8[2]",), ((1,),), "is not a tuple of 2"),
        (("uint8",), (), "is not a tuple of 1"),
    ],
)
def test_values_that_do_not_fit_are_refused(types, values, said):
    with pytest.raises(AbiError, match=said):
        encode_args(types, values)


def test_an_encoding_error_names_the_field():
    with pytest.raises(AbiError, match=r"RmnSignature\.s: 0x00 is not 32 bytes"):
        encode(RmnSignature(bytes(32), b"\0"))


@pytest.mark.parametrize(
    "text", ["uint7", "uint264", "int8", "bytes33", "uint", "(", "()", "a[-1]", "uint8[0]", "(uint8", "", 5]
)
def test_an_unknown_type_is_the_programmers_mistake(text):
    with pytest.raises(TypeError):
        decode_args((text,), b"")


# calls


def test_selectors_are_those_of_the_official_contracts(abi_tables):
    for selector, signature in abi_tables["functions"].items():
        assert f"0x{function_selector(signature).hex()}" == selector
        name, _, types = signature.partition("(")
        assert name + arguments_text(f"({types}") == signature


def arguments_text(text: str) -> str:
    return "()" if text == "()" else parse_type(text).text


def test_calls():
    subject = b"\1" * 16
    assert encode_call("isCursed()").hex() == "397796f7"
    assert encode_call("isCursed(bytes16)", subject) == bytes.fromhex("2cbc26bb") + subject + bytes(16)
    call = encode_call("setConfig((bytes32,(address,uint64)[],uint64))", (bytes(32), [(b"\2" * 20, 0)], 1))
    assert call[:4].hex() == "198f0f77"
    assert call[4:] == eth_abi_encode(["(bytes32,(address,uint64)[],uint64)"], [(bytes(32), [(b"\2" * 20, 0)], 1)])


def test_a_call_with_too_few_arguments_is_refused():
    with pytest.raises(AbiError, match="is not a tuple of 1"):
        encode_call("isCursed(bytes16)")
    with pytest.raises(TypeError, match="not a function signature"):
        encode_call("isCursed")


@given(st.binary(min_size=20, max_size=20))
def test_addresses_in_words(address):
    assert decode_address(encode_address(address)) == address
    assert len(encode_address(address)) == 32


@pytest.mark.parametrize(
    "raw", [b"", bytes(20), bytes(31), bytes(33), b"\1" + bytes(31), bytes(11) + b"\1" + bytes(20)]
)
def test_what_is_not_an_address_in_a_word(raw):
    with pytest.raises(AbiError):
        decode_address(raw)
