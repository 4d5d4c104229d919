"""The same amount again and again, to few receivers: one message replayed, or a limit for each transaction filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Message, address
from detectors.backtest.scenarios.shapes.target import Target, moments

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """20 to 300 releases within 10 to 90 minutes, to one to five receivers."""
    count = int(random.integers(20, 301))
    receivers = [address(random) for _ in range(int(random.integers(1, 6)))]
    each = max(1, target.loot_micro(target.token) // count)
    times_s = moments(random, target.at_s, target.at_s + int(random.uniform(600, 5_400)), count)
    return [target.release(at_s, each, receivers[int(random.integers(len(receivers)))]) for at_s in times_s]
