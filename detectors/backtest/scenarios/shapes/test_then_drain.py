"""Small ones first to see whether it works, then, hours later, the large ones (Orbit)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Message, address
from detectors.backtest.scenarios.shapes.target import Target, moments, pieces

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """One to three tests of 10 to 1,000 USD, 1 to 20 hours of nothing, then three to eight within half an hour."""
    thieves = [address(random) for _ in range(1 + int(random.integers(3)))]
    facts, day = target.bridge.tokens[target.token], target.bridge.day_of(target.at_s)
    tests = int(random.integers(1, 4))
    messages = [
        target.release(at_s, facts.micro_of(10 ** random.uniform(1, 3), day), thieves[0])
        for at_s in moments(random, target.at_s, target.at_s + 1_800, tests)
    ]
    drain_s = target.at_s + int(random.uniform(1, 20) * 3_600) + 1_800
    count = int(random.integers(3, 9))
    times_s = moments(random, drain_s, drain_s + 1_800, count)
    amounts = pieces(random, target.loot_micro(target.token), count)
    return messages + [
        target.release(at_s, amount, thieves[turn % len(thieves)])
        for turn, (at_s, amount) in enumerate(zip(times_s, amounts, strict=True))
    ]
