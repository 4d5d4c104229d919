"""The source as we see it lies: every release has a matching message that never was (KelpDAO).

Rules that compare both sides find nothing. What is left to see is on the destination, which the attacker can't forge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.backtest.scenarios.bridge import Message, address
from detectors.backtest.scenarios.shapes import crowd, identical_amounts, single_shot, slow_drip, sweep

if TYPE_CHECKING:
    from numpy.random import Generator

    from detectors.backtest.scenarios.shapes.target import Target

_BENEATH = (single_shot, sweep, crowd, slow_drip, identical_amounts)


def attack(random: Generator, target: Target) -> list[Message]:
    """Any other shape's releases, each sent as long before as the lane usually takes."""
    releases = _BENEATH[int(random.integers(len(_BENEATH)))].attack(random, target)
    sender = address(random)
    return [
        message._replace(
            sent_s=message.executed_s - target.bridge.latency_s(random, message.lane),
            sender=sender if random.random() < 0.5 else address(random),
        )
        for message in releases
        if message.executed_s is not None
    ]
