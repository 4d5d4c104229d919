from __future__ import annotations

from typing import Any

from detectors import flows
from detectors.stats.route_novelty import RouteNovelty

STATISTIC = RouteNovelty
DAY_S = 86_400


def test_a_single_shot_at_a_stranger_is_rarer_than_any_quiet_flow(past: Any) -> None:
    assert past.surprises([past.release(past.next_s, "x", 32 * past.largest)])[0] > past.highest + 1.0


def test_a_crowd_of_strangers_adds_up(past: Any) -> None:
    crowd = past.surprises([past.release(past.next_s + 20 * each, f"x{each}", 2 * past.large) for each in range(300)])
    assert crowd.max() > past.highest + 2.0
    assert crowd[0] < past.highest


def test_a_sweep_of_many_tokens_adds_up_over_the_chain(past: Any) -> None:
    sweep = [past.release(past.next_s + 120 * each, "x", 3 * past.largest, token=2 + each) for each in range(11)]
    surprises = past.surprises(sweep)
    assert surprises.max() > past.highest
    assert surprises.max() > surprises[0] + 1.0
    assert surprises[-1] > past.surprises(sweep[-1:])[0] + 1.0


def test_small_sums_to_strangers_are_common(past: Any) -> None:
    airdrop = [past.release(past.next_s + 20 * each, f"x{each}", past.usual / 50) for each in range(300)]
    assert past.surprises(airdrop).max() < past.highest / 2


def test_a_route_is_new_once_and_again_when_much_more_takes_it(past: Any) -> None:
    value = 4 * past.largest
    first = [past.release(past.next_s, "x", value)]
    later = past.next_s + 3 * DAY_S
    assert past.surprises(first)[0] > 5.0
    assert past.after(first, [past.release(later, "x", 3 * value)]) == 0.0
    assert past.after(first, [past.release(later, "x", 5 * value)]) > 5.0
    assert past.after(first, [past.release(later, "x", value, remote=3)]) > 5.0
    assert past.after(first, [past.release(later, "y", value)]) > 5.0
    assert past.after(first, [past.release(later, "x", value, token=3)]) > 5.0


def test_a_test_transfer_does_not_make_the_drain_known(past: Any) -> None:
    test = [past.release(past.next_s, "x", past.usual / 100)]
    assert past.after(test, [past.release(past.next_s + 600, "x", 32 * past.largest)]) > past.highest


def test_what_was_anomalous_stays_new(past: Any) -> None:
    value = 32 * past.largest
    drain = [past.release(past.next_s, "x", value)]
    assert past.after(drain, [past.release(past.next_s + 3 * DAY_S, "x", value)], ceiling=past.highest) > past.highest
    assert past.after(drain, [past.release(past.next_s + 3 * DAY_S, "x", value)]) == 0.0


def test_a_sender_who_names_a_new_receiver_takes_a_new_route(past: Any) -> None:
    value = 4 * past.largest
    known = [past.message(past.next_s, "x", "y", value)]
    later = past.next_s + DAY_S
    assert past.after(known, [past.message(later, "x", "y", value)]) == 0.0
    assert past.after(known, [past.message(later, "x", "z", value)]) > 5.0
    assert past.after(known, [past.message(later, "w", "y", value)]) > 5.0


def test_a_burst_does_not_explain_itself_within_its_day(past: Any) -> None:
    crowd = [past.release(past.next_s + 3_600 * each, f"x{each}", 8 * past.largest) for each in range(8)]
    surprises = past.surprises(crowd)
    assert surprises[-1] >= surprises[0]


def test_a_token_without_a_price_is_judged_by_its_own_past(past: Any) -> None:
    rows = [list(past.release(past.next_s + each * 3_600, f"x{each}", 10**6 + each, token=20)) for each in range(200)]
    rows.append(list(past.release(past.next_s + 201 * 3_600, "y", 10**9, token=20)))
    rows.append(list(past.release(past.next_s + 201 * 3_600, "y", 10**9, token=21)))
    for row in rows:
        row[flows.IS_PRICED] = 0
    surprises = past.surprises([tuple(row) for row in rows])
    assert (surprises[:64] == -1.0).all()
    assert surprises[-2] > 5.0
    assert surprises[-1] == -1.0
