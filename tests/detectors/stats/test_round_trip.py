from __future__ import annotations

from typing import Any

import pytest

from detectors.stats.round_trip import RoundTrip

STATISTIC = RoundTrip
DAY_S = 86_400


def _trips(past: Any, count: int, *, out: int, share: float = 0.99, wait_s: int = 1_200) -> list[tuple[int, ...]]:
    """What is released to one goes on to the next, over remotes 1 and `out`."""
    rows = []
    for each in range(count):
        time_s, token = past.next_s + 3_000 * each, 2 + each % 10
        value = 8 * past.largest
        rows.append(past.release(time_s, f"x{each}", value, token=token))
        rows.append(past.message(time_s + wait_s, f"x{each}", f"x{each + 1}", share * value, token=token, remote=out))
    return sorted(rows)


@pytest.mark.parametrize("out", [1, 2])
def test_hops_and_returns_of_much_value_are_rarer_than_any_quiet_flow(past: Any, out: int) -> None:
    surprises = past.surprises(_trips(past, 6, out=out))
    assert surprises.max() > past.highest
    assert surprises.max() > surprises[1], "layers add up"


@pytest.mark.parametrize(("share", "wait_s"), [(0.8, 1_200), (1.2, 1_200), (0.99, 2 * DAY_S)])
def test_another_value_or_a_later_day_is_not_passed_on(past: Any, share: float, wait_s: int) -> None:
    assert past.surprises(_trips(past, 6, out=2, share=share, wait_s=wait_s)).max() == 0.0


def test_another_person_passes_nothing_on(past: Any) -> None:
    rows = [
        past.release(past.next_s, "x", past.largest),
        past.message(past.next_s + 60, "y", "y", past.largest, remote=2),
    ]
    assert past.surprises(rows)[-1] == 0.0


def test_what_was_passed_on_once_is_gone(past: Any) -> None:
    rows = [past.release(past.next_s, "x", past.largest)]
    rows += [past.message(past.next_s + 60 * each, "x", "x", past.largest, remote=2) for each in (1, 2)]
    first, second = past.surprises(rows)[1:]
    assert first > 3.0
    assert second == 0.0


def test_a_small_round_trip_adds_nothing_to_those_of_the_day(past: Any) -> None:
    def trip(value: float) -> float:
        there = past.release(past.next_s, "x", value)
        return float(past.surprises([there, past.message(past.next_s + 60, "x", "x", value)])[1])

    assert trip(past.usual / 50) < trip(1) + 0.5
    assert trip(past.usual / 50) < past.highest - 1.0
    assert trip(8 * past.largest) > trip(1) + 3.0


def test_who_trades_back_and_forth_every_day_is_usual(past: Any) -> None:
    def day(number: int) -> list[tuple[int, ...]]:
        time_s = past.next_s + number * DAY_S
        return [
            past.release(time_s, "x", 4 * past.largest),
            past.message(time_s + 600, "x", "x", 4 * past.largest, remote=2),
        ]

    before = [row for number in range(6) for row in day(number)]
    assert past.surprises(day(0))[1] > 5.0
    assert past.after(before, day(6)) < past.surprises(day(0))[1] / 2
    assert past.after(before, day(6), ceiling=3.0) > past.surprises(day(0))[1] - 1.0, "the anomalous is not usual"


def test_who_hops_every_day_does_not_so_return(past: Any) -> None:
    def day(number: int, remote: int) -> list[tuple[int, ...]]:
        time_s, value = past.next_s + number * DAY_S, 4 * past.largest
        return [past.release(time_s, "x", value), past.message(time_s + 600, "x", "x", value, remote=remote)]

    before = [row for number in range(6) for row in day(number, 2)]
    assert past.after(before, day(6, 1)) > past.after(before, day(6, 2)) + 3.0


def test_a_release_is_remembered_though_dust_follows(past: Any) -> None:
    rows = [past.release(past.next_s, "x", 4 * past.largest)]
    rows += [past.release(past.next_s + each / 10, "x" if each % 9 == 0 else f"d{each}", 1) for each in range(5_000)]
    rows += [past.message(past.next_s + 600, "x", "x", 4 * past.largest, remote=2)]
    assert past.surprises(rows)[-1] > 5.0
