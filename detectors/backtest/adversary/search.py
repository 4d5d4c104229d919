"""Random restarts with local search over strategies; for each, the most that it takes by bisection."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors import flows, fused
from detectors.backtest.adversary.ground import MICRO, movements, prepare
from detectors.backtest.adversary.strategy import NAIVE, Strategy, change, draw_strategy
from detectors.quiet_traffic import DAY_S

if TYPE_CHECKING:
    from numpy.random import Generator

    from detectors.backtest.adversary.ground import Ground
    from detectors.settings import Settings

_GROWTH = 1.6
_HALVINGS = 5
_GAIN = 1.03
"""A strategy is worth a closer look when it takes so many times what the best one takes."""
_STALE = 25
"""Changes in a row that did not help, after which the search begins anew."""


class Found(NamedTuple):
    """The best strategy and what it takes."""

    strategy: Strategy
    value_usd: float


class Bench:
    """Tries strategies on one ground and counts how often."""

    def __init__(self, ground: Ground, level: int) -> None:
        """`level`: what must not be stated: `fused.ALARM` for no alert, `fused.STRICT` for no curse."""
        self._ground = ground
        self._level = level
        self.attempts = 0

    def passes(self, strategy: Strategy, value_usd: float) -> bool:
        """Whether so much can be taken: it is there, and nothing is stated from the first warm-up day to midnight."""
        self.attempts += 1
        ground = self._ground
        own = movements(ground, strategy, value_usd)
        is_theft = (own[:, flows.TIME_S] >= ground.day_s) & (own[:, flows.IS_RELEASE] == 1)
        taken = np.zeros(len(ground.escrow))
        np.add.at(taken, own[is_theft, flows.TOKEN] - 2, own[is_theft, flows.VALUE].astype(np.float64))
        if np.any(taken > ground.escrow):
            return False
        since_s = ground.day_s - strategy.warm_up_days * DAY_S
        batch = np.concatenate([ground.batch[ground.batch[:, flows.TIME_S] >= since_s], own])
        batch = batch[np.argsort(batch[:, flows.TIME_S], kind="stable")]
        _, levels = ground.states[strategy.warm_up_days].copy().fold(batch, ground.limits)
        return not bool((levels >= self._level).any())

    def largest_usd(self, strategy: Strategy, above_usd: float) -> float:
        """About the most that a strategy takes; 0 when it is not clearly above what is known."""
        value_usd = max(1.0, above_usd * _GAIN)
        if not self.passes(strategy, value_usd):
            return 0.0
        factor = _GROWTH if above_usd else 64.0
        while self.passes(strategy, value_usd * factor):
            value_usd *= factor
        low, high = value_usd, value_usd * factor
        for _ in range(_HALVINGS if above_usd else 3 * _HALVINGS):
            middle = (low * high) ** 0.5
            low, high = (middle, high) if self.passes(strategy, middle) else (low, middle)
        return low

    def naive(self) -> Found:
        """The best even split."""
        return max((Found(each, self.largest_usd(each, 0.0)) for each in NAIVE), key=lambda found: found.value_usd)

    def search(self, random: Generator, attempts: int, start: Found) -> Found:
        """Random restarts with local search, from what is known, until so many attempts are spent."""
        best = start
        here, stale = start, 0
        while self.attempts < attempts:
            if stale >= _STALE:
                drawn = draw_strategy(random)
                here, stale = Found(drawn, self.largest_usd(drawn, 0.25 * best.value_usd)), 0
            changed = change(random, here.strategy)
            value_usd = self.largest_usd(changed, here.value_usd)
            stale += 1
            if value_usd > here.value_usd:
                here, stale = Found(changed, value_usd), 0
            if here.value_usd > best.value_usd:
                best = here
        return best


class Result(NamedTuple):
    """What was found on one ground for one level."""

    level: int
    naive: Found
    best: Found
    outflow_usd: float
    """Of honest people, on a mean day."""
    escrow_usd: float


def attack(seed: int, *, a_day: float, attempts: int, settings: Settings) -> list[Result]:
    """Prepare, then for no alert and for no curse: try the naive ways, search. What gives no alert gives no curse."""
    ground = prepare(seed, a_day=a_day, settings=settings)
    results: list[Result] = []
    for level in (fused.ALARM, fused.STRICT):
        bench = Bench(ground, level)
        naive = bench.naive()
        start = max([naive, *(result.best for result in results)], key=lambda found: found.value_usd)
        best = bench.search(np.random.default_rng(seed), attempts, start)
        results.append(Result(level, naive, best, ground.outflow_usd, float(ground.escrow.sum() / MICRO)))
    return results
