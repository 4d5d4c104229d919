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


@pytest.fixture
def one_sent(scene: ModuleType, story: Story, lane: Lane) -> Story:
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 101, [scene.sent(lane, 1)])
    story.heads(110, scene.A)
    return story


@pytest.mark.parametrize("states", [["success"], ["failure"], ["failure", "success"], ["in_progress", "success"]])
def test_a_message_that_was_sent_may_fail_and_be_executed_by_hand(
    scene: ModuleType, one_sent: Story, lane: Lane, states: list[str]
) -> None:
    for count, state in enumerate(states):
        one_sent.block(scene.B, 110 + count, [scene.executed(lane, 1, state)])
    one_sent.heads(120, scene.A)
    assert one_sent.signals() == []


@pytest.mark.parametrize("state", ["success", "failure"])
def test_a_message_that_was_never_sent_is_accused_even_if_it_failed(
    scene: ModuleType, one_sent: Story, lane: Lane, state: str
) -> None:
    one_sent.block(scene.B, 110, [scene.executed(lane, 2, state)])
    (signal,) = one_sent.signals()
    assert signal.detector == "unmatched_execution"
    assert signal.lanes == (lane,)
    assert signal.evidence["source_searched_to_s"] == "109", "half of the source's finality of 2 s before the execution"


def test_what_was_sent_with_another_content_is_another_rules_business(
    scene: ModuleType, one_sent: Story, lane: Lane
) -> None:
    one_sent.block(scene.B, 110, [scene.executed(lane, 1, salt="forged")])
    assert [signal.detector for signal in one_sent.signals()] == ["message_mismatch"]


def test_the_other_directions_message_does_not_match(scene: ModuleType, one_sent: Story) -> None:
    one_sent.block(scene.A, 111, [scene.executed(scene.LANES[1], 1)])
    one_sent.heads(112, scene.B)
    assert [signal.lanes for signal in one_sent.signals()] == [(scene.LANES[1],)]


def test_an_execution_seen_before_its_source_is_pending_then_fine(
    scene: ModuleType, one_sent: Story, lane: Lane
) -> None:
    one_sent.block(scene.B, 200, [scene.executed(lane, 2)])
    judge = one_sent.judge()
    assert judge.ask(1 << 60) == []
    assert {one.detector for one in judge.undecided} >= {"unmatched_execution", "amount_mismatch"}
    scene.tell(judge, [one_sent.block(scene.A, 150, [scene.sent(lane, 2)]), one_sent.block(scene.A, 220)])
    assert judge.ask(1 << 60) == []
    assert judge.undecided == []


def test_messages_from_before_the_record_are_not_judged(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.B, 110, [scene.executed(lane, 700)])
    story.heads(111, scene.A)
    story.block(scene.A, 112, [scene.sent(lane, 705)])
    story.heads(120, scene.A)
    story.block(scene.B, 120, [scene.executed(lane, 701)])
    judge = story.judge(whole=False)
    assert judge.ask(1 << 60) == []
    assert {one.reason for one in judge.undecided} == {
        "nothing was sent on the lane since our record began",
        "message 701 was sent before our record began",
    }


def test_a_number_above_the_frontier_is_accused_in_a_record_that_began_late(
    scene: ModuleType, story: Story, lane: Lane
) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 112, [scene.sent(lane, 705)])
    story.heads(120, scene.A)
    story.block(scene.B, 120, [scene.executed(lane, 2_000_000)])
    assert [signal.detector for signal in story.signals(whole=False)] == ["unmatched_execution"]


def test_a_gap_in_our_own_record_is_doubt(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(100, scene.A, scene.B)
    for number in range(1, 30):
        if number != 7:
            story.block(scene.A, 100 + number, [scene.sent(lane, number)])
    story.heads(200, scene.A)
    story.block(scene.B, 200, [scene.executed(lane, 7)])
    judge = story.judge()
    assert judge.ask(1 << 60) == []
    assert {one.reason for one in judge.undecided} == {"our record lacks message 7 of a lane that numbers without gaps"}
