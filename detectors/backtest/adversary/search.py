"""Random restarts with local search over strategies; for each, the most that it takes by bisection."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors import flows, fused
from detectors.backtest.adversary.ground import MICRO, movements, prepare
from detectors.backtest.adversary.strategy import NAIVE, Strategy, change, draw_strategy, spread_out
from detectors.quiet_traffic import DAY_S

if TYPE_CHECKING:
    from numpy.random import Generator

    from detectors.backtest.adversary.ground import Ground
    from detectors.settings import Settings

_COARSE, _FINE = 0.02, 0.0003
"""By how much more a strategy must take to be worth a closer look: in the first half of a search, in the second."""
_LEAP = 64.0
_STALE = 25
"""Changes in a row that did not help, after which the search begins anew."""
_PROMISING = 0.5
"""Where it begins anew takes at least so much of what the best one takes."""


class Found(NamedTuple):
    """The best strategy and what it takes."""

    strategy: Strategy
    value_usd: float


def _value(found: Found) -> float:
    return found.value_usd


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
        parts = strategy.rehearsal_share ** np.arange(strategy.rehearsals + 1)
        if np.any(taken * parts[:, None] > ground.lowest[: len(parts)]):
            return False
        since_s = ground.day_s - strategy.days_before * DAY_S
        batch = np.concatenate([ground.batch[ground.batch[:, flows.TIME_S] >= since_s], own])
        batch = batch[np.argsort(batch[:, flows.TIME_S], kind="stable")]
        _, levels = ground.states[strategy.days_before].copy().fold(batch, ground.limits)
        return not bool((levels >= self._level).any())

    def largest_usd(self, strategy: Strategy, above_usd: float, gain: float = _FINE) -> float:
        """The most that a strategy takes, to a third of the gain; 0 when it is not above what is known by the gain."""
        low = max(1.0, above_usd * (1 + gain))
        if not self.passes(strategy, low):
            return 0.0
        leap = 1 + gain if above_usd else _LEAP
        while self.passes(strategy, low * leap):
            low, leap = low * leap, min(leap * leap, _LEAP)
        high = low * leap
        while high > low * (1 + gain / 3):
            middle = (low * high) ** 0.5
            low, high = (middle, high) if self.passes(strategy, middle) else (low, middle)
        return low

    def naive(self) -> Found:
        """The best even split."""
        return max((Found(each, self.largest_usd(each, 0.0)) for each in NAIVE), key=_value)

    def search(self, random: Generator, attempts: int, start: Found) -> Found:
        """Random restarts with local search, from what is known, until so many attempts are spent.

        Every other restart is where the best one was found: what takes most often takes a little more.
        """
        best, half = start, (self.attempts + attempts) / 2
        for strategy in spread_out(start.strategy):
            best = max(best, Found(strategy, self.largest_usd(strategy, best.value_usd, _COARSE)), key=_value)
        here, stale, restarts = best, 0, 0
        while self.attempts < attempts:
            if stale >= _STALE:
                restarts += 1
                here, stale = (self._promising(random, attempts, best) if restarts % 2 else best), 0
            changed = change(random, here.strategy)
            gain = _COARSE if self.attempts < half else _FINE
            value_usd = self.largest_usd(changed, here.value_usd, gain)
            stale += 1
            if value_usd > here.value_usd:
                here, stale = Found(changed, value_usd), 0
            if here.value_usd > best.value_usd:
                best = here
        return best

    def _promising(self, random: Generator, attempts: int, best: Found) -> Found:
        """Any strategy that takes a good part of what the best one takes; the best itself when attempts run out."""
        while self.attempts < attempts:
            drawn = draw_strategy(random)
            value_usd = self.largest_usd(drawn, _PROMISING * best.value_usd, _COARSE)
            if value_usd > 0:
                return Found(drawn, value_usd)
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
        start = max([naive, *(result.best for result in results)], key=_value)
        best = bench.search(np.random.default_rng(seed), attempts, start)
        results.append(Result(level, naive, best, ground.outflow_usd, float(ground.escrow.sum() / MICRO)))
    return results
