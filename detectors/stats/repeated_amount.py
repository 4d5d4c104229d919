"""The very same amount of a token leaves again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import sketches
from detectors.compiled import kernel
from detectors.flows import AMOUNT, IS_PRICED, IS_RELEASE, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEWEST_S = 0
_SIZES = 1
_VALUES = _SIZES + sketches.SIZE_MEMORY  # of releases, each by itself
_AMOUNTS = _VALUES + sketches.SIZE_MEMORY
_SETS = 26  # with four ways as many as a line of 8 KiB holds beside the memories
_WAYS = 4
_WIDTH_OF_ENTRY = 4 + sketches.RECORD
_WIDTH = _AMOUNTS + _SETS * _WAYS * _WIDTH_OF_ENTRY

_LAST_S = 2  # after name and worth
_COUNT = 3  # lately, fading
_RECORD = 4  # of quiet counts

_REPEATS_MIN = 0.5  # what came a half-life ago or earlier and never since is no repeat
_HALF_LIFE_S = 1800.0  # a count that fades so weighs most what came within the hour
_WORTH_HALF_LIFE_S = 604_800.0  # amounts that repeat weekly, as salaries do, keep their place


@kernel()
def step(state: NDArray[np.float64], flow: NDArray[np.int64], ceiling: float) -> float:
    """How rare so much value in repeats of one exact amount is."""
    if flow[IS_RELEASE] != 1 or flow[AMOUNT] == 0:
        return NOT_MINE
    line = state[flow[TOKEN]]
    prior = state[flow[IS_PRICED]]
    time_s = max(flow[TIME_S], int(prior[_NEWEST_S]))
    _close_day(line, time_s)
    _close_day(prior, time_s)
    name = sketches.name_in_float(flow[AMOUNT])
    entry = sketches.find_or_place(line, _AMOUNTS, _SETS, _WAYS, _WIDTH_OF_ENTRY, name)
    count = sketches.faded(line[entry + _COUNT], time_s - line[entry + _LAST_S], _HALF_LIFE_S) + 1.0
    repeats = count - max(1.0, sketches.usual_amount(line, entry + _RECORD, time_s))
    bits = sketches.log2_of(repeats * flow[VALUE]) if repeats >= _REPEATS_MIN else -1.0
    surprise = 0.0
    if bits >= 0:
        surprise = min(
            sketches.rarity_for_token(line, prior, flow[IS_PRICED], _SIZES, bits),
            sketches.rarity_for_token(line, prior, flow[IS_PRICED], _VALUES, bits),
        )
    line[entry + _COUNT] = count
    line[entry + _LAST_S] = time_s
    line[entry + sketches.WORTH] = sketches.lasting_worth(count * flow[VALUE], time_s, _WORTH_HALF_LIFE_S)
    if surprise < ceiling:
        sketches.note_amount(line, entry + _RECORD, count)
        sketches.note_size(line, _SIZES, bits)
        sketches.note_size(prior, _SIZES, bits)
        sketches.note_size(line, _VALUES, sketches.log2_of(flow[VALUE]))
        sketches.note_size(prior, _VALUES, sketches.log2_of(flow[VALUE]))
    return surprise if sketches.has_sizes(prior if flow[IS_PRICED] == 1 else line, _SIZES) else NOT_MINE


@kernel()
def _close_day(line: NDArray[np.float64], time_s: int) -> None:
    if time_s // sketches.DAY_S > line[_NEWEST_S] // sketches.DAY_S:
        sketches.end_day(line, _SIZES)
        sketches.end_day(line, _VALUES)
    line[_NEWEST_S] = time_s


class RepeatedAmount(Statistic):
    """Value of a token that is released in repeats of one exact amount within about an hour.

    Each exact amount has a count that fades by half in 30 minutes. What goes beyond 1, and beyond the highest count of
    the same amount a day or more ago, is unusual for it; times the amount's value it is what came in repeats. That is
    judged twice, as -log2 of the share of the token's releases that had as much in repeats, and of those that were as
    large by themselves; the surprise is the smaller, so that both must be unusual: a round amount that many use, or a
    payout of small equal sums, is nothing, hundreds of equal large sums are.

    Measured in micro-USD at the price last stated on the chain, in millionths of a token where there is none; bits.
    Assumes that people's amounts differ, but for round ones, which repeat as they did before. Fails on an attacker who
    varies the amounts by a unit; where equal large sums are paid out for the first time (an auction that ends). A token
    remembers 104 amounts; of four, that of the least value lately gives way, half of it forgotten in a week: dust can't
    wash out a large amount, three larger ones that share its place can.

    Says 0 until an amount repeats; nothing until the chain has shown 64 releases of the unit on earlier days. A priced
    token with few is judged by those of its chain, 16 of which weigh as much as 16 of its own; one without a price by
    its own alone, from 64 on. Does not learn from what was anomalous, nor from a day before it is over. Rests on
    releases alone.

    Source: identical-amount repeats as in research/detection.md sections 3 (D3) and 4 (Nomad); the rest is ours.
    """

    name: ClassVar[str] = "repeated_amount"
    kind: ClassVar[Kind | None] = "pace"
    summary: ClassVar[str] = "The same amount of {token} left the bridge unusually often within an hour."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token: the time, two memories of sizes, the amounts."""
        return np.zeros((lines, _WIDTH))
