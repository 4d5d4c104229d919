from __future__ import annotations

from typing import Any

from detectors.stats.repeated_amount import RepeatedAmount

STATISTIC = RepeatedAmount
DAY_S = 86_400


def test_a_crowd_that_takes_one_large_amount_is_rarer_than_any_quiet_flow(past: Any) -> None:
    crowd = past.surprises([past.release(past.next_s + 20 * each, f"x{each}", 2 * past.large) for each in range(300)])
    assert crowd.max() > past.highest + 3.0
    assert crowd[0] == 0.0
    assert (crowd[1:100] > 5.0).all()


def test_amounts_that_differ_by_a_unit_do_not_repeat(past: Any) -> None:
    crowd = [past.release(past.next_s + 20 * each, f"x{each}", 2 * past.large + each) for each in range(300)]
    assert past.surprises(crowd).max() == 0.0


def test_the_same_number_of_another_token_is_another_amount(past: Any) -> None:
    rows = [past.release(past.next_s + 20 * each, "x", 4 * past.largest, token=2 + each) for each in range(10)]
    assert past.surprises(rows).max() == 0.0


def test_a_payout_of_small_equal_sums_is_nothing(past: Any) -> None:
    airdrop = [past.release(past.next_s + 20 * each, f"x{each}", past.usual / 50) for each in range(300)]
    assert past.surprises(airdrop).max() < 3.0


def test_a_round_amount_that_a_few_use_is_nothing(past: Any) -> None:
    rows = [past.release(past.next_s + 60 * each, f"x{each}", 10**9) for each in range(6)]
    assert past.surprises(rows).max() < 3.0


def test_what_repeats_every_week_is_usual(past: Any) -> None:
    def payday(week: int) -> list[tuple[int, ...]]:
        return [past.release(past.next_s + week * 7 * DAY_S + 30 * each, f"x{each}", past.large) for each in range(40)]

    assert past.surprises(payday(0)).max() > 5.0
    assert past.after(payday(0), payday(1)) < past.surprises(payday(0)).max() / 2
    assert past.after([*payday(0), *payday(1)], payday(2)) == 0.0


def test_what_was_anomalous_is_no_usual_repeat(past: Any) -> None:
    def crowd(day: int) -> list[tuple[int, ...]]:
        return [past.release(past.next_s + day * DAY_S + 30 * each, f"x{each}", 2 * past.large) for each in range(60)]

    assert past.after(crowd(0), crowd(2), ceiling=3.0) > past.surprises(crowd(0)).max() - 1.0


def test_the_second_comes_too_late_to_be_a_repeat(past: Any) -> None:
    rows = [past.release(past.next_s + 7_200 * each, "x", 4 * past.largest) for each in range(10)]
    assert past.surprises(rows).max() == 0.0


def test_dust_does_not_wash_out_a_large_amount(past: Any) -> None:
    rows = [past.release(past.next_s, "x", 4 * past.largest)]
    rows += [past.release(past.next_s + each / 10, "y", 10 + each) for each in range(5_000)]
    rows += [past.release(past.next_s + 600, "z", 4 * past.largest)]
    assert past.surprises(rows)[-1] > 5.0
