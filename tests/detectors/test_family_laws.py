"""Laws that every detector obeys. Detectors are found by walking the packages: a new file is under law at once."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from detectors.claims import NAMES, score_of
from detectors.detector import Severity, Signal
from detectors.folding import Scored
from detectors.frames import Sent
from detectors.judge import Judge
from detectors.registry import all_rules, all_statistics

if TYPE_CHECKING:
    from conftest import Step, Story

SEEDS = range(4)
DETECTORS = [*all_rules(), *all_statistics()]
NEVER_MS = 1 << 60
"""A time after every story."""


@pytest.fixture(scope="module", params=SEEDS, ids="seed{}".format)
def tale(request: pytest.FixtureRequest, scene: ModuleType) -> Story:
    return scene.random_story(request.param)


def fresh(scene: ModuleType, on_score: Callable[[Scored], None] | None = None) -> Judge:
    judge = Judge(scene.NETWORK, settings=scene.SETTINGS, on_score=on_score)
    for chain in scene.NETWORK.chains:
        judge.watch_since(chain, 0, is_whole=True)
    return judge


def by_id(signals: Iterable[Signal]) -> dict[str, Signal]:
    found = {signal.id: signal for signal in signals}
    return dict(sorted(found.items()))


def whole(scene: ModuleType, steps: Sequence[Step]) -> dict[str, Signal]:
    judge = fresh(scene)
    scene.tell(judge, steps)
    return by_id(judge.ask(NEVER_MS))


def live(
    scene: ModuleType, steps: Sequence[Step], *, every: int = 1, final_lag: int | None = None
) -> dict[str, Signal]:
    """Ask after so many steps; finalise so many blocks behind each head (None: never)."""
    judge = fresh(scene)
    given: list[Signal] = []
    for count, step in enumerate(steps, start=1):
        scene.tell(judge, [step])
        if final_lag is not None and step.header.number >= final_lag:
            judge.finalise(step.chain, step.header.number - final_lag)
        if count % every == 0:
            given += judge.ask(step.known_at_ms)
    return by_id([*given, *judge.ask(NEVER_MS)])


def test_every_file_holds_one_detector_of_its_name() -> None:
    assert {rule.name for rule in all_rules()} >= {
        "root_mismatch",
        "unmatched_execution",
        "amount_mismatch",
        "double_execution",
        "unbacked_release",
        "finality_violation",
    }
    assert {statistic.name for statistic in all_statistics()} >= {"outflow_spike", "transfer_rate", "route_novelty"}
    assert len({detector.name for detector in DETECTORS}) == len(DETECTORS)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.name)
def test_the_docstring_says_what_is_assumed(detector: type) -> None:
    text = inspect.getdoc(detector) or ""
    assert "Assumes" in text
    if detector in all_statistics():
        assert "Fails" in text
        assert "Source:" in text
        assert "Measured in" in text
        assert "Says 0" in text
        assert "until" in text, "when it begins to speak"


def test_the_stories_make_every_detector_speak(scene: ModuleType) -> None:
    spoke: set[str] = set()
    for seed in SEEDS:
        story = scene.random_story(seed)
        judge = story.judge()
        judge.state(scene.broken_finality(scene.A, story.steps[0]))
        judge.state(scene.disagreed(scene.A, story.steps[0]))
        judge.state(scene.unjudged(scene.A, story.steps[0]))
        spoke |= {signal.detector for signal in judge.ask(NEVER_MS)}
    assert spoke >= {rule.name for rule in all_rules()}
    assert spoke & set(NAMES), "each statistic speaks in its own tests, of weeks and crowds that no story tells"


def test_signals_are_well_formed(scene: ModuleType, tale: Story) -> None:
    known = {row.at.row_id: row for step in tale.steps for row in step.rows}
    exact = {rule.name for rule in all_rules()}
    signals = whole(scene, tale.steps).values()
    assert signals
    for signal in signals:
        assert 0.0 <= signal.score <= 1.0
        assert signal.is_exact == (signal.detector in exact)
        assert not signal.is_exact or signal.score > 0.0
        assert isinstance(signal.severity, Severity)
        assert signal.rows
        assert set(signal.rows) <= known.keys()
        accusing = known[signal.rows[0]].at
        assert (accusing.chain, accusing.block_number, accusing.tx_hash) == (
            signal.chain,
            signal.block_number,
            signal.tx_hash,
        )
        assert signal.known_at_ms >= max(known[row].at.known_at_ms for row in signal.rows)
        assert signal.lanes
        assert list(signal.lanes) == sorted(set(signal.lanes))
        assert set(signal.lanes) <= scene.NETWORK.lanes


def test_scores_are_between_0_and_1(scene: ModuleType, tale: Story) -> None:
    scores: list[float] = []
    judge = Judge(
        scene.NETWORK,
        settings=scene.SETTINGS,
        on_score=lambda scored: scores.extend(score_of(rate) for rate in scored.rates.tolist()),
    )
    scene.tell(judge, tale.steps)
    judge.ask(NEVER_MS)
    assert scores
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_rows_are_left_as_they_were(scene: ModuleType, tale: Story) -> None:
    before = copy.deepcopy(tale.steps)
    whole(scene, tale.steps)
    assert tale.steps == before


def test_the_same_rows_give_the_same_signals(scene: ModuleType, tale: Story) -> None:
    assert whole(scene, tale.steps) == whole(scene, copy.deepcopy(tale.steps))


def test_asking_twice_is_harmless(scene: ModuleType, tale: Story) -> None:
    judge = fresh(scene)
    scene.tell(judge, tale.steps)
    assert judge.ask(NEVER_MS)
    assert judge.ask(NEVER_MS) == []


@pytest.mark.parametrize("final_lag", [None, 0, 3])
# INV-DET-1
def test_live_equals_the_whole_history_in_one_go(scene: ModuleType, tale: Story, final_lag: int | None) -> None:
    assert live(scene, tale.steps, final_lag=final_lag) == whole(scene, tale.steps)


@pytest.mark.parametrize(("every", "final_lag"), [(7, 2), (50, 0), (50, 20), (333, None)])
# INV-DET-1
def test_chunked_equals_the_whole_history(scene: ModuleType, tale: Story, every: int, final_lag: int | None) -> None:
    assert live(scene, tale.steps, every=every, final_lag=final_lag) == whole(scene, tale.steps)


# INV-DET-1
def test_restored_from_rows_equals_never_stopped(scene: ModuleType, tale: Story) -> None:
    half = len(tale.steps) // 2
    first = fresh(scene)
    scene.tell(first, tale.steps[:half])
    given = first.ask(NEVER_MS)
    second = fresh(scene)
    scene.tell(second, tale.steps[:half])
    assert by_id(second.ask(NEVER_MS)) == by_id(given)
    scene.tell(second, tale.steps[half:])
    later = second.ask(NEVER_MS)
    assert by_id([*given, *later]) == whole(scene, tale.steps)
    assert not by_id(given).keys() & by_id(later).keys()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
# INV-DET-2
def test_what_comes_later_changes_nothing_before(scene: ModuleType, tale: Story, share: float) -> None:
    cut = int(len(tale.steps) * share)
    judge = fresh(scene)
    scene.tell(judge, tale.steps[:cut])
    early = by_id(judge.ask(NEVER_MS))
    everything = whole(scene, tale.steps)
    assert early.items() <= everything.items()
    end_ms = tale.steps[cut - 1].known_at_ms
    assert {key for key, signal in everything.items() if signal.known_at_ms < end_ms} <= early.keys()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_unrelated_lanes_is_irrelevant(scene: ModuleType, seed: int) -> None:
    lanes: list[Lane] = scene.LANES
    one, other = (scene.random_story(seed, lanes=tuple(pair), days=12) for pair in (lanes[:2], lanes[2:]))
    merged = sorted([*one.steps, *other.steps], key=lambda step: step.known_at_ms)
    apart = whole(scene, [*one.steps, *other.steps])
    assert whole(scene, merged) == apart
    assert whole(scene, [*other.steps, *one.steps]) == apart
    assert by_id([*whole(scene, one.steps).values(), *whole(scene, other.steps).values()]) == apart


def _with_lost_branches(
    scene: ModuleType, tale: Story, *, is_asked_between: bool, heard: dict[object, list[float]] | None = None
) -> tuple[Judge, list[Signal]]:
    """Tell the story, but before every tenth step let that chain grow another branch and lose it again."""
    heard = {} if heard is None else heard
    judge = fresh(scene, on_score=lambda scored: heard.update({scored.row.at: scored.rates.tolist()}))
    given: list[Signal] = []
    steps = tale.steps
    for position, step in enumerate(steps):
        head = judge.record.head(step.chain)
        if position % 10 == 5 and head is not None:
            number = head.number
            for depth, stray in enumerate(
                [other for other in steps[position : position + 9] if other.chain == step.chain]
            ):
                header = stray.header._replace(number=number + 1 + depth, hash=b"lost")
                rows = [
                    row._replace(at=row.at._replace(block_number=header.number, block_hash=f"lost{position}"))
                    for row in stray.rows
                ]
                judge.extend(step.chain, header, rows, step.known_at_ms)
            if is_asked_between:
                given += judge.ask(NEVER_MS)
            judge.rewind(step.chain, number)
        scene.tell(judge, [step])
        if step.header.number > 20:
            judge.finalise(step.chain, step.header.number - 20)
        if is_asked_between:
            given += judge.ask(NEVER_MS)
    return judge, [*given, *judge.ask(NEVER_MS)]


def test_a_lost_branch_leaves_no_trace(scene: ModuleType, tale: Story) -> None:
    judge, signals = _with_lost_branches(scene, tale, is_asked_between=False)
    straight = fresh(scene)
    scene.tell(straight, tale.steps)
    assert by_id(signals) == by_id(straight.ask(NEVER_MS))
    indexes = ("sent", "sent_by_id", "executed", "executed_by_id", "committed", "in_tx", "numbering", "prices", "books")
    for index in (*indexes, "onward", "ordered", "reaches", "leaps", "floors", "rushes", "crossings"):
        assert getattr(judge.record, index) == getattr(straight.record, index), index
    assert sorted(judge.undecided, key=repr) == sorted(straight.undecided, key=repr)


def test_signals_given_about_a_lost_branch_stay_and_the_winning_one_is_judged_in_full(
    scene: ModuleType, tale: Story
) -> None:
    _, signals = _with_lost_branches(scene, tale, is_asked_between=True)
    ids = [signal.id for signal in signals]
    assert len(ids) == len(set(ids))
    assert whole(scene, tale.steps).keys() <= set(ids)


def test_an_execution_is_asked_about_again_when_its_message_is_taken_back(scene: ModuleType, story: Story) -> None:
    lane = scene.LANES[0]
    judge = fresh(scene)
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 110, [scene.sent(lane, 1, ("BNM", 5))])
    story.block(scene.B, 120, [*scene.moves(lane, "BNM", 5), scene.executed(lane, 1)])
    scene.tell(judge, story.steps)
    assert judge.ask(NEVER_MS) == []
    judge.rewind(scene.A, 0)
    assert judge.ask(NEVER_MS) == [], "the source's new branch has not come as far as the execution"
    other = type(story)("other")
    other.heads(100, scene.A)
    scene.tell(judge, [other.block(scene.A, 130)])
    assert {signal.detector for signal in judge.ask(NEVER_MS)} == {"unmatched_execution", "supply_conservation"}


@pytest.mark.parametrize("is_honest", [True, False])
def test_what_a_lost_branch_seemed_to_prove_is_asked_again(scene: ModuleType, story: Story, is_honest: bool) -> None:
    lane = scene.LANES[0]
    judge = fresh(scene)
    story.heads(100, scene.A, scene.B)
    scene.tell(judge, story.steps)
    judge.extend(scene.A, story.steps[0].header._replace(number=1, timestamp_s=500), (), 500_000)
    scene.tell(judge, [story.block(scene.B, 200, [*scene.moves(lane, "BNM", 5), scene.executed(lane, 1)])])
    judge.rewind(scene.A, 0)
    logs = [scene.sent(lane, 1, ("BNM", 5))] if is_honest else []
    scene.tell(judge, [story.block(scene.A, 150, logs), story.block(scene.A, 500)])
    accused = {signal.detector for signal in judge.ask(NEVER_MS)}
    assert accused == (set() if is_honest else {"unmatched_execution", "supply_conservation"})


def test_scores_after_a_lost_branch_are_those_of_the_winning_one(scene: ModuleType, tale: Story) -> None:
    straight: dict[object, list[float]] = {}
    judge = Judge(
        scene.NETWORK,
        settings=scene.SETTINGS,
        on_score=lambda scored: straight.update({scored.row.at: scored.rates.tolist()}),
    )
    scene.tell(judge, tale.steps)
    judge.ask(NEVER_MS)
    heard: dict[object, list[float]] = {}
    _with_lost_branches(scene, tale, is_asked_between=True, heard=heard)
    assert {at: heard[at] for at in straight} == straight


def test_rewinding_a_final_block_is_refused(scene: ModuleType, story: Story) -> None:
    judge = fresh(scene)
    story.heads(100, scene.A)
    story.heads(110, scene.A)
    scene.tell(judge, story.steps)
    judge.finalise(scene.A, 1)
    with pytest.raises(ValueError, match="final"):
        judge.rewind(scene.A, 0)


def test_a_signal_waits_for_the_time_at_which_it_could_be_known(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.B, 120, [scene.minted(scene.B, "BNM", 7)])
    judge = story.judge()
    assert judge.ask(119_999) == []
    assert [signal.detector for signal in judge.ask(120_000)] == ["unbacked_release"]


def test_a_message_sent_in_the_same_second_on_another_chain_is_seen_in_either_order(scene: ModuleType) -> None:
    lane = scene.LANES[0]
    for source_first in (True, False):
        story = scene.Story()
        story.heads(100, scene.A, scene.B)
        blocks = [
            (scene.A, [scene.sent(lane, 1, ("BNM", 5))]),
            (scene.B, [*scene.moves(lane, "BNM", 5), scene.executed(lane, 1)]),
        ]
        for chain, logs in blocks if source_first else reversed(blocks):
            story.block(chain, 200, logs)
        assert [signal.detector for signal in story.signals()] == ["latency_floor"], "seen, but not final yet"
        assert any(isinstance(row, Sent) for step in story.steps for row in step.rows)
