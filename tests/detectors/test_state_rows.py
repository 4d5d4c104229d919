"""From the bytes of a log to rows about how the network stands, and who may state them."""

from __future__ import annotations

from types import ModuleType

import pytest

from ccip_core.protocol import events
from ccip_core.protocol.configs import OnRampDynamicConfig, OnRampStaticConfig
from ccip_core.protocol.events import decode_log, encode_log_fields
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.protocol.subjects import chain_subject, subject_text
from detectors.frames import Row, from_log
from detectors.state_rows import (
    ConfigChanged,
    LimitConsumed,
    LimitSet,
    LiquidityMoved,
    Moved,
    Voted,
    VotersSet,
)

ZERO, ONE, TWO = (bytes([n]) * 20 for n in range(3))
STRANGER = "0x" + "77" * 20


def raw(address: str) -> bytes:
    return bytes.fromhex(address[2:])


def text(address: bytes) -> str:
    return "0x" + address.hex()


def rows_of(scene: ModuleType, emitter: str, event: events.Event) -> list[Row]:
    """What a log on chain A states, without its place."""
    log = RawLog(raw(emitter), *encode_log_fields(event), 5, bytes(32), bytes(32), 3)
    decoded = decode_log(log)
    assert decoded == event
    rows = from_log(log, decoded, Header(5, bytes(32), bytes(32), 1000), scene.A, 1_000_007, scene.NETWORK)
    assert all((row.at.log_index, row.at.known_at_ms) == (3, 1_000_007) for row in rows)
    return [row._replace(at=None) for row in rows]  # type: ignore[arg-type]


def test_transfers_from_and_to_a_pool_and_burns_are_told(scene: ModuleType) -> None:
    token, pool = scene.token(scene.A, "HYB"), scene.pool(scene.A, "HYB")
    for sender, recipient in ((raw(pool), ONE), (ONE, raw(pool)), (ONE, ZERO), (raw(pool), ZERO)):
        told = rows_of(scene, token, events.Transfer(sender, recipient, 9))
        assert told == [Moved(None, token, text(sender), text(recipient), 9)]  # type: ignore[arg-type]
    assert rows_of(scene, token, events.Transfer(ONE, TWO, 9)) == [], "between people"
    assert [type(row).__name__ for row in rows_of(scene, token, events.Transfer(ZERO, raw(pool), 9))] == ["Minted"]
    assert rows_of(scene, STRANGER, events.Transfer(raw(pool), ONE, 9)) == []


def test_another_tokens_pool_is_a_stranger(scene: ModuleType) -> None:
    other = raw(scene.pool(scene.A, "BNM"))
    assert rows_of(scene, scene.token(scene.A, "HYB"), events.Transfer(other, ONE, 9)) == []


def test_a_pools_limits(scene: ModuleType) -> None:
    pool, limits = scene.pool(scene.A, "BNM"), (RateLimiterConfig(True, 100, 5), RateLimiterConfig(False, 0, 0))
    out, into = (
        LimitSet(None, pool, scene.B, "out", True, 100, 5, True),  # type: ignore[arg-type]
        LimitSet(None, pool, scene.B, "in", False, 0, 0, True),  # type: ignore[arg-type]
    )
    change, *told = rows_of(scene, pool, events.ChainAdded(scene.B, b"", *limits))
    assert isinstance(change, ConfigChanged)
    assert (change.role, change.what, change.remote) == ("pool", "ChainAdded", scene.B)
    assert dict(change.values)["outbound_rate_limiter_config.capacity"] == "100"
    assert told == [out, into]
    _, *told = rows_of(scene, pool, events.ChainConfigured(scene.B, *limits))
    assert told == [out._replace(is_new=False), into._replace(is_new=False)]
    for event, side in ((events.OutboundRateLimitConsumed, "out"), (events.InboundRateLimitConsumed, "in")):
        assert rows_of(scene, pool, event(scene.B, ONE, 7)) == [LimitConsumed(None, pool, scene.B, side, 7)]  # type: ignore[arg-type]
    assert rows_of(scene, pool, events.TokensConsumed(7)) == [LimitConsumed(None, pool, None, None, 7)]  # type: ignore[arg-type]
    assert rows_of(scene, scene.address(scene.A, "on_ramp"), events.TokensConsumed(7)) == [], "1.5's, of all tokens"


