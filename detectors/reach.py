"""How far a lane's executions reach, told by the destination's own record: does a number lie beyond everything likely?

Messages are executed in any order, so the highest number executed so far rises in steps: as far as messages in flight
are apart. A step far beyond those seen is a *leap*; what leapt does not count as reached: the next one leaps too.
"""

from __future__ import annotations

from typing import NamedTuple

_STEPS_MIN = 100
"""A lane whose reach rose less often has not shown what is usual."""
_GAP_MIN = 1024
"""Four full roots (spec: 256 messages a root) may always be in flight together."""
_TIMES = 16
"""A leap is so many times as far as the usual largest step: far beyond what a busy day adds to a quiet one."""
_FADING = 256
"""A large step is forgotten by one part in so many with each later one, so that an old one does not hide leaps."""
_LEAPS_MAX = 16
"""A lane that leapt as often was numbered anew: it has been stated often enough."""


class Reach(NamedTuple):
    """What a lane's executions show, in their order."""

    frontier: int
    """The highest number executed, leaps aside."""
    usual_gap: int = 0
    """The largest step by which the frontier rose, fading."""
    steps: int = 0
    leaps: int = 0


class Leap(NamedTuple):
    """A number that lies too far ahead, and what was known then."""

    frontier: int
    usual_gap: int
    limit: int
    """How far ahead of the frontier would not have been a leap."""


def reach_after(before: Reach | None, number: int) -> tuple[Reach, Leap | None]:
    """What one more executed number makes of a lane's reach, and whether it leaps; the same object if nothing."""
    if before is None:
        return Reach(number), None
    frontier, usual_gap, steps, leaps = before
    gap = number - frontier
    if gap <= 0:
        return before, None
    if gap > _GAP_MIN and steps >= _STEPS_MIN and gap > (limit := max(_GAP_MIN, _TIMES * usual_gap)):
        if leaps == _LEAPS_MAX:
            return Reach(number, usual_gap, steps), None
        return Reach(frontier, usual_gap, steps, leaps + 1), Leap(frontier, usual_gap, limit)
    faded = usual_gap - -(-usual_gap // _FADING)
    return Reach(number, max(gap, faded), steps + 1, leaps), None
