from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from detectors.detector import Signal

if TYPE_CHECKING:
    from conftest import Story


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


@pytest.fixture
def nine_sent(scene: ModuleType, story: Story, lane: Lane) -> Story:
    story.heads(100, scene.A, scene.B)
    for number in range(1, 10):
        story.block(scene.A, 100 + number, [scene.sent(lane, number)])
    story.heads(150, scene.A)
    return story


def gaps(signals: list[Signal]) -> list[tuple[str, list[str]]]:
    return [
        (str(signal.summary).split(" ", 8)[-1], signal.evidence["wrong_numbers"])
        for signal in signals
        if signal.detector == "interval_gap"
    ]


def wrong_numbers(story: Story, *, whole: bool = True) -> list[list[str]]:
    return [wrong for _, wrong in gaps(story.signals(whole=whole))]


def test_roots_that_follow_each_other_are_fine(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    for second, (first, last) in enumerate([(1, 1), (2, 4), (5, 9)]):
        nine_sent.block(scene.B, 120 + second, [scene.committed(lane, first, last)])
    assert nine_sent.signals() == []


def test_two_roots_of_one_lane_in_one_report_are_fine(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    step = nine_sent.block(scene.B, 120, [scene.committed(lane, 1, 2), scene.committed(lane, 3, 4)])
    same_log = tuple(row._replace(at=step.rows[0].at) for row in step.rows)
    nine_sent.steps[-1] = step._replace(rows=same_log)
    assert nine_sent.signals() == []


def test_the_first_root_of_a_record_may_begin_anywhere(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    nine_sent.block(scene.B, 120, [scene.committed(lane, 5, 9)])
    assert nine_sent.signals() == []


def test_a_number_left_out_is_accused_at_once(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    nine_sent.block(scene.B, 120, [scene.committed(lane, 1, 2)])
    nine_sent.block(scene.B, 121, [scene.committed(lane, 4, 5)])
    (signal,) = nine_sent.signals()
    assert (signal.detector, signal.lanes, signal.evidence["wrong_numbers"]) == ("interval_gap", (lane,), ["4"])
    assert "begins at 4, but 3 is next" in signal.summary
    assert signal.known_at_ms == 121_000


@pytest.mark.parametrize(("first", "last"), [(1, 3), (3, 3), (2, 5), (1, 9)])
def test_a_number_claimed_twice_is_accused(
    scene: ModuleType, nine_sent: Story, lane: Lane, first: int, last: int
) -> None:
    nine_sent.block(scene.B, 120, [scene.committed(lane, 1, 3)])
    nine_sent.block(scene.B, 121, [scene.committed(lane, first, last)])
    assert wrong_numbers(nine_sent) == [[str(first)]]


def test_a_root_that_continues_an_earlier_one_may_not_claim_again_what_a_third_did(
    scene: ModuleType, nine_sent: Story, lane: Lane
) -> None:
    for second, (first, last) in enumerate([(1, 3), (4, 6), (4, 6)]):
        nine_sent.block(scene.B, 120 + second, [scene.committed(lane, first, last)])
    assert wrong_numbers(nine_sent) == [["4"]]


def test_what_a_forged_root_skipped_may_be_committed_afterwards(
    scene: ModuleType, nine_sent: Story, lane: Lane
) -> None:
    nine_sent.block(scene.B, 120, [scene.committed(lane, 1, 3)])
    nine_sent.block(scene.B, 121, [scene.committed(lane, 700, 701)])
    nine_sent.block(scene.B, 122, [scene.committed(lane, 4, 6)])
    nine_sent.block(scene.B, 123, [scene.committed(lane, 7, 9)])
    assert wrong_numbers(nine_sent) == [["700"]]


@pytest.mark.parametrize(("first", "last"), [(1, 257), (3, 2), (1, 2**64 - 1)])
def test_an_interval_that_no_tree_holds_is_accused_at_once(
    scene: ModuleType, nine_sent: Story, lane: Lane, first: int, last: int
) -> None:
    nine_sent.block(scene.B, 120, [scene.committed(lane, first, last, merkle=scene.digest("any"))])
    assert wrong_numbers(nine_sent) == [[]]


def test_a_full_root_is_not_too_large(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 101, *([scene.sent(lane, number)] for number in range(1, 257)))
    story.heads(150, scene.A)
    story.block(scene.B, 120, [scene.committed(lane, 1, 256)])
    assert story.signals() == []


def test_numbers_beyond_the_source_are_named_all(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    nine_sent.block(scene.B, 120, [scene.committed(lane, 8, 11)])
    assert [signal.detector for signal in nine_sent.signals()] == ["interval_gap"]
    assert wrong_numbers(nine_sent) == [["10", "11"]]


def test_it_is_pending_while_our_index_of_the_source_is_behind(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    nine_sent.block(scene.B, 200, [scene.committed(lane, 9, 10)])
    judge = nine_sent.judge()
    assert judge.ask(1 << 60) == []
    assert "interval_gap" in {one.detector for one in judge.undecided}
    scene.tell(judge, [nine_sent.block(scene.A, 199)])
    assert [signal.detector for signal in judge.ask(1 << 60)] == ["interval_gap"]
    assert judge.undecided == []


def test_a_late_source_clears_it(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    nine_sent.block(scene.B, 200, [scene.committed(lane, 9, 10)])
    nine_sent.block(scene.A, 190, [scene.sent(lane, 10)])
    nine_sent.heads(210, scene.A)
    judge = nine_sent.judge()
    assert judge.ask(1 << 60) == []
    assert judge.undecided == []


def test_a_forged_first_message_of_a_lane_is_accused_only_if_the_record_is_whole(
    scene: ModuleType, nine_sent: Story
) -> None:
    nine_sent.block(scene.A, 151, [scene.committed(scene.LANES[1], 1, 1)])
    nine_sent.heads(152, scene.B)
    assert wrong_numbers(nine_sent, whole=True) == [["1"]]
    assert wrong_numbers(nine_sent, whole=False) == []


def test_a_gap_in_our_record_does_not_hide_a_message_that_was_never_sent(
    scene: ModuleType, story: Story, lane: Lane
) -> None:
    story.heads(100, scene.A, scene.B)
    for number in range(1, 30):
        if number != 7:
            story.block(scene.A, 100 + number, [scene.sent(lane, number)])
    story.heads(200, scene.A)
    story.block(scene.B, 200, [scene.committed(lane, 5, 29, merkle=scene.digest("any"))])
    assert wrong_numbers(story) == []
    story.block(scene.B, 201, [scene.committed(lane, 30, 31, merkle=scene.digest("any"))])
    story.heads(202, scene.A)
    assert wrong_numbers(story) == [["30", "31"]]


def test_a_root_that_a_reorg_took_back_claims_nothing(scene: ModuleType, nine_sent: Story, lane: Lane) -> None:
    judge = nine_sent.judge()
    step = nine_sent.block(scene.B, 120, [scene.committed(lane, 1, 3)])
    scene.tell(judge, [step])
    judge.rewind(scene.B, step.header.number - 1)
    scene.tell(judge, [nine_sent.block(scene.B, 121, [scene.committed(lane, 1, 3)])])
    assert judge.ask(1 << 60) == []