def test_a_pools_liquidity(scene: ModuleType) -> None:
    pool = scene.pool(scene.A, "HYB")
    for event, side in (
        (events.LiquidityAdded(ONE, 7), "in"),
        (events.LiquidityRemoved(ONE, 7), "out"),
        (events.LiquidityTransferred(ONE, 7), "in"),
    ):
        assert rows_of(scene, pool, event) == [LiquidityMoved(None, pool, side, text(ONE), 7)]  # type: ignore[arg-type]


def test_votes_and_voters(scene: ModuleType) -> None:
    voting, subject = scene.address(scene.A, "curse_voting"), chain_subject(scene.B)
    change, seats = rows_of(scene, voting, events.CurseVotingConfigSet(1, (events.Voter(ONE, 2),), 2))
    assert isinstance(change, ConfigChanged)
    assert dict(change.values)["voters"] == f"{text(ONE)}:2"
    assert seats == VotersSet(None, ((text(ONE), 2),), 2)  # type: ignore[arg-type]
    vote = Voted(None, text(ONE), (subject_text(subject),), is_taken_back=False)  # type: ignore[arg-type]
    assert rows_of(scene, voting, events.VotedToCurse(ONE, bytes(16), (subject,), bytes(32))) == [vote]
    assert rows_of(scene, voting, events.UnvotedToCurse(ONE, (subject,))) == [vote._replace(is_taken_back=True)]
    assert rows_of(scene, STRANGER, events.VotedToCurse(ONE, bytes(16), (subject,), bytes(32))) == []


@pytest.mark.parametrize("role", ["router", "on_ramp", "off_ramp", "fee_quoter", "rmn_remote", "rmn_proxy"])
def test_every_contract_tells_its_upgrade_and_its_owner(scene: ModuleType, role: str) -> None:
    emitter = scene.address(scene.A, role)
    for event in (events.Upgraded(ONE), events.OwnershipTransferred(ONE, TWO), events.AdminChanged(ONE, TWO)):
        (row,) = rows_of(scene, emitter, event)
        assert isinstance(row, ConfigChanged)
        assert (row.contract, row.role, row.what, row.subject) == (emitter, role, type(event).__name__, "")


def test_nested_settings_have_dotted_names(scene: ModuleType) -> None:
    event = events.OnRampConfigSet(
        OnRampStaticConfig(scene.A, ONE, ONE, ONE), OnRampDynamicConfig(TWO, False, ZERO, ONE, ZERO)
    )
    (row,) = rows_of(scene, scene.address(scene.A, "on_ramp"), event)
    assert isinstance(row, ConfigChanged)
    values = dict(row.values)
    assert values["dynamic_config.fee_quoter"] == text(TWO)
    assert values["dynamic_config.reentrancy_guard_entered"] == "false"
    assert values["static_config.chain_selector"] == str(scene.A)


@pytest.mark.parametrize(
    ("role", "event"),
    [
        ("router", events.ARMSet(ONE)),
        ("off_ramp", events.OnRampSet(5, ONE)),
        ("fee_quoter", events.Cursed((bytes(16),))),
        ("rmn_proxy", events.OcrConfigSet(0, bytes(32), (ONE,), (ONE,), 1)),
    ],
)
def test_a_contract_has_no_say_in_anothers_business(scene: ModuleType, role: str, event: events.Event) -> None:
    assert rows_of(scene, scene.address(scene.A, role), event) == []


def test_the_registry_is_heard_about_our_tokens_alone(scene: ModuleType) -> None:
    facts = scene.NETWORK.chains[scene.A]
    registry = scene.address(scene.A, "token_admin_registry")
    assert facts.role_of(registry) == "token_admin_registry"
    ours = raw(scene.token(scene.A, "BNM"))
    (row,) = rows_of(scene, registry, events.PoolSet(ours, ZERO, ONE))
    assert isinstance(row, ConfigChanged)
    assert row.subject == text(ours)
    assert rows_of(scene, registry, events.PoolSet(ONE, ZERO, ONE)) == []
