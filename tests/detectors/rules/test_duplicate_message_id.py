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
def two_sent(scene: ModuleType, story: Story, lane: Lane) -> Story:
    story.heads(100, scene.A, scene.B, scene.C, scene.D)
    story.block(scene.A, 101, [scene.sent(lane, 1)], [scene.sent(lane, 2)])
    story.heads(130, scene.A, scene.C)
    return story


def said(story: Story) -> list[tuple[str, str, str]]:
    return [
        (signal.evidence["what"], signal.evidence["first_sequence_number"], signal.evidence["sequence_number"])
        for signal in story.signals()
        if signal.detector == "duplicate_message_id"
    ]


def first_id(scene: ModuleType, lane: Lane) -> str:
    return scene.digest("id", lane, 1, "")


def test_ids_of_their_own_are_fine(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    two_sent.block(scene.B, 110, [scene.executed(lane, 1)], [scene.executed(lane, 2)])
    assert two_sent.signals() == []


def test_an_id_executed_under_a_second_number_is_accused(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    first = two_sent.block(scene.B, 110, [scene.executed(lane, 1)])
    second = two_sent.block(scene.B, 111, [scene.executed(lane, 2, message_id=first_id(scene, lane))])
    assert said(two_sent) == [("executed", "1", "2")]
    (signal,) = [one for one in two_sent.signals() if one.detector == "duplicate_message_id"]
    assert signal.rows == (second.rows[0].at.row_id, first.rows[0].at.row_id)
    assert signal.lanes == (lane,)


def test_within_one_block_it_is_stated_once(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    again = scene.executed(lane, 2, message_id=first_id(scene, lane))
    two_sent.block(scene.B, 110, [scene.executed(lane, 1)], [again])
    assert said(two_sent) == [("executed", "1", "2")]


def test_the_same_number_again_is_another_rules_business(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    two_sent.block(scene.B, 110, [scene.executed(lane, 1)], [scene.executed(lane, 1)])
    assert [signal.detector for signal in two_sent.signals()] == ["double_execution"]


def test_a_failure_under_another_number_moved_nothing(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    two_sent.block(scene.B, 110, [scene.executed(lane, 1)])
    two_sent.block(scene.B, 111, [scene.executed(lane, 2, "failure", message_id=first_id(scene, lane))])
    assert [signal.detector for signal in two_sent.signals()] == ["message_mismatch"]


def test_an_id_sent_under_a_second_number_is_accused(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    two_sent.block(scene.A, 140, [scene.sent(lane, 3, message_id=first_id(scene, lane))])
    assert [signal.detector for signal in two_sent.signals()] == ["duplicate_message_id"]
    assert said(two_sent) == [("sent", "1", "3")]


def test_the_same_message_sent_again_under_its_number_is_no_second_one(
    scene: ModuleType, two_sent: Story, lane: Lane
) -> None:
    two_sent.block(scene.A, 140, [scene.sent(lane, 1)])
    assert two_sent.signals() == []


@pytest.mark.parametrize("is_late", [False, True])
def test_an_id_replayed_on_another_lane_accuses_both_in_either_order(
    scene: ModuleType, two_sent: Story, lane: Lane, is_late: bool
) -> None:
    other = scene.LANES[2]
    blocks = [
        (scene.B, 110, scene.executed(lane, 1)),
        (scene.D, 115, scene.executed(other, 1, message_id=first_id(scene, lane))),
    ]
    for chain, time_s, log in reversed(blocks) if is_late else blocks:
        two_sent.block(chain, time_s, [log])
    (signal,) = [one for one in two_sent.signals() if one.detector == "duplicate_message_id"]
    assert signal.lanes == tuple(sorted((lane, other)))
    assert signal.chain == scene.D, "the later one, whichever we saw first"
    assert signal.known_at_ms == 115_000
