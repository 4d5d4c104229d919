from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.detector import Signal

if TYPE_CHECKING:
    from conftest import Story


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


@pytest.fixture
def sent_three(scene: ModuleType, story: Story, lane: Lane) -> Story:
    story.heads(100, scene.A, scene.B)
    for number in (1, 2, 3):
        story.block(scene.A, 100 + number, [scene.sent(lane, number, ("BNM", number))])
    story.heads(110, scene.A)
    return story


def roots(signals: list[Signal]) -> list[Signal]:
    return [signal for signal in signals if signal.detector == "root_mismatch"]


def test_the_root_of_its_messages_is_fine(scene: ModuleType, sent_three: Story, lane: Lane) -> None:
    sent_three.block(scene.B, 110, [scene.committed(lane, 1, 3)])
    sent_three.block(scene.B, 111, [scene.committed(lane, 2, 2)])
    assert roots(sent_three.signals()) == []


def test_another_root_is_accused_with_both_roots_as_evidence(scene: ModuleType, sent_three: Story, lane: Lane) -> None:
    sent_three.block(scene.B, 110, [scene.committed(lane, 1, 3, merkle=scene.digest("forged"))])
    (signal,) = roots(sent_three.signals())
    assert signal.lanes == (lane,)
    assert signal.evidence["committed_root"] == scene.digest("forged")
    assert signal.evidence["recomputed_root"] == scene.root(lane, 1, 3)
    assert signal.known_at_ms == 110_000


def test_a_right_root_over_another_interval_is_accused(scene: ModuleType, sent_three: Story, lane: Lane) -> None:
    sent_three.block(scene.B, 110, [scene.committed(lane, 1, 2, merkle=scene.root(lane, 1, 3))])
    assert len(roots(sent_three.signals())) == 1


@pytest.mark.parametrize(("first", "last"), [(3, 4), (1, 257), (3, 2), (1, 2**64 - 1)])
def test_numbers_that_no_root_can_be_over_are_another_rules_business(
    scene: ModuleType, sent_three: Story, lane: Lane, first: int, last: int
) -> None:
    sent_three.block(scene.B, 110, [scene.committed(lane, first, last, merkle=scene.digest("any"))])
    assert [signal.detector for signal in sent_three.signals()] == ["interval_gap"]


def test_it_is_pending_while_our_index_of_the_source_is_behind(
    scene: ModuleType, sent_three: Story, lane: Lane
) -> None:
    sent_three.block(scene.B, 200, [scene.committed(lane, 4, 4, merkle=scene.digest("any"))])
    judge = sent_three.judge()
    assert judge.ask(1 << 60) == []
    assert ("root_mismatch", f"our index of chain-{scene.A} is behind") in {
        (one.detector, one.reason) for one in judge.undecided
    }
    # Half of the source's finality (2 s) before the commit is far enough: an honest message was final by then.
    scene.tell(judge, [sent_three.block(scene.A, 198, [scene.sent(lane, 4)])])
    assert judge.ask(1 << 60) == []
    scene.tell(judge, [sent_three.block(scene.A, 199)])
    (signal,) = judge.ask(1 << 60)
    assert signal.known_at_ms == 200_000
    assert judge.undecided == []


def test_a_late_source_clears_a_pending_root(scene: ModuleType, sent_three: Story, lane: Lane) -> None:
    sent_three.block(scene.B, 200, [scene.committed(lane, 4, 4)])
    sent_three.block(scene.A, 150, [scene.sent(lane, 4)])
    sent_three.heads(210, scene.A)
    judge = sent_three.judge()
    assert judge.ask(1 << 60) == []
    assert judge.undecided == []


def test_another_on_ramp_is_accused(scene: ModuleType, sent_three: Story, lane: Lane) -> None:
    sent_three.block(scene.B, 110, [scene.committed(lane, 1, 3, on_ramp=scene.address("stranger"))])
    (signal,) = roots(sent_three.signals())
    assert "OnRamp" in signal.summary


def test_an_unknown_lane_is_doubt_not_evidence(scene: ModuleType, sent_three: Story) -> None:
    stranger = Lane(ChainSelector(42), scene.B)
    sent_three.block(scene.B, 110, [scene.committed(Lane(scene.A, scene.B), 1, 3)])
    log = sent_three.steps[-1].rows[0]._replace(lane=stranger)
    judge = sent_three.judge()
    header = sent_three.steps[-1].header._replace(number=99)
    judge.extend(scene.B, header, [log], 120_000)
    assert judge.ask(1 << 60) == []
    assert "root_mismatch" in {one.detector for one in judge.undecided}


def test_two_wrong_roots_in_one_commit_are_two_signals(scene: ModuleType, sent_three: Story, lane: Lane) -> None:
    step = sent_three.block(
        scene.B,
        110,
        [
            scene.committed(lane, 1, 2, merkle=scene.digest("one")),
            scene.committed(lane, 3, 3, merkle=scene.digest("two")),
        ],
    )
    same_log = tuple(row._replace(at=step.rows[0].at) for row in step.rows)
    sent_three.steps[-1] = step._replace(rows=same_log)
    assert len(roots(sent_three.signals())) == 2
