"""All at once: one release or two within two minutes (Ronin, Wormhole, KelpDAO)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Message, address
from detectors.backtest.scenarios.shapes.target import Target, moments, pieces

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """One fresh receiver."""
    count = 1 + int(random.integers(2))
    thief = address(random)
    times_s = moments(random, target.at_s, target.at_s + 120, count)
    amounts = pieces(random, target.loot_micro(target.token), count)
    return [target.release(at_s, amount, thief) for at_s, amount in zip(times_s, amounts, strict=True)]
