"""An operator, or a researcher, chooses who may speak: the others say what they always say."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from detectors.registry import names_of_all
from detectors.settings import Settings

if TYPE_CHECKING:
    from conftest import Story

    from detectors.detector import Signal

NEVER_MS = 1 << 60
SEEDS = range(3)


def said(scene: ModuleType, seed: int, *left_out: str) -> dict[str, Signal]:
    judge = scene.random_story(seed).judge(settings=replace(scene.SETTINGS, left_out=left_out))
    return {signal.id: signal for signal in judge.ask(NEVER_MS)}


def test_the_names_are_those_of_every_detector(story: Story) -> None:
    assert names_of_all() == story.judge().detectors


@pytest.mark.parametrize("seed", SEEDS)
def test_each_that_is_left_out_is_silent_and_the_others_say_the_same(scene: ModuleType, seed: int) -> None:
    everything = said(scene, seed)
    spoke = sorted({signal.detector for signal in everything.values()})
    assert len(spoke) > 3
    for name in spoke:
        others = {id_: signal for id_, signal in everything.items() if signal.detector != name}
        assert said(scene, seed, name) == others


def test_a_statistic_can_be_left_out(scene: ModuleType) -> None:
    told = [signal.detector for seed in SEEDS for signal in said(scene, seed).values() if not signal.is_exact]
    assert told, "the stories make a statistic speak"
    assert not [one for seed in SEEDS for one in said(scene, seed, *set(told)).values() if not one.is_exact]


def test_evidence_that_knows_no_choice_keeps_the_hash_of_its_settings() -> None:
    told = {"clock_skew_s": 7, "false_alarms_per_day": 0.5}
    everything = asdict(Settings(**told))
    del everything["left_out"]
    known = hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
    assert Settings(**everything).hash == known


def test_one_choice_has_one_hash() -> None:
    assert Settings(left_out=("b", "a", "a")).hash == Settings(left_out=("a", "b")).hash != Settings().hash


@pytest.mark.parametrize("wrong", ["layering", 3, [3], None])
def test_a_choice_is_a_list_of_names(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"left_out = .*: must be a list of detectors' names"):
        Settings(left_out=wrong)  # type: ignore[arg-type]
