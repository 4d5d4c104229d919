"""Much value fans out to many, fans in from many, or goes to a crowd that was never there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import sketches
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, RECEIVER, REMOTE, SENDER, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SENDING = 0  # the roles, as numbers of their memories: a sender's receivers,
_AWAITING = 1  # a receiver's senders,
_RECEIVING = 2  # the tokens and remotes that a receiver's releases come from,
_STRANGERS = 3  # the chain's receivers of releases whom it never saw
_ROLES = 4
_WINDOWS = 2
_HALVES_S = (1800, 43_200)  # of windows that cover 30 to 60 minutes, 12 to 24 hours
_STRANGERS_HALF_S = 300  # of one that covers 5 to 10 minutes
_MEASURES = 2  # breadth, value

_NEWEST_S = 0
_TYPICAL = 1
_SIZES = _TYPICAL + sketches.TYPICAL_TOKENS
_CROWDS = _SIZES + 2 * _ROLES * _WINDOWS * _MEASURES * sketches.SIZE_MEMORY

_IN_WINDOW = 3  # of a party, after name, worth, last second; for each window: distinct, value, record of breadth
_VALUE = sketches.DISTINCT
_RECORD = _VALUE + 1
_OF_WINDOW = _RECORD + sketches.RECORD
_LAST_S = 2
_ENTRY = _IN_WINDOW + _WINDOWS * _OF_WINDOW

_CROWD = _OF_WINDOW + 1  # the window of strangers and when it last grew, for each unit
_PARTIES = _CROWDS + 2 * _CROWD
_SETS = 48  # of each side
_WAYS = 4
_OF_SIDE = _SETS * _WAYS * _ENTRY
_RECEIVERS = _PARTIES + 2 * _OF_SIDE
_RECEIVER_SETS = 520  # with the rest the state stays below 128 KiB
_RECEIVER_ENTRY = 2
_WIDTH = _RECEIVERS + _RECEIVER_SETS * _WAYS * _RECEIVER_ENTRY

_BREADTH_PARTS = 2.0  # of a doubling: counts have thinner tails than values
_BREADTH_ONE = 1024  # fixed point of a count
_BREADTH_MIN = 2.5  # two are no fan


@kernel()
def step(state: NDArray[np.int64], flow: NDArray[np.int64], ceiling: float) -> float:
    """How rare so broad a fan with so much value is, of the parties of this flow."""
    if flow[TOKEN] < 2 or flow[RECEIVER] == 0:
        return NOT_MINE
    line = state[0]
    is_priced = flow[IS_PRICED]
    time_s = max(flow[TIME_S], line[_NEWEST_S])
    if time_s // sketches.DAY_S > line[_NEWEST_S] // sketches.DAY_S:
        for memory in range(2 * _ROLES * _WINDOWS * _MEASURES):
            sketches.end_day(line, _SIZES + memory * sketches.SIZE_MEMORY)
    line[_NEWEST_S] = time_s
    value = sketches.comparable_value(line, _TYPICAL, 2 * flow[TOKEN] + flow[IS_RELEASE], is_priced, flow[VALUE])
    if flow[IS_RELEASE] == 1:
        origin = sketches.mixed(flow[TOKEN], flow[REMOTE])
        surprise = max(
            _of_party(line, _RECEIVING, is_priced, flow[RECEIVER], origin, time_s, value, ceiling),
            _of_crowd(line, is_priced, flow[RECEIVER], time_s, value, ceiling),
        )
        is_warm = sketches.has_sizes(line, _sizes(_RECEIVING, is_priced, 0))
    else:
        surprise = max(
            _of_party(line, _SENDING, is_priced, flow[SENDER], flow[RECEIVER], time_s, value, ceiling),
            _of_party(line, _AWAITING, is_priced, flow[RECEIVER], flow[SENDER], time_s, value, ceiling),
        )
        is_warm = sketches.has_sizes(line, _sizes(_SENDING, is_priced, 0))
    if is_priced == 0 and surprise < ceiling:
        sketches.note_typical(line, _TYPICAL, 2 * flow[TOKEN] + flow[IS_RELEASE], flow[VALUE])
    return surprise if is_warm else NOT_MINE


@kernel()
def _sizes(role: int, is_priced: int, window: int) -> int:
    """Where the memories of a role's breadths, and behind them of its values, stand."""
    return _SIZES + ((is_priced * _ROLES + role) * _WINDOWS + window) * _MEASURES * sketches.SIZE_MEMORY


