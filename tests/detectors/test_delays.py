"""How long is too long: an estimate that errs to the late side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.delays import SEEN_MIN, chance_of_longer, deadline_s

DELAYS = st.lists(st.integers(0, 10**6), min_size=SEEN_MIN, max_size=60).map(sorted)


@given(DELAYS, st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_longer_wait_is_never_more_likely(all_s: list[int], one_s: int, other_s: int) -> None:
    shorter, longer = sorted((one_s, other_s))
    assert 0 < chance_of_longer(all_s, all_s, longer) <= chance_of_longer(all_s, all_s, shorter) <= 1


@given(DELAYS, st.integers(0, 10**6))
def test_it_is_no_less_than_what_was_seen_but_for_the_shrinkage(all_s: list[int], delay_s: int) -> None:
    seen = sum(each > delay_s for each in all_s) / len(all_s)
    assert chance_of_longer(all_s, all_s, delay_s) >= seen * len(all_s) / (len(all_s) + 20)


@given(DELAYS)
def test_no_delay_that_was_ever_seen_is_too_long_while_few_were(all_s: list[int]) -> None:
    limit_s = deadline_s([], all_s, 0.001)
    assert limit_s is None or limit_s > all_s[-1]


def test_before_enough_was_seen_nothing_is_too_long() -> None:
    assert deadline_s([], [10] * (SEEN_MIN - 1), 0.001) is None
    assert deadline_s([], [10] * SEEN_MIN, 0.001) is not None


def test_a_lane_with_a_long_past_answers_sooner() -> None:
    young, old = deadline_s([], [40] * 100, 0.001), deadline_s([40] * 100, [40] * 100, 0.001)
    assert young is not None
    assert old is not None
    assert 40 < old < young < 100 * 40
