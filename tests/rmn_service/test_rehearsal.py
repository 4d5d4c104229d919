"""The node's incidents and policy on a simulated clock, and what a backtest without them does instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.backtest.episodes import find_episodes
from detectors.backtest.responder import PEOPLE_MS, QUIET_AFTER_MS, PlainResponder, decide_all
from detectors.detector import Severity, Signal
from detectors.registry import all_rules
from detectors.settings import Settings
from rmn_service.brakes import Limits
from rmn_service.conduct import Conduct
from rmn_service.errors import ConfigError
from rmn_service.policy import Reach, Table
from rmn_service.rehearsal import Rehearsal, load_rehearsal

A, B, C = ChainSelector(1), ChainSelector(2), ChainSelector(3)
LANES = [(), (Lane(A, B),), (Lane(B, A),), (Lane(A, B), Lane(C, B))]
RULES = sorted(rule.name for rule in all_rules())
HOUR_MS = 3_600_000


def signal(id_: str, detector: str, severity: Severity, lanes: tuple[Lane, ...], at_ms: int) -> Signal:
    return Signal(
        id=id_,
        detector=detector,
        is_exact=detector in RULES,
        severity=severity,
        score=1.0,
        lanes=lanes,
        chain=B,
        block_number=1,
        block_hash="0xab",
        tx_hash="0xcd",
        at_s=at_ms // 1000,
        known_at_ms=at_ms,
        rows=("e1:1",),
        summary="",
        value_micro_usd=None,
        evidence={},
    )


SIGNALS = st.lists(
    st.tuples(
        st.sampled_from([*RULES, "outflow_spike", "combination"]),
        st.sampled_from(Severity),
        st.sampled_from(LANES),
        st.integers(0, 72).map(lambda hour: hour * HOUR_MS),
    ),
    max_size=12,
)


def told(parts: list[tuple[str, Severity, tuple[Lane, ...], int]]) -> list[Signal]:
    in_order = sorted(parts, key=lambda part: part[3])
    return [signal(str(number), *part) for number, part in enumerate(in_order)]


@given(st.sampled_from([*RULES, "outflow_spike", "combination"]), st.sampled_from(Severity), st.sampled_from(LANES))
def test_alone_every_signal_gets_the_nodes_own_answer(
    detector: str, severity: Severity, lanes: tuple[Lane, ...]
) -> None:
    only = [signal("s", detector, severity, lanes, 5 * HOUR_MS)]
    assert decide_all(PlainResponder(), only) == decide_all(Rehearsal(), only)


@given(SIGNALS)
def test_without_the_node_the_same_lanes_are_cursed(parts: list[tuple[str, Severity, tuple[Lane, ...], int]]) -> None:
    signals = told(parts)
    stopped = []
    for responder in (PlainResponder(), Rehearsal()):
        episodes = find_episodes(decide_all(responder, signals), {})
        stopped.append({(each.at_s, lane) for each in episodes if each.is_curse for lane in each.lanes})
    assert stopped[0] == stopped[1]


def test_one_cause_is_one_decision() -> None:
    names = ("unmatched_execution", "amount_mismatch", "double_execution")
    at_once = [signal(name, name, Severity.CRITICAL, LANES[1], 1000) for name in names]
    (decided,) = decide_all(Rehearsal(), at_once)
    assert decided.is_curse
    assert decided.lanes == LANES[1]
    assert decided.signals == names


def test_statistics_are_one_incident_that_lapses() -> None:
    warnings = [
        signal("1", "outflow_spike", Severity.WARNING, LANES[1], 0),
        signal("2", "combination", Severity.WARNING, LANES[1], QUIET_AFTER_MS - 1000),
        signal("3", "transfer_rate", Severity.WARNING, LANES[1], 10 * QUIET_AFTER_MS),
    ]
    first, second = find_episodes(decide_all(Rehearsal(), warnings), {})
    assert (first.at_s, first.until_s) == (0, 2 * QUIET_AFTER_MS // 1000 - 1)
    assert second.at_s == 10 * QUIET_AFTER_MS // 1000
    assert not first.is_curse


def test_people_lift_a_curse_and_close_its_incident_after_a_day() -> None:
    facts = [
        signal(str(hour), "unmatched_execution", Severity.CRITICAL, LANES[1], hour * HOUR_MS) for hour in (0, 12, 25)
    ]
    curses = [each for each in find_episodes(decide_all(Rehearsal(), facts), {}) if each.is_curse]
    assert [each.at_s for each in curses] == [0, 25 * 3600]
    assert curses[0].until_s == PEOPLE_MS // 1000


@pytest.mark.parametrize(("posture", "is_curse"), [("observe", []), ("withhold", [False]), ("curse", [True])])
def test_the_posture_decides(posture: str, is_curse: list[bool]) -> None:
    fact = [signal("1", "unmatched_execution", Severity.CRITICAL, LANES[1], 0)]
    assert [each.is_curse for each in decide_all(Rehearsal(posture), fact)] == is_curse  # type: ignore[arg-type]


def test_a_file_of_two_tables_or_a_whole_node_configures(tmp_path: Path) -> None:
    assert load_rehearsal(None) == (Settings(), "curse", Conduct())
    file = tmp_path / "c.toml"
    file.write_text('posture = "withhold"\n[detectors]\nfalse_curses_per_month = 0\n[incidents]\nquiet_after_s = 60\n')
    assert load_rehearsal(file) == (
        Settings(false_curses_per_month=0),
        "withhold",
        Conduct(quiet_after_ms=60_000),
    )
    file.write_text('deployment = "d.json"\n[detectors]\ncooldown_s = 7\n')
    assert load_rehearsal(file) == (Settings(cooldown_s=7), "curse", Conduct())
    file.write_text('deployment = "d.json"\nposture = "observe"\n')
    assert load_rehearsal(file).posture == "observe"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("detectors = 3", "detectors = 3"),
        ("[detectors]\nbudget = 1", "detectors.budget: unknown key"),
        ("[detectors]\nfalse_alarms_per_day = -1", "detectors.false_alarms_per_day = -1"),
        ('posture = "attack"', "posture = 'attack'"),
        ("[incident]\nquiet_after_s = 3", "incident = "),
        ("[detectors", "not TOML"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_rehearsal(file)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name a TOML file"):
        load_rehearsal(tmp_path / "none.toml")


def test_the_operators_table_and_brakes_are_rehearsed_too() -> None:
    facts = told([("root_mismatch", Severity.CRITICAL, (lane,), 0) for lane in (Lane(A, B), Lane(C, B), Lane(B, A))])
    assert [each.is_curse for each in decide_all(Rehearsal(), facts)] == [True] * 3
    one_a_day = Conduct(limits=Limits(curses_a_day=1, cover="all"))
    assert [each.is_curse for each in decide_all(Rehearsal("curse", one_a_day), facts)] == [True, False, False]
    rows = {**Table().rows, ("exact", Severity.CRITICAL): (Reach.WATCH, Reach.WITHHOLD, Reach.WITHHOLD)}
    lowered = Conduct(table=Table(rows))
    assert [each.is_curse for each in decide_all(Rehearsal("curse", lowered), facts)] == [False] * 3


def test_the_policy_of_a_file_is_rehearsed(tmp_path: Path) -> None:
    file = tmp_path / "candidate.toml"
    file.write_text('[policy]\ncooldown_s = 60\nlimits_cover = "all"\n')
    assert load_rehearsal(file).conduct.limits == Limits(60, None, "all")
