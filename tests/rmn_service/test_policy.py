"""Incidents and the table: pure, so all of it is tried."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.messages import ChainSelector, Lane
from ccip_core.protocol.subjects import chain_subject, subject_text
from detectors.detector import Severity, Signal
from detectors.registry import all_rules
from rmn_service.curses import GLOBAL
from rmn_service.documents import incident_of, of_incident
from rmn_service.incidents import Incident, cause_of, fold, settle
from rmn_service.policy import Reach, Table, Target, both_ends, decide, decide_all, stops_blessing

A, B, C = ChainSelector(1 << 63), ChainSelector(2), ChainSelector(3)
POSTURES = ("observe", "withhold", "curse")


def signal(
    id_: str = "s", *, is_exact: bool = True, severity: Severity = Severity.CRITICAL, score: float = 1.0, **over: object
) -> Signal:
    fields = {
        "id": id_,
        "detector": "unmatched_execution" if is_exact else "outflow_spike",
        "is_exact": is_exact,
        "severity": severity,
        "score": score,
        "lanes": (Lane(A, B),),
        "chain": B,
        "block_number": 7,
        "block_hash": "0x" + "ab" * 32,
        "tx_hash": "0x" + "cd" * 32,
        "at_s": 100,
        "known_at_ms": 100_500,
        "rows": ("0xab:1",),
        "summary": "a message that nobody sent was executed",
        "value_micro_usd": 1 << 70,
        "evidence": {"sequence_number": "1"},
    } | over
    return Signal(**fields)  # type: ignore[arg-type]


def folded(*signals: Signal) -> Incident:
    known: dict[object, Incident] = {}
    for now_ms, each in enumerate(signals):
        incident = fold(known, each, "0x" + "ee" * 32, now_ms)  # type: ignore[arg-type]
        known[incident.cause] = incident
    (incident,) = known.values()
    return incident


EXPECTED = {
    # (exact, severity): (observe, withhold, curse)
    (True, "critical"): ("watch", "withhold", "curse"),
    (True, "warning"): ("watch", "withhold", "withhold"),
    (True, "info"): ("watch", "watch", "watch"),
    (False, "critical"): ("watch", "withhold", "curse"),
    (False, "warning"): ("watch", "withhold", "withhold"),
    (False, "info"): ("watch", "watch", "watch"),
}


@pytest.mark.parametrize("score", [1.0, 0.98])
@pytest.mark.parametrize(("is_exact", "severity"), EXPECTED)
def test_the_table(is_exact: bool, severity: str, score: float) -> None:
    incident = folded(signal(is_exact=is_exact, severity=Severity[severity.upper()], score=score))
    reaches = tuple(decide(incident, posture).reach.word for posture in POSTURES)
    assert reaches == EXPECTED[is_exact, severity]


@given(
    st.lists(st.tuples(st.sampled_from(Severity), st.floats(0, 1)), min_size=1, max_size=6), st.sampled_from(POSTURES)
)
# INV-CURSE-5
def test_statistics_alone_curse_only_beyond_the_curse_budget(parts: list[tuple[Severity, float]], posture: str) -> None:
    signals = [
        signal(str(i), is_exact=False, severity=severity, score=score) for i, (severity, score) in enumerate(parts)
    ]
    is_strict = any(severity is Severity.CRITICAL for severity, _ in parts)
    decision = decide(folded(*signals), posture)  # type: ignore[arg-type]
    assert (decision.reach is Reach.CURSE) == (is_strict and posture == "curse")


@given(st.data())
def test_a_higher_posture_never_reaches_less_far(data: st.DataObject) -> None:
    parts = data.draw(
        st.lists(st.tuples(st.booleans(), st.sampled_from(Severity), st.floats(0, 1)), min_size=1, max_size=4)
    )
    signals = [
        signal(str(i), is_exact=exact, severity=severity, score=score, detector="one")
        for i, (exact, severity, score) in enumerate(parts)
        if exact == parts[0][0]
    ]
    reaches = [decide(folded(*signals), posture).reach for posture in POSTURES]
    assert reaches == sorted(reaches)


# INV-CURSE-4
def test_a_curse_goes_to_both_ends_of_every_accused_lane() -> None:
    incident = folded(signal(lanes=(Lane(A, B), Lane(C, B))))
    at = {chain: subject_text(chain_subject(chain)) for chain in (A, B, C)}
    assert set(decide(incident, "curse").targets) == {
        Target(B, at[A]), Target(B, at[C]), Target(A, at[B]), Target(C, at[B]),
    }  # fmt: skip


@given(st.lists(st.builds(Lane, st.sampled_from([A, B, C]), st.sampled_from([A, B, C])), max_size=6))
def test_subjects_come_strictly_ascending_for_each_chain(lanes: list[Lane]) -> None:
    targets = both_ends(lanes)
    assert list(targets) == sorted(set(targets))


def test_a_fact_that_names_no_lane_withholds() -> None:
    assert decide(folded(signal(lanes=())), "curse").reach is Reach.WITHHOLD


def test_the_worst_of_several_signals_decides() -> None:
    mild = signal("1", severity=Severity.INFO)
    for order in permutations((mild, signal("2"), signal("3", severity=Severity.WARNING))):
        assert decide(folded(*order), "curse").reach is Reach.CURSE


CAPPED = {
    # (family, severity): (observe, withhold, curse)
    ("config_changed", "critical"): ("watch", "withhold", "withhold"),
    ("config_changed", "warning"): ("watch", "watch", "watch"),
    ("rpc_disagreement", "critical"): ("watch", "withhold", "withhold"),
    ("liquidity_drain", "critical"): ("watch", "withhold", "curse"),
    ("liquidity_withdrawal", "critical"): ("watch", "withhold", "withhold"),
    ("liquidity_withdrawal", "warning"): ("watch", "watch", "watch"),
    ("rate_limit_pressure", "warning"): ("watch", "watch", "watch"),
    ("price_outlier", "warning"): ("watch", "watch", "watch"),
    ("stale_price", "warning"): ("watch", "watch", "watch"),
    ("stalled_lane", "warning"): ("watch", "watch", "watch"),
    ("layering", "warning"): ("watch", "watch", "watch"),
    ("silent_node", "warning"): ("watch", "watch", "watch"),
}


@pytest.mark.parametrize(("family", "severity"), CAPPED)
def test_some_truths_call_for_less(family: str, severity: str) -> None:
    incident = folded(signal(detector=family, severity=Severity[severity.upper()]))
    decisions = [decide(incident, posture) for posture in POSTURES]
    assert tuple(decision.reach.word for decision in decisions) == CAPPED[family, severity]
    assert stops_blessing(incident, decisions[1]) == (severity == "critical")


# INV-CURSE-7
@given(st.sampled_from(sorted({rule.name for rule in all_rules()})), st.sampled_from(POSTURES))
def test_no_mild_fact_ever_curses(detector: str, posture: str) -> None:
    for severity in (Severity.INFO, Severity.WARNING):
        incident = folded(signal(detector=detector, severity=severity))
        assert decide(incident, posture).reach is not Reach.CURSE  # type: ignore[arg-type]


def test_four_rules_on_one_forgery_are_one_incident() -> None:
    names = ("unmatched_execution", "root_mismatch", "unbacked_release", "double_execution")
    assert len({cause_of(signal(detector=name)) for name in names}) == 1
    assert cause_of(signal(lanes=(Lane(B, A),))) != cause_of(signal())
    assert cause_of(signal(is_exact=False)) != cause_of(signal())


def test_all_that_statistics_find_unusual_on_a_lane_is_one_incident() -> None:
    names = ("outflow_spike", "transfer_rate", "combination")
    (cause,) = {cause_of(signal(is_exact=False, detector=name)) for name in names}
    assert cause.family == "unusual"
    assert cause != cause_of(signal(is_exact=False, lanes=(Lane(B, A),)))


def test_the_life_of_an_incident() -> None:
    opened = folded(signal("1"))
    assert opened.state == "open"
    worse = fold({opened.cause: opened}, signal("2"), "0x", 10)
    assert (worse.state, worse.id, worse.signals) == ("worsening", opened.id, ("1", "2"))
    assert fold({worse.cause: worse}, signal("2"), "0x", 11) == worse
    assert settle(worse, 909, 900).state == "worsening"
    quiet = settle(worse, 910, 900)
    assert quiet.state == "quiet"
    assert fold({quiet.cause: quiet}, signal("3"), "0x", 911).state == "worsening"
    closed = replace(quiet, state="closed", closed_by="alice")
    assert settle(closed, 10**9, 900) == closed
    again = fold({closed.cause: closed}, signal("4"), "0x", 912)
    assert again.state == "open"
    assert again.id != opened.id


@pytest.mark.parametrize(("is_exact", "posture"), [*product((True, False), POSTURES)])
def test_quiet_statistics_lapse_and_facts_do_not(is_exact: bool, posture: str) -> None:
    quiet = settle(folded(signal(is_exact=is_exact)), 10**9, 900)
    decision = decide(quiet, posture)  # type: ignore[arg-type]
    assert stops_blessing(quiet, decision) == is_exact
    assert (decision.reach is Reach.WATCH) == (not is_exact or posture == "observe")


@pytest.mark.parametrize("is_held", [True, False])
def test_an_incident_closes_by_itself_only_where_nothing_is_held(is_held: bool) -> None:
    quiet = settle(folded(signal()), 900, 900)
    assert settle(quiet, 5_000, 900, 10_000, is_held=is_held).state == "quiet"
    later = settle(quiet, 10_000, 900, 10_000, is_held=is_held)
    assert later.state == ("quiet" if is_held else "closed")
    assert later.closed_by == (None if is_held else "time")
    again = fold({later.cause: later}, signal("9"), "0x", 10_001)
    assert (again.id == quiet.id) is is_held


def test_an_incident_can_be_seen_as_it_stood() -> None:
    opened = folded(signal("1", severity=Severity.WARNING))
    worse = fold({opened.cause: opened}, signal("2"), "0x", 50)
    quiet = settle(worse, 950, 900)
    closed = quiet.turned(2_000, "label", "alice", state="closed", closed_by="alice")
    assert [(moment.at_ms, moment.state) for moment in closed.timeline] == [
        (0, "open"), (50, "worsening"), (950, "quiet"), (2_000, "closed"),
    ]  # fmt: skip
    for at_ms, state, severity in ((10, "open", 1), (60, "worsening", 2), (1_000, "quiet", 2), (3_000, "closed", 2)):
        stood = closed.as_it_stood(at_ms)
        assert stood is not None
        assert (stood.state, stood.severity) == (state, severity)
    assert closed.as_it_stood(-1) is None


class TestGlobalCurse:
    """Off by default; on, only facts on several lanes into one chain call for that chain's global subject."""

    allowed = Table(is_global_allowed=True)
    into_b = (Lane(A, B), Lane(C, B))

    def decisions(self, signals: list[Signal], table: Table, posture: str = "curse") -> list[tuple[Reach, set[Target]]]:
        incidents = [folded(each) for each in signals]
        return [(decision.reach, {*decision.targets}) for _, decision in decide_all(incidents, posture, table)]  # type: ignore[arg-type]

    def test_two_forged_lanes_into_one_chain_close_it(self) -> None:
        forged = [signal(str(i), lanes=(lane,)) for i, lane in enumerate(self.into_b)]
        for reach, targets in self.decisions(forged, self.allowed):
            assert reach is Reach.CURSE_GLOBAL
            assert Target(B, GLOBAL) in targets
            assert {target.chain for target in targets if target.subject == GLOBAL} == {B}

    def test_by_default_it_never_happens(self) -> None:
        forged = [signal(str(i), lanes=(lane,)) for i, lane in enumerate(self.into_b)]
        assert {reach for reach, _ in self.decisions(forged, Table())} == {Reach.CURSE}

    @pytest.mark.parametrize(
        "second",
        [
            {"lanes": (Lane(A, B),), "detector": "root_mismatch"},  # the same lane again
            {"lanes": (Lane(A, C),)},  # into another chain
            {"lanes": (Lane(C, B),), "is_exact": False},  # unusual, not proved
            {"lanes": (Lane(C, B),), "detector": "config_changed"},  # an owner may
            {"lanes": (Lane(C, B),), "severity": Severity.WARNING},
        ],
    )
    def test_less_than_that_is_no_proof(self, second: dict[str, object]) -> None:
        signals = [signal("1", lanes=(Lane(A, B),)), signal("2", **second)]  # type: ignore[arg-type]
        assert all(reach is not Reach.CURSE_GLOBAL for reach, _ in self.decisions(signals, self.allowed))

    @pytest.mark.parametrize("posture", ["observe", "withhold"])
    def test_posture_comes_first(self, posture: str) -> None:
        forged = [signal(str(i), lanes=(lane,)) for i, lane in enumerate(self.into_b)]
        assert all(reach <= Reach.WITHHOLD for reach, _ in self.decisions(forged, self.allowed, posture))


def test_scores_below_the_operators_thresholds_reach_less_far() -> None:
    table = Table(withhold_score_min=0.5, curse_score_min=0.9)
    for score, reach in ((0.4, Reach.WATCH), (0.6, Reach.WITHHOLD), (0.95, Reach.CURSE)):
        assert decide(folded(signal(is_exact=False, score=score)), "curse", table).reach is reach
        assert decide(folded(signal(is_exact=True, score=score)), "curse", table).reach is Reach.CURSE


def test_a_closed_incident_does_nothing() -> None:
    closed = replace(folded(signal()), state="closed", closed_by="alice")
    for posture in POSTURES:
        decision = decide(closed, posture)
        assert decision.reach is Reach.WATCH
        assert not stops_blessing(closed, decision)


def test_a_document_holds_the_whole_incident() -> None:
    import json  # noqa: PLC0415

    for incident in (folded(signal()), folded(signal(lanes=())), folded(signal("1"), signal("2", is_exact=True))):
        assert incident_of(json.loads(json.dumps(of_incident(incident)))) == incident
