from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from detectors.detector import Severity, Signal

if TYPE_CHECKING:
    from conftest import Story, Tx

HELD = 1_000


def moves(scene: ModuleType, side: str, amount: int) -> list[Tx]:
    """The logs of the rebalancer's call; HYB is locked on A."""
    pool, ends = scene.pool(scene.A, "HYB"), (scene.USER, scene.pool(scene.A, "HYB"))
    sender, recipient = ends if side == "in" else reversed(ends)
    assert pool in {sender, recipient}
    return [scene.moved(scene.A, "HYB", sender, recipient, amount), scene.liquidity(scene.A, "HYB", side, amount)]


@pytest.fixture
def filled(scene: ModuleType, story: Story) -> Story:
    """A pool whose rebalancer put tokens in, days ago."""
    story.heads(100, scene.A)
    story.block(scene.A, 200, moves(scene, "in", HELD))
    return story


def told(story: Story, *, whole: bool = True) -> list[Signal]:
    signals = story.signals(whole=whole)
    assert {signal.detector for signal in signals} <= {"liquidity_withdrawal"}
    return signals


def test_a_part_of_the_pool_is_a_warning_with_its_share(scene: ModuleType, filled: Story) -> None:
    filled.block(scene.A, 500_000, moves(scene, "out", 500))
    (signal,) = told(filled)
    assert (signal.severity, signal.evidence["share_bps"], signal.evidence["held_amount"]) == (
        Severity.WARNING,
        5_000,
        "500",
    )
    assert signal.lanes == tuple(sorted(scene.LANES[:2]))


def test_more_than_half_is_critical(scene: ModuleType, filled: Story) -> None:
    filled.block(scene.A, 500_000, moves(scene, "out", 501))
    (signal,) = told(filled)
    assert (signal.severity, signal.evidence["share_bps"]) == (Severity.CRITICAL, 5_010)
    assert "50 %" in signal.summary


def test_many_small_withdrawals_of_a_day_are_one_large_one(scene: ModuleType, filled: Story) -> None:
    for turn in range(6):
        filled.block(scene.A, 500_000 + 3_600 * turn, moves(scene, "out", 100))
    signals = told(filled)
    assert [signal.severity for signal in signals] == [Severity.WARNING] * 5 + [Severity.CRITICAL]
    assert signals[-1].evidence["withdrawn_in_24_h"] == "600"
    assert len(signals[-1].rows) == 6


def test_the_same_over_a_week_is_none(scene: ModuleType, filled: Story) -> None:
    for turn in range(6):
        filled.block(scene.A, 500_000 + 86_400 * turn, moves(scene, "out", 100))
    assert {signal.severity for signal in told(filled)} == {Severity.WARNING}
    assert told(filled)[-1].evidence["withdrawn_in_24_h"] == "100"


def test_what_was_put_back_is_not_gone(scene: ModuleType, filled: Story) -> None:
    filled.block(scene.A, 500_000, moves(scene, "out", 400))
    filled.block(scene.A, 500_100, moves(scene, "in", 400))
    filled.block(scene.A, 500_200, moves(scene, "out", 400))
    assert [signal.evidence["withdrawn_in_24_h"] for signal in told(filled)] == ["400", "400"]


def test_what_people_lock_is_held_too(scene: ModuleType, filled: Story) -> None:
    lane, pool = scene.LANES[0], scene.pool(scene.A, "HYB")
    deposit = [scene.moved(scene.A, "HYB", scene.USER, pool, 9_000), scene.pooled_out(lane, "HYB", 9_000)]
    filled.block(scene.A, 400_000, [*deposit, scene.sent(lane, 1, ("HYB", 9_000))])
    filled.block(scene.A, 500_000, moves(scene, "out", HELD))
    assert told(filled)[0].evidence["share_bps"] == 1_000


def test_of_a_pool_that_was_filled_before_the_record_the_share_is_unknown(scene: ModuleType, filled: Story) -> None:
    filled.block(scene.A, 500_000, moves(scene, "out", HELD))
    (signal,) = told(filled, whole=False)
    assert (signal.severity, signal.evidence["share_bps"], signal.evidence["held_amount"]) == (
        Severity.WARNING,
        None,
        None,
    )


def test_liquidity_that_comes_in_is_fine(filled: Story) -> None:
    assert told(filled) == []
