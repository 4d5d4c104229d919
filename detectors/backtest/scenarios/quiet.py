"""Honest messages of a bridge, the surprising ones included: all that makes detectors cry wolf.

A daily and a weekly season over slow growth, lognormal amounts with round ones among them, few people who come often
and many who come once, exchanges that move fifty times as much, bots that go in circles, bursts of one person, people
who come back, airdrops (one amount, many receivers), market panics, tokens and lanes that are new, and migrations (a
token's holders leave one chain for another within days). Nobody sends what he doesn't hold: what circulates of a token
on a chain came there over the bridge, or from the opening balance.

`detectors.quiet_traffic` draws flows of one chain to fit the forest on; nothing here is fitted to or from.
"""

from __future__ import annotations

import math
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.backtest.scenarios.bridge import DAY_S, HOME, Bridge, Lane, Message, address

if TYPE_CHECKING:
    from numpy.random import Generator

HOUR_S = 3600
_REGULARS = 300
_EXCHANGES = 8
"""The first of the regulars."""
_EXCHANGE_TIMES = 50.0
_NEWCOMER_SHARE = 0.4  # 1,749 depositors sent 11,430 messages over CCIP in half a year
_SHARE_MAX = 0.1
"""Nobody moves more at once of what a chain holds of a token."""
_ESCROW_DAYS = (20.0, 90.0)
"""The opening balance, in days of the token's mean volume."""
_EVENT_DAYS = {"airdrop": 30.0, "panic": 60.0, "migration": 90.0}
"""One in so many days, in the mean."""
_LOST_SHARE = 0.003
"""Messages that are never executed."""


class Traffic(NamedTuple):
    """What honest people did, and what they left where."""

    messages: list[Message]
    """By the time they were sent."""
    held_micro: dict[tuple[str, int], int]
    """(chain, token): the opening balance there."""

    def liquidity_micro(self, token: int, until_s: int) -> int:
        """What the escrow at home holds: all that was sent out from there, less what came back."""
        held = sum(amount for (chain, of), amount in self.held_micro.items() if of == token and chain != HOME)
        for message in self.messages:
            if message.sent_s is None or message.sent_s >= until_s:
                continue
            if message.token == token:
                held += message.amount_micro * ((message.lane.source == HOME) - (message.lane.dest == HOME))
        return max(1, held)


class _Intent(NamedTuple):
    """Somebody wants to move something; how much of it he can, the balances say."""

    at_s: int
    lane: Lane
    token: int
    usd: float
    sender: str
    receiver: str


