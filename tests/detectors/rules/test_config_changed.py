from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from ccip_core.protocol import events
from ccip_core.protocol.messages import ChainSelector, Lane
from detectors import changes
from detectors.detector import Severity, Signal
from detectors.rules import config_changed

if TYPE_CHECKING:
    from conftest import Story, Tx

INFO, WARNING, CRITICAL = Severity
ZERO, OTHER = "0x" + "00" * 20, "0x" + "0b" * 20


def told(scene: ModuleType, *txs: list[Tx], watch: int = 0) -> list[Signal]:
    """What is said of changes on A, each in its own block."""
    story: Story = scene.Story()
    story.heads(100, scene.A)
    for number, logs in enumerate(txs, start=1):
        story.block(scene.A, 100 + number, logs)
    judge = scene.Judge(scene.NETWORK)
    judge.watch_since(scene.A, watch, is_whole=True)
    scene.tell(judge, story.steps)
    signals = judge.ask(1 << 60)
    assert {signal.detector for signal in signals} <= {"config_changed"}
    return signals


def source_config(scene: ModuleType, *, source: ChainSelector | None = None, **values: object) -> Tx:
    fields = {
        "router": scene.address(scene.A, "router"),
        "is_enabled": "true",
        "min_seq_nr": 1,
        "is_rmn_verification_disabled": "false",
        "on_ramp": "0xaa",
    } | values
    nested = {f"source_config__{name}": value for name, value in fields.items()}
    return scene.changed(scene.A, "off_ramp", "SourceChainConfigSet", str(source or scene.B), **nested)


def test_every_event_that_changes_something_has_a_weight_and_no_other() -> None:
    stated = {cls.__name__ for by_role in changes._STATED_BY.values() for cls in by_role}
    assert stated | {cls.__name__ for cls in changes._ANYONE} == set(config_changed._WEIGHTS)
    assert set(config_changed._WEIGHERS) <= set(config_changed._WEIGHTS)
    assert set(config_changed._WEIGHTS) >= config_changed._RESTATED
    assert all(0 < weight.score <= 1 for weight in config_changed._WEIGHTS.values())
    assert all((w.severity is CRITICAL) == (w.score >= 0.8) for w in config_changed._WEIGHTS.values())


def test_blessing_switched_off_is_the_worst(scene: ModuleType) -> None:
    (signal,) = told(
        scene, [source_config(scene)], [source_config(scene, is_rmn_verification_disabled="true")], watch=1
    )
    assert (signal.severity, signal.score) == (CRITICAL, 1.0)
    assert signal.lanes == tuple(sorted(scene.LANES[:2]))
    assert signal.evidence["before"]["source_config.is_rmn_verification_disabled"] == "false"
    assert signal.evidence["after"]["source_config.is_rmn_verification_disabled"] == "true"
    assert "no blessing" in signal.summary


@pytest.mark.parametrize(
    ("after", "severity"),
    [
        ({"is_enabled": "false"}, INFO),
        ({"router": OTHER}, CRITICAL),
        ({"on_ramp": "0xbb"}, CRITICAL),
        ({"is_enabled": "false", "is_rmn_verification_disabled": "true"}, INFO),
    ],
)
def test_a_source_is_weighed_by_what_is_another(scene: ModuleType, after: dict[str, str], severity: Severity) -> None:
    (signal,) = told(scene, [source_config(scene)], [source_config(scene, **after)], watch=1)
    assert signal.severity is severity


def test_blessing_switched_on_again_is_information(scene: ModuleType) -> None:
    off = source_config(scene, is_rmn_verification_disabled="true")
    assert [one.severity for one in told(scene, [off], [source_config(scene)], watch=1)] == [INFO]


def test_what_is_set_as_it_was_is_no_change(scene: ModuleType) -> None:
    assert told(scene, [source_config(scene)], [source_config(scene, min_seq_nr=77)], watch=1) == []


def test_another_source_is_another_setting(scene: ModuleType) -> None:
    twice = [source_config(scene)], [source_config(scene, source=scene.C)]
    assert [one.evidence["subject"] for one in told(scene, *twice, watch=1)] == [str(scene.C)]


def test_settings_up_to_the_watchs_beginning_are_given(scene: ModuleType) -> None:
    assert told(scene, [scene.changed(scene.A, "rmn_proxy", "ARMSet", arm=OTHER)], watch=1) == []
    assert len(told(scene, [scene.changed(scene.A, "rmn_proxy", "ARMSet", arm=OTHER)], watch=0)) == 1


CASES: dict[str, tuple[str, str, dict[str, Any], Severity, Severity]] = {
    # what: (role, subject, values that alarm, how much, how much the near miss is)
    "OffRampAdded": ("router", "B", {"off_ramp": OTHER}, CRITICAL, WARNING),
    "OnRampSet": ("router", "B", {"on_ramp": OTHER}, CRITICAL, INFO),
    "DestChainConfigSet": ("on_ramp", "B", {"router": OTHER, "sequence_number": 5}, CRITICAL, INFO),
    "PoolSet": ("token_admin_registry", "BNM", {"new_pool": OTHER}, CRITICAL, INFO),
    "RemotePoolAdded": ("pool", "B", {"remote_pool_address": "0x" + "00" * 12 + OTHER[2:]}, CRITICAL, INFO),
    "MintAccessGranted": ("token", "", {"minter": OTHER}, CRITICAL, INFO),
    "RoleGranted": ("token", "0xrole", {"account": OTHER}, CRITICAL, INFO),
}


