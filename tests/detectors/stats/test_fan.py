from __future__ import annotations

from typing import Any

from detectors.stats.fan import Fan

STATISTIC = Fan
DAY_S = 86_400


def test_a_crowd_of_strangers_with_much_value_is_rarer_than_any_quiet_flow(past: Any) -> None:
    crowd = [past.release(past.next_s + 5 * each, f"x{each}", 2 * past.large + each) for each in range(200)]
    assert past.surprises(crowd).max() > past.highest + 1.0


def test_a_sweep_of_many_tokens_into_one_receiver_is_rarer_than_any_quiet_flow(past: Any) -> None:
    sweep = [past.release(past.next_s + 120 * each, "x", 3 * past.largest, token=2 + each) for each in range(11)]
    assert past.surprises(sweep).max() > past.highest + 1.0


def test_a_sender_who_suddenly_reaches_many_with_much_is_rarer_than_any_quiet_flow(past: Any) -> None:
    out = [past.message(past.next_s + 30 * each, "x", f"y{each}", past.large) for each in range(100)]
    assert past.surprises(out).max() > past.highest + 1.0


def test_a_receiver_who_suddenly_draws_from_many_is_rarer_than_any_quiet_flow(past: Any) -> None:
    drawn = [past.message(past.next_s + 30 * each, f"x{each}", "y", past.large) for each in range(100)]
    assert past.surprises(drawn).max() > past.highest + 1.0


def test_an_airdrop_is_broad_only_and_a_whale_large_only(past: Any) -> None:
    small = past.usual / 50
    out = [past.message(past.next_s + 20 * each, "x", f"y{each}", small) for each in range(300)]
    drop = [past.release(past.next_s + 20 * each, f"y{each}", small) for each in range(300)]
    whale = [past.release(past.next_s + 60 * each, "x", 8 * past.largest) for each in range(20)]
    for rows in (out, drop, whale):
        assert past.surprises(rows).max() < 3.0


def test_many_transfers_to_the_same_few_are_no_fan(past: Any) -> None:
    rows = [past.message(past.next_s + 30 * each, "x", f"y{each % 2}", past.large) for each in range(200)]
    assert past.surprises(rows).max() == 0.0


def test_who_reaches_many_every_week_is_usual(past: Any) -> None:
    def payday(week: int) -> list[tuple[int, ...]]:
        start_s = past.next_s + week * 7 * DAY_S
        return [past.message(start_s + 30 * each, "x", f"y{each}", past.large) for each in range(40)]

    assert past.surprises(payday(0)).max() > 5.0
    assert past.after([*payday(0), *payday(1)], payday(2)) == 0.0


def test_what_was_anomalous_is_not_usual(past: Any) -> None:
    def fan(day: int) -> list[tuple[int, ...]]:
        start_s = past.next_s + day * DAY_S
        return [past.message(start_s + 30 * each, "x", f"y{day}-{each}", past.large) for each in range(40)]

    assert past.after(fan(0), fan(2), ceiling=3.0) > past.surprises(fan(0)).max() - 1.0


def test_dust_does_not_wash_out_a_fan(past: Any) -> None:
    fan = [past.message(past.next_s + 30 * each, "x", f"y{each}", past.large) for each in range(40)]
    dusted: list[tuple[int, ...]] = []
    for each, row in enumerate(fan):
        dusted.append(row)
        dusted += [past.message(past.next_s + 30 * each, f"d{each}-{dust}", "d", 1) for dust in range(300)]
    assert past.surprises(dusted).max() > past.surprises(fan).max() - 1.0
