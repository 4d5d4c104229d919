"""The scenarios by name: shape x rate x size for attacks, and quiet histories for false alarms.

A scenario with a seed is one history. All that is random in it comes from the scenario's name and the seed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.backtest.scenarios.bridge import DAY_S, Bridge, Message, draw_bridge
from detectors.backtest.scenarios.quiet import draw_traffic
from detectors.backtest.scenarios.shapes import (
    config_change,
    crowd,
    finality_break,
    hop_and_split,
    identical_amounts,
    poisoned_view,
    single_shot,
    slow_drip,
    sweep,
    test_then_drain,
)
from detectors.backtest.scenarios.shapes.target import draw_target, labelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from detectors.backtest.scenarios.shapes.target import Target

SHAPES: dict[str, Callable[[Generator, Target], list[Message]]] = {
    "single_shot": single_shot.attack,
    "sweep": sweep.attack,
    "crowd": crowd.attack,
    "test_then_drain": test_then_drain.attack,
    "slow_drip": slow_drip.attack,
    "identical_amounts": identical_amounts.attack,
    "hop_and_split": hop_and_split.attack,
    "finality_break": finality_break.attack,
    "config_change": config_change.attack,
    "poisoned_view": poisoned_view.attack,
}
SIZES = {"small": (0.10, 0.30), "large": (0.30, 0.75)}
"""Share of the escrow."""
_TAIL_DAYS = 4
"""At least so much of an attack history is left when the attack begins."""


class Rate(NamedTuple):
    """How busy a bridge is, and for how long it is watched."""

    name: str
    a_day: float
    chains: int
    tokens: int
    days: int
    """Of an attack history."""
    quiet_days: int


THIN = Rate("thin", 53, 3, 6, 75, 330)  # CCIP in the second half of 2024: 53 messages a day
STEADY = Rate("steady", 300, 4, 8, 50, 80)
BUSY = Rate("busy", 5_000, 4, 8, 40, 45)


class Scenario(NamedTuple):
    """One kind of history."""

    rate: Rate
    shape: str = ""
    """Empty: quiet."""
    size: str = ""

    @property
    def name(self) -> str:
        """As in reports."""
        return "-".join(part for part in (self.shape or "quiet", self.rate.name, self.size) if part)


class Drawn(NamedTuple):
    """A scenario with a seed."""

    bridge: Bridge
    messages: list[Message]

    @property
    def attack(self) -> list[Message]:
        """Those of the attack."""
        return [message for message in self.messages if message.label == "attack"]


def attack_scenarios(rates: tuple[Rate, ...] = (THIN, STEADY)) -> list[Scenario]:
    """Every shape at every rate and size."""
    return [Scenario(rate, shape, size) for rate in rates for shape in SHAPES for size in SIZES]


def draw(scenario: Scenario, seed: int) -> Drawn:
    """All messages of the history."""
    random = np.random.default_rng([seed, int.from_bytes(hashlib.sha256(scenario.name.encode()).digest()[:4])])
    rate = scenario.rate
    days = rate.days if scenario.shape else rate.quiet_days
    bridge = draw_bridge(random, days=days, a_day=rate.a_day, chains=rate.chains, tokens=rate.tokens)
    traffic = draw_traffic(random, bridge)
    if not scenario.shape:
        return Drawn(bridge, traffic.messages)
    at_s = bridge.start_s + int(random.uniform(days - 2 * _TAIL_DAYS, days - _TAIL_DAYS) * DAY_S)
    share = random.uniform(*SIZES[scenario.size])
    target = draw_target(random, bridge, traffic, at_s, share)
    stolen = SHAPES[scenario.shape](random, target)
    return Drawn(bridge, traffic.messages + labelled(stolen, scenario.shape))
