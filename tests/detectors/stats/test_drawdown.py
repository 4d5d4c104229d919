from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors import flows, fused
from detectors.folding import State
from detectors.settings import Settings
from detectors.statistic import NOT_MINE
from detectors.stats.drawdown import Drawdown, bits_of_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86_400
HOUR_S = 3_600
ESCROW = 10**12
NEXT_S = 61 * DAY_S
ALARM = bits_of_share(0.30)
CURSE = bits_of_share(0.60)


def days_of(bench: Any, *, token: int = 2, scale: float = 1.0, percent: int = 3, seen: float = 1.0) -> list[Any]:
    """An escrow of a million dollars, of which some percent goes each day and comes back within the hour."""
    rows = [bench.flow(1_000, int(ESCROW * scale * seen), release=False, token=token)]
    for day in range(1, 61):
        value = int(ESCROW * scale * percent / 100 * (1 + day * 37 % 3) / 3)
        rows.append(bench.flow(day * DAY_S + 40_000, value, token=token))
        rows.append(bench.flow(day * DAY_S + 42_000, value, token=token, release=False))
    return rows


def after(bench: Any, before: list[Any], then: list[Any], ceiling: float = ALARM) -> NDArray[np.float64]:
    """The surprises of what comes then."""
    rows = sorted(before, key=lambda row: int(row[flows.TIME_S]))
    return np.asarray(bench.fold(Drawdown, bench.array(rows + then), ceiling=ceiling)[0][len(rows) :])


