"""Event classes against the official ABIs, and logs against hostile emitters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol import events
from ccip_core.protocol.abi import INDEXED, annotations_of, struct_of
from ccip_core.protocol.codec import AbiError, encode_address
from ccip_core.protocol.events import (
    EVENTS,
    CCIPMessageSent,
    Cursed,
    LockedOrBurned,
    OcrConfigSet,
    OffRampDynamicConfigSet,
    OnRampConfigSet,
    PoolSet,
    RmnHomeConfigSet,
    RmnHomeDynamicConfigSet,
    RmnRemoteConfigSet,
    Transfer,
    UsdPerTokenUpdated,
    VotedToCurse,
    decode_log,
    encode_log_fields,
    topic,
)
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.logs import RawLog

NOT_HERE = {"CCIPHome 1.6.0", "MultiAggregateRateLimiter 1.6.0"}
"""Contracts that nothing on a lane emits events of (events/__init__.py)."""

RENAMED = {"FeeTokenWithdrawn": "2.0.0"}
"""Events that a later version declares with other argument names; the topic and the types are the same."""

NOT_OFFICIAL = {
    VotedToCurse: "VotedToCurse(address,bytes16,bytes16[],bytes32)",
    events.UnvotedToCurse: "UnvotedToCurse(address,bytes16[])",
    events.CurseNotEnacted: "CurseNotEnacted(bytes16,bytes)",
    events.CouncilCursed: "CouncilCursed(bytes16[],bytes32)",
    events.CurseLifted: "CurseLifted(bytes16,bool)",
    events.ChainAddedV14: "ChainAdded(uint64,(bool,uint128,uint128),(bool,uint128,uint128))",
    events.CurseVotingConfigSet: "ConfigSet(uint32,(address,uint8)[],uint16)",
    events.RMNRemoteCalled: "RMNRemoteCalled(bytes)",
    events.Upgraded: "Upgraded(address)",
    events.BeaconUpgraded: "BeaconUpgraded(address)",
    events.AdminChanged: "AdminChanged(address,address)",
    events.RoleGranted: "RoleGranted(bytes32,address,address)",
    events.RoleRevoked: "RoleRevoked(bytes32,address,address)",
}
"""Of our own CurseVoting, of pools 1.4 and 1.5.0 (spec, section 11), of RMN 1.5 (appendix A), and of whatever
contract can be upgraded or has roles."""

CLASSES = sorted(EVENTS.values(), key=lambda cls: cls.__name__)
A, B = b"\xaa" * 20, b"\xbb" * 20


def log_of(topics, data) -> RawLog:
    return RawLog(A, tuple(topics), data, 7, bytes(32), bytes(32), 0)


def snake_case(name: str) -> str:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"{name}_" if name == "from" else name


def declared(declaration: str) -> list[tuple[str, str, bool]]:
    """(name, type, is indexed) of each argument of "Cursed(bytes16[] subjects)"."""
    arguments = re.findall(
        r"((?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\w+)(?:\[\])*)( indexed)? (\w+)", declaration.partition("(")[2]
    )
    return [(snake_case(name), text, bool(indexed)) for text, indexed, name in arguments]


def test_every_event_of_the_official_contracts_is_declared_as_they_declare_it(abi_tables):
    compared = set()
    for contract, table in abi_tables["events"].items():
        for topic_text, declaration in table.items():
            cls = EVENTS.get(bytes.fromhex(topic_text[2:]))
            if contract in NOT_HERE and cls is None:
                continue
            assert cls is not None, f"{contract}: {declaration}"
            hints = annotations_of(cls)
            ours = [
                (name, field.text, INDEXED in getattr(hints[name], "__metadata__", ()))
                for name, field in struct_of(cls).fields
            ]
            theirs = declared(declaration)
            if contract.endswith(RENAMED.get(cls.__name__, "never")):
                ours, theirs = ([parts[1:] for parts in fields] for fields in (ours, theirs))
            assert ours == theirs, f"{contract}: {declaration}"
            assert topic(cls).hex() == topic_text[2:]
            compared.add(cls)
    assert set(EVENTS.values()) - compared == set(NOT_OFFICIAL)


@pytest.mark.parametrize(("cls", "signature"), NOT_OFFICIAL.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_events_that_are_not_in_the_official_abis(cls, signature):
    assert topic(cls) == keccak(signature.encode())


def test_events_of_one_name_are_different_classes():
    names = {
        OnRampConfigSet: "ConfigSet",
        OcrConfigSet: "ConfigSet",
        RmnRemoteConfigSet: "ConfigSet",
        RmnHomeConfigSet: "ConfigSet",
        OffRampDynamicConfigSet: "DynamicConfigSet",
        RmnHomeDynamicConfigSet: "DynamicConfigSet",
    }
    for cls, name in names.items():
        assert topic(cls) == keccak((name + struct_of(cls).text).encode())
    assert len({topic(cls) for cls in names}) == len(names)


def test_every_event_class_is_exported():
    assert {cls.__name__ for cls in CLASSES} <= set(events.__all__)
    assert all(getattr(events, name) is not None for name in events.__all__)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("is_large", [False, True])
def test_every_event_survives_its_log(cls, is_large, extremes_of):
    event = extremes_of(struct_of(cls), is_large)
    topics, data = encode_log_fields(event)
    assert topics[0] == topic(cls)
    decoded = decode_log(log_of(topics, data))
    assert decoded == event
    assert type(decoded) is cls


@given(st.data())
def test_random_events_survive_their_logs(values_of, data):
    event = data.draw(values_of(struct_of(data.draw(st.sampled_from(CLASSES)))))
    assert decode_log(log_of(*encode_log_fields(event))) == event


def test_indexed_fields_travel_in_topics():
    topics, data = encode_log_fields(Transfer(A, B, 5))
    assert topics == (topic(Transfer), encode_address(A), encode_address(B))
    assert data == (5).to_bytes(32)
    topics, data = encode_log_fields(PoolSet(A, B, A))
    assert len(topics) == 4
    assert data == b""


def test_unknown_topics_are_none():
    assert decode_log(log_of((), b"whatever")) is None
    assert decode_log(log_of((bytes(32),), b"")) is None
    assert decode_log(log_of((topic(Cursed)[:31],), b"")) is None


@pytest.mark.parametrize(
    ("topics", "data", "said"),
    [
        ((topic(Transfer),), (5).to_bytes(32), "1 topics instead of 3"),
        ((topic(Transfer), bytes(32), bytes(32), bytes(32)), b"", "4 topics instead of 3"),  # an ERC-721 token
        ((topic(Transfer), bytes(31), bytes(33)), (5).to_bytes(32), "3 topics instead of 3 words"),
        (
            (topic(Transfer), b"\1" + bytes(31), bytes(32)),
            (5).to_bytes(32),
            r"Transfer\.from_ at byte 0: .* is not address",
        ),
        ((topic(Transfer), bytes(32), bytes(32)), bytes(31), "needs 32 bytes, 31 are left"),
        ((topic(Transfer), bytes(32), bytes(32)), bytes(64), "32 bytes after the end"),
        ((topic(UsdPerTokenUpdated), bytes(32)), bytes(32), "needs 64 bytes"),
        ((topic(LockedOrBurned), b"\1" * 32), bytes(96), "is not uint64"),
        ((topic(Cursed),), b"", "Cursed at byte 0: needs 32 bytes"),
        ((topic(PoolSet), *[bytes(32)] * 3), b"\0", "1 bytes after the end"),
    ],
)
def test_malformed_logs_are_refused(topics, data, said):
    with pytest.raises(AbiError, match=said):
        decode_log(log_of(topics, data))


@given(st.sampled_from(CLASSES), st.lists(st.binary(min_size=31, max_size=33), max_size=4), st.binary(max_size=600))
def test_random_logs_raise_nothing_but_abi_error(cls, words, data):
    try:
        event = decode_log(log_of((topic(cls), *words), data))
    except AbiError:
        return
    assert event is not None
    assert encode_log_fields(event) == ((topic(cls), *words), data)


@given(st.data())
def test_a_mutated_message_is_refused_or_is_another_message(values_of, data):
    topics, raw = encode_log_fields(data.draw(values_of(struct_of(CCIPMessageSent))))
    changed = bytearray(raw)
    changed[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        event = decode_log(log_of(topics, bytes(changed)))
    except AbiError:
        return
    assert event is not None
    assert encode_log_fields(event) == (topics, bytes(changed))
