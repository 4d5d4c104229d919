"""One token after the other: 5 to 16 releases in 10 to 60 minutes, one new receiver (Harmony, ChainSwap)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Message, address
from detectors.backtest.scenarios.shapes.target import Target, moments, pieces

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """The same share of every token, the richest first."""
    tokens = target.tokens_by_worth()
    count = max(len(tokens), int(random.integers(5, 17)))
    thief = address(random)
    times_s = moments(random, target.at_s, target.at_s + int(random.uniform(600, 3_600)), count)
    turns = [tokens[turn % len(tokens)] for turn in range(count)]
    loot = {token: pieces(random, target.loot_micro(token), turns.count(token)) for token in tokens}
    return [
        target.release(at_s, loot[token].pop(), thief, token=token) for at_s, token in zip(times_s, turns, strict=True)
    ]
