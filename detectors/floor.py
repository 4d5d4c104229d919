"""How fast a lane ever was, for a source whose finality nobody states: learnt from its own crossings, in their order.

A shortest time is no promise. So a *rush* is only what takes less than half of it, once enough was seen; and what
rushed is the shortest from then on: a bridge that shortens its waiting is stated once, not at every message.
"""

from __future__ import annotations

from typing import NamedTuple

CROSSINGS_MIN = 100
"""Fewer crossings don't show a floor."""
_SHORTEST_S_MIN = 60
"""Where less than a minute was seen, block times and clocks decide, not finality."""


class Floor(NamedTuple):
    """What a lane's crossings show."""

    shortest_s: int
    crossings: int
    """How many were seen, up to `CROSSINGS_MIN`."""


class Rush(NamedTuple):
    """A crossing far below the shortest before it."""

    crossing_s: int
    shortest_s: int


def floor_after(before: Floor | None, crossing_s: int) -> tuple[Floor, Rush | None]:
    """What one more crossing makes of a lane's floor, and whether it is a rush; the same object if nothing."""
    if before is None:
        return Floor(crossing_s, 1), None
    shortest_s, crossings = before
    if crossings < CROSSINGS_MIN:
        return Floor(min(shortest_s, crossing_s), crossings + 1), None
    if crossing_s >= shortest_s:
        return before, None
    is_rush = shortest_s >= _SHORTEST_S_MIN and 2 * crossing_s < shortest_s
    return Floor(crossing_s, crossings), Rush(crossing_s, shortest_s) if is_rush else None
