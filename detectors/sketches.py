"""Compiled: what statistics of routes remember in a fixed space: names, sizes of earlier flows, counts of the distinct.

Everything stands in one line of a statistic's state (int64 or float64) from `at` on. A *table* holds entries under
names, in sets of a few; when a set is full, the entry of the lowest worth gives way, and its owner says what worth is:
where a flood of dust could wash out what matters, worth is value, not age. Names are stated unkeyed, so whoever can
choose addresses can choose their set; what that buys is said in each statistic's docstring. A *size memory* holds how
large, in log2, earlier flows were. What a day brings is judged by the days before and joins them when it is over, so
that a burst doesn't explain itself.
"""

from __future__ import annotations

import math

import numpy as np

from detectors.compiled import kernel

DAY_S = 86_400
_MEMORY_DAYS = 64  # a day counts half after a month and a half: routes follow seasons and campaigns

# -- names

_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)  # of splitmix64's finaliser
_OTHER_MULTIPLIER = np.uint64(0x94D049BB133111EB)
_INCREMENT = np.uint64(0x9E3779B97F4A7C15)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_ONE_BIT = np.uint64(1)


@kernel()
def mixed(one: int, other: int) -> int:
    """Two names as one, from 1 to 2^63 - 1; the order matters."""
    number = (np.uint64(one) * _OTHER_MULTIPLIER + _INCREMENT) ^ np.uint64(other)
    number = (number ^ (number >> _SHIFTS[0])) * _MULTIPLIER
    number = (number ^ (number >> _SHIFTS[1])) * _OTHER_MULTIPLIER
    return max(1, int(np.int64((number ^ (number >> _SHIFTS[2])) >> _ONE_BIT)))


@kernel()
def name_in_float(name: int) -> int:
    """A name's lowest 52 bits, which a float64 holds exactly; never 0."""
    return max(1, name & 0xFFFFFFFFFFFFF)


# -- tables: `sets` sets of `ways` entries of `width` numbers, the first of which is the name (0: empty), the second the
#    worth

NAME = 0
WORTH = 1

_LOG_OF_HALF = math.log(0.5)
_WORTH_ONE = 1 << 16  # fixed point of a log2
AMOUNT_MAX = float(1 << 62)
"""Where faded sums saturate."""


@kernel()
def find(  # noqa: PLR0917  kernels take plain numbers
    line: np.ndarray, at: int, sets: int, ways: int, width: int, name: int
) -> int:
    """Where the entry of a name stands; -1 if it has none."""
    entry = at + name % sets * ways * width
    for _ in range(ways):
        if line[entry + NAME] == name:
            return entry
        entry += width
    return -1


@kernel()
def find_or_place(  # noqa: PLR0917  kernels take plain numbers
    line: np.ndarray, at: int, sets: int, ways: int, width: int, name: int
) -> int:
    """Where the entry of a name stands, which it gets, all zeros, if it has none: for an empty or the least worth."""
    first = at + name % sets * ways * width
    least = first
    entry = first
    for _ in range(ways):
        if line[entry + NAME] == name:
            return entry
        if line[least + NAME] != 0 and (line[entry + NAME] == 0 or line[entry + WORTH] < line[least + WORTH]):
            least = entry
        entry += width
    for number in range(width):
        line[least + number] = 0
    line[least + NAME] = name
    return least


@kernel()
def faded(amount: float, passed_s: float, half_life_s: float) -> float:
    """What is left of an amount, half of which is gone after each half-life."""
    return amount * math.exp(passed_s / half_life_s * _LOG_OF_HALF) if amount > 0 and passed_s > 0 else float(amount)


@kernel()
def lasting_worth(amount: float, time_s: int, half_life_s: float) -> int:
    """Orders amounts that fade alike and were last seen at different times as they will lie at any later time."""
    return int(_WORTH_ONE * (time_s / half_life_s + math.log2(1.0 + amount)))


# -- what is usual for one name: its highest quiet amount of more than a day ago

_USUAL = 0
_NEXT = 1  # the highest quiet amount since
_SINCE_S = 2
RECORD = 3
"""Numbers that a record takes."""


