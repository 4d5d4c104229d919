"""Compiled: what passed within the last minutes, hours, days; integers, saturating, of fixed size.

A window stands in a line of a statistic's state from `at` on: newest bucket, sum, and a ring of buckets. The newest
bucket is still being filled, so a window of n buckets covers n - 1 to n of them. A float64 line holds it too, exactly
as long as the sum stays below 2^53: counts do.
"""

from __future__ import annotations

import numpy as np

from detectors.compiled import kernel

_NEWEST = 0
SUM = 1
"""Where in a window its sum stands."""
_RING = 2
OVERHEAD = _RING
"""Numbers that a window needs beside its buckets."""

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400

_INT64_MAX = int(np.iinfo(np.int64).max)


@kernel()
def add_saturating(one: int, other: int) -> int:
    """Sum of two numbers of at least 0."""
    return one + other if one <= _INT64_MAX - other else _INT64_MAX


@kernel(forceinline=True)  # a division by buckets and by seconds that are known is none
def slide(  # noqa: PLR0917  kernels take plain numbers
    line: np.ndarray, at: int, buckets: int, bucket_s: int, time_s: int, value: int
) -> int:
    """Bring a window to this time, add a value of at least 0, and say the sum; an earlier time counts as the newest."""
    bucket = time_s // bucket_s
    newest = int(line[at + _NEWEST])
    if bucket > newest:
        total = int(line[at + SUM])
        if bucket - newest >= buckets:
            line[at + _RING : at + _RING + buckets] = 0
            total = 0
        elif total < _INT64_MAX:
            for passed in range(newest + 1, bucket + 1):
                slot = at + _RING + passed % buckets
                total -= int(line[slot])
                line[slot] = 0
        else:  # saturated: what is left is not known from the sum
            for passed in range(newest + 1, bucket + 1):
                line[at + _RING + passed % buckets] = 0
            total = 0
            for slot in range(at + _RING, at + _RING + buckets):
                total = add_saturating(total, int(line[slot]))
        line[at + _NEWEST] = bucket
        line[at + SUM] = total
        newest = bucket
    slot = at + _RING + newest % buckets
    line[slot] = add_saturating(int(line[slot]), value)
    line[at + SUM] = add_saturating(int(line[at + SUM]), value)
    return int(line[at + SUM])
