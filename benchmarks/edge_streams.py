"""Edge streams with known attacks, from a seed: sessions between a few thousand nodes by day and night, and intruders.

Attacks differ in size, length (1 to 60 ticks), place and whether the ends were known; nothing here looks at a score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

TICKS = 20_000
ATTACKS = 40

_FIRST_ATTACK = 1000
_LONGEST = 60
_SLOW_TICKS = 120
_PAIRS = 6000
_NODES = 2000
_SESSIONS_A_TICK = 3.3
_STRANGERS = 10_000_000  # ids from here on are nobody's in the background


class LabelledEdges(NamedTuple):
    """A stream and its truth."""

    name: str
    srcs: Ints
    dsts: Ints
    ticks: Ints
    labels: Ints
    """1: attack. No scorer reads them."""


class _Attack(NamedTuple):
    edges_a_tick: int
    ticks: int
    source: int
    victim: int

    @property
    def edges(self) -> int:
        return self.edges_a_tick * self.ticks


def _burst(rng: np.random.Generator, attack: _Attack) -> tuple[Ints, Ints]:
    """One source floods one victim."""
    del rng
    return np.full(attack.edges, attack.source), np.full(attack.edges, attack.victim)


def _fan_out(rng: np.random.Generator, attack: _Attack) -> tuple[Ints, Ints]:
    """One source reaches out to ever new ones: a scan."""
    return np.full(attack.edges, attack.source), _STRANGERS + rng.integers(0, 1_000_000, attack.edges)


def _fan_in(rng: np.random.Generator, attack: _Attack) -> tuple[Ints, Ints]:
    """As many strangers as there are edges a tick come to one victim: a distributed flood."""
    crowd = 2 * _STRANGERS + rng.integers(0, 1_000_000) + rng.integers(0, attack.edges_a_tick + 1, attack.edges)
    return crowd, np.full(attack.edges, attack.victim)


def _crowd(rng: np.random.Generator, attack: _Attack) -> tuple[Ints, Ints]:
    """Some strangers, each with each of some new others: a cluster."""
    size = 2 + int(np.sqrt(attack.edges_a_tick))
    first = 3 * _STRANGERS + rng.integers(0, 1_000_000)
    return first + rng.integers(0, size, attack.edges), first + size + rng.integers(0, size, attack.edges)


SHAPES: dict[str, Callable[[np.random.Generator, _Attack], tuple[Ints, Ints]]] = {
    "burst": _burst,
    "fan-out": _fan_out,
    "fan-in": _fan_in,
    "crowd": _crowd,
    "slow fan-out": _fan_out,
}


def sessions(seed: int) -> tuple[Ints, Ints, Ints]:
    """Quiet traffic: pairs of Zipf popularity talk in sessions of their own habitual length, more by day."""
    rng = np.random.default_rng(seed)
    srcs, dsts = rng.zipf(1.6, _PAIRS) % _NODES, rng.zipf(1.4, _PAIRS) % _NODES + _NODES
    popularity = 1 / np.arange(1, _PAIRS + 1) ** 1.1
    lengths = 6 * np.exp(rng.normal(0, 1, _PAIRS))
    by_day = 1 + 0.8 * np.sin(2 * np.pi * np.arange(TICKS) / 1440)
    begins = np.repeat(np.arange(TICKS), rng.poisson(_SESSIONS_A_TICK * by_day))
    pairs = rng.choice(_PAIRS, len(begins), p=popularity / popularity.sum())
    edges = np.repeat(np.arange(len(begins)), rng.geometric(1 / (1 + lengths[pairs])))
    ticks = begins[edges] + rng.geometric(0.5, len(edges)) - 1
    there = ticks < TICKS
    return srcs[pairs[edges]][there], dsts[pairs[edges]][there], ticks[there]


def with_attacks(background: tuple[Ints, Ints, Ints], shape: str, seed: int) -> LabelledEdges:
    """The background and 40 attacks of one shape, of 5 to 300 edges a tick; within a tick in random order."""
    rng = np.random.default_rng((seed, list(SHAPES).index(shape)))
    columns = [list(background)]
    for _ in range(ATTACKS):
        attack = _Attack(
            edges_a_tick=int(np.exp(rng.uniform(np.log(5), np.log(300)))),
            ticks=int(np.exp(rng.uniform(0, np.log(_LONGEST)))),
            source=int(rng.choice(background[0]) if rng.random() < 0.5 else 4 * _STRANGERS + rng.integers(1_000_000)),
            victim=int(rng.choice(background[1])),
        )
        if shape.startswith("slow"):
            attack = attack._replace(edges_a_tick=1 + attack.edges_a_tick // 100, ticks=_SLOW_TICKS)
        begin = int(rng.integers(_FIRST_ATTACK, TICKS - _SLOW_TICKS))
        ticks = begin + np.repeat(np.arange(attack.ticks), attack.edges_a_tick)
        columns.append([*SHAPES[shape](rng, attack), ticks])
    srcs, dsts, ticks = (np.concatenate(parts).astype(np.int64) for parts in zip(*columns, strict=True))
    labels = (np.arange(len(ticks)) >= len(background[0])).astype(np.int64)
    order = np.lexsort((rng.random(len(ticks)), ticks))
    return LabelledEdges(shape, srcs[order], dsts[order], ticks[order] + 1, labels[order])
