from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.numbering import Numbering, numbering_after


def shown(numbers: list[int]) -> Numbering:
    """What these messages show, sent in this order."""
    numbering, before = None, set[int]()
    for number in numbers:
        numbering = numbering_after(numbering, number, is_new=number not in before)
        before.add(number)
    assert numbering is not None
    return numbering


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_every_message_is_counted_once(numbers: list[int]) -> None:
    numbering = shown(numbers)
    assert (numbering.lowest, numbering.frontier) == (min(numbers), max(numbers))
    assert (numbering.known, numbering.known + numbering.repeated) == (len(set(numbers)), len(numbers))


@given(st.sets(st.integers(0, 2**256), min_size=1))
def test_numbers_that_rise_count_up_whatever_is_left_out(numbers: set[int]) -> None:
    assert shown(sorted(numbers)).counts_up


@given(st.integers(0, 2**64), st.integers(1, 300), st.integers(0, 10**9))
def test_a_lane_without_gaps_is_dense_and_a_hole_in_the_record_changes_nothing(
    first: int, count: int, hole: int
) -> None:
    before, after = range(first, first + count), range(first + count + hole, first + 12 * count + hole + 20)
    assert shown([*before, *after]).is_dense


def test_a_shared_counter_is_not_dense() -> None:
    numbering = shown([37 * step for step in range(100)])
    assert numbering.counts_up
    assert not numbering.is_dense


@pytest.mark.parametrize(
    "numbers",
    [
        [n // 40 for n in range(400)],
        [*range(10**6, 10**6 + 300), *range(100)],
        random.Random(1).sample(range(10**9), 50),
    ],
    ids=["of senders", "anew", "random"],
)
def test_what_does_not_count_up_is_found_out(numbers: list[int]) -> None:
    assert not shown(numbers).counts_up


def test_two_messages_of_a_second_may_stand_in_any_order() -> None:
    numbers = [number + 1 - 2 * (number % 2) for number in range(1000)]
    assert shown(numbers).counts_up
