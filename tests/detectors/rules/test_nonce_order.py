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
def ordered(scene: ModuleType, story: Story, lane: Lane) -> Story:
    """Numbers 1, 2, 3 ordered by nonces 5, 6, 7; number 4 as it comes."""
    story.heads(100, scene.A, scene.B)
    for number, nonce in ((1, 5), (2, 6), (3, 7), (4, 0)):
        story.block(scene.A, 100 + number, [scene.sent(lane, number, nonce=nonce)])
    story.heads(1000, scene.A)
    return story


def execute(scene: ModuleType, story: Story, lane: Lane, *tries: tuple[int, str]) -> list[tuple[str, str]]:
    for second, (number, state) in enumerate(tries):
        story.block(scene.B, 200 + second, [scene.executed(lane, number, state)])
    signals = story.signals()
    assert {signal.detector for signal in signals} <= {"nonce_order"}
    assert all(signal.severity.word == "warning" for signal in signals)
    return [(signal.evidence["previous_sequence_number"], signal.evidence["sequence_number"]) for signal in signals]


def test_one_after_the_other_is_fine(scene: ModuleType, ordered: Story, lane: Lane) -> None:
    assert execute(scene, ordered, lane, (1, "success"), (2, "success"), (3, "success")) == []


def test_a_message_before_its_previous_one_is_accused(scene: ModuleType, ordered: Story, lane: Lane) -> None:
    said = execute(scene, ordered, lane, (1, "success"), (3, "success"), (2, "success"))
    assert said == [("2", "3")]


def test_a_message_out_of_order_is_accused_at_its_first_try_only(scene: ModuleType, ordered: Story, lane: Lane) -> None:
    assert execute(scene, ordered, lane, (1, "success"), (3, "failure"), (3, "success")) == [("2", "3")]


def test_within_one_block_too(scene: ModuleType, ordered: Story, lane: Lane) -> None:
    ordered.block(scene.B, 200, [scene.executed(lane, 2), scene.executed(lane, 1)])
    assert execute(scene, ordered, lane) == [("1", "2")]


def test_a_failure_keeps_the_order_and_its_retry_may_come_late(scene: ModuleType, ordered: Story, lane: Lane) -> None:
    tries = [(1, "success"), (2, "failure"), (3, "success"), (2, "success")]
    assert execute(scene, ordered, lane, *tries) == []


def test_a_message_without_a_nonce_comes_when_it_likes(scene: ModuleType, ordered: Story, lane: Lane) -> None:
    assert execute(scene, ordered, lane, (4, "success"), (1, "success"), (2, "success")) == []


def test_a_previous_message_that_the_record_lacks_says_nothing(scene: ModuleType, ordered: Story, lane: Lane) -> None:
    assert execute(scene, ordered, lane, (1, "success")) == [], "nonce 4 was sent before our record"


def test_a_record_of_the_destination_that_began_later_says_nothing(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(90, scene.A)
    story.block(scene.A, 95, [scene.sent(lane, 1, nonce=1)])
    story.block(scene.A, 101, [scene.sent(lane, 2, nonce=2)])
    story.heads(100, scene.B)
    story.heads(1000, scene.A)
    assert execute(scene, story, lane, (2, "success")) == []


def test_another_senders_nonces_are_its_own(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(100, scene.A, scene.B)
    mine, theirs = scene.sent(lane, 1, nonce=1), scene.sent(lane, 2, nonce=2)
    story.block(scene.A, 101, [mine], [lambda at: theirs(at)._replace(sender=scene.THIEF)])
    story.heads(1000, scene.A)
    assert execute(scene, story, lane, (2, "success"), (1, "success")) == []
