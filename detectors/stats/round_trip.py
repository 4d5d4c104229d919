"""Value that came out of the bridge goes straight back into it, to another chain or to where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from detectors import sketches
from detectors.compiled import kernel
from detectors.flows import IS_PRICED, IS_RELEASE, RECEIVER, REMOTE, SENDER, TIME_S, TOKEN, VALUE
from detectors.statistic import NOT_MINE, Kind, Statistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HOPPING = 0  # what is passed on to another chain, and what goes back: numbers of the memories
_RETURNING = 1
_WAYS_ON = 2

_NEWEST_S = 0
_TYPICAL = 1
_PASSED = _TYPICAL + sketches.TYPICAL_TOKENS  # by unit and way on: what the chain's people passed on, fading
_PASSED_S = _PASSED + 2 * _WAYS_ON  # and when it last grew
_OF_PERSON = _PASSED_S + 2 * _WAYS_ON  # memories of what one person passed on
_OF_CHAIN = _OF_PERSON + 2 * _WAYS_ON * sketches.SIZE_MEMORY  # and all together
_VALUES = _OF_CHAIN + 2 * _WAYS_ON * sketches.SIZE_MEMORY  # of messages by themselves, for each unit
_PEOPLE = _VALUES + 2 * sketches.SIZE_MEMORY
_SETS = 240  # the state stays below 128 KiB
_WAYS = 4
_RELEASED = 2  # of a person, after name and worth: what was released last,
_RELEASED_S = 3
_RELEASED_FROM = 4
_SUM = 5  # what the person passed on, fading, for each way on: sum, when it last grew, record
_OF_WAY_ON = 2 + sketches.RECORD
_ENTRY = _SUM + _WAYS_ON * _OF_WAY_ON
_WIDTH = _PEOPLE + _SETS * _WAYS * _ENTRY

_WINDOW_S = sketches.DAY_S  # a person who waits longer holds the value, and does not pass it on
_HALF_LIFE_S = 43_200.0  # sums that fade so weigh most what came within 24 h
_LIKE_PERCENT = 5  # less than bridges, swaps and fees take from an amount that is passed on


@kernel()
def step(state: NDArray[np.int64], flow: NDArray[np.int64], ceiling: float) -> float:
    """Remember what was released to whom; of what is sent, how rare so much passed on is."""
    if flow[TOKEN] < 2:
        return NOT_MINE
    line = state[0]
    is_priced = flow[IS_PRICED]
    time_s = max(flow[TIME_S], line[_NEWEST_S])
    if time_s // sketches.DAY_S > line[_NEWEST_S] // sketches.DAY_S:
        for memory in range(4 * _WAYS_ON + 2):
            sketches.end_day(line, _OF_PERSON + memory * sketches.SIZE_MEMORY)
    line[_NEWEST_S] = time_s
    value = sketches.comparable_value(line, _TYPICAL, flow[TOKEN], is_priced, flow[VALUE])
    if flow[IS_RELEASE] == 1:
        if flow[RECEIVER] != 0:
            _receive(line, flow, time_s, value)
        return NOT_MINE
    return _send(line, flow, time_s, value, ceiling) if flow[SENDER] != 0 else NOT_MINE


@kernel()
def _name(flow: NDArray[np.int64], person: int) -> int:
    """A person, and the unit that values are comparable in: all prices, or one token."""
    return sketches.mixed(person, 1 if flow[IS_PRICED] == 1 else flow[TOKEN])


@kernel()
def _receive(line: NDArray[np.int64], flow: NDArray[np.int64], time_s: int, value: float) -> None:
    entry = sketches.find_or_place(line, _PEOPLE, _SETS, _WAYS, _ENTRY, _name(flow, flow[RECEIVER]))
    held = sketches.faded(line[entry + _RELEASED], time_s - line[entry + _RELEASED_S], _HALF_LIFE_S)
    if value >= held:
        line[entry + _RELEASED] = int(min(value, sketches.AMOUNT_MAX))
        line[entry + _RELEASED_S] = time_s
        line[entry + _RELEASED_FROM] = flow[REMOTE]
        line[entry + sketches.WORTH] = sketches.lasting_worth(value, time_s, _HALF_LIFE_S)


@kernel()
def _send(line: NDArray[np.int64], flow: NDArray[np.int64], time_s: int, value: float, ceiling: float) -> float:
    """How rare it is that this person, or the chain's people together, pass on so much; 0 of what is not passed on."""
    entry = sketches.find(line, _PEOPLE, _SETS, _WAYS, _ENTRY, _name(flow, flow[SENDER]))
    is_passed_on = (
        entry >= 0
        and line[entry + _RELEASED] > 0
        and time_s - line[entry + _RELEASED_S] <= _WINDOW_S
        and abs(value - line[entry + _RELEASED]) * 100.0 <= _LIKE_PERCENT * value
    )
    way_on = _HOPPING
    if is_passed_on and line[entry + _RELEASED_FROM] == flow[REMOTE]:
        way_on = _RETURNING
    kind = flow[IS_PRICED] * _WAYS_ON + way_on
    of_person = _OF_PERSON + kind * sketches.SIZE_MEMORY
    of_chain = _OF_CHAIN + kind * sketches.SIZE_MEMORY
    values = _VALUES + flow[IS_PRICED] * sketches.SIZE_MEMORY
    person_bits = chain_bits = -1.0
    surprise = 0.0
    total = 0.0
    record = entry + _SUM + way_on * _OF_WAY_ON + 2
    if is_passed_on:
        line[entry + _RELEASED] = 0
        total = _grow(line, record - 2, record - 1, time_s, value)
        unusual = total - sketches.usual_amount(line, record, time_s)
        if unusual > 0.0:
            together = _grow(line, _PASSED + kind, _PASSED_S + kind, time_s, min(unusual, value))
            person_bits = sketches.log2_of(unusual)
            chain_bits = sketches.log2_of(together)
            surprise = max(
                min(sketches.rarity_of(line, of_person, person_bits), sketches.rarity_of(line, values, person_bits)),
                min(sketches.rarity_of(line, of_chain, chain_bits), sketches.rarity_of(line, values, chain_bits)),
            )
    is_warm = sketches.has_sizes(line, of_person)
    if surprise < ceiling:
        sketches.note_size(line, of_person, person_bits)
        sketches.note_size(line, of_chain, chain_bits)
        sketches.note_size(line, values, sketches.log2_of(value))
        other = (1 - 2 * way_on) * sketches.SIZE_MEMORY  # it passed nothing on in the other way
        sketches.note_size(line, of_person + other, -1.0)
        sketches.note_size(line, of_chain + other, -1.0)
        if is_passed_on:
            sketches.note_amount(line, record, min(total, sketches.AMOUNT_MAX))
        if flow[IS_PRICED] == 0:
            sketches.note_typical(line, _TYPICAL, flow[TOKEN], flow[VALUE])
    return surprise if is_warm else NOT_MINE


