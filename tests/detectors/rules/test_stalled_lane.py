from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from detectors.detector import Severity

if TYPE_CHECKING:
    from conftest import Story

HONEST = 60
"""Messages of an honest past: a commit after 40 s, an execution 20 s later, once an hour."""


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


def deliver(scene: ModuleType, story: Story, lane: Lane, number: int, at_s: int, *, executed: bool = True) -> None:
    story.block(lane.source, at_s, [scene.sent(lane, number)])
    story.heads(at_s + 30, lane.source)
    story.block(lane.dest, at_s + 40, [scene.committed(lane, number, number)])
    if executed:
        story.block(lane.dest, at_s + 60, [scene.executed(lane, number)])


@pytest.fixture
def lived(scene: ModuleType, story: Story, lane: Lane) -> Story:
    story.heads(1000, *lane)
    for number in range(1, HONEST + 1):
        deliver(scene, story, lane, number, 3600 * number)
    return story


NOW_S = 3600 * (HONEST + 1)


def told(story: Story) -> list[tuple[str, str]]:
    signals = story.signals()
    assert {(one.detector, one.severity) for one in signals} <= {("stalled_lane", Severity.WARNING)}
    return [(one.evidence["step"], one.evidence["first_sequence_number"]) for one in signals]


def test_an_honest_lane_is_not_stalled_between_messages(lived: Story, lane: Lane) -> None:
    lived.heads(NOW_S + 10**6, *lane)
    assert told(lived) == []


def test_no_commit_for_longer_than_is_likely(scene: ModuleType, lived: Story, lane: Lane) -> None:
    lived.block(lane.source, NOW_S, [scene.sent(lane, HONEST + 1)])
    lived.heads(NOW_S + 3600, *lane)
    assert told(lived) == [("commit", str(HONEST + 1))]
    (signal,) = lived.signals()
    assert signal.lanes == (lane,)
    assert signal.evidence["chance"] <= 0.001
    assert int(signal.evidence["usual_s_max"]) < int(signal.evidence["waited_s"]) == 3600
    assert signal.known_at_ms == (NOW_S + 3600) * 1000


def test_no_execution_for_longer_than_is_likely(scene: ModuleType, lived: Story, lane: Lane) -> None:
    deliver(scene, lived, lane, HONEST + 1, NOW_S, executed=False)
    lived.heads(NOW_S + 3600, *lane)
    assert told(lived) == [("execution", str(HONEST + 1))]


def test_a_little_later_than_ever_is_not_unlikely(scene: ModuleType, lived: Story, lane: Lane) -> None:
    lived.block(lane.source, NOW_S, [scene.sent(lane, HONEST + 1)])
    lived.heads(NOW_S + 60, *lane)
    assert told(lived) == []


def test_the_first_message_speaks_for_those_behind_it(scene: ModuleType, lived: Story, lane: Lane) -> None:
    for later in range(1, 6):
        lived.block(lane.source, NOW_S + later, [scene.sent(lane, HONEST + later)])
    lived.heads(NOW_S + 3600, *lane)
    lived.heads(NOW_S + 7200, *lane)
    assert told(lived) == [("commit", str(HONEST + 1))]


def test_a_message_left_out_by_a_lane_that_goes_on_is_not_a_stall(scene: ModuleType, lived: Story, lane: Lane) -> None:
    deliver(scene, lived, lane, HONEST + 1, NOW_S, executed=False)
    deliver(scene, lived, lane, HONEST + 2, NOW_S + 70)
    lived.heads(NOW_S + 3600, *lane)
    assert told(lived) == []


@pytest.mark.parametrize("is_at_dest", [True, False])
def test_a_curse_explains_a_stall_until_it_is_lifted(
    scene: ModuleType, lived: Story, lane: Lane, is_at_dest: bool
) -> None:
    chain, subject = (lane.dest, lane.source) if is_at_dest else (lane.source, lane.dest)
    lived.block(lane.source, NOW_S, [scene.sent(lane, HONEST + 1)])
    lived.block(chain, NOW_S + 5, [scene.cursed(scene.subject_of(subject))])
    for hour in range(1, 9):
        lived.heads(NOW_S + 3600 * hour, *lane)
    assert told(lived) == []
    lived.block(chain, NOW_S + 30_000, [scene.cursed(scene.subject_of(subject), is_cursed=False)])
    lived.heads(NOW_S + 30_050, *lane)
    assert told(lived) == [], "the lane has its whole time again"
    for hour in range(9, 12):
        lived.heads(NOW_S + 3600 * hour, *lane)
    assert told(lived) == [("commit", str(HONEST + 1))]


def test_a_young_lane_leans_on_its_neighbours_and_needs_more_time(scene: ModuleType, lived: Story, lane: Lane) -> None:
    back = Lane(lane.dest, lane.source)
    lived.block(back.source, NOW_S, [scene.sent(back, 1)])
    lived.heads(NOW_S + 120, *lane)
    assert told(lived) == []
    lived.heads(NOW_S + 86_400, *lane)
    assert told(lived) == [("commit", "1")]


def test_a_young_network_says_nothing(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(1000, *lane)
    for number in range(1, 20):
        deliver(scene, story, lane, number, 3600 * number)
    story.block(lane.source, 90_000, [scene.sent(lane, 20)])
    story.heads(10**7, *lane)
    assert told(story) == []


def test_nothing_is_missing_while_time_is_left(scene: ModuleType, lived: Story, lane: Lane) -> None:
    lived.block(lane.source, NOW_S, [scene.sent(lane, HONEST + 1)])
    assert lived.judge().undecided == []
