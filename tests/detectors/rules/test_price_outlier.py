from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from detectors.detector import Severity, Signal

if TYPE_CHECKING:
    from conftest import Story

USD = 10**18


def told(scene: ModuleType, here: list[tuple[int, int]], there: list[tuple[int, int]]) -> list[Signal]:
    """Prices of BNM on A and on B, (second, price); heads on both at the end."""
    story: Story = scene.Story()
    story.heads(100, scene.A, scene.B)
    both = sorted([(at_s, scene.A, usd) for at_s, usd in here] + [(at_s, scene.B, usd) for at_s, usd in there])
    for at_s, chain, usd in both:
        story.block(chain, at_s, [scene.priced(chain, "BNM", usd)])
    story.heads(max(at_s for at_s, _, _ in both) + 900, scene.A, scene.B)
    signals = story.signals()
    assert {signal.detector for signal in signals} <= {"price_outlier"}
    return signals


@pytest.mark.parametrize("usd", [2 * USD, USD // 2, 0])
def test_a_jump_away_from_the_other_chains_price_is_a_warning(scene: ModuleType, usd: int) -> None:
    (signal,) = told(scene, [(1000, USD), (2000, usd)], [(1500, USD)])
    assert signal.severity is Severity.WARNING
    assert signal.evidence["before"] == str(USD)
    assert signal.evidence["elsewhere"] == [[str(scene.B), str(USD)]]


def test_a_jump_that_the_other_chain_made_too_is_the_market(scene: ModuleType) -> None:
    assert told(scene, [(1000, USD), (2000, 3 * USD)], [(1500, 3 * USD)]) == []


def test_small_steps_are_the_market_however_far_they_lead(scene: ModuleType) -> None:
    steps = [(1000 + 60 * turn, USD * 19**turn // 10**turn) for turn in range(8)]
    assert told(scene, steps, [(1000, USD)]) == []


@pytest.mark.parametrize(("later_s", "signals"), [(900, 0), (901, 1)])
def test_the_market_moves_everywhere_within_a_quarter_of_an_hour(scene: ModuleType, later_s: int, signals: int) -> None:
    there = [(1500, USD), (2000 + later_s, 3 * USD), (9000, 3 * USD)]
    assert len([one for one in told(scene, [(1000, USD), (2000, 3 * USD)], there) if one.chain == scene.A]) == signals


def test_the_first_price_and_one_after_a_day_are_given(scene: ModuleType) -> None:
    assert told(scene, [(1000, 9 * USD)], [(900, USD)]) == []
    assert told(scene, [(1000, USD), (1000 + 86_401, 9 * USD)], [(900, USD), (86_000, USD)]) == []


def test_alone_only_an_order_of_magnitude_is_one(scene: ModuleType) -> None:
    assert told(scene, [(1000, USD), (2000, 9 * USD)], []) == []
    assert len(told(scene, [(1000, USD), (2000, 10 * USD)], [])) == 1


def test_whole_tokens_are_compared(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.B, 900, [scene.priced(scene.B, "HYB", 3 * USD)])  # 18 decimals
    story.block(scene.A, 1000, [scene.priced(scene.A, "HYB", USD * 10**12)])  # 6 decimals
    story.block(scene.A, 2000, [scene.priced(scene.A, "HYB", 3 * USD * 10**12)])
    story.heads(2900, scene.B)
    assert story.signals() == []


def test_it_waits_until_the_other_chain_has_come_as_far(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.B, 900, [scene.priced(scene.B, "BNM", USD)])
    story.block(scene.A, 1000, [scene.priced(scene.A, "BNM", USD)])
    story.block(scene.A, 2000, [scene.priced(scene.A, "BNM", 3 * USD)])
    judge = story.judge()
    assert judge.ask(1 << 60) == []
    assert judge.undecided == [], "nothing is missing, only time"
    scene.tell(judge, [story.block(scene.B, 2899, [scene.priced(scene.B, "BNM", 3 * USD)])])
    scene.tell(judge, [story.block(scene.B, 2901), story.block(scene.A, 4000)])
    assert judge.ask(1 << 60) == []