@kernel()
def _of_party(  # noqa: PLR0917  kernels take plain numbers
    line: NDArray[np.int64],
    role: int,
    is_priced: int,
    party: int,
    other: int,
    time_s: int,
    value: float,
    ceiling: float,
) -> float:
    """Let a party meet another; how rare the fan is in the rarer window."""
    if party == 0:
        return 0.0
    name = sketches.mixed(party, 2 * role + is_priced)
    parties = _PARTIES + (_OF_SIDE if role == _RECEIVING else 0)
    entry = sketches.find_or_place(line, parties, _SETS, _WAYS, _ENTRY, name)
    passed_s = time_s - line[entry + _LAST_S]
    line[entry + _LAST_S] = time_s
    surprise = 0.0
    for window in range(_WINDOWS):
        at = entry + _IN_WINDOW + window * _OF_WINDOW
        rarity = _of_window(
            line, at, _sizes(role, is_priced, window), _HALVES_S[window], time_s, passed_s, other, value, ceiling, True
        )
        surprise = max(surprise, rarity)
    day_value = line[entry + _IN_WINDOW + _OF_WINDOW + _VALUE]
    line[entry + sketches.WORTH] = sketches.lasting_worth(day_value, time_s, _HALVES_S[1])
    return surprise


@kernel()
def _of_crowd(  # noqa: PLR0917  kernels take plain numbers
    line: NDArray[np.int64], is_priced: int, receiver: int, time_s: int, value: float, ceiling: float
) -> float:
    """Count a receiver of a release, if the chain never saw it; how rare so many of those with so much are."""
    rarity = 0.0
    if sketches.find(line, _RECEIVERS, _RECEIVER_SETS, _WAYS, _RECEIVER_ENTRY, receiver) < 0:
        at = _CROWDS + is_priced * _CROWD
        passed_s = time_s - line[at + _OF_WINDOW]
        line[at + _OF_WINDOW] = time_s
        sizes = _sizes(_STRANGERS, is_priced, 0)
        rarity = _of_window(line, at, sizes, _STRANGERS_HALF_S, time_s, passed_s, receiver, value, ceiling, False)
    if rarity < ceiling:
        known = sketches.find_or_place(line, _RECEIVERS, _RECEIVER_SETS, _WAYS, _RECEIVER_ENTRY, receiver)
        line[known + sketches.WORTH] = time_s
    return rarity


@kernel()
def _of_window(  # noqa: PLR0917  kernels take plain numbers
    line: NDArray[np.int64],
    at: int,
    sizes: int,
    half_s: int,
    time_s: int,
    passed_s: int,
    other: int,
    value: float,
    ceiling: float,
    has_record: bool,
) -> float:
    """Fold one name and value into a window; the rarity of the less rare of breadth and value."""
    breadth = sketches.count_distinct(line, at, half_s, time_s, other)
    total = sketches.faded(line[at + _VALUE], passed_s, half_s) + value
    line[at + _VALUE] = int(min(total, sketches.AMOUNT_MAX))
    usual = sketches.usual_amount(line, at + _RECORD, time_s) / _BREADTH_ONE
    is_fan = breadth > _BREADTH_MIN and breadth > usual + 1.0
    breadth_bits = _BREADTH_PARTS * math.log2(breadth - usual) if is_fan else -1.0
    value_bits = sketches.log2_of(total)
    rarity = 0.0
    values = sizes + sketches.SIZE_MEMORY
    if is_fan:
        rarity = min(sketches.rarity_of(line, sizes, breadth_bits), sketches.rarity_of(line, values, value_bits))
    if rarity < ceiling:
        sketches.note_size(line, sizes, breadth_bits)
        sketches.note_size(line, values, value_bits)
        if has_record:
            sketches.note_amount(line, at + _RECORD, breadth * _BREADTH_ONE)
    return rarity


class Fan(Statistic):
    """How many distinct others a party meets, and with how much value: fan-out, fan-in, and a crowd of strangers.

    Counted are the receivers of a sender and the senders that a receiver is named by; the tokens and remote chains that
    one receiver's releases come from; each within 30 to 60 minutes and 12 to 24 hours; and, within 5 to 10 minutes, the
    receivers of releases whom the chain never saw. Beside each count stands the value that went with it, which fades by
    half in half the window. A party's own highest count of more than a day ago is taken off. Breadth and value are each
    judged as -log2 of the share of the role's flows that had as much; the surprise is the smaller of the two, so that
    both must be unusual: an airdrop of small sums is broad only, a whale is large only.

    Measured in bits, from counts of at most 261, micro-USD at the price last stated on the chain, or a token's typical
    amounts where there is none, judged apart. Assumes that who reaches many at once did so before, or moves little.
    Fails on a crowd that comes slower than the window, on a sender's first large payout, where a crowd warms up its
    receivers first. The chain remembers some 2,000 receivers, the longest unused of four gives way, and some 190
    parties a side, of which the one of least value lately gives way: dust can't wash out a large one.

    Says 0 until there are three; nothing until the chain has shown 64 flows of the role and unit on earlier days. Does
    not learn from what was anomalous, nor from a day before it is over. A release is judged by releases alone, a sent
    message by sent ones.

    Source: fan-in and fan-out of anti-money-laundering practice; linear counting (Whang and others 1990); ours else.
    """

    name: ClassVar[str] = "fan"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "Unusually much value fanned out or in; among it {token}."
    is_per_token: ClassVar[bool] = False
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:  # noqa: ARG004  of a fixed shape
        """One line: the time, typical amounts, memories, the crowds, parties, receivers."""
        return np.zeros((1, _WIDTH), dtype=np.int64)
