"""How long a lane's messages took so far, in classes, and so whether one may be older than the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LATE_ONE_IN = 200
"""A message may have been sent before the record began unless fewer than one crossing in so many took half as long as
the record is old."""
_LATE_TIMES = 20
"""Or unless the record is so many times as old as the longest crossing seen, and some were seen."""
_SEEN_MIN = 10


def duration_class(duration_s: int) -> int:
    """Eight classes for each doubling, ascending; 0 for what is no duration."""
    bits = duration_s.bit_length()
    return bits * 8 + ((duration_s << 3 >> (bits - 1)) & 7) if duration_s > 0 else 0


def may_be_older(crossings: Mapping[int, int], age_s: int) -> bool:
    """Whether a message that arrives now may have left before a record of this age began.

    `crossings`: how many took each class of time.
    """
    seen = sum(crossings.values())
    late = sum(count for length, count in crossings.items() if length >= duration_class(age_s // 2))
    if (late + 1) * _LATE_ONE_IN < seen + 1:
        return False
    return seen < _SEEN_MIN or max(crossings) >= duration_class(age_s // _LATE_TIMES)
