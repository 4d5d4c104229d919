"""A person, a token or a pair of them appears far more often at once than ever."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import sketches
from detectors.compiled import kernel
from detectors.flows import IS_RELEASE, RECEIVER, SENDER, TIME_S, TOKEN
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = 5  # sender, receiver, token; sender with receiver, token with receiver
_SIDES = 2

_NEWEST_S = 0
_FIRST_S = 1  # of each side
_SIZES = 3
_NAMES = _SIZES + _SIDES * _KINDS * sketches.SIZE_MEMORY
_SETS = 300  # of each side
_WAYS = 4
_LAST_S = 2  # of a name, after name and worth
_LATELY = 3  # how often it came lately, fading
_EVER = 4  # and on quiet days, fading slowly
_ENTRY = 5
_OF_SIDE = _SETS * _WAYS * _ENTRY
_WIDTH = _NAMES + _SIDES * _OF_SIDE

_HALF_LIFE_S = 1800.0  # a count that fades so weighs most what came within the hour
_MEMORY_HALF_LIFE_S = 2_592_000.0  # 30 days
_AGE_MIN_S = 86_400.0
_ONE = 1 << 20  # fixed point of a count
_ALONE = 1.0  # a name that comes at all comes once
_PARTS = 2.0  # of a doubling: how finely excesses are told
_LATELY_WEIGHT = 16.0  # in worth: a burst that begins outweighs a past of so many


@kernel()
def step(state: NDArray[np.int64], flow: NDArray[np.int64], ceiling: float) -> float:
    """The rarest excess of a count over its past, of the five names of this flow."""
    if flow[RECEIVER] == 0:
        return NOT_MINE
    line = state[0]
    side = flow[IS_RELEASE]
    time_s = max(flow[TIME_S], line[_NEWEST_S])
    if line[_FIRST_S + side] == 0:
        line[_FIRST_S + side] = time_s
    if time_s // sketches.DAY_S > line[_NEWEST_S] // sketches.DAY_S:
        for memory in range(_SIDES * _KINDS):
            sketches.end_day(line, _SIZES + memory * sketches.SIZE_MEMORY)
    line[_NEWEST_S] = time_s
    age_s = max(_AGE_MIN_S, float(time_s - line[_FIRST_S + side]))
    per_window = _HALF_LIFE_S / _MEMORY_HALF_LIFE_S / (1.0 - sketches.faded(1.0, age_s, _MEMORY_HALF_LIFE_S))
    names = _NAMES + side * _OF_SIDE
    surprise = 0.0
    for kind in range(_KINDS):
        subject = _subject(flow, kind)
        if subject != 0:
            name = sketches.mixed(subject, kind)
            sizes = _SIZES + (kind * _SIDES + side) * sketches.SIZE_MEMORY
            surprise = max(surprise, _fold(line, names, sizes, name, time_s, per_window, ceiling))
    return surprise if sketches.has_sizes(line, _SIZES + (_SIDES + side) * sketches.SIZE_MEMORY) else NOT_MINE


@kernel()
def _subject(flow: NDArray[np.int64], kind: int) -> int:
    """The name that a flow has of a kind; 0 for none."""
    if kind == 0:
        return int(flow[SENDER])
    if kind == 1:
        return int(flow[RECEIVER])
    if kind == 2:
        return int(flow[TOKEN])
    if kind == 3:
        return sketches.mixed(flow[SENDER], flow[RECEIVER]) if flow[SENDER] != 0 else 0
    return sketches.mixed(flow[TOKEN], flow[RECEIVER])


@kernel()
def _fold(  # noqa: PLR0917  kernels take plain numbers
    line: NDArray[np.int64],
    names: int,
    sizes: int,
    name: int,
    time_s: int,
    per_window: float,
    ceiling: float,
) -> float:
    """Count a name; how rare an excess like this is among names of its kind."""
    entry = sketches.find_or_place(line, names, _SETS, _WAYS, _ENTRY, name)
    passed_s = time_s - line[entry + _LAST_S]
    lately = sketches.faded(line[entry + _LATELY], passed_s, _HALF_LIFE_S) / _ONE + 1.0
    ever = sketches.faded(line[entry + _EVER], passed_s, _MEMORY_HALF_LIFE_S) / _ONE
    expected = ever * per_window + _ALONE
    bits = -1.0
    rarity = 0.0
    if lately > expected + _ALONE:
        excess = lately * math.log2(lately / expected) - (lately - expected) / math.log(2.0)
        bits = min(_PARTS * math.log2(1.0 + excess), sketches.SIZES - 1.0)
        rarity = sketches.rarity_of(line, sizes, bits)
    line[entry + _LAST_S] = time_s
    line[entry + _LATELY] = int(lately * _ONE)
    line[entry + _EVER] = int(ever * _ONE)
    if rarity < ceiling:
        sketches.note_size(line, sizes, bits)
        line[entry + _EVER] += _ONE
    line[entry + sketches.WORTH] = sketches.lasting_worth(_LATELY_WEIGHT * lately + ever, time_s, _MEMORY_HALF_LIFE_S)
    return rarity


class RouteBurst(Statistic):
    """How often a sender, a receiver, a token, or two of them together appear within about an hour, against their past.

    Each name has a count that fades by half in 30 minutes, and one of its quiet flows that fades in 30 days and says
    how many to expect, one more than its pace. The excess is a Poisson tail's bound, a log2(a / m) - (a - m) / ln 2
    bits for a counted and m expected. Since people come in bursts, it is judged among the excesses of names of its
    kind: the surprise is -log2 of the share of flows that had as much, for the rarest of the five names.

    Measured in bits, from counts alone. Assumes that who comes often did so before. Fails on attacks of one or two
    transactions, on bursts of dust (it does not look at value), on an airdrop, which is a burst of its token. Names
    share 1,200 places a side by hash: of four, the one of the least count gives way; to hide a burst takes as many
    flows, of three others in its place.

    Says 0 for a name that comes as expected; nothing until the chain has shown 64 flows of the side on earlier days. A
    name without a past is expected once. Does not learn from what was anomalous. A release is judged by releases alone,
    a sent message by sent ones.

    Source: edge and node bursts and conditional learning as in MIDAS-F (Bhatia and others 2020), with exact names in
    place of its count-min sketches, which a chosen address can share, and a Poisson tail in place of chi squared, which
    counts as small as a bridge's don't follow.
    """

    name: ClassVar[str] = "route_burst"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "Unusually many movements at once of one party or of {token}."
    is_per_token: ClassVar[bool] = False
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:  # noqa: ARG004  of a fixed shape
        """One line: times, memories of excesses, names."""
        return np.zeros((1, _WIDTH), dtype=np.int64)
