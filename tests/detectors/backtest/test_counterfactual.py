"""What-if questions about histories small enough to answer by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detectors.backtest import run_backtest
from detectors.backtest.limiter import trailing_sums

Write = Callable[..., Path]
MakeEvent = Callable[..., dict[str, Any]]
DAY_S = 86_400


@pytest.fixture
def bridge(event: MakeEvent) -> Callable[..., list[dict[str, Any]]]:
    """Honest messages of 100 USD: sent every hour, executed half an hour later."""

    def make(hours: int, usd: str = "100") -> list[dict[str, Any]]:
        lines = [event("burn", 3600 * hour, nonce=hour, usd=usd) for hour in range(hours)]
        return lines + [event("release", 3600 * hour + 1800, nonce=hour, usd=usd) for hour in range(hours)]

    return make


def attack_in(lines: list[dict[str, Any]], write: Write) -> dict[str, Any]:
    (attack,) = run_backtest(write(lines))["attacks"]
    counterfactual = attack["counterfactual"]
    counterfactual["after"] = {line["reaction_s"]: line for line in counterfactual["reactions"]}
    result: dict[str, Any] = counterfactual
    return result


def test_a_curse_saves_what_comes_after_it(bridge: Any, event: MakeEvent, write: Write) -> None:
    began_s = 100 * 3600
    thefts = [
        event("release", began_s + later, nonce=9000 + later, usd=usd, label="attack")
        for later, usd in ((0, "100"), (10, "200"), (100, "300"), (1000, "400"))
    ]
    told = attack_in([*bridge(200), *thefts], write)
    assert told["curse_at"] == "1970-01-05T04:00:00Z"
    saved = {reaction_s: line["saved_usd"] for reaction_s, line in told["after"].items()}
    assert saved == {0: 900, 12: 700, 60: 700, 300: 400, 900: 400}
    assert told["after"][60]["saved_share"] == pytest.approx(0.7)
    assert told["after"][60]["saved_share_of_ceiling"] == pytest.approx(7 / 9)


def test_a_curse_costs_honest_users_a_day(bridge: Any, event: MakeEvent, write: Write) -> None:
    began_s = 100 * 3600 + 60
    theft = event("release", began_s, nonce=9000, usd="500", label="attack")
    cost = attack_in([*bridge(200), theft], write)["after"][0]["cost"]
    assert cost["lifted_at"] == "1970-01-06T04:01:00Z"
    assert cost["messages_delayed"] == 24
    assert cost["value_delayed_usd"] == 2400.0
    assert cost["delay_h_max"] == pytest.approx(23.52, abs=0.01)
    assert cost["delay_h_mean"] == pytest.approx(12.02, abs=0.01)
    assert cost["value_hours_usd_h"] == pytest.approx(100 * 24 * 12.0167, rel=1e-3)
    assert cost["messages_stranded"] == 1, "the one that was sent a minute before"
    assert cost["sends_refused"] == 24


def test_a_long_attack_keeps_the_lane_closed(bridge: Any, event: MakeEvent, write: Write) -> None:
    began_s = 100 * 3600
    thefts = [
        event("release", began_s + half_day * DAY_S // 2, nonce=9000 + half_day, usd="1", label="attack")
        for half_day in range(5)
    ]
    cost = attack_in([*bridge(250), *thefts], write)["after"][0]["cost"]
    assert cost["lifted_at"] == "1970-01-07T05:00:00Z", "an hour after the last theft, which is later than a day"


def test_a_limiter_lets_pass_what_the_bucket_holds(bridge: Any, event: MakeEvent, write: Write) -> None:
    half_full_s = 1000 * 3600 + 3599
    thefts = [
        event("release", half_full_s + later, nonce=9000 + number, usd=usd, label="attack", tx_hash=f"0xt{later}")
        for number, (later, usd) in enumerate([(0, "40"), (2, "40"), (4, "6"), (4, "6"), (6, "6")])
    ]
    told = attack_in([*bridge(1100), *thefts], write)
    assert told["limiter"]["capacity_usd"] == {"a->b": 100.0}
    assert told["without_curse"]["limiter"]["saved_usd"] == 52.0, "40 pass, 40 don't; 12 of one transaction don't, 6 do"
    assert told["limiter"]["honest_blocked"] == 0


def test_the_limiter_learns_from_before_the_attack_only(bridge: Any, event: MakeEvent, write: Write) -> None:
    theft = event("release", 1000 * 3600, nonce=9000, usd="5000", label="attack")
    later = [event("burn", 1050 * 3600, nonce=5000, usd="9999"), event("release", 1051 * 3600, nonce=5000, usd="9999")]
    told = attack_in([*bridge(1100), theft, *later], write)
    assert told["limiter"]["capacity_usd"] == {"a->b": 100.0}
    assert told["without_curse"]["limiter"]["saved_share"] == 1.0


def test_the_limit_is_one_hour_in_a_thousand_by_the_clock() -> None:
    once_an_hour = np.arange(0, 2000 * 3600, 3600)
    usd = np.ones(len(once_an_hour))
    usd[500] = 100.0
    sums = trailing_sums(once_an_hour, usd, 2000 * 3600)
    assert sums.max() == 100.0
    assert np.quantile(sums, 0.999) == 1.0
    assert (sums == 100.0).sum() == 12, "an hour of samples every five minutes"


def test_a_veto_stops_what_a_rule_sees_at_once(bridge: Any, event: MakeEvent, write: Write) -> None:
    seen = event("release", 100 * 3600, nonce=9000, usd="70", label="attack")
    message = event("burn", 100 * 3600 + 1, nonce=9001, usd="30")
    unseen = event("release", 100 * 3600 + 2700, nonce=9001, usd="30", label="attack")
    told = attack_in([*bridge(200), seen, message, unseen], write)
    assert told["veto"] == {"vetoed": 1, "not_vetoed_usd": 30.0}
    assert told["without_curse"]["veto"]["saved_share"] == pytest.approx(0.7)
    assert told["after"][0]["with_veto"]["saved_share"] == 1.0, "the curse for the first stops the second"


def test_without_a_signal_nothing_is_saved(bridge: Any, event: MakeEvent, write: Write) -> None:
    message = event("burn", 100 * 3600 + 1, nonce=9001, usd="30")
    unseen = event("release", 100 * 3600 + 2700, nonce=9001, usd="30", label="attack")
    told = attack_in([*bridge(200), message, unseen], write)
    assert told["curse_at"] is None
    assert [line["saved_usd"] for line in told["reactions"]] == [0.0] * 5
    assert told["reactions"][0]["cost"] is None
