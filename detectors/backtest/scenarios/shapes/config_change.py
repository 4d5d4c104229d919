"""A pool is made to trust a new chain, and what was minted there at will is redeemed (Poly Network, ALEX).

A history carries no configuration, so the change itself is not in it: only what follows, valid messages over a lane
that was never there before. Exact rules have nothing to compare it with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import HOME, Lane, Message, address
from detectors.backtest.scenarios.latencies import LATENCY_S
from detectors.backtest.scenarios.shapes.target import Target, moments, pieces

if TYPE_CHECKING:
    from numpy.random import Generator


def attack(random: Generator, target: Target) -> list[Message]:
    """3 to 20 messages within two hours, to one to three receivers."""
    bridge = target.bridge
    lane = next(Lane(*pair) for pair in LATENCY_S if pair[1] == HOME and pair[0] not in bridge.chains)
    receivers = [address(random) for _ in range(int(random.integers(1, 4)))]
    count = int(random.integers(3, 21))
    times_s = moments(random, target.at_s, target.at_s + int(random.uniform(600, 7_200)), count)
    amounts = pieces(random, target.loot_micro(target.token), count)
    messages = []
    for at_s, amount in zip(times_s, amounts, strict=True):
        receiver = receivers[int(random.integers(len(receivers)))]
        release = target.release(at_s, amount, receiver)._replace(lane=lane, sender=receiver)
        messages.append(release._replace(sent_s=at_s - bridge.latency_s(random, lane)))
    return messages
