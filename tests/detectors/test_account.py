"""How many alarms a chain may state in a quarter: a law that holds for any stream."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import account, flows, fused
from detectors.folding import LINES, State
from detectors.quiet_traffic import quiet_flows
from detectors.settings import Settings

DAY_S = 86_400


def quarter(day: int) -> tuple[int, int]:
    date = datetime.fromtimestamp(day * DAY_S, tz=UTC)
    return date.year, (date.month - 1) // 3


@given(st.integers(0, 60_000))
def test_quarters_are_those_of_the_calendar(day: int) -> None:
    year, of_year = quarter(day)
    assert account.quarter_of(day) == 4 * year + of_year


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), max_size=120),
    st.floats(0.001, 2.0),
    st.integers(0, 30_000),
)
# INV-DET-5
def test_no_stream_makes_a_chain_state_more_alarms_than_its_quarter_promised(
    days: list[tuple[int, int]], promised_per_day: float, day: int
) -> None:
    """Whoever asks how often: days with traffic, and how many alarms each would like to state."""
    own = account.empty_account()
    stated: Counter[tuple[int, int]] = Counter()
    seen: Counter[tuple[int, int]] = Counter()
    last = -1
    for gap, wanted in days:
        day += gap
        seen[quarter(day)] += day != last
        last = day
        for _ in range(wanted):
            account.open_day(own, day * DAY_S)
            if account.has_room(own, promised_per_day):
                account.spend(own)
                stated[quarter(day)] += 1
            assert stated[quarter(day)] <= max(1, promised_per_day * seen[quarter(day)] + 1e-6)
        account.open_day(own, day * DAY_S)
    for which, count in stated.items():
        assert count >= 1, "the first alarm of a quarter is never held back"
        assert count <= max(1, promised_per_day * seen[which] + 1e-6)


def test_who_promises_no_alarm_states_none() -> None:
    own = account.empty_account()
    account.open_day(own, 0)
    assert not account.has_room(own, 0.0)


@pytest.fixture(scope="module")
def wild() -> np.ndarray:
    """Half a year of quiet traffic, then of a chain that becomes a hundred times as large every third day."""
    quiet = quiet_flows(5, days=300, a_day=60)
    days = (quiet[:, flows.TIME_S] - quiet[0, flows.TIME_S]) // DAY_S
    is_wild = (days > 150) & (days % 3 == 0) & (quiet[:, flows.IS_RELEASE] == 1)
    quiet[:, flows.VALUE] = np.where(is_wild, quiet[:, flows.VALUE] * (days - 149), quiet[:, flows.VALUE])
    return quiet


def stated_in(rows: np.ndarray, settings: Settings, level: int) -> Counter[tuple[int, int]]:
    _, levels = State.empty().fold(rows, fused.limits_of(settings, 1))
    times_s = np.repeat(rows[:, flows.TIME_S], LINES)[levels.ravel() == level]
    return Counter(quarter(int(time_s) // DAY_S) for time_s in times_s)


@pytest.mark.parametrize("false_alarms_per_day", [1 / 30, 1 / 100, 0.5])
# INV-DET-5
def test_a_chain_gone_wild_keeps_its_promise_in_every_quarter(wild: np.ndarray, false_alarms_per_day: float) -> None:
    settings = Settings(false_alarms_per_day=false_alarms_per_day, cooldown_s=0)
    stated = stated_in(wild, settings, fused.ALARM)
    days = Counter(quarter(day) for day in set((wild[:, flows.TIME_S] // DAY_S).tolist()))
    assert stated
    assert all(count <= max(1, days[which] * false_alarms_per_day) for which, count in stated.items())


def test_what_may_curse_is_stated_though_the_account_is_spent(wild: np.ndarray) -> None:
    """A theft after many false alarms: no alarm any more, but a claim beyond the curse budget."""
    token = int(wild[0, flows.TOKEN])
    theft_s = (int(wild[-1, flows.TIME_S]) // DAY_S) * DAY_S + DAY_S - 1
    theft = np.array([[theft_s, 1, token, 1, 1, 0, 77, 77, int(wild[:, flows.VALUE].max()) * 1_000, 0]])
    settings = Settings(cooldown_s=0, false_curses_per_month=0.9)
    state = State.empty()
    limits = fused.limits_of(settings, 1)
    state.fold(wild, limits)
    assert not account.has_room(state.account, 1 / 30)
    assert fused.STRICT in state.fold(theft, limits)[1]
