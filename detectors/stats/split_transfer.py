"""One party moves in many parts what would have been too large in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import sketches
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, RECEIVER, SENDER, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SENDING = 0  # the roles of a party, as numbers of its memories: who sends a message,
_AWAITING = 1  # whom a message names,
_RECEIVING = 2  # who gets a release
_ROLES = 3
_WINDOWS = 2
_HALF_LIVES_S = (1800.0, 43_200.0)  # sums that fade so weigh most what came within 1 h, within 24 h

_NEWEST_S = 0
_TYPICAL = 1
_SIZES = _TYPICAL + sketches.TYPICAL_TOKENS
_VALUES = _SIZES + 2 * _ROLES * _WINDOWS * sketches.SIZE_MEMORY  # of flows by themselves, for each unit and role
_PARTIES = _VALUES + 2 * _ROLES * sketches.SIZE_MEMORY
_SETS = 128  # of each side
_WAYS = 4
_LAST_S = 2  # of a party, after name and worth
_IN_WINDOW = 3  # for each window: sum, largest, record of what many parts summed to
_OF_WINDOW = 2 + sketches.RECORD
_ENTRY = _IN_WINDOW + _WINDOWS * _OF_WINDOW
_OF_SIDE = _SETS * _WAYS * _ENTRY
_WIDTH = _PARTIES + 2 * _OF_SIDE

_PARTS_MIN = 0.5  # two amounts, the second half as large, are the least that is many


@kernel()
def step(state: NDArray[np.int64], flow: NDArray[np.int64], ceiling: float) -> float:
    """How rare it is that a party of this flow moves so much beside its largest."""
    if flow[TOKEN] < 2:
        return NOT_MINE
    line = state[0]
    time_s = max(flow[TIME_S], line[_NEWEST_S])
    if time_s // sketches.DAY_S > line[_NEWEST_S] // sketches.DAY_S:
        for memory in range(2 * _ROLES * (_WINDOWS + 1)):
            sketches.end_day(line, _SIZES + memory * sketches.SIZE_MEMORY)
    line[_NEWEST_S] = time_s
    value = sketches.comparable_value(line, _TYPICAL, 2 * flow[TOKEN] + flow[IS_RELEASE], flow[IS_PRICED], flow[VALUE])
    if flow[IS_RELEASE] == 1:
        surprise = _fold(line, _RECEIVING, flow[IS_PRICED], flow[RECEIVER], time_s, value, ceiling)
    else:
        surprise = max(
            _fold(line, _SENDING, flow[IS_PRICED], flow[SENDER], time_s, value, ceiling),
            _fold(line, _AWAITING, flow[IS_PRICED], flow[RECEIVER], time_s, value, ceiling),
        )
    if flow[IS_PRICED] == 0 and surprise < ceiling:
        sketches.note_typical(line, _TYPICAL, 2 * flow[TOKEN] + flow[IS_RELEASE], flow[VALUE])
    role = _RECEIVING if flow[IS_RELEASE] == 1 else _SENDING
    return surprise if sketches.has_sizes(line, _sizes(role, flow[IS_PRICED], 0)) else NOT_MINE


@kernel()
def _sizes(role: int, is_priced: int, window: int) -> int:
    """Where the memory of a role's unexplained sums stands."""
    return _SIZES + ((is_priced * _ROLES + role) * _WINDOWS + window) * sketches.SIZE_MEMORY


@kernel()
def _fold(  # noqa: PLR0917  kernels take plain numbers
    line: NDArray[np.int64], role: int, is_priced: int, party: int, time_s: int, value: float, ceiling: float
) -> float:
    """Add a value to a party's windows; how rare the rarer of them is."""
    if party == 0:
        return 0.0
    name = sketches.mixed(party, 2 * role + is_priced)
    parties = _PARTIES + (_OF_SIDE if role == _RECEIVING else 0)
    entry = sketches.find_or_place(line, parties, _SETS, _WAYS, _ENTRY, name)
    passed_s = time_s - line[entry + _LAST_S]
    line[entry + _LAST_S] = time_s
    values = _VALUES + (is_priced * _ROLES + role) * sketches.SIZE_MEMORY
    surprise = 0.0
    for window in range(_WINDOWS):
        at = entry + _IN_WINDOW + window * _OF_WINDOW
        total = sketches.faded(line[at], passed_s, _HALF_LIVES_S[window]) + value
        largest = max(sketches.faded(line[at + 1], passed_s, _HALF_LIVES_S[window]), value)
        line[at] = int(min(total, sketches.AMOUNT_MAX))
        line[at + 1] = int(min(largest, sketches.AMOUNT_MAX))
        parts = total - largest
        unusual = parts - sketches.usual_amount(line, at + 2, time_s)
        bits = sketches.log2_of(unusual) if unusual > largest * _PARTS_MIN else -1.0
        sizes = _sizes(role, is_priced, window)
        rarity = 0.0
        if bits >= 0:
            rarity = min(sketches.rarity_of(line, sizes, bits), sketches.rarity_of(line, values, bits))
        if rarity < ceiling:
            sketches.note_size(line, sizes, bits)
            sketches.note_amount(line, at + 2, min(parts, sketches.AMOUNT_MAX))
        surprise = max(surprise, rarity)
    if surprise < ceiling:
        sketches.note_size(line, values, sketches.log2_of(value))
    line[entry + sketches.WORTH] = sketches.lasting_worth(
        line[entry + _IN_WINDOW + _OF_WINDOW], time_s, _HALF_LIVES_S[1]
    )
    return surprise


class SplitTransfer(Statistic):
    """What one party moves within about 1 hour and 24 hours in many parts of a like size: its sum less the largest.

    Parties are who sends a message, whom it names, and who gets a release; each has a sum and a largest amount that
    fade by half in 30 minutes and in 12 hours. What lies beyond the largest one, and beyond what the party's parts came
    to a day or more ago, is what no single amount explains; 0 where that is less than half of the largest. It is judged
    twice, as -log2 of the share of the role's flows that had as much unexplained, and of those that were as large by
    themselves; the surprise is the smaller, so that both must be unusual, in the rarer window.

    Measured in micro-USD at the price last stated on the chain; where there is none, in the token's typical amounts,
    judged apart; bits. Assumes that honest parties seldom cut what they move, or do so every week. Fails on parts that
    go between parties of their own, as in a crowd; on a market maker's first day. Of about 500 parties a side the one
    of least value lately, of four, gives way, so that dust can't wash out a large one, but three larger ones can.

    Says 0 until there are parts; nothing until the chain has shown 64 flows of the role and unit on earlier days. A
    party without a past is judged by its chain's. Does not learn from what was anomalous, nor from a day before it is
    over. A release is judged by releases alone, a sent message by sent ones.

    Source: "splitting under a threshold" (structuring) of anti-money-laundering practice; the rest is ours.
    """

    name: ClassVar[str] = "split_transfer"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "One party moved unusually much of {token} in many parts."
    is_per_token: ClassVar[bool] = False
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:  # noqa: ARG004  of a fixed shape
        """One line: the time, typical amounts, memories of sizes, parties."""
        return np.zeros((1, _WIDTH), dtype=np.int64)