@kernel()
def _grow(line: NDArray[np.int64], at: int, at_time: int, time_s: int, value: float) -> float:
    """Add to a fading sum; the sum."""
    total = sketches.faded(line[at], time_s - line[at_time], _HALF_LIFE_S) + value
    line[at] = int(min(total, sketches.AMOUNT_MAX))
    line[at_time] = time_s
    return total


class RoundTrip(Statistic):
    """What people send on within 24 hours of its release to them, nearly unchanged: a hop, or a round trip.

    A message is passed on when its sender got a release within 24 hours that was within 5 percent of its value: to
    another chain than that came from it is a hop, to the same a return. What a person passed on fades by half in 12
    hours; what lies beyond the person's own highest of more than a day ago counts, alone and summed over the chain's
    people (layers of hops add up there). Each is judged twice, as -log2 of the share of messages that passed on as much
    in that way, and of those that were as large by themselves; the smaller counts, so that both must be unusual, of the
    person or of the chain, whichever is rarer. 0 of a message that passes nothing on.

    Measured in micro-USD at the price last stated on the chain, any token for any other; where there is none, in the
    same token's typical amounts, judged apart; bits. Assumes that value which came to stay stays, and that who passes
    on by trade did so before. Fails on an attacker who waits a day, takes more than 5 percent off, or changes the
    address in between; where a bridge's release does not name its remote (1.5.1), a return looks like a hop. Of about a
    thousand people the one of least value lately, of four, gives way, so that dust can't wash out a large release. Only
    a person's largest release lately is remembered.

    Says 0 of what is not passed on, nothing until the chain has shown 64 messages on earlier days. A person without a
    past is judged by the chain's. Does not learn from what was anomalous, nor from a day before it is over. Rests on
    both sides, releases and messages, of one chain.

    Source: layering and round-tripping of anti-money-laundering practice; the rest is ours.
    """

    name: ClassVar[str] = "round_trip"
    kind: ClassVar[Kind | None] = None
    summary: ClassVar[str] = "Unusually much of what left the bridge went straight back into it; here {token}."
    is_per_token: ClassVar[bool] = False
    step = staticmethod(step)

    @staticmethod
    def empty_state(lines: int) -> NDArray[Any]:  # noqa: ARG004  of a fixed shape
        """One line: the time, typical amounts, the chain's sums, memories of sizes, people."""
        return np.zeros((1, _WIDTH), dtype=np.int64)
