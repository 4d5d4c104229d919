"""One release is larger than what is usual for its token, and for who receives it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import windows
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, RECEIVER, SENDER, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BINS = 128  # of half a bit of the value's log2
_BINS_A_BIT = 2.0
_MIDDLE = 64  # in a prior without prices: the bin of a token's own median

_DAY = 0
_TOTAL = 1  # of the histogram
_SEEN = 2  # releases ever learnt
_MEDIAN = 3  # bin
_TOP = 4  # highest bin that isn't empty
_HISTOGRAM = 5
_PARTIES = _HISTOGRAM + _BINS
_WAYS = 4
_SETS = 110
_NAME = 0
_KNOWN = 1  # day << 16 | highest bin of that day << 8 | highest bin of the days before; bin 0 for none
_ENTRY = 2
_WIDTH = _PARTIES + _SETS * _WAYS * _ENTRY

_ONE = 1 << 20  # fixed point: one release in the histogram
_FADE_DAYS = 64  # an active day's weight is e times less after so many
_PRIOR_RELEASES = 20.0  # a token's own score of releases weighs as much as its chain's
_GRACE_RELEASES = 50  # of the chain, or, without a price, of the token: from fewer no tail can be told
_STANDING_DAYS = 16  # an entry that was not used for so long gives way to one of half a bit less
_PARTY_BITS = 2.0  # what a party takes that took as much before; who reaches its own highest is still above the usual


@kernel()
def _bin_of(value: int) -> int:
    """Half bits of the value's log2; 0 for 0 and 1."""
    return math.floor(math.log2(value) * _BINS_A_BIT) if value > 1 else 0


@kernel()
def _fade(line: NDArray[Any]) -> None:
    """A day with releases is over: let the histogram fade, and find its median and top."""
    total = 0
    for at in range(_HISTOGRAM, _HISTOGRAM + _BINS):
        line[at] -= line[at] // _FADE_DAYS
        total += line[at]
    line[_TOTAL] = total
    below = 0
    line[_MEDIAN] = 0
    for place in range(_BINS):
        held = line[_HISTOGRAM + place]
        if 2 * below <= total:
            line[_MEDIAN] = place
        below += held
        if held >= _ONE // _FADE_DAYS:
            line[_TOP] = place


@kernel()
def _count(line: NDArray[Any], place: int) -> None:
    kept = min(max(place, 0), _BINS - 1)
    line[_HISTOGRAM + kept] += _ONE
    line[_TOTAL] += _ONE
    line[_SEEN] += 1
    line[_TOP] = max(line[_TOP], kept)


@kernel()
def _above(line: NDArray[Any], place: int) -> float:
    """Releases at or above a bin, and the one that is always imagined: twice as far beyond the top, half as likely."""
    held = 0
    for at in range(_HISTOGRAM + min(max(place, 0), _BINS - 1), _HISTOGRAM + line[_TOP] + 1):
        held += line[at]
    return float(held / _ONE + math.exp2(-max(0, place - line[_TOP]) / _BINS_A_BIT))


@kernel()
def _token_bits(line: NDArray[Any], prior: NDArray[Any], is_priced: int, place: int) -> float:
    """How few of the token's releases are as large, in bits."""
    in_prior = place if is_priced == 1 else place - line[_MEDIAN] + _MIDDLE
    share = _above(prior, in_prior) / (prior[_TOTAL] / _ONE + 1.0)
    above = _above(line, place) + _PRIOR_RELEASES * share
    return max(0.0, -math.log2(above / (line[_TOTAL] / _ONE + 1.0 + _PRIOR_RELEASES)))


@kernel()
def _find(line: NDArray[Any], name: int) -> int:
    """Where a party's entry stands; -1 if it has none."""
    first = _PARTIES + name % _SETS * _WAYS * _ENTRY
    for at in range(first, first + _WAYS * _ENTRY, _ENTRY):
        if line[at + _NAME] == name:
            return at
    return -1


@kernel()
def _party_bits(line: NDArray[Any], name: int, day: int, place: int) -> float:
    """By how much the amount exceeds what the party moved on days before, in bits; infinite for an unknown one."""
    at = _find(line, name) if name > 0 else -1
    if at < 0:
        return np.inf
    known = line[at + _KNOWN]
    highest = known & 0xFF
    if known >> 16 < day:
        highest = max(highest, known >> 8 & 0xFF)
    return _PARTY_BITS + max(0, place - highest) / _BINS_A_BIT if highest > 0 else np.inf


