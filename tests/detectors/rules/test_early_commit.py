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
def three_sent(scene: ModuleType, story: Story, lane: Lane) -> Story:
    """Finality is 2 s."""
    story.heads(100, scene.A, scene.B)
    for number, time_s in ((1, 110), (2, 111), (3, 120)):
        story.block(scene.A, time_s, [scene.sent(lane, number)])
    story.heads(1000, scene.A)
    return story


def test_a_root_over_final_messages_is_fine(scene: ModuleType, three_sent: Story, lane: Lane) -> None:
    three_sent.block(scene.B, 113, [scene.committed(lane, 1, 2)])
    three_sent.block(scene.B, 122, [scene.committed(lane, 3, 3)])
    assert three_sent.signals() == []


def test_the_margin_is_half_of_the_finality(scene: ModuleType, three_sent: Story, lane: Lane) -> None:
    three_sent.block(scene.B, 121, [scene.committed(lane, 1, 3)])
    assert three_sent.signals() == []


def test_a_root_over_a_message_that_is_not_final_is_accused(scene: ModuleType, three_sent: Story, lane: Lane) -> None:
    three_sent.block(scene.B, 120, [scene.committed(lane, 1, 3)])
    (signal,) = three_sent.signals()
    assert (signal.detector, signal.lanes) == ("early_commit", (lane,))
    assert signal.evidence["early"] == [["3", "120"]]
    assert signal.evidence["committed_at_s"] == "120"
    assert signal.evidence["finality_s"] == "2"
    assert signal.known_at_ms == 120_000


def test_a_message_sent_after_its_root_is_accused(scene: ModuleType, three_sent: Story, lane: Lane) -> None:
    three_sent.block(scene.B, 115, [scene.committed(lane, 1, 3)])
    assert [signal.detector for signal in three_sent.signals()] == ["early_commit"]


def test_a_skew_that_the_operator_states_widens_the_margin(scene: ModuleType, three_sent: Story, lane: Lane) -> None:
    three_sent.block(scene.B, 120, [scene.committed(lane, 1, 3)])
    judge = three_sent.judge(settings=scene.Settings(clock_skew_s=5))
    assert judge.ask(1 << 60) == []


def test_it_waits_for_a_message_that_our_index_lacks(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.B, 120, [scene.committed(lane, 1, 1)])
    judge = story.judge()
    assert judge.ask(1 << 60) == []
    assert "early_commit" in {one.detector for one in judge.undecided}
    scene.tell(judge, [story.block(scene.A, 120, [scene.sent(lane, 1)])])
    assert [signal.detector for signal in judge.ask(1 << 60)] == ["early_commit"]


def test_a_message_that_was_never_sent_is_another_rules_business(
    scene: ModuleType, three_sent: Story, lane: Lane
) -> None:
    three_sent.block(scene.B, 500, [scene.committed(lane, 4, 4)])
    assert [signal.detector for signal in three_sent.signals()] == ["interval_gap"]


def test_a_message_that_a_reorg_takes_back_is_asked_about_again(
    scene: ModuleType, three_sent: Story, lane: Lane
) -> None:
    early = three_sent.block(scene.A, 1005, [scene.sent(lane, 4)])
    three_sent.block(scene.B, 1005, [scene.committed(lane, 4, 4)])
    judge = three_sent.judge()
    judge.rewind(scene.A, early.header.number - 1)
    scene.tell(judge, [three_sent.block(scene.A, 1002, [scene.sent(lane, 4)])])
    scene.tell(judge, [three_sent.block(scene.A, 1006)])
    assert judge.ask(1 << 60) == [], "on the branch that stays it was sent in time"
