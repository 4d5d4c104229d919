"""One anomaly score for each edge of any stream of edges: how far above their habits do its two ends and itself run?

An edge (src, dst, tick) is counted under five *keys*: the edge, its source, its destination, and the new edges of its
source and of its destination (fan-out, fan-in). For each key:

    rate        edges a tick in the last 2 and the last 32 ticks, fading; the long window's is at most the short one's
    habit       edges a tick that it is known for: what earlier ticks taught, over the ticks since the stream began
    burst       edges that come at once when it is active: its highest tick in each stretch of 32, averaged, and drawn
                towards what is usual for keys of its kind
    surprise    how much likelier the rate is under itself than under the habit, if bursts arrive at random (Poisson):
                window * (rate * ln(rate / habit) - rate + habit) / burst, in nats; 0 below the habit; higher window

    raw score = sum of the five surprises        score = raw / (1 + raw)

Rows 1…k alone decide the score of row k: `step` scores an edge against the state, then counts it in place; a batch is
a loop over `step`. A tick teaches only when the next one comes, and never more than a few bursts, and no burst is
believed to be larger than four usual ones: so a flood explains neither itself nor the next one. State is of fixed size:
keys stand under 64-bit names in sets of four, and in a full set the one silent for longest gives way; one that comes
back starts anew.

Assumes that a tick is a bucket of time in which a habit is a handful of bursts: seconds to hours. Fails on a change
that builds up over many stretches of 32 ticks or stays for as long, which becomes a habit and is meant to; on an attack
no larger than an honest burst of the same ends; for honest edges of ends under attack, which score high as well. The
first ticks score high, for everything is new. Names are unkeyed: whoever can choose ids can choose their sets and push
others' keys into oblivion, which makes those score higher, not lower.

Source: Poisson deviance of arrivals in clusters (Neyman 1939); fading counts of edge, source and destination, and
learning little from what is anomalous, as in MIDAS-F (Bhatia and others 2020). New edges as a count of their own, and
the constants, are ours: docs/edges.md tells which data they have seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from detectors.compiled import kernel

KEYS = ("edge", "source", "destination", "new edges of the source", "new edges of the destination")
"""What an edge is counted under, in the order in which the surprises are added."""
_NEW_EDGES = 3  # from here on only a new edge counts

_WAYS = 4
SLOTS_MIN = _WAYS
SLOTS_MAX = 1 << 26

_PRIOR_EDGES = 0.5  # a key that was never seen has a habit of half an edge since the stream began
_PRIOR_BURSTS = 2.0  # usual bursts that a key's own are averaged with
_BURSTS_MAX = 64.0  # then older bursts fade: after some 2,000 ticks
_TEACH_BURSTS = 8.0  # a tick teaches at most so many bursts
_USUAL_TIMES_MAX = 4.0  # a burst counts as at most so many usual ones
_USUAL_CLIP = 3.0  # one tick of one key moves what is usual as if it were at most so many usual ones
_USUAL_TICKS_MAX = 1e6
_FORGET_TICKS = 65_536.0  # habits fade by a factor e: 45 days of minutes
_STRETCH_BITS = 5  # a stretch is 32 ticks, the longest window
_FADES = np.power(np.array([[1 / 2], [31 / 32]]), np.arange(1024))
"""What is left in each window after so many ticks; after more, nothing that matters."""
_GAP_MAX = 1023

_INT64_MAX = np.iinfo(np.int64).max
_INT64_MIN = np.iinfo(np.int64).min

_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)  # of splitmix64's finaliser
_OTHER_MULTIPLIER = np.uint64(0x94D049BB133111EB)
_INCREMENT = np.uint64(0x9E3779B97F4A7C15)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_NAMED = np.uint64(1)  # set in every name, so that none is 0

LINE = np.dtype(
    [
        ("tick", np.int64),  # the newest
        ("now", np.float64),  # edges of that tick
        ("peak", np.float64),  # highest tick of the stretch so far
        ("learnt", np.float64),  # edges of earlier ticks, as far as they teach; fading
        ("bursts", np.float64),  # how many stretches taught …
        ("burst", np.float64),  # … what its bursts are on average
        ("last_2", np.float64),  # edges, fading with each tick
        ("last_32", np.float64),
        ("habit", np.float64),  # edges a tick, as known when the newest tick began …
        ("ln_habit", np.float64),
        ("per_burst", np.float64),  # … and one over what counts as one burst
    ]
)
"""What is remembered of one key."""


class EdgeConfigError(ValueError):
    """A setting that can't be; one line that names it, its value and the remedy."""


