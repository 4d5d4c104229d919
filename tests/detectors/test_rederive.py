"""A claim follows from its grounds alone, and from nothing less. (`Story.signals` rederives every story's signals.)"""

from __future__ import annotations

from types import ModuleType

import pytest

from detectors.detector import Signal
from detectors.frames import Executed
from detectors.judge import Judge
from detectors.rederive import rederive
from detectors.slices import Excerpt, RuleGrounds, SliceGapError


def judged(scene: ModuleType, seed: int) -> tuple[Judge, list[Signal]]:
    judge = scene.random_story(seed).judge()
    return judge, judge.ask(1 << 60)


def test_grounds_stay_what_they_were_while_the_record_goes_on(scene: ModuleType) -> None:
    """Rules and statistics: what was looked up at the time of the claim, not what stands there now."""
    spoke: set[str] = set()
    for seed in (1, 3, 5):
        judge, signals = judged(scene, seed)
        spoke |= {signal.detector for signal in signals}
        for signal in signals:
            grounds = scene.carried(judge.take_grounds(signal.id))
            assert signal in rederive(signal.detector, scene.NETWORK, judge.settings, grounds)
    assert len(spoke) >= 20


def test_grounds_are_given_once_and_not_at_all_unless_asked_for(scene: ModuleType) -> None:
    judge, (signal, *_) = judged(scene, 3)
    judge.take_grounds(signal.id)
    with pytest.raises(KeyError):
        judge.take_grounds(signal.id)
    plain = Judge(scene.NETWORK, settings=scene.SETTINGS)
    scene.tell(plain, scene.random_story(3).steps)
    with pytest.raises(KeyError):
        plain.take_grounds(plain.ask(1 << 60)[0].id)


def test_another_row_and_a_missing_look_up_are_refused(scene: ModuleType) -> None:
    judge, signals = judged(scene, 3)
    signal = next(signal for signal in signals if signal.detector == "unmatched_execution")
    grounds = judge.take_grounds(signal.id)
    assert isinstance(grounds, RuleGrounds)
    row = grounds.row
    assert isinstance(row, Executed)
    other = row._replace(sequence_number=row.sequence_number + 1)
    with pytest.raises(SliceGapError):
        rederive(signal.detector, scene.NETWORK, judge.settings, grounds._replace(row=other))
    for index, found in grounds.part.looked_up.items():
        for key in found:
            less = {**grounds.part.looked_up, index: {k: v for k, v in found.items() if k != key}}
            with pytest.raises(SliceGapError):
                rederive(
                    signal.detector,
                    scene.NETWORK,
                    judge.settings,
                    grounds._replace(part=grounds.part._replace(looked_up=less)),
                )


def test_a_message_that_was_there_acquits(scene: ModuleType) -> None:
    """The verdict hangs on what the slice says was absent: put it there, and the rule has nothing to say."""
    lane = scene.LANES[0]
    told = scene.Story()
    told.heads(1_700_000_000, *scene.NETWORK.chains)
    told.block(lane.dest, 1_700_000_100, [scene.executed(lane, 7)])
    told.heads(1_700_000_200, *lane)
    judge = told.judge()
    (signal,) = [signal for signal in judge.ask(1 << 60) if signal.detector == "unmatched_execution"]
    grounds = judge.take_grounds(signal.id)
    at = grounds.row.at._replace(chain=lane.source, block_time_s=1_700_000_050)
    sent = scene.sent(lane, 7)(at)
    looked_up = {**grounds.part.looked_up, "sent": {(lane, 7): Excerpt(1, ((0, sent),))}}
    part = grounds.part._replace(looked_up=looked_up)
    assert rederive(signal.detector, scene.NETWORK, judge.settings, grounds._replace(part=part)) == []
