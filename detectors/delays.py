"""How long is too long: the chance that an honest step takes longer than this, from how long it took before.

A lane of CCIP carries a handful of messages a day, so its own past is pooled with that of the lanes that share a chain
with it, and counts for itself as it grows. Beyond the longest delay seen, the chance is taken to fall no faster than
1/t, which is heavier than every tail that has a mean: little history gives late claims, not false ones.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SEEN_MIN = 20
"""Before so many delays were seen, on the lane and those beside it together, nothing is called too long."""
_PRIOR_WEIGHT = 20
"""How many delays of its own a lane needs to count as much as its neighbourhood."""
_STEP_SHARE = 8
"""A deadline is found to within an eighth."""
_DEADLINE_S_MAX = 90 * 86_400


def chance_of_longer(own_s: Sequence[int], all_s: Sequence[int], delay_s: int) -> float:
    """Upper estimate of P(delay > delay_s); both sequences ascending, `all_s` holds the lane's own delays too."""
    seen = len(all_s)
    longest_s = max(1, all_s[-1]) if seen else 1
    common = (seen - bisect_right(all_s, delay_s) + 1) / (seen + 1) * min(1.0, longest_s / max(1, delay_s))
    late = len(own_s) - bisect_right(own_s, delay_s)
    return float((late + _PRIOR_WEIGHT * common) / (len(own_s) + _PRIOR_WEIGHT))


def deadline_s(own_s: Sequence[int], all_s: Sequence[int], chance: float) -> int | None:
    """The shortest delay, to within an eighth, that has at most this chance; None while too little was seen."""
    if len(all_s) < SEEN_MIN:
        return None
    delay_s = 1
    while chance_of_longer(own_s, all_s, delay_s) > chance:
        delay_s += max(1, delay_s // _STEP_SHARE)
        if delay_s > _DEADLINE_S_MAX:
            return None
    return delay_s