@kernel()
def usual_amount(line: np.ndarray, at: int, time_s: int) -> float:
    """The record, what a day or more ago was highest having joined it; so a burst doesn't explain itself.

    It fades with the days on which the name is seen.
    """
    if time_s - line[at + _SINCE_S] >= DAY_S:
        line[at + _USUAL] = max(line[at + _USUAL] - line[at + _USUAL] // _MEMORY_DAYS, line[at + _NEXT])
        line[at + _NEXT] = 0
        line[at + _SINCE_S] = time_s
    return float(line[at + _USUAL])


@kernel()
def note_amount(line: np.ndarray, at: int, amount: float) -> None:
    """Let a quiet amount be usual from tomorrow on."""
    line[at + _NEXT] = max(line[at + _NEXT], amount)


# -- distinct names: a bit for each, chosen by the name; this half of a window and the half before

_HALF = 0
_THIS = 1
_BEFORE = 2
DISTINCT = 3
"""Numbers that a count of the distinct takes, in an int64 line."""
_BITS = 63


@kernel()
def count_distinct(line: np.ndarray, at: int, half_s: int, time_s: int, name: int) -> float:
    """How many distinct names came within one to two halves, this one too; 261 at most.

    Linear counting: n names leave 63 (1 - 1/63)^n of 63 bits empty (Whang and others 1990).
    """
    half = time_s // half_s
    if half > line[at + _HALF]:
        line[at + _BEFORE] = line[at + _THIS] if half == line[at + _HALF] + 1 else 0
        line[at + _THIS] = 0
        line[at + _HALF] = half
    line[at + _THIS] |= 1 << (name % _BITS)
    bits = line[at + _THIS] | line[at + _BEFORE]
    ones = 0
    while bits != 0:
        bits &= bits - 1
        ones += 1
    return -_BITS * math.log(max(1.0, _BITS - ones) / _BITS)


# -- values that can be added up over tokens

TYPICAL_TOKENS = 256
"""Numbers that the typical amounts of tokens take; tokens beyond share them."""
_TYPICAL_ONE = 1 << 16  # fixed point of a log2
_TYPICAL_WEIGHT = 16  # flows after which half of what is typical is new
_TYPICAL_BITS = 20  # a typical amount without a price stands for 2^20


@kernel()
def comparable_value(line: np.ndarray, at: int, token: int, is_priced: int, value: int) -> float:
    """A priced value as it is; else how often the token's typical amount it is, times 2^20, at most 2^60."""
    if is_priced == 1:
        return float(value)
    typical = line[at + token % TYPICAL_TOKENS] / _TYPICAL_ONE
    return 2.0 ** min(60.0, log2_of(value) - typical + _TYPICAL_BITS) if typical > 0 else float(1 << _TYPICAL_BITS)


@kernel()
def note_typical(line: np.ndarray, at: int, token: int, value: int) -> None:
    """Let a quiet amount of a token without a price move what is typical of it."""
    place = at + token % TYPICAL_TOKENS
    bits = int(log2_of(value) * _TYPICAL_ONE)
    line[place] += (bits - line[place]) // _TYPICAL_WEIGHT if line[place] > 0 else bits


# -- size memories

SIZES = 64
"""One for each doubling: of a number of at most 2^63 - 1, the whole part of its log2."""
_FLOWS = SIZES  # weight of all flows, also of those without a size
_TODAY = SIZES + 1
_TAIL = 2 * _TODAY  # the size from which on a Pareto tail stands for what was seen
_TAIL_FLOWS = _TAIL + 1  # weight of the flows in it
_SLOPE = _TAIL + 2  # how many times the share halves when the size doubles there
SIZE_MEMORY = _TAIL + 3
"""Numbers that one takes."""

_FLOW = 1 << 20  # the weight of one flow; whole numbers, so that int64 and float64 lines agree
_FLOWS_MIN = 64  # a share of fewer flows can't be told
_OWN_FLOWS = 16  # from so many flows on a token's own past outweighs its chain's

_ONE_SLOPE = 1 << 20  # fixed point
_TAIL_SHARE = 8  # the tail is the largest eighth: less tells too little, more is the body
_TAIL_FLOWS_MIN = 8
_SLOPE_PRIOR_FLOWS = 64.0  # weight of the prior: one halving a doubling, as in Zipf's law
_HALVING = 1.0 / math.log(2.0)  # the mean excess, in log2, of a tail of that slope
_SLOPE_MIN = 0.5
_SLOPE_MAX = 2.0  # beyond the largest flow seen nobody knows: no tail is taken to be thinner


@kernel()
def log2_of(value: float) -> float:
    """log2 of an amount, from 0 to just below `SIZES`; an amount below 1 counts as 1."""
    return min(math.log2(max(value, 1.0)), SIZES - 0.001)


@kernel()
def note_size(line: np.ndarray, at: int, bits: float) -> None:
    """Remember a quiet flow of this log2 size; one without a size, if it is negative."""
    line[at + _TODAY + _FLOWS] += _FLOW
    if bits >= 0:
        line[at + _TODAY + int(bits)] += _FLOW


@kernel()
def end_day(line: np.ndarray, at: int) -> None:
    """What was remembered today joins the days before, which count a little less."""
    if line[at + _TODAY + _FLOWS] == 0:
        return
    for place in range(at, at + _TODAY):
        line[place] += line[place + _TODAY] - line[place] // _MEMORY_DAYS
        line[place + _TODAY] = 0
    _fit_tail(line, at)


@kernel()
def _fit_tail(line: np.ndarray, at: int) -> None:
    """Where the tail of the sizes begins and how steep it is: Hill (1975), drawn to the prior where few tell it."""
    sized = 0.0
    for place in range(at, at + SIZES):
        sized += line[place]
    wanted = min(sized, max(sized / _TAIL_SHARE, float(_TAIL_FLOWS_MIN * _FLOW)))
    tail = 0.0
    size = SIZES
    while tail < wanted:
        size -= 1
        tail += line[at + size]
    excess = 0.0
    for above in range(size, SIZES):
        excess += line[at + above] * (above - size + 0.5)
    weight = _SLOPE_PRIOR_FLOWS * _FLOW
    slope = (tail + weight) * _HALVING / (excess + weight * _HALVING)
    line[at + _TAIL] = size % SIZES
    line[at + _TAIL_FLOWS] = tail
    line[at + _SLOPE] = int(_ONE_SLOPE * min(_SLOPE_MAX, max(_SLOPE_MIN, slope))) if tail >= _FLOW else 0


@kernel()
def has_sizes(line: np.ndarray, at: int) -> bool:
    """Enough flows were remembered to tell shares from."""
    return bool(line[at + _FLOWS] >= _FLOWS_MIN * _FLOW)


@kernel()
def _reaching(line: np.ndarray, at: int, bits: float, more: float) -> float:
    """Weight of the flows that reached a size: counted in the body, by slope in the tail, to which `more` is added."""
    tail = line[at + _TAIL_FLOWS] + more
    beyond = bits - line[at + _TAIL]
    if beyond >= 0:
        return float(tail * 2.0 ** (-beyond * line[at + _SLOPE] / _ONE_SLOPE))
    low = int(bits)
    reached = tail + line[at + low] * (low + 1 - bits)
    for place in range(at + low + 1, at + int(line[at + _TAIL])):
        reached += line[place]
    return float(reached)


@kernel()
def rarity_of(line: np.ndarray, at: int, bits: float) -> float:
    """-log2 of the share of earlier days' flows that reached a size; 0 while `has_sizes` is false.

    One flow more than were seen is taken to lie in the tail, so that the share is never 0.
    """
    if not has_sizes(line, at):
        return 0.0
    return _bits_of_share(_reaching(line, at, bits, float(_FLOW)), line[at + _FLOWS] + float(_FLOW))


@kernel()
def rarity_for_token(line: np.ndarray, prior: np.ndarray, is_priced: int, at: int, bits: float) -> float:
    """`rarity_of`, a token's own past weighed against that of its chain's tokens; 0 while those are too few.

    Tokens without a price have no unit in common: each is judged by its own past alone.
    """
    if is_priced == 0:
        return rarity_of(line, at, bits)
    if not has_sizes(prior, at):
        return 0.0
    weight = float(_OWN_FLOWS * _FLOW)
    expected = weight * _reaching(prior, at, bits, float(_FLOW)) / (prior[at + _FLOWS] + float(_FLOW))
    return _bits_of_share(_reaching(line, at, bits, 0.0) + expected, line[at + _FLOWS] + weight)


@kernel()
def _bits_of_share(part: float, whole: float) -> float:
    return max(0.0, math.log2(whole) - math.log2(part))