@dataclass(frozen=True, slots=True)
class EdgeConfig:
    """The size of the memory. Scores of two configs can't be compared."""

    slots: int = 1 << 16
    """Keys remembered at once, a power of two; 96 bytes each. A new edge between new ends takes five."""
    seed: int = 0
    """Where keys stand: another seed, another neighbour. From 0 to 2^63 - 1."""

    def __post_init__(self) -> None:
        if not SLOTS_MIN <= self.slots <= SLOTS_MAX or self.slots & (self.slots - 1):
            raise EdgeConfigError(f"slots = {self.slots}: use a power of two from {SLOTS_MIN} to {SLOTS_MAX}")
        if not 0 <= self.seed <= _INT64_MAX:
            raise EdgeConfigError(f"seed = {self.seed}: use a whole number from 0 to 2^63 - 1")


class EdgeState(NamedTuple):
    """Everything that earlier edges left behind: plain arrays, changed in place."""

    names: np.ndarray
    """Who holds each line, in sets of four; 0: nobody."""
    lines: np.ndarray
    """Of `LINE`."""
    usual: np.ndarray
    """For each of `KEYS`: edges that are usual in an active tick, and how many ticks tell."""
    clock: np.ndarray
    """Seed, first tick, newest tick, whether there was one."""
    span: np.ndarray
    """Ticks that habits speak of: those since the first, as far as they aren't forgotten."""

    def copy(self) -> EdgeState:
        """The same past, to be continued on its own."""
        return EdgeState(*(array.copy() for array in self))


DEFAULT = EdgeConfig()


def empty_state(config: EdgeConfig = DEFAULT) -> EdgeState:
    """The state of a stream that has shown nothing."""
    lines = np.zeros(config.slots, dtype=LINE)
    lines["tick"] = _INT64_MIN
    return EdgeState(
        names=np.zeros(config.slots, dtype=np.uint64),
        lines=lines,
        usual=np.ones((len(KEYS), 2)),
        clock=np.array([config.seed, 0, 0, 0], dtype=np.int64),
        span=np.ones(1),
    )


@kernel(cache=True, inline="always")
def _mixed(number: np.uint64) -> np.uint64:
    number = (number ^ (number >> _SHIFTS[0])) * _MULTIPLIER
    number = (number ^ (number >> _SHIFTS[1])) * _OTHER_MULTIPLIER
    return number ^ (number >> _SHIFTS[2])


@kernel(cache=True)
def _ticks_between(later: int, earlier: int) -> int:
    """`later` is not before `earlier`; a leap beyond int64 is its largest number."""
    ticks = later - earlier
    return ticks if ticks >= 0 else _INT64_MAX


@kernel(cache=True, inline="always")
def _place(names: np.ndarray, lines: np.ndarray, name: np.uint64) -> int:
    """Where the name stands, or else that of its set which has been silent for longest."""
    first = int(name & np.uint64(len(names) - 1)) & ~(_WAYS - 1)
    for at in range(first, first + _WAYS):
        if names[at] == name:
            return at
    silent = first
    for at in range(first + 1, first + _WAYS):
        if lines[at].tick < lines[silent].tick:
            silent = at
    return silent


@kernel(cache=True)
def _start(line: Any, tick: int) -> None:
    line.tick = tick
    line.now = line.peak = line.learnt = line.bursts = line.burst = 0.0
    line.last_2 = line.last_32 = 0.0


@kernel(cache=True)
def _burst(line: Any, usual: float) -> float:
    """Edges that count as one arrival of this key."""
    mean: float = (line.bursts * line.burst + _PRIOR_BURSTS * usual) / (line.bursts + _PRIOR_BURSTS)
    return min(mean, _USUAL_TIMES_MAX * usual)