class _People:
    """Draws messages of one bridge."""

    def __init__(self, random: Generator, bridge: Bridge) -> None:
        self._random = random
        self._bridge = bridge
        self._regulars = [address(random) for _ in range(_REGULARS)]
        self._panics_s: list[int] = []
        self.intents: list[_Intent] = []

    def person(self) -> int:
        """One of the regulars by a power law, or -1: somebody new."""
        random = self._random
        return -1 if random.random() < _NEWCOMER_SHARE else int(_REGULARS * random.random() ** 3)

    def address_of(self, person: int) -> str:
        """Their account."""
        return address(self._random) if person < 0 else self._regulars[person]

    def lane_at(self, time_s: int) -> Lane:
        """By a power law over the lanes that are open."""
        bridge = self._bridge
        weights = np.array([1 / (rank + 1) * (time_s >= since) for rank, since in enumerate(bridge.lanes_since_s)])
        return bridge.lanes[int(self._random.choice(len(weights), p=weights / weights.sum()))]

    def token_at(self, time_s: int) -> int:
        """By a power law over the tokens that exist."""
        tokens = self._bridge.tokens
        weights = np.array([1 / (rank + 1) * (time_s >= token.since_s) for rank, token in enumerate(tokens)])
        return int(self._random.choice(len(weights), p=weights / weights.sum()))

    def usd(self, token: int, person: int) -> float:
        """Lognormal, fifty times as much for exchanges; every fifth is one digit and zeros."""
        random, facts = self._random, self._bridge.tokens[token]
        times = _EXCHANGE_TIMES if 0 <= person < _EXCHANGES else 1.0
        usd = facts.median_usd * times * math.exp(facts.sigma * random.normal())
        if random.random() < 0.2:
            size = 10.0 ** math.floor(math.log10(max(1.0, usd)))
            usd = size * float(random.integers(1, 10))
        return min(usd, 1e7)  # CCIP's largest of the half year was 9.72 M USD

    def want(  # noqa: PLR0917  a message's facts, each once
        self, at_s: int, lane: Lane, token: int, usd: float, sender: str, receiver: str
    ) -> None:
        """Note it, if it falls into the history."""
        if self._bridge.start_s <= at_s < self._bridge.end_s:
            self.intents.append(_Intent(at_s, lane, token, usd, sender, receiver))

    # -- what people do

    def come(self) -> None:
        """Everyday traffic, hour by hour."""
        random, bridge = self._random, self._bridge
        level = 1.0
        for hour in range(bridge.days * 24):
            at_s = bridge.start_s + hour * HOUR_S
            if hour % 24 == 0:
                level *= math.exp(random.normal(0, 0.05))  # the bridge becomes more and less used
                level = min(2.0, max(0.5, level))
            is_panic = any(0 <= at_s - panic_s < 6 * HOUR_S for panic_s in self._panics_s)
            rate = bridge.a_day / 24 * level * _season(at_s) * (5.0 if is_panic else 1.0)
            for offset_s in random.integers(HOUR_S, size=random.poisson(rate)).tolist():
                self._one(at_s + offset_s, is_panic=is_panic)

    def _one(self, at_s: int, *, is_panic: bool) -> None:
        random = self._random
        person, token, lane = self.person(), self.token_at(at_s), self.lane_at(at_s)
        if is_panic and lane.source == HOME and random.random() < 0.7:
            lane = Lane(lane.dest, lane.source)  # people flee home
            if self._bridge.lanes_since_s[self._bridge.lanes.index(lane)] > at_s:
                return
        sender = self.address_of(person)
        receiver = sender if random.random() < 0.85 else self.address_of(self.person())
        usd = self.usd(token, person)
        self.want(at_s, lane, token, usd, sender, receiver)
        if random.random() < 0.05:
            for _ in range(int(random.geometric(0.4))):
                at_s += int(random.exponential(60)) + 1
                self.want(at_s, lane, token, self.usd(token, person), sender, receiver)
        if random.random() < 0.1:
            later_s = at_s + int(random.exponential(3 * DAY_S))
            self.want(later_s, Lane(lane.dest, lane.source), token, usd * random.uniform(0.5, 1.0), receiver, sender)

    def circle(self) -> None:
        """Bots that carry what is cheap here to where it is dear, and come back over a third chain."""
        random, bridge = self._random, self._bridge
        chains = bridge.chains
        for _ in range(1 + int(random.integers(2))):
            bot = address(random)
            token = self.token_at(bridge.start_s)
            for _ in range(random.poisson(bridge.days * min(5.0, bridge.a_day / 200))):
                at_s = bridge.start_s + int(random.integers(bridge.days * DAY_S))
                usd = self.usd(token, -1)
                path = random.permutation(chains)[:3].tolist()
                for source, dest in zip(path, [*path[1:], path[0]], strict=True):
                    self.want(at_s, Lane(source, dest), token, usd, bot, bot)
                    at_s += int(random.uniform(1_500, 4_000))

    def events(self) -> None:
        """Airdrops and migrations; panics are noted for `come`."""
        random, bridge = self._random, self._bridge
        span_s = bridge.days * DAY_S
        for name, days in _EVENT_DAYS.items():
            for offset_s in random.integers(span_s, size=random.poisson(bridge.days / days)).tolist():
                at_s = bridge.start_s + offset_s
                if name == "panic":
                    self._panics_s.append(at_s)
                elif name == "airdrop":
                    self._airdrop(at_s)
                else:
                    self._migration(at_s)

    def _airdrop(self, at_s: int) -> None:
        random = self._random
        lane, token, sender = self.lane_at(at_s), self.token_at(at_s), address(self._random)
        usd = self.usd(token, -1) / 20
        for _ in range(int(random.integers(20, 200))):
            at_s += int(random.exponential(20))
            self.want(at_s, lane, token, usd, sender, address(random))

    def _migration(self, at_s: int) -> None:
        """Some days in which most of a token's holders leave one chain for another, a few of them large."""
        random, bridge = self._random, self._bridge
        lane, token = self.lane_at(at_s), self.token_at(at_s)
        count = int(min(400, max(10, bridge.a_day)))
        for _ in range(count):
            when_s = at_s + int(random.exponential(1.5 * DAY_S))
            person = self.person()
            sender = self.address_of(person)
            self.want(when_s, lane, token, 2 * self.usd(token, person), sender, sender)


