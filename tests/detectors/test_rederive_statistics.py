"""Every statistic's claim is derived again from the frozen state before its row, on traffic that moves all of them."""

from __future__ import annotations

import random
from types import ModuleType

import pytest

from ccip_core.protocol.messages import Lane
from detectors.frames import At, Row
from detectors.judge import Judge
from detectors.rederive import rederive
from detectors.settings import Settings

TALKATIVE = Settings(grace_days=3, false_alarms_per_day=5_000.0, cooldown_s=0)
"""So that on a few weeks every statistic has something to say; what it says must follow all the same."""
_START_S, _DAYS, _A_DAY = 1_700_000_000, 45, 40


class Busy:
    """Weeks of people who come back, crowds, round amounts, pieces of one amount and money that goes in circles."""

    def __init__(self, scene: ModuleType, seed: int) -> None:
        self.scene, self.dice = scene, random.Random(seed)
        self.story = scene.Story(f"busy {seed}")
        self.there, self.back = scene.LANES[:2]
        self.time_s = _START_S
        self.numbers = dict.fromkeys((self.there, self.back), 0)
        self.story.heads(self.time_s, *self.there)
        for chain in self.there:
            self.story.block(chain, self.time_s + 1, [scene.priced(chain, "HYB", 10**18)])
        self.send(self.there, 10**23, self.person(1), self.person(1))  # locked there: the escrow is filled
        for day in range(_DAYS):
            for _ in range(_A_DAY):
                self.movement()
            self.time_s = _START_S + (day + 1) * 86_400

    def movement(self) -> None:
        dice = self.dice
        self.time_s += dice.randrange(600, 2_000)
        amount, is_there = round(10 ** dice.uniform(18, 21)), dice.random() < 0.5
        lane, other = (self.there, self.back) if is_there else (self.back, self.there)
        who, whom = self.person(30), self.person(60)
        self.send(lane, amount, who, whom)
        self.release(lane, amount, whom)
        for _ in range(dice.randrange(2, 12) if dice.random() < 0.1 else 0):
            self.time_s += 20
            self.release(lane, 10**19, self.person(1_000) if dice.random() < 0.5 else whom)
            self.send(lane, 10**19, who, self.person(1_000))
        if dice.random() < 0.1:
            self.time_s += 30
            self.send(other, amount, whom, who)

    def person(self, crowd: int) -> str:
        return str(self.scene.address("person", self.dice.randrange(crowd)))

    def send(self, lane: Lane, amount: int, sender: str, receiver: str) -> None:
        self.numbers[lane] += 1
        message = self.scene.sent(lane, self.numbers[lane], ("HYB", amount))

        def of(at: At) -> Row:
            row: Row = message(at)._replace(sender=sender, receiver=receiver)
            return row

        self.story.block(lane.source, self.time_s, [of])

    def release(self, lane: Lane, amount: int, receiver: str) -> None:
        self.story.block(lane.dest, self.time_s, [self.scene.released(lane, "HYB", amount, recipient=receiver)])


@pytest.mark.slow
def test_every_statistic_speaks_and_is_derived_again(scene: ModuleType) -> None:
    judge = Judge(scene.NETWORK, settings=TALKATIVE, keeps_grounds=True)
    for chain in scene.NETWORK.chains:
        judge.watch_since(chain, 0, is_whole=True)
    wanted = set(judge.statistics)
    checked: dict[str, int] = dict.fromkeys(wanted, 0)
    for step in Busy(scene, 1).story.steps:
        scene.tell(judge, [step])
        for signal in judge.ask(1 << 60):
            grounds = judge.take_grounds(signal.id)
            if signal.detector in wanted and checked[signal.detector] < 3:
                checked[signal.detector] += 1
                assert signal in rederive(signal.detector, scene.NETWORK, TALKATIVE, scene.carried(grounds))
        judge.finalise(step.chain, step.header.number)
    assert {name for name, count in checked.items() if count == 0} == set()
