from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Story


def test_every_lane_of_the_chain_is_accused_once(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A, scene.B, scene.C, scene.D)
    judge = story.judge()
    row = scene.broken_finality(scene.A, story.steps[0])
    judge.state(row)
    judge.state(row)
    (signal,) = judge.ask(1 << 60)
    assert signal.lanes == tuple(sorted(scene.LANES[:2]))
    assert signal.evidence["old_hash"] == row.old_hash
    assert judge.ask(1 << 60) == []


def test_an_ordinary_reorg_is_none(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A)
    story.heads(101, scene.A)
    judge = story.judge()
    judge.rewind(scene.A, 0)
    assert judge.ask(1 << 60) == []
