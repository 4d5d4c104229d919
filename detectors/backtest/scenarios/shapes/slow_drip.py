"""Little by little over one to three days, through several receivers, in amounts like those of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import DAY_S, Message, address
from detectors.backtest.scenarios.shapes.target import Target, moments, pieces

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """24 to 240 releases of uneven size, to 3 to 30 receivers."""
    count = int(random.integers(24, 241))
    receivers = [address(random) for _ in range(int(random.integers(3, 31)))]
    times_s = moments(random, target.at_s, target.at_s + int(random.uniform(1, 3) * DAY_S), count)
    amounts = pieces(random, target.loot_micro(target.token), count, evenness=1.0)
    return [
        target.release(at_s, amount, receivers[int(random.integers(len(receivers)))])
        for at_s, amount in zip(times_s, amounts, strict=True)
    ]