@pytest.mark.parametrize("what", CASES)
def test_whose_it_is_makes_the_difference(scene: ModuleType, what: str) -> None:
    role, subject, values, severity, near_miss = CASES[what]
    here = {"pool": scene.pool(scene.A, "BNM"), "token": scene.token(scene.A, "BNM")}
    about = {"B": str(scene.B), "BNM": scene.token(scene.A, "BNM")}.get(subject, subject)
    ours = {
        "off_ramp": scene.address(scene.A, "off_ramp"),
        "on_ramp": scene.address(scene.A, "on_ramp"),
        "router": scene.address(scene.A, "router"),
        "new_pool": scene.pool(scene.A, "BNM"),
        "remote_pool_address": "0x" + "00" * 12 + scene.pool(scene.B, "BNM")[2:],
        "minter": scene.pool(scene.A, "BNM"),
        "account": scene.pool(scene.A, "BNM"),
    }
    mine = {name: ours.get(name, value) for name, value in values.items()}
    for given, expected in ((values, severity), (mine, near_miss)):
        (signal,) = told(scene, [scene.changed(scene.A, role, what, about, contract=here.get(role), **given)])
        assert signal.severity is expected, given


@pytest.mark.parametrize(
    ("role", "what", "subject", "values"),
    [
        ("router", "OnRampSet", "B", {"on_ramp": ZERO}),
        ("on_ramp", "DestChainConfigSet", "B", {"router": ZERO, "sequence_number": 1}),
    ],
)
def test_closing_a_way_is_information(
    scene: ModuleType, role: str, what: str, subject: str, values: dict[str, object]
) -> None:
    assert subject == "B"
    (signal,) = told(scene, [scene.changed(scene.A, role, what, str(scene.B), **values)])
    assert signal.severity is INFO


def oracles(scene: ModuleType, plugin: str, **values: object) -> Tx:
    fields: dict[str, object] = {"signers": "0xa,0xb", "transmitters": "0xc", "f": 1, "config_digest": "0x1"} | values
    return scene.changed(scene.A, "off_ramp", "OcrConfigSet", plugin, **fields)


@pytest.mark.parametrize(
    ("plugin", "values", "severities"),
    [
        ("0", {"signers": "0xa,0xd"}, [CRITICAL]),
        ("0", {"f": 2}, [CRITICAL]),
        ("0", {"transmitters": "0xd"}, [WARNING]),
        ("1", {"transmitters": "0xd", "f": 2}, [WARNING]),
        ("0", {"config_digest": "0x2"}, []),
    ],
)
def test_who_signs_roots_weighs_more_than_who_hands_them_in(
    scene: ModuleType, plugin: str, values: dict[str, object], severities: list[Severity]
) -> None:
    found = told(scene, [oracles(scene, plugin)], [oracles(scene, plugin, **values)], watch=1)
    assert [one.severity for one in found] == severities


@pytest.mark.parametrize(
    ("capacity", "rate", "severity"),
    [(0, 0, CRITICAL), (101, 10, WARNING), (100, 11, WARNING), (99, 10, INFO), (100, 9, INFO)],
)
def test_limits_are_compared_with_those_before(scene: ModuleType, capacity: int, rate: int, severity: Severity) -> None:
    lane: Lane = scene.LANES[0]
    story: Story = scene.Story()
    story.heads(100, scene.A)
    for what, limits in (("ChainAdded", (100, 10)), ("ChainConfigured", (capacity, rate))):
        change = scene.changed(scene.A, "pool", what, str(scene.B), contract=scene.pool(scene.A, "BNM"), limits=limits)
        step = story.block(scene.A, 101, [change, scene.limit_set(lane, "BNM", *limits, is_new=what == "ChainAdded")])
        first, second = step.rows
        story.steps[-1] = step._replace(rows=(first, second._replace(at=first.at)))  # both rows are of one log
    judge = scene.Judge(scene.NETWORK)
    judge.watch_since(scene.A, 1, is_whole=True)
    scene.tell(judge, story.steps)
    assert [one.severity for one in judge.ask(1 << 60)] == [severity]


@pytest.mark.parametrize(
    ("role", "event"),
    [("pool", events.OcrConfigSet(0, bytes(32), (), (), 1)), ("token", events.ARMSet(bytes(20)))],
)
def test_strangers_have_no_say_about_oracles_and_ramps(role: str, event: events.Event) -> None:
    assert changes.change_of(role, event) is None


def test_a_change_tells_its_fields_and_cuts_what_is_long() -> None:
    event = events.RemotePoolAdded(ChainSelector(7), bytes(100))
    change = changes.change_of("pool", event)
    assert change is not None
    assert (change.subject, change.remote) == ("7", 7)
    assert dict(change.values)["remote_pool_address"].endswith("(100 bytes)")
