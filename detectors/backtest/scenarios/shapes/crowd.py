"""A few show how, hundreds follow: identical amounts, a lull, then ever faster (Nomad)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Message, address

if TYPE_CHECKING:
    from numpy.random import Generator

    from detectors.backtest.scenarios.shapes.target import Target


def attack(random: Generator, target: Target) -> list[Message]:
    """A few releases in the first minute, 20 to 60 minutes of nothing, then exponential growth for one to two hours."""
    count = int(random.integers(80, 400))
    tokens = target.tokens_by_worth()[: int(random.integers(2, 5))]
    lull_s, rush_s = random.uniform(1_200, 3_600), random.uniform(3_600, 7_200)
    receivers = [address(random) for _ in range(max(10, int(count * random.uniform(0.2, 0.8))))]
    messages = []
    for turn in range(count):
        is_first = turn < 4
        progress = math.log1p(random.random() * (math.e**3 - 1)) / 3
        at_s = target.at_s + (15 * turn if is_first else int(60 + lull_s + rush_s * progress))
        token = tokens[int(random.integers(len(tokens)))]
        each = target.loot_micro(token) * len(tokens) // count
        amount = each if random.random() < 0.8 else each // 10
        receiver = receivers[0] if is_first else receivers[int(random.integers(len(receivers)))]
        messages.append(target.release(at_s, amount, receiver, token=token))
    return messages
