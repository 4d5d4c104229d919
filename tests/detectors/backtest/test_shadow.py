"""What a candidate would have done to every message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.backtest.metrics import Outcome
from detectors.backtest.report import Judged
from detectors.backtest.responder import Decided
from detectors.backtest.shadow import render_shadow, shadow
from detectors.settings import Settings

THERE, BACK, APART = (Lane(ChainSelector(one), ChainSelector(other)) for one, other in ((1, 2), (2, 1), (1, 3)))


def released(time_s: int, lane: Lane = THERE, usd: float = 10.0, **cells: Any) -> Outcome:
    return Outcome(
        f"e{time_s}{lane}{cells}", time_s, lane, cells.get("is_release", True), usd, False, "", "", f"m{time_s}"
    )


def decided(since_s: int, until_s: int, *lanes: Lane, is_curse: bool = True) -> Decided:
    return Decided(since_s * 1000, until_s * 1000, is_curse, lanes, ("signal",))


def judged(outcomes: list[Outcome], *what: Decided) -> Judged:
    return Judged(outcomes, [], [], [], [], what, [], np.empty((0, 0)), {THERE: "a->b"}, Settings())


def test_each_message_whose_fate_differs_is_named() -> None:
    outcomes = [released(100), released(200, usd=7.0), released(300), released(200, APART)]
    found = shadow(
        judged(outcomes, decided(150, 250, THERE)), judged(outcomes, decided(150, 350, THERE, is_curse=False))
    )
    assert [(one["message_id"], one["current"], one["candidate"]) for one in found["differ"]] == [
        ("m200", "cursed", "withheld"),
        ("m300", "passed", "withheld"),
    ]
    assert found["differ"][0]["lane"] == "a->b"
    assert (found["messages"], found["unchanged"]) == (4, 2)
    assert {line["change"]: (line["messages"], line["usd"]) for line in found["changes"]} == {
        "cursed > withheld": (1, 7),
        "passed > withheld": (1, 10),
    }
    assert "2 of 4 messages fare alike" in render_shadow(found)


@pytest.mark.parametrize(("is_curse", "stopped"), [(True, 2), (False, 1)])
def test_a_curse_stops_the_way_back_too_and_a_withheld_blessing_does_not(is_curse: bool, stopped: int) -> None:
    outcomes = [released(100), released(100, BACK), released(100, APART), released(100, is_release=False)]
    found = shadow(judged(outcomes), judged(outcomes, decided(50, 150, THERE, is_curse=is_curse)))
    assert len(found["differ"]) == stopped
    assert found["messages"] == 3, "what was sent is stopped when it is to be given out"


@pytest.mark.parametrize(("at_s", "differ"), [(50, 0), (51, 1), (149, 1), (150, 0)])
def test_what_is_decided_in_the_messages_own_second_is_too_late_for_it(at_s: int, differ: int) -> None:
    outcomes = [released(at_s)]
    assert len(shadow(judged(outcomes), judged(outcomes, decided(50, 150, THERE)))["differ"]) == differ


def test_two_histories_are_not_compared() -> None:
    with pytest.raises(ValueError, match="another history"):
        shadow(judged([released(1)]), judged([released(2)]))
