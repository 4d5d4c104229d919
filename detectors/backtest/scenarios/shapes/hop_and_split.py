"""One forged release, then real messages that carry the loot on: split over receivers, through a third chain.

The onward messages belong to the attack: stopping them stops the loot. Their value counts as lost where it arrives,
so such an attack's loss is up to three times what was stolen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Lane, Message, address
from detectors.backtest.scenarios.shapes.target import Target, pieces

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """3 to 12 splits, each carried over one further lane or two."""
    bridge, thief = target.bridge, address(random)
    loot = target.loot_micro(target.token)
    grain = bridge.tokens[target.token].grain_micro
    messages = [target.release(target.at_s, loot, thief)]
    for amount in pieces(random, loot, int(random.integers(3, 13))):
        chain, sender, at_s = target.lane.dest, thief, target.at_s
        for _ in range(1 + int(random.integers(2))):
            at_s += int(random.uniform(60, 1_800))
            others = [other for other in bridge.chains if other != chain]
            lane = Lane(chain, others[int(random.integers(len(others)))])
            executed_s = at_s + bridge.latency_s(random, lane)
            if executed_s >= bridge.end_s:
                break
            receiver = address(random)
            carried = max(grain, amount // grain * grain)
            messages.append(Message(at_s, executed_s, lane, target.token, carried, sender, receiver))
            chain, sender, at_s = lane.dest, receiver, executed_s
    return messages