@kernel()
def _learn_party(line: NDArray[Any], name: int, day: int, place: int) -> None:
    """Remember that the party moved so much; for a new one the entry of least standing in its set gives way."""
    if name <= 0:
        return
    at = _find(line, name)
    if at < 0:
        first = _PARTIES + name % _SETS * _WAYS * _ENTRY
        least = 1 << 62
        for way in range(first, first + _WAYS * _ENTRY, _ENTRY):
            known = line[way + _KNOWN]
            standing = max(known & 0xFF, known >> 8 & 0xFF) - (day - (known >> 16)) // _STANDING_DAYS
            if line[way + _NAME] == 0 or standing < least:
                least = -(1 << 62) if line[way + _NAME] == 0 else standing
                at = way
        line[at + _NAME] = name
        line[at + _KNOWN] = day << 16
    known = line[at + _KNOWN]
    before = known & 0xFF
    today = known >> 8 & 0xFF
    if day > known >> 16:
        before = max(before, today)
        today = 0
    line[at + _KNOWN] = max(day, known >> 16) << 16 | max(today, place) << 8 | before


@kernel()
def step(state: NDArray[Any], flow: NDArray[Any], ceiling: float) -> float:
    """Judge a release by its token's amounts and its receiver's past; of a message only remember who sent how much."""
    if flow[TOKEN] <= 1:
        return NOT_MINE
    line = state[flow[TOKEN]]
    is_priced = flow[IS_PRICED]
    prior = state[is_priced]
    day = max(flow[TIME_S] // windows.DAY_S, line[_DAY])
    place = _bin_of(flow[VALUE])
    if flow[IS_RELEASE] != 1:
        _learn_party(line, flow[SENDER], day, place)
        return NOT_MINE
    if day > line[_DAY]:
        _fade(line)
        line[_DAY] = day
    if day > prior[_DAY]:
        _fade(prior)
        prior[_DAY] = day
    surprise = NOT_MINE
    if prior[_SEEN] >= _GRACE_RELEASES and (is_priced == 1 or line[_SEEN] >= _GRACE_RELEASES):
        surprise = _token_bits(line, prior, is_priced, place)
        surprise = min(surprise, _party_bits(line, flow[RECEIVER], day, place))
    if surprise < ceiling:
        if is_priced == 1:
            _count(prior, place)
        elif line[_SEEN] >= _GRACE_RELEASES:
            _count(prior, place - line[_MEDIAN] + _MIDDLE)
        _count(line, place)
        _learn_party(line, flow[RECEIVER], day, place)
    return surprise


class UnusualAmount(Statistic):
    """How large one release is among those of its token, and against what its receiver moved before.

    Measured in bits: how few of the token's releases are as large, from a histogram of half bits that fades over 64
    active days; beyond the largest, twice as much is half as likely. Who received or sent this token before, on an
    earlier day, surprises by no more than 2 bits and one for each doubling of his own highest: an exchange is no thief.

    Assumes that amounts are spread over orders of magnitude without gaps. Fails on an attack of usual amounts, and on a
    thief who first moved as much of his own money on another day. A token remembers 440 parties in sets of four, where
    the one with the lowest highest, half a bit less for each 16 days of silence, gives way: who floods a set with small
    amounts displaces no whale; one with large amounts makes whales unknown, hence surprising, and hides nothing.

    Says 0 until a release is among the larger ones, and has no opinion before the chain has shown 50 releases in the
    unit (a token without a price: 50 of its own). A token with few releases is judged by those of its chain's, 20 of
    which weigh as much as 20 of its own. Does not learn from what was anomalous. Judges releases; messages only teach
    it who moves how much.

    Source: histogram tail with Pareto's law of index 1 beyond it; receivers' context as in research/detection.md.
    """

    name: ClassVar[str] = "unusual_amount"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "An unusually large amount of {token} was released at once."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token: a histogram and a table of parties."""
        return np.zeros((lines, _WIDTH), dtype=np.int64)
