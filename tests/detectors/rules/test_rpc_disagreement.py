from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from detectors.detector import Severity

if TYPE_CHECKING:
    from conftest import Story


def test_both_answers_are_the_evidence_and_every_lane_of_the_chain_is_named(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A)
    judge = story.judge()
    row = scene.disagreed(scene.A, story.steps[0])
    judge.state(row)
    judge.state(row)
    (signal,) = judge.ask(1 << 60)
    assert signal.severity is Severity.CRITICAL
    assert signal.lanes == tuple(sorted(scene.LANES[:2]))
    assert signal.evidence["answers"] == [["endpoint 1", "0xaa"], ["endpoint 2", "0xbb"]]
    assert judge.ask(1 << 60) == []


def test_another_question_about_the_same_block_is_another_signal(scene: ModuleType, story: Story) -> None:
    story.heads(100, scene.A)
    judge = story.judge()
    row = scene.disagreed(scene.A, story.steps[0])
    judge.state(row)
    judge.state(row._replace(what="the logs of block 0"))
    assert len({signal.id for signal in judge.ask(1 << 60)}) == 2
