"""How often somebody may do something: a bucket of permissions for each of them that fills up again with time."""

from __future__ import annotations

import threading
from collections import OrderedDict

_REMEMBERED = 10_000
"""Buckets; beyond it the one that was idle longest is forgotten, which is to say full again."""


class RateLimit:
    """Thread-safe. Time is passed in and must not run backwards; a monotonic clock's does not."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Level and when it was that, by whose it is."""

    def take(self, whose: str, now_s: float) -> float:
        """Use up one permission: 0, or how many seconds until there is one (then nothing was used)."""
        with self._lock:
            level = self._level(whose, now_s)
            if level < 1:
                return (1 - level) / self._per_s
            self._buckets[whose] = level - 1, now_s
            self._buckets.move_to_end(whose)
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
            return 0.0

    def wait_s(self, whose: str, now_s: float) -> float:
        """How long until there is a permission; none is used."""
        with self._lock:
            return max(0.0, (1 - self._level(whose, now_s)) / self._per_s)

    def _level(self, whose: str, now_s: float) -> float:
        level, then_s = self._buckets.get(whose, (self._burst, now_s))
        return min(self._burst, level + (now_s - then_s) * self._per_s)
