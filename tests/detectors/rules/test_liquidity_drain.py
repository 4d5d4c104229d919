from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from detectors.detector import Severity, Signal

if TYPE_CHECKING:
    from conftest import Story, Tx

AMOUNT = 10**9


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[1]  # from B, where HYB is minted, home to A, where it is locked


def told(scene: ModuleType, lane: Lane, *txs: list[Tx]) -> list[Signal]:
    story = scene.Story()
    story.heads(100, *lane)
    story.block(lane.source, 101, [scene.sent(lane, 1, ("HYB", AMOUNT * 10**12))])
    story.heads(110, lane.source)
    story.block(lane.dest, 110, *txs)
    return [signal for signal in story.signals() if signal.detector == "liquidity_drain"]


def leaves(scene: ModuleType, lane: Lane, amount: int, recipient: str | None = None) -> Tx:
    return scene.moved(lane.dest, "HYB", scene.pool(lane.dest, "HYB"), recipient or scene.USER, amount)


def test_a_release_explains_what_left(scene: ModuleType, lane: Lane) -> None:
    logs = [leaves(scene, lane, AMOUNT), scene.released(lane, "HYB", AMOUNT), scene.executed(lane, 1)]
    assert told(scene, lane, logs) == []


def test_a_transfer_that_nobody_explains_is_critical_on_every_lane_of_the_chain(scene: ModuleType, lane: Lane) -> None:
    (signal,) = told(scene, lane, [leaves(scene, lane, AMOUNT, scene.THIEF)])
    assert (signal.severity, signal.score, signal.is_exact) == (Severity.CRITICAL, 1.0, True)
    assert signal.lanes == tuple(sorted(scene.LANES[:2]))
    assert signal.evidence["unexplained_amount"] == str(AMOUNT)
    assert signal.evidence["recipients"] == [scene.THIEF]


def test_a_release_in_another_transaction_explains_nothing(scene: ModuleType, lane: Lane) -> None:
    honest = [scene.released(lane, "HYB", AMOUNT), scene.executed(lane, 1)]
    assert len(told(scene, lane, [leaves(scene, lane, AMOUNT)], honest)) == 1


def test_more_than_the_pool_says_is_short_by_the_difference(scene: ModuleType, lane: Lane) -> None:
    logs = [leaves(scene, lane, AMOUNT + 7), scene.released(lane, "HYB", AMOUNT), scene.executed(lane, 1)]
    (signal,) = told(scene, lane, logs)
    assert signal.evidence["unexplained_amount"] == "7"


def test_a_token_that_splits_its_transfers_is_no_drain(scene: ModuleType, lane: Lane) -> None:
    split = [leaves(scene, lane, AMOUNT - 7), leaves(scene, lane, 7, scene.NOBODY)]
    assert told(scene, lane, [*split, scene.released(lane, "HYB", AMOUNT), scene.executed(lane, 1)]) == []


def test_a_drain_by_small_transfers_says_at_each_how_much_is_gone(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(100, *lane)
    story.block(scene.B, 101, [scene.sent(lane, 1, ("HYB", AMOUNT * 10**12))])
    story.heads(110, scene.B)
    honest = [leaves(scene, lane, AMOUNT), scene.released(lane, "HYB", AMOUNT), scene.executed(lane, 1)]
    story.block(scene.A, 110, [leaves(scene, lane, 3)], honest, [leaves(scene, lane, 4)])
    story.block(scene.A, 5000, [leaves(scene, lane, 1)])
    signals = story.signals()
    assert {(signal.detector, signal.severity) for signal in signals} == {("liquidity_drain", Severity.CRITICAL)}
    told = [(signal.evidence["unexplained_amount"], signal.evidence["unexplained_in_record"]) for signal in signals]
    assert told == [("3", "3"), ("4", "7"), ("1", "8")]
    assert "of 8 since" in signals[-1].summary


def test_a_transaction_is_told_once(scene: ModuleType, lane: Lane) -> None:
    (signal,) = told(scene, lane, [leaves(scene, lane, 3), leaves(scene, lane, 4, scene.THIEF)])
    assert signal.evidence["unexplained_amount"] == "7"
    assert len(signal.rows) == 2


def test_a_withdrawal_explains_no_more_than_it_says(scene: ModuleType, lane: Lane) -> None:
    (signal,) = told(scene, lane, [leaves(scene, lane, AMOUNT + 1), scene.liquidity(scene.A, "HYB", "out", AMOUNT)])
    assert signal.severity is Severity.CRITICAL
    assert signal.evidence["unexplained_amount"] == "1"


def test_a_burn_by_a_pool_that_burns_is_fine_and_a_burn_of_locked_tokens_is_not(
    scene: ModuleType, story: Story
) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.B, 101, [scene.moved(scene.B, "HYB", scene.pool(scene.B, "HYB"), scene.NOBODY, AMOUNT)])
    assert story.signals() == []
    story.block(scene.A, 101, [scene.moved(scene.A, "HYB", scene.pool(scene.A, "HYB"), scene.NOBODY, AMOUNT)])
    assert [signal.detector for signal in story.signals()] == ["liquidity_drain"]


def test_what_left_before_the_watch_began_is_given(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A)
    story.block(scene.A, 101, [scene.moved(scene.A, "HYB", scene.pool(scene.A, "HYB"), scene.USER, AMOUNT)])
    judge = scene.Judge(scene.NETWORK)
    judge.watch_since(scene.A, 1)
    scene.tell(judge, story.steps)
    assert judge.ask(1 << 60) == []
