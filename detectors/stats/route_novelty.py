"""Much value goes where none went before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import sketches
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, RECEIVER, REMOTE, SENDER, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEWEST_S = 0
_SUMS = 1  # of what new routes carried lately, fading: of messages that were sent, of releases; when each last grew
_SIZES = _SUMS + 4  # of those sums
_ROUTES = _SIZES + 2 * sketches.SIZE_MEMORY
_CHAIN_SIZES = _ROUTES  # in a prior's line, which has no routes: of the sums over all tokens of the unit
_SETS = 47  # of each side; with four ways as many as a line of 8 KiB holds beside the memories
_WAYS = 4
_ENTRY = 2  # name; when last taken and the largest quiet size, packed
_OF_SIDE = _SETS * _WAYS * _ENTRY
_WIDTH = _ROUTES + 2 * _OF_SIDE

_PARTS = 16  # of a doubling: how finely a route's largest size is kept
_PACKED = sketches.SIZES * _PARTS
_KNOWN_BITS = 2.0  # a route is known up to four times its largest: amounts of one person vary that much
_HALF_LIFE_S = 1800.0  # a sum that fades so weighs most what came within the hour


@kernel()
def step(state: NDArray[np.int64], flow: NDArray[np.int64], ceiling: float) -> float:
    """How rare so much value on new routes is, where this flow's is new; 0 where it is not."""
    if flow[TOKEN] < 2 or flow[RECEIVER] == 0:
        return NOT_MINE
    is_priced = flow[IS_PRICED]
    line = state[flow[TOKEN]]
    prior = state[is_priced]
    time_s = max(flow[TIME_S], prior[_NEWEST_S])
    if time_s // sketches.DAY_S > prior[_NEWEST_S] // sketches.DAY_S:
        _end_day(prior, _CHAIN_SIZES)
    _close_day(prior, time_s)
    _close_day(line, time_s)
    side = flow[IS_RELEASE]
    sizes = _SIZES + side * sketches.SIZE_MEMORY
    chain_sizes = _CHAIN_SIZES + side * sketches.SIZE_MEMORY
    way = sketches.mixed(sketches.mixed(flow[SENDER], flow[RECEIVER]), flow[REMOTE])
    routes = _ROUTES + side * _OF_SIDE
    bits = sketches.log2_of(flow[VALUE])
    route = sketches.find(line, routes, _SETS, _WAYS, _ENTRY, way)
    largest = line[route + sketches.WORTH] % _PACKED if route >= 0 else 0
    of_token = of_chain = -1.0
    surprise = 0.0
    if route < 0 or bits > largest / _PARTS + _KNOWN_BITS:
        of_token = sketches.log2_of(_add(line, side, time_s, flow[VALUE]))
        of_chain = sketches.log2_of(_add(prior, side, time_s, flow[VALUE]))
        surprise = sketches.rarity_for_token(line, prior, is_priced, sizes, of_token)
        if is_priced == 1:
            surprise = max(surprise, sketches.rarity_of(prior, chain_sizes, of_chain))
    if surprise < ceiling:
        sketches.note_size(line, sizes, of_token)
        sketches.note_size(prior, sizes, of_token)
        sketches.note_size(prior, chain_sizes, of_chain)
        route = sketches.find_or_place(line, routes, _SETS, _WAYS, _ENTRY, way)
        line[route + sketches.WORTH] = time_s * _PACKED + max(largest, int(bits * _PARTS))
    return surprise if sketches.has_sizes(prior if is_priced == 1 else line, sizes) else NOT_MINE


@kernel()
def _add(line: NDArray[np.int64], side: int, time_s: int, value: int) -> float:
    """Add a value to what new routes of a side carried lately; the sum."""
    at = _SUMS + 2 * side
    total = sketches.faded(line[at], time_s - line[at + 1], _HALF_LIFE_S) + value
    line[at] = int(min(total, sketches.AMOUNT_MAX))
    line[at + 1] = time_s
    return total


@kernel()
def _close_day(line: NDArray[np.int64], time_s: int) -> None:
    if time_s // sketches.DAY_S > line[_NEWEST_S] // sketches.DAY_S:
        _end_day(line, _SIZES)
    line[_NEWEST_S] = time_s


@kernel()
def _end_day(line: NDArray[np.int64], at: int) -> None:
    sketches.end_day(line, at)
    sketches.end_day(line, at + sketches.SIZE_MEMORY)


class RouteNovelty(Statistic):
    """Value that goes where none of its size went before, within about an hour, of a token and of the whole chain.

    A route is receiver and remote chain, on the way out of the bridge; with the sender, on the way in, where the chain
    states it; for each token. It is new at a size more than four times its largest quiet one. What new routes carry
    fades by half in 30 minutes. The surprise of a flow on a new route is -log2 of the share of the token's flows on
    that side that were new with at least so much on new routes, or of the chain's priced flows, whichever is rarer: so
    it holds how common new routes are lately and how far the value lies above what they carry. A known route says 0.

    Measured in micro-USD at the price last stated on the chain, in millionths of a token where there is none; bits.
    Assumes that most value goes where some went before, or that what goes elsewhere is small; beyond the largest eighth
    the share is taken to fall as a Pareto tail. Fails on an attacker who warms a receiver up, in steps of four times;
    on one who uses a route that is known; where nearly every receiver is new (then it tells sizes only). A token
    remembers 188 routes a side, the longest unused of four gives way: one busier than that, or flooded with dust, has
    more new routes, which can raise surprises at once but lowers them only from the next day on.

    Says 0 until a route is new; nothing until the chain has shown 64 flows of the unit on that side on earlier days. A
    priced token with few flows is judged by those of its chain, 16 of which weigh as much as 16 of its own; one without
    a price by its own alone, from 64 on. Does not learn from what was anomalous, nor from a day before it is over. A
    release is judged by releases alone, a sent message by sent ones.

    Source: novelty times value as in research/detection.md section 3 (D4); tail index after Hill (1975); the rest is
    ours.
    """

    name: ClassVar[str] = "route_novelty"
    kind: ClassVar[Kind | None] = "route"
    summary: ClassVar[str] = "Unusually much of {token} took a way that none took before."
    is_per_token: ClassVar[bool] = True
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A line for each token: the time, sums, two memories of them, the routes."""
        return np.zeros((lines, _WIDTH), dtype=np.int64)
