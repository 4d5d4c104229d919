from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from detectors.detector import Severity, Signal

if TYPE_CHECKING:
    from conftest import Story

DAY_S, USD = 86_400, 10**18


def told(scene: ModuleType, times_s: list[int], head_s: int, *, price: int = USD) -> list[Signal]:
    """BNM's price on A posted at these seconds, and A's head in the end."""
    story: Story = scene.Story()
    story.heads(100, scene.A, scene.B)
    for at_s in times_s:
        story.block(scene.A, at_s, [scene.priced(scene.A, "BNM", price)])
    story.heads(head_s, scene.A, scene.B)
    return [signal for signal in story.signals() if signal.detector == "stale_price"]


KEPT = [1_000, 40_000, 80_000]


@pytest.mark.parametrize(("waited_s", "signals"), [(DAY_S - 1, 0), (DAY_S, 1), (9 * DAY_S, 1)])
def test_a_price_that_was_kept_fresh_is_stale_at_the_threshold(scene: ModuleType, waited_s: int, signals: int) -> None:
    assert len(told(scene, KEPT, 80_000 + waited_s)) == signals


def test_it_is_a_warning_that_says_what_fees_still_go_by(scene: ModuleType) -> None:
    (signal,) = told(scene, KEPT, 80_000 + DAY_S, price=7 * USD)
    assert signal.severity is Severity.WARNING
    assert signal.lanes == tuple(sorted(scene.LANES[:2]))
    assert signal.evidence["usd_per_token"] == str(7 * USD)
    assert signal.evidence["usual_gap_s"] == "40000"
    assert signal.at_s == 80_000


@pytest.mark.parametrize(("later_s", "signals"), [(DAY_S - 1, 0), (DAY_S, 1)])
def test_one_posted_in_time_is_fresh(scene: ModuleType, later_s: int, signals: int) -> None:
    """Also when our index was behind and learns of the posting after the price was due."""
    assert len(told(scene, [*KEPT, 80_000 + later_s], 80_000 + later_s + 10)) == signals


def test_it_is_stated_once_for_each_time_it_was_left(scene: ModuleType) -> None:
    again = [KEPT[-1] + 2 * DAY_S + gap_s for gap_s in (0, 30_000, 60_000)]
    assert len(told(scene, KEPT + again, again[-1] + 5 * DAY_S)) == 2


@pytest.mark.parametrize("times_s", [[1_000], [1_000, 40_000], [1_000, 40_000 + 2 * DAY_S, 80_000 + 4 * DAY_S]])
def test_a_price_that_nobody_keeps_says_nothing(scene: ModuleType, times_s: list[int]) -> None:
    assert told(scene, times_s, times_s[-1] + 5 * DAY_S) == []


def test_another_token_s_posting_does_not_freshen_it(scene: ModuleType) -> None:
    story: Story = scene.Story()
    story.heads(100, scene.A, scene.B)
    for at_s in KEPT:
        story.block(scene.A, at_s, [scene.priced(scene.A, "BNM", USD), scene.priced(scene.A, "HYB", USD)])
    story.block(scene.A, 100_000, [scene.priced(scene.A, "HYB", USD)])
    story.block(scene.B, 100_000, [scene.priced(scene.B, "BNM", USD)])
    story.heads(80_000 + DAY_S, scene.A, scene.B)
    stale = [signal for signal in story.signals() if signal.detector == "stale_price"]
    assert [signal.evidence["token"] for signal in stale] == [scene.token(scene.A, "BNM")]
