"""Compiled: how many alarms a chain may still state in this calendar quarter. A law, not a tendency.

On one chain at most as many alarms are stated in a calendar quarter (UTC) as its share of `false_alarms_per_day`
promises for the days with traffic in it so far, but always one: the first is never held back, since a theft may come
on the quarter's first day. It holds for any stream whatever, true alarms included, as nobody knows yet which are. What
may curse is not counted: a claim beyond the curse budget, and every exact rule, is stated all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPENT = 0
_QUARTER = 1
_DAYS = 2  # with traffic, of the quarter
_DAY = 3
_WIDTH = 4

_ROUNDING = 1e-9  # thirty days at a thirtieth a day are one
_ERA_DAYS = 146_097  # 400 years of the Gregorian calendar
_ERA_SHIFT_DAYS = 719_468  # from the first of March of year 0 to 1970


def empty_account() -> NDArray[np.float64]:
    """Nothing was stated, no day has begun."""
    account = np.zeros(_WIDTH)
    account[_QUARTER] = account[_DAY] = -1.0
    return account


@kernel()
def quarter_of(day: int) -> int:
    """Quarters from the beginning of year 0 to the quarter of this day, counted from 1970, of at least 0."""
    shifted = day + _ERA_SHIFT_DAYS
    era = shifted // _ERA_DAYS
    of_era = shifted - era * _ERA_DAYS
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153  # from March on
    return (12 * (year + 400 * era) + month + 2) // 3


@kernel()
def open_day(account: NDArray[Any], time_s: int) -> None:
    """Come to the day of a flow; time does not go back."""
    day = max(time_s // 86_400, int(account[_DAY]))
    if day != account[_DAY]:
        quarter = quarter_of(day)
        if quarter != account[_QUARTER]:
            account[_QUARTER] = quarter
            account[_SPENT] = 0.0
            account[_DAYS] = 0.0
        account[_DAY] = day
        account[_DAYS] += 1.0


@kernel()
def has_room(account: NDArray[Any], promised_per_day: float) -> bool:
    """Whether one more alarm may be stated today, where so many a day are promised of this chain."""
    earned = np.floor(account[_DAYS] * promised_per_day + _ROUNDING)
    return bool(promised_per_day > 0.0 and account[_SPENT] < max(1.0, earned))


@kernel()
def spend(account: NDArray[Any]) -> None:
    """An alarm was stated."""
    account[_SPENT] += 1.0
