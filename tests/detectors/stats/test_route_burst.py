from __future__ import annotations

from typing import Any

import numpy as np

from detectors import flows
from detectors.stats.route_burst import RouteBurst

STATISTIC = RouteBurst
DAY_S = 86_400
TOKEN = 2


def test_one_sender_in_a_rush_is_rarer_than_any_quiet_flow(past: Any) -> None:
    rush = [past.message(past.next_s + 20 * each, "x", f"y{each}", past.usual) for each in range(200)]
    assert past.surprises(rush).max() > past.highest + 1.0


def test_one_receiver_in_a_rush_is_rarer_than_any_quiet_flow(past: Any) -> None:
    rush = [past.release(past.next_s + 20 * each, "x", past.usual + each) for each in range(200)]
    assert past.surprises(rush).max() > past.highest + 1.0


def test_a_pair_in_a_rush_is_rarer_than_any_quiet_flow(past: Any) -> None:
    rush = [past.message(past.next_s + 20 * each, "x", "y", past.usual) for each in range(200)]
    assert past.surprises(rush).max() > past.highest + 1.0


def test_a_few_at_once_are_common(past: Any) -> None:
    rows = [past.release(past.next_s + 60 * each, "x", past.usual) for each in range(3)]
    assert past.surprises(rows).max() < past.highest / 2


def test_as_many_over_a_week_are_no_burst(past: Any) -> None:
    rows = [past.release(past.next_s + 6_000 * each, "x", past.usual) for each in range(100)]
    assert past.surprises(rows).max() < past.highest / 2


def test_who_comes_often_is_expected_often(past: Any) -> None:
    before = [past.release(past.next_s + 300 * each, "x", past.usual, token=3) for each in range(30 * 288)]
    rush = [past.release(past.next_s + 31 * DAY_S + 60 * each, "x", past.usual, token=3) for each in range(20)]
    assert past.after(before, rush) < past.surprises(rush).max() / 2


def test_what_was_anomalous_is_not_expected(past: Any) -> None:
    def rush(day: int, count: int = 100) -> list[tuple[int, ...]]:
        return [past.release(past.next_s + day * DAY_S + 20 * each, "x", past.usual) for each in range(count)]

    before = [row for day in range(5) for row in rush(day)]
    assert past.after(before, rush(6), ceiling=3.0) > past.after(before, rush(6)) + 1.0


def test_dust_does_not_wash_out_a_burst(past: Any) -> None:
    rush = [past.release(past.next_s + 30 * each, "x", past.usual) for each in range(60)]
    dusted: list[tuple[int, ...]] = []
    for each, row in enumerate(rush):
        dusted.append(row)
        dusted += [past.release(past.next_s + 30 * each, f"d{each}-{dust}", 1, token=9) for dust in range(50)]
    marked = np.array([row[flows.TOKEN] == TOKEN for row in dusted])
    assert past.surprises(dusted)[marked].max() > past.surprises(rush).max() - 1.0
