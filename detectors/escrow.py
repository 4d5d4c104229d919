"""Compiled: what a bridge is known to hold of a key (a token, or all priced tokens of a chain).

The balance is what was locked less what was released since the watch began, never below 0. Releases that it did not
hold tell how much of the escrow came from nowhere we saw; where that was much of late, the balance is no yardstick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors import windows
from detectors.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY = 0
BALANCE = 1
HIGH = 2
"""Highest recent balance."""
_RELEASED = 3  # quiet releases of late
_UNCOVERED = 4  # that part of them which the known balance did not hold
WIDTH = 5
"""Numbers at the beginning of a line that are the escrow's."""

_FADE_DAYS = 32  # what is recent: a month, so that a migration is forgotten within a season
_FADED_OUT_DAYS = 1_000  # by then nothing is left of any balance
_TRUSTED_SHARE = 4  # at most one part in four of the releases, and of the one judged, may come from nowhere


@kernel()
def fade(line: NDArray[Any], days: int) -> None:
    """Let what was recent fade with the days that have passed."""
    for _ in range(min(days, _FADED_OUT_DAYS)):
        line[HIGH] -= line[HIGH] // _FADE_DAYS
        line[_RELEASED] -= line[_RELEASED] // _FADE_DAYS
        line[_UNCOVERED] -= line[_UNCOVERED] // _FADE_DAYS
    line[HIGH] = max(line[HIGH], line[BALANCE])


@kernel()
def receive(line: NDArray[Any], value: int) -> None:
    """A value was locked."""
    line[BALANCE] = windows.add_saturating(line[BALANCE], value)
    line[HIGH] = max(line[HIGH], line[BALANCE])


@kernel()
def release(line: NDArray[Any], value: int) -> int:
    """Take a value from the known balance; what it did not hold."""
    uncovered = max(0, value - line[BALANCE])
    line[BALANCE] = max(0, line[BALANCE] - value)
    return int(uncovered)


@kernel()
def learn(line: NDArray[Any], value: int, uncovered: int) -> None:
    """A quiet release tells how well the balance is known."""
    line[_RELEASED] = windows.add_saturating(line[_RELEASED], value)
    line[_UNCOVERED] = windows.add_saturating(line[_UNCOVERED], uncovered)


@kernel()
def holds(value: int, uncovered: int) -> bool:
    """Whether the known balance held nearly all of a value that was released."""
    return uncovered <= value // _TRUSTED_SHARE


@kernel()
def is_known(line: NDArray[Any]) -> bool:
    """Of late the known balance held nearly all that was released: the token is locked here, and we saw it come."""
    return bool(line[HIGH] > 0 and holds(line[_RELEASED], line[_UNCOVERED]))
