"""Messages that are executed before they are final; then their block is gone, and what was sent with it.

A history does not show the reorg. It shows messages that match and took far less time than their lane ever did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Message, address
from detectors.backtest.scenarios.latencies import LATENCY_S
from detectors.backtest.scenarios.shapes.target import Target, moments, pieces

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """1 to 12 messages within half an hour, each executed after a tenth to a third of the lane's usual time."""
    thief = address(random)
    count = int(random.integers(1, 13))
    times_s = moments(random, target.at_s, target.at_s + int(random.uniform(60, 1_800)), count)
    amounts = pieces(random, target.loot_micro(target.token), count)
    _, median_s, _ = LATENCY_S[target.lane]
    messages = []
    for at_s, amount in zip(times_s, amounts, strict=True):
        took_s = max(1, int(median_s * random.uniform(0.1, 0.33)))
        messages.append(target.release(at_s, amount, thief)._replace(sent_s=at_s - took_s, sender=thief))
    return messages
