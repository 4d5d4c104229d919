from __future__ import annotations

from typing import Any

from detectors.stats.split_transfer import SplitTransfer

STATISTIC = SplitTransfer
DAY_S = 86_400


def test_one_receiver_of_many_large_parts_is_rarer_than_any_quiet_flow(past: Any) -> None:
    drain = [past.release(past.next_s + 300 * each, "x", 2 * past.large + each) for each in range(100)]
    assert past.surprises(drain).max() > past.highest + 1.0


def test_one_sender_of_many_middling_parts_is_rarer_than_any_quiet_flow(past: Any) -> None:
    parts = [past.message(past.next_s + 60 * each, "x", f"y{each % 9}", past.large / 2 + each) for each in range(300)]
    assert past.surprises(parts).max() > past.highest + 1.0


def test_one_large_amount_is_not_split(past: Any) -> None:
    whale = [past.release(past.next_s, "x", 32 * past.largest)]
    assert past.surprises(whale)[0] == 0.0
    with_change = [*whale, *(past.release(past.next_s + 60 * each, "x", past.usual) for each in range(20))]
    assert past.surprises(with_change).max() == 0.0


def test_many_small_parts_are_common(past: Any) -> None:
    parts = [past.message(past.next_s + 20 * each, "x", "y", past.usual / 50) for each in range(100)]
    assert past.surprises(parts).max() < 3.0


def test_parts_of_many_people_are_not_one_party(past: Any) -> None:
    crowd = [past.release(past.next_s + 20 * each, f"x{each}", past.large) for each in range(300)]
    assert past.surprises(crowd).max() == 0.0


def test_who_splits_every_day_is_usual(past: Any) -> None:
    def day(number: int) -> list[tuple[int, ...]]:
        return [past.release(past.next_s + number * DAY_S + 300 * each, "x", past.large) for each in range(40)]

    before = [row for number in range(6) for row in day(number)]
    assert past.surprises(day(0)).max() > 5.0
    assert past.after(before, day(6)) < past.surprises(day(0)).max() / 2


def test_what_was_anomalous_is_not_usual(past: Any) -> None:
    def day(number: int) -> list[tuple[int, ...]]:
        return [past.release(past.next_s + number * DAY_S + 300 * each, "x", past.large) for each in range(40)]

    assert past.after(day(0), day(3), ceiling=3.0) > past.surprises(day(0)).max() - 1.0


def test_dust_does_not_wash_out_a_split(past: Any) -> None:
    split = [past.release(past.next_s + 30 * each, "x", past.large) for each in range(40)]
    dusted: list[tuple[int, ...]] = []
    for each, row in enumerate(split):
        dusted.append(row)
        dusted += [past.release(past.next_s + 30 * each, f"d{each}-{dust}", 1) for dust in range(300)]
    assert past.surprises(dusted).max() > past.surprises(split).max() - 1.0