def test_a_share_is_a_loss_from_the_default_on(bench: Any) -> None:
    for percent in (1, 10, 25, 29):
        assert after(bench, days_of(bench), [bench.flow(NEXT_S, ESCROW * percent // 100)])[0] < ALARM
    for percent in (31, 45, 59):
        assert ALARM <= after(bench, days_of(bench), [bench.flow(NEXT_S, ESCROW * percent // 100)])[0] < CURSE
    for percent in (61, 90, 100):
        assert after(bench, days_of(bench), [bench.flow(NEXT_S, ESCROW * percent // 100)])[0] >= CURSE


def test_it_is_the_sum_of_the_day_net_of_what_came_in(bench: Any) -> None:
    drip = [bench.flow(NEXT_S + HOUR_S * hour, ESCROW // 50) for hour in range(20)]
    assert after(bench, days_of(bench), drip)[-1] >= ALARM
    paid = [
        row
        for hour in range(20)
        for row in (drip[hour], bench.flow(NEXT_S + HOUR_S * hour + 9, ESCROW // 50, release=False))
    ]
    assert after(bench, days_of(bench), paid).max() < ALARM


def test_a_drip_below_the_day_is_seen_within_the_week(bench: Any) -> None:
    drip = [bench.flow(NEXT_S + 6 * HOUR_S * part, ESCROW // 50) for part in range(26)]
    said = after(bench, days_of(bench), drip)
    assert said[:20].max() < ALARM, "8 % a day"
    assert said[-1] >= ALARM, "52 % in less than a week"


def test_quiet_days_raise_the_limit_and_a_short_past_of_large_ones_does_not_lower_it(bench: Any) -> None:
    theft = [bench.flow(NEXT_S, ESCROW * 35 // 100)]
    assert after(bench, days_of(bench, percent=25), theft)[0] < ALARM, "less than twice the odds of a quarter"
    assert after(bench, days_of(bench, percent=25), [bench.flow(NEXT_S, ESCROW * 45 // 100)])[0] >= ALARM
    assert after(bench, days_of(bench, percent=1), [bench.flow(NEXT_S, ESCROW * 20 // 100)])[0] < ALARM


def test_who_takes_and_brings_back_makes_room_once(bench: Any) -> None:
    """What was quiet only because something like it had been before is no precedent for more."""
    rows, at_s = [], NEXT_S
    for percent in (29, 42, 42, 55):
        value = ESCROW * percent // 100
        rows += [bench.flow(at_s, value), bench.flow(at_s + DAY_S, value, release=False)]
        at_s += 9 * DAY_S
    said = after(bench, days_of(bench), rows)[::2]
    assert said[:3].max() < ALARM, "less than twice the odds of 29 %"
    assert said[3] >= ALARM, "less than twice the odds of 42 %, but of a day beyond the limit"


def test_one_day_below_the_limit_does_not_make_room_for_the_next(bench: Any) -> None:
    """A thief who takes 29 % unseen and comes again tomorrow is seen by the week."""
    twice = [bench.flow(NEXT_S, ESCROW * 29 // 100), bench.flow(NEXT_S + DAY_S, ESCROW * 25 // 100)]
    said = after(bench, days_of(bench), twice)
    assert said[0] < ALARM <= said[1]


def test_what_was_an_alarm_raises_nothing(bench: Any) -> None:
    drains = [
        bench.flow(NEXT_S, ESCROW * 40 // 100),
        bench.flow(NEXT_S + 60, ESCROW * 40 // 100, release=False),
        bench.flow(NEXT_S + 9 * DAY_S, ESCROW * 40 // 100),
    ]
    said = after(bench, days_of(bench), drains)
    assert said[2] >= ALARM


def test_a_material_token_alone_may_lose_more_and_never_curses(bench: Any) -> None:
    both = days_of(bench) + days_of(bench, token=3, scale=0.1)
    assert after(bench, both, [bench.flow(NEXT_S, ESCROW * 5 // 100, token=3)])[0] < ALARM
    gone = after(bench, both, [bench.flow(NEXT_S, ESCROW * 10 // 100, token=3)])[0]
    assert ALARM <= gone < CURSE


def test_small_change_is_nobodys_loss(bench: Any) -> None:
    both = days_of(bench) + days_of(bench, token=3, scale=0.01)
    assert after(bench, both, [bench.flow(NEXT_S, ESCROW * 1 // 100, token=3)])[0] < ALARM


def test_no_opinion_where_the_escrow_was_not_seen_to_come(bench: Any) -> None:
    """A chain that mints releases what nobody locked there."""
    unseen = days_of(bench, seen=0.001)
    assert (after(bench, unseen, [bench.flow(NEXT_S, ESCROW // 100)]) == NOT_MINE).all()
    minted = [(*row[: flows.IS_MINTED], 1) for row in days_of(bench)]
    assert (bench.fold(Drawdown, bench.array(sorted(minted)))[0] == NOT_MINE).all(), (
        "the pool's type says that it mints"
    )
    unpriced = [(*row[: flows.IS_PRICED], 0, *row[flows.IS_PRICED + 1 :]) for row in days_of(bench)]
    assert (bench.fold(Drawdown, bench.array(sorted(unpriced)))[0] == NOT_MINE).all()


def levels_of(bench: Any, settings: Settings, percent: int) -> NDArray[np.int8]:
    """Of the drawdown's line, on a chain whose days were too wild for any rarity."""
    rows = sorted(days_of(bench), key=lambda row: int(row[flows.TIME_S]))
    theft = [bench.flow(NEXT_S, ESCROW * percent // 100)]
    _, levels = State.empty().fold(bench.array(rows + theft), fused.limits_of(settings, 1))
    return np.asarray(levels[-1, [of.name for of in fused.STATISTICS].index("drawdown")])


@pytest.mark.parametrize(
    ("cells", "percent", "level"),
    [
        ({}, 25, fused.QUIET),
        ({}, 35, fused.ALARM),
        ({}, 65, fused.ALARM),
        ({"drawdown_curse_share": 0.6}, 65, fused.STRICT),
        ({"drawdown_curse_share": 0.6}, 55, fused.ALARM),
        ({"drawdown_alarm_share": 0.5}, 35, fused.QUIET),
        ({"drawdown_alarm_share": 1.0, "drawdown_curse_share": 1.0}, 65, fused.QUIET),
        ({"drawdown_curse_share": 0.6, "false_curses_per_month": 0.0}, 65, fused.ALARM),
    ],
)
def test_the_operator_says_what_a_loss_is(bench: Any, cells: dict[str, float], percent: int, level: int) -> None:
    rare = {"false_alarms_per_day": 1e-9, "false_curses_per_month": 1e-9} | cells
    assert levels_of(bench, Settings(**rare), percent) == level  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"drawdown_alarm_share": 0.0}, "drawdown_alarm_share = 0.0: must be a share"),
        ({"drawdown_curse_share": 1.5}, "drawdown_curse_share = 1.5: must be a share"),
        (
            {"drawdown_alarm_share": 0.7, "drawdown_curse_share": 0.6},
            "drawdown_curse_share = 0.6: what curses is an alarm too",
        ),
    ],
)
def test_an_impossible_share_is_refused(cells: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Settings(**cells)  # type: ignore[arg-type]
