from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane

if TYPE_CHECKING:
    from conftest import Story


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


def rising(scene: ModuleType, story: Story, lane: Lane, numbers: list[int], *, is_sent: bool = True) -> None:
    """Honest traffic: numbers sent in their order, executed in the order given."""
    story.heads(100, scene.A, scene.B)
    if is_sent:
        story.block(scene.A, 101, *([scene.sent(lane, number)] for number in sorted(numbers)))
    story.heads(1000, scene.A)
    story.block(scene.B, 200, *([scene.executed(lane, number)] for number in numbers))


def leaps(story: Story, *, whole: bool = True) -> list[tuple[str, str]]:
    return [
        (signal.severity.word, signal.evidence["sequence_number"])
        for signal in story.signals(whole=whole)
        if signal.detector == "nonce_frontier"
    ]


def test_numbers_that_rise_as_ever_are_fine(scene: ModuleType, story: Story, lane: Lane) -> None:
    rising(scene, story, lane, list(range(1, 400)))
    assert story.signals() == []


def test_two_releases_of_messages_that_nobody_sent(scene: ModuleType, story: Story, lane: Lane) -> None:
    """Both leap: the first one does not become the frontier."""
    rising(scene, story, lane, list(range(1_063_800, 1_064_001)))
    story.block(scene.B, 300, [scene.executed(lane, 2_000_000)])
    story.block(scene.B, 415, [scene.executed(lane, 2_000_001)])
    assert leaps(story) == [("critical", "2000000"), ("critical", "2000001")]
    (first, _) = [one for one in story.signals() if one.detector == "nonce_frontier"]
    assert first.evidence["executed_frontier"] == first.evidence["source_frontier"] == "1064000"
    assert first.evidence["gap"] == "936000"


def test_without_the_source_it_is_a_warning_at_once(scene: ModuleType, story: Story, lane: Lane) -> None:
    rising(scene, story, lane, list(range(1, 201)), is_sent=False)
    story.block(scene.B, 5000, [scene.executed(lane, 2_000_000)])
    assert leaps(story, whole=False) == [("warning", "2000000")]


def test_a_source_that_leapt_explains_it(scene: ModuleType, story: Story, lane: Lane) -> None:
    rising(scene, story, lane, [*range(1, 201), 2_000_000])
    assert story.signals() == []


def test_messages_in_flight_may_be_executed_in_any_order(scene: ModuleType, story: Story, lane: Lane) -> None:
    numbers = [base + step for base in range(0, 8000, 500) for step in (1, *range(500, 1, -1))]
    rising(scene, story, lane, numbers)
    assert story.signals() == []


def test_a_burst_of_very_old_messages_does_not_leap(scene: ModuleType, story: Story, lane: Lane) -> None:
    rising(scene, story, lane, list(range(1_000_000, 1_000_300)))
    story.block(scene.B, 300, *([scene.executed(lane, number)] for number in range(10, 740)))
    assert story.signals(whole=False) == []


def test_what_is_usual_is_the_lanes_own(scene: ModuleType, story: Story, lane: Lane) -> None:
    """A lane whose executions are thousands of numbers apart (ids shared with others) may step as far again."""
    rising(scene, story, lane, [5000 * step for step in range(1, 151)], is_sent=False)
    story.block(scene.B, 300, [scene.executed(lane, 750_000 + 60_000)])
    story.block(scene.B, 301, [scene.executed(lane, 810_000 + 100_000 * 10)])
    assert leaps(story, whole=False) == [("warning", "1810000")]


def test_nothing_is_said_before_the_lane_has_shown_what_is_usual(scene: ModuleType, story: Story, lane: Lane) -> None:
    rising(scene, story, lane, list(range(1, 90)), is_sent=False)
    story.block(scene.B, 300, [scene.executed(lane, 2_000_000)])
    assert leaps(story, whole=False) == []


def test_a_lane_that_is_numbered_anew_is_accepted_in_the_end(scene: ModuleType, story: Story, lane: Lane) -> None:
    rising(scene, story, lane, list(range(1, 201)), is_sent=False)
    story.block(scene.B, 300, *([scene.executed(lane, number)] for number in range(5_000_000, 5_000_500)))
    assert len(leaps(story, whole=False)) == 16


def test_a_leap_that_a_reorg_took_back_leaves_no_trace(scene: ModuleType, story: Story, lane: Lane) -> None:
    rising(scene, story, lane, list(range(1, 201)), is_sent=False)
    judge = story.judge(whole=False)
    before = dict(judge.record.reaches)
    step = story.block(scene.B, 300, [scene.executed(lane, 2_000_000)])
    scene.tell(judge, [step])
    judge.rewind(scene.B, step.header.number - 1)
    assert judge.record.reaches == before
    assert judge.record.leaps == {}
    assert judge.ask(1 << 60) == []
