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
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 101, [scene.sent(lane, 1)], [scene.sent(lane, 2)])
    story.heads(110, scene.A)
    return story


def test_the_second_success_is_accused(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    first = two_sent.block(scene.B, 108, [scene.executed(lane, 1)])
    second = two_sent.block(scene.B, 109, [scene.executed(lane, 1)])
    (signal,) = two_sent.signals()
    assert signal.detector == "double_execution"
    assert signal.rows == (second.rows[0].at.row_id, first.rows[0].at.row_id)


def test_within_one_transaction_too(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    two_sent.block(scene.B, 108, [scene.executed(lane, 1), scene.executed(lane, 1)])
    assert [signal.detector for signal in two_sent.signals()] == ["double_execution"]


def test_failures_then_success_is_manual_execution(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    for count, state in enumerate(["failure", "failure", "success"]):
        two_sent.block(scene.B, 105 + count, [scene.executed(lane, 1, state)])
    assert two_sent.signals() == []


def test_two_messages_are_not_one_twice(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    two_sent.block(scene.B, 108, [scene.executed(lane, 1)], [scene.executed(lane, 2)])
    assert two_sent.signals() == []


def test_one_id_under_two_numbers_is_another_rules_business(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    two_sent.block(scene.B, 108, [scene.executed(lane, 1)])
    two_sent.block(scene.B, 109, [scene.executed(lane, 2, message_id=scene.digest("id", lane, 1, ""))])
    assert {signal.detector for signal in two_sent.signals()} == {"duplicate_message_id", "message_mismatch"}


def test_a_success_that_a_reorg_took_back_does_not_count(scene: ModuleType, two_sent: Story, lane: Lane) -> None:
    judge = two_sent.judge()
    header = two_sent.block(scene.B, 108, [scene.executed(lane, 1)])
    scene.tell(judge, [header])
    judge.rewind(scene.B, header.header.number - 1)
    again = two_sent.block(scene.B, 109, [scene.executed(lane, 1)])
    scene.tell(judge, [again])
    assert judge.ask(1 << 60) == []
