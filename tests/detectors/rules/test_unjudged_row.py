from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from detectors.archive import ArchiveError
from detectors.detector import Severity
from detectors.rules.double_execution import DoubleExecution
from detectors.rules.unmatched_execution import UnmatchedExecution

if TYPE_CHECKING:
    from conftest import Story

    from detectors.detector import Rule


def make_break(monkeypatch: pytest.MonkeyPatch, rule: type[Rule], error: Exception) -> None:
    def judge(*_: object) -> None:
        raise error

    monkeypatch.setattr(rule, "judge", judge)


@pytest.fixture
def forged(scene: ModuleType, story: Story) -> Story:
    """A message that nobody sent is executed twice: two rules have something to say."""
    lane = scene.LANES[0]
    story.heads(100, scene.A, scene.B)
    story.block(scene.B, 108, [scene.executed(lane, 1)])
    story.block(scene.B, 109, [scene.executed(lane, 1)])
    story.heads(10_000, scene.A, scene.B)
    return story


def test_every_other_rule_goes_on(forged: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {signal.id: signal for signal in forged.signals()}
    assert {signal.detector for signal in whole.values()} >= {"double_execution", "unmatched_execution"}
    make_break(monkeypatch, DoubleExecution, ZeroDivisionError("a\x1b[2Jfault\nof ours"))
    broken = forged.signals()

    others = {id_ for id_, signal in whole.items() if signal.detector != "double_execution"}
    assert {signal.id for signal in broken if signal.detector != "unjudged_row"} == others
    unjudged = [signal for signal in broken if signal.detector == "unjudged_row"]
    assert len(unjudged) == 2, "one for each row that was not judged"
    for signal in unjudged:
        assert (signal.severity, signal.evidence["broken"]) == (Severity.CRITICAL, "double_execution")
        assert signal.evidence["fault"].startswith("ZeroDivisionError at test_unjudged_row.py:")
        assert signal.evidence["fault"].endswith(": a[2Jfault of ours")


def test_every_lane_of_the_rows_chain_is_named_and_no_other(
    scene: ModuleType, forged: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_break(monkeypatch, UnmatchedExecution, KeyError("x"))
    (lanes,) = {signal.lanes for signal in forged.signals() if signal.detector == "unjudged_row"}
    assert lanes == tuple(sorted(lane for lane in scene.NETWORK.lanes if scene.B in lane))


@pytest.mark.parametrize("error", [ArchiveError("the disk refuses"), MemoryError()])
def test_what_is_no_fault_of_the_rule_goes_through(
    forged: Story, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    make_break(monkeypatch, DoubleExecution, error)
    with pytest.raises(type(error)):
        forged.signals()


def test_a_fault_of_ours_is_said_whoever_is_left_out(
    scene: ModuleType, forged: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_break(monkeypatch, DoubleExecution, KeyError("x"))
    judge = forged.judge(settings=replace(scene.SETTINGS, left_out=("unjudged_row",)))
    assert "unjudged_row" in {signal.detector for signal in judge.ask(1 << 60)}


def test_where_no_rule_breaks_nothing_is_said(forged: Story) -> None:
    assert "unjudged_row" not in {signal.detector for signal in forged.signals()}