@kernel(cache=True)
def _learn(line: Any, usual: np.ndarray, tick: int) -> None:
    """The line's newest tick is over: it teaches, the windows fade, and the line stands at `tick`."""
    if line.now > 0.0:
        line.learnt += min(line.now, _TEACH_BURSTS * _burst(line, usual[0]))
        line.peak = max(line.peak, line.now)
        usual[1] = min(usual[1] + 1.0, _USUAL_TICKS_MAX)
        usual[0] += (min(line.now, _USUAL_CLIP * usual[0]) - usual[0]) / usual[1]
        line.now = 0.0
    if tick >> _STRETCH_BITS != line.tick >> _STRETCH_BITS and line.peak > 0.0:
        line.bursts = min(line.bursts + 1.0, _BURSTS_MAX)
        line.burst += (line.peak - line.burst) / line.bursts
        line.peak = 0.0
    ticks = _ticks_between(tick, line.tick)
    line.learnt *= math.exp(-ticks / _FORGET_TICKS)
    gap = min(ticks, _GAP_MAX)
    line.last_2 *= _FADES[0, gap]
    line.last_32 *= _FADES[1, gap]
    line.tick = tick


@kernel(cache=True)
def _expect(line: Any, usual: float, span: float) -> None:
    """What the line's new tick will be judged by."""
    line.habit = (line.learnt + _PRIOR_EDGES) / span
    line.ln_habit = math.log(line.habit)
    line.per_burst = 1.0 / _burst(line, usual)


@kernel(cache=True, inline="always")
def _surprise(line: Any) -> float:
    """In nats: how far the key's rate lies above its habit, in its better window."""
    habit = line.habit
    beyond = line.ln_habit + 1.0
    rate_2 = line.last_2 / 2.0
    rate_32 = min(line.last_32 / 32.0, rate_2)
    highest = 0.0
    if rate_2 > habit:
        highest = max(highest, 2.0 * (rate_2 * (math.log(rate_2) - beyond) + habit))
    if rate_32 > habit:
        highest = max(highest, 32.0 * (rate_32 * (math.log(rate_32) - beyond) + habit))
    return float(highest * line.per_burst)


@kernel(cache=True)
def _now(clock: np.ndarray, span: np.ndarray, tick: int) -> int:
    """The tick that the edge counts in; the clock then shows it."""
    if clock[3] == 0:
        clock[1] = tick
        clock[3] = 1
    elif tick <= clock[2]:
        return int(clock[2])
    clock[2] = tick
    ticks = _ticks_between(tick, clock[1]) + 1.0
    span[0] = _FORGET_TICKS * (1.0 - math.exp(-ticks / _FORGET_TICKS))
    return tick


@kernel(cache=True)
def step(state: EdgeState, src: int, dst: int, tick: int) -> float:
    """The score of the stream's next edge, in [0, 1); the state then knows it.

    `src` and `dst` are int64: whole numbers, or hashes of names. A tick before the newest counts as that one.
    """
    names, lines, usual, clock, span = state
    tick = _now(clock, span, tick)
    seed = _mixed(np.uint64(clock[0]) + _INCREMENT)
    source = _mixed(np.uint64(src) + seed)
    destination = _mixed((np.uint64(dst) ^ _INCREMENT) + seed)
    edge = _mixed(source * _OTHER_MULTIPLIER + destination)
    keys = (edge, source, destination, _mixed(source ^ _INCREMENT), _mixed(destination ^ _INCREMENT))
    is_new = False
    raw = 0.0
    for key in range(len(keys)):
        name = keys[key] | _NAMED
        counts = key < _NEW_EDGES or is_new
        at = _place(names, lines, name)
        line = lines[at]
        if names[at] != name:
            if not counts:
                continue
            is_new = is_new or key == 0
            names[at] = name
            _start(line, tick)
            _expect(line, usual[key, 0], span[0])
        elif line.tick < tick:
            _learn(line, usual[key], tick)
            _expect(line, usual[key, 0], span[0])
        if counts:
            line.now += 1.0
            line.last_2 += 1.0
            line.last_32 += 1.0
        raw += _surprise(line)
    return raw / (1.0 + raw)


@kernel(makes_arrays=True, cache=True)
def batch(state: EdgeState, srcs: np.ndarray, dsts: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """`step` over many edges, in order; their scores."""
    scores = np.empty(len(ticks))
    for row in range(len(ticks)):
        scores[row] = step(state, srcs[row], dsts[row], ticks[row])
    return scores


def warm_up() -> None:
    """Compile, or load from the cache, so that no edge waits for it."""
    batch(empty_state(EdgeConfig(slots=SLOTS_MIN)), *np.zeros((3, 1), dtype=np.int64))