def draw_traffic(random: Generator, bridge: Bridge) -> Traffic:
    """All honest messages of the bridge's days."""
    people = _People(random, bridge)
    people.events()
    people.come()
    people.circle()
    opening = _opening(random, bridge, people.intents)
    opens_s = dict(zip(bridge.lanes, bridge.lanes_since_s, strict=True))
    held = dict(opening)
    arriving: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    messages = []
    for intent in sorted(people.intents, key=attrgetter("at_s")):
        facts = bridge.tokens[intent.token]
        source, dest = (intent.lane.source, intent.token), (intent.lane.dest, intent.token)
        if intent.at_s < opens_s[intent.lane] or intent.at_s < facts.since_s:
            continue
        due, arriving[source] = arriving[source], []
        for there_s, amount in due:
            if there_s <= intent.at_s:
                held[source] += amount
            else:
                arriving[source].append((there_s, amount))
        wanted = facts.micro_of(intent.usd, bridge.day_of(intent.at_s))
        amount = min(wanted, int(held[source] * _SHARE_MAX)) // facts.grain_micro * facts.grain_micro
        if amount <= 0:
            continue
        held[source] -= amount
        executed_s: int | None = intent.at_s + bridge.latency_s(random, intent.lane)
        if random.random() < _LOST_SHARE or executed_s is None or executed_s >= bridge.end_s:
            executed_s = None
        else:
            arriving[dest].append((executed_s, amount))
        messages.append(
            Message(intent.at_s, executed_s, intent.lane, intent.token, amount, intent.sender, intent.receiver)
        )
    return Traffic(messages, opening)


def _opening(random: Generator, bridge: Bridge, intents: list[_Intent]) -> dict[tuple[str, int], int]:
    """What each chain holds of each token at first: some weeks of what is moved, at home much more."""
    volume: dict[int, float] = defaultdict(float)
    for intent in intents:
        volume[intent.token] += intent.usd / bridge.days
    opening = {}
    for index, token in enumerate(bridge.tokens):
        days = random.uniform(*_ESCROW_DAYS)
        for chain in bridge.chains:
            usd = volume[index] * days * (3.0 if chain == HOME else random.uniform(0.5, 1.5) / (len(bridge.chains) - 1))
            opening[chain, index] = token.micro_of(usd, 0)
    return opening


def _season(at_s: int) -> float:
    """Busy afternoons (UTC), quiet week-ends; 1 in the mean of a week, about."""
    hour = at_s % DAY_S / HOUR_S
    is_weekend = (at_s // DAY_S + 3) % 7 >= 5
    return (1.0 + 0.6 * math.sin(2 * math.pi * (hour - 9.0) / 24.0)) * (0.65 if is_weekend else 1.14)
