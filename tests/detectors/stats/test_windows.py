from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors import usual, windows


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 2**62)), max_size=60),
    st.sampled_from([(10, 60), (12, 300), (24, 3_600)]),
)
def test_a_window_holds_the_newest_buckets_and_nothing_else(
    steps: list[tuple[int, int]], shape: tuple[int, int]
) -> None:
    buckets, bucket_s = shape
    line = np.zeros(buckets + windows.OVERHEAD + 6, dtype=np.int64)
    told: list[tuple[int, int]] = []
    time_s = 10**9
    for gap_s, value in steps:
        time_s += gap_s
        told.append((time_s // bucket_s, value))
        held = sum(value for bucket, value in told if bucket > time_s // bucket_s - buckets)
        assert windows.slide(line, 3, buckets, bucket_s, time_s, value) == min(held, 2**63 - 1)
    assert (line[:3] == 0).all()
    assert (line[-3:] == 0).all()


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=3 * usual.DAYS))
def test_centre_and_spread_are_those_of_the_newest_days(levels: list[int]) -> None:
    line = np.zeros(usual.WIDTH, dtype=np.int64)
    usual.clear_days(line, 0)
    for level in levels:
        usual.remember_day(line, 0, level)
    held = sorted(levels[-usual.DAYS :])
    median = held[len(held) // 2]
    assert usual.usual_level(line, line, 0, 0) == median
    assert usual.usual_spread(line, line, 0) == int((held[9 * len(held) // 10] - median) / 1.2815515655446004)
