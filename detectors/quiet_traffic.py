"""Generated quiet traffic of one chain, as flows: what honest bridges do, the surprising parts included.

Poisson arrivals with a daily and a weekly season, lognormal amounts around each token's own centre, a few people who
come often and many who come once, exchanges that move thirty times as much, transfers that follow one another, airdrops
(many receivers, one amount), market panics, tokens that appear. No attack. The same seed gives the same flows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors import flows
from detectors.flows import hash63

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86_400
_START_S = 1_640_995_200  # a Saturday, the first of January 2022
_VALUE_MAX = 10**18
_WHALES = 12  # of the people: exchanges and market makers
_AIRDROP_DAYS = 45.0
_PANIC_DAYS = 90.0
_REMOTES = 4
_RELEASE_SHARE = 10  # even an exchange leaves nine tenths of the escrow
_OPENING_BITS = 14.0  # a token's escrow is first filled with some weeks of its releases


class _Chain:
    """Draws one movement after another."""

    def __init__(self, random: np.random.Generator, tokens: int, people: int, days: int) -> None:
        self._random = random
        self._people = people
        self._centres = random.normal(30.5, 2.0, tokens)  # log2 of micro-USD: 1,500 dollars, a factor of four
        self._spreads = random.uniform(2.0, 3.5, tokens)  # bits: quartiles of CCIP's amounts lie 4 bits apart
        self._starts_s = random.uniform(0, days * DAY_S, tokens) * (np.arange(tokens) > tokens // 2)
        weights = 1.0 / np.arange(1, tokens + 1)
        self._shares = weights / weights.sum()
        self._balances = [0] * tokens
        self.rows: list[tuple[int, ...]] = []
        for token in range(tokens):
            self.move(self._starts_s[token], False, token, 0, int(2.0 ** (self._centres[token] + _OPENING_BITS)))

    def token_at(self, time_s: float) -> int:
        """One of those that exist by then, the first ones most."""
        shares = np.cumsum(self._shares * (self._starts_s <= time_s))
        return int(np.searchsorted(shares, self._random.random() * shares[-1], side="right"))

    def person(self) -> int:
        """The first ones most, by a power law; every third is somebody never seen."""
        if self._random.random() < 1 / 3:
            return int(self._random.integers(1, 1 << 62))
        return int(self._people * self._random.random() ** 3)

    def value(self, token: int, person: int) -> int:
        """Lognormal, thirty times as much for exchanges; every fifth is one digit and zeros."""
        level = self._random.normal(self._centres[token], self._spreads[token]) + (5.0 if person < _WHALES else 0.0)
        value = int(min(_VALUE_MAX, 2.0 ** min(level, 60.0)))
        if self._random.random() < 0.2:
            value = int(10 ** max(0, len(str(value)) - 1)) * int(self._random.integers(1, 10))
        return value

    def move(self, time_s: float, is_release: bool, token: int, person: int, value: int) -> None:
        """One flow; nobody takes more than a part of what the escrow holds."""
        if is_release:
            value = min(value, self._balances[token] // _RELEASE_SHARE)
        self._balances[token] += -value if is_release else value
        name = hash63(f"person {person}")
        remote = 1 + int(self._random.integers(_REMOTES))
        at_s = _START_S + int(time_s)
        amount = hash63(f"{token}|{value}")
        sender = 0 if is_release else name
        self.rows.append((at_s, int(is_release), 2 + token, 1, remote, sender, name, amount, value, 0))


def _rate(time_s: float) -> float:
    """Busy afternoons, quiet week-ends; 1 in the mean of a week, about."""
    hour = time_s / 3600.0
    daily = 1.0 + 0.6 * np.sin(2 * np.pi * (hour - 9.0) / 24.0)
    is_weekend = int(time_s // DAY_S) % 7 < 2
    return float(daily * (0.6 if is_weekend else 1.16))


def quiet_flows(seed: int, *, days: int, a_day: float, tokens: int = 12, people: int = 400) -> NDArray[np.int64]:
    """Flows of a chain in order of time, `flows.WIDTH` wide; about `a_day` movements a day, half of them releases."""
    random = np.random.default_rng(seed)
    chain = _Chain(random, tokens, people, days)
    panics_s = random.uniform(0, days * DAY_S, random.poisson(days / _PANIC_DAYS))
    time_s = 0.0
    while True:
        is_panic = bool(np.any((panics_s <= time_s) & (time_s < panics_s + DAY_S / 4)))
        time_s += random.exponential(DAY_S / (a_day * _rate(time_s) * (4.0 if is_panic else 1.0)))
        if time_s >= days * DAY_S:
            break
        is_release = bool(random.random() < (0.75 if is_panic else 0.5))
        token = chain.token_at(time_s)
        person = chain.person()
        for follower in range(1 + (int(random.geometric(0.5)) if random.random() < 0.1 else 0)):
            at_s = min(days * DAY_S - 1, time_s + 40.0 * follower)
            chain.move(at_s, is_release, token, person, chain.value(token, person))
    for start_s in random.uniform(0, days * DAY_S, random.poisson(days / _AIRDROP_DAYS)):
        token = chain.token_at(start_s)
        value = max(1, chain.value(token, _WHALES) // 50)
        for receiver in range(int(random.integers(20, 120))):
            at_s = min(days * DAY_S - 1, start_s + 30.0 * receiver)
            chain.move(at_s, True, token, (1 << 62) + int(start_s) * 1000 + receiver, value)
    rows = np.array(chain.rows, dtype=np.int64).reshape(-1, flows.WIDTH)
    return rows[np.argsort(rows[:, flows.TIME_S], kind="stable")]
