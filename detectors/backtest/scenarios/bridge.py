"""What a generated bridge is: chains, lanes, tokens and people, drawn from a seed; and what a message on it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.backtest.scenarios.latencies import LATENCY_S

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

DAY_S = 86_400
HOME = "ethereum"
"""Holds the escrow of every token; elsewhere tokens are minted and burnt."""
START_S = 1_704_067_200
"""The first of January 2024, a Monday; a history starts up to half a year later."""
MICRO = 10**6

_CHAINS = (HOME, "bnb", "base", "arbitrum", "avalanche")
_SYMBOLS = ("USDC", "WETH", "LINK", "WBTC", "GHO", "SHIB", "GUSD", "SDL", "AAVE", "FRAX")
_PRICES_USD = {
    "USDC": 1.0,
    "WETH": 3_000.0,
    "LINK": 15.0,
    "WBTC": 60_000.0,
    "GHO": 1.0,
    "SHIB": 0.00002,
    "GUSD": 1.0,
    "SDL": 0.4,
    "AAVE": 100.0,
    "FRAX": 1.0,
}
_STABLE = {"USDC", "GHO", "GUSD", "FRAX"}
_UNPRICED = {"SDL"}
_DECIMALS = {"USDC": 6, "WBTC": 8, "GUSD": 2}
_DECIMALS_ELSEWHERE = {("USDC", "bnb"): 18}
_MEDIAN_USD = 1_665.0
"""Of CCIP's amounts in the second half of 2024 (research/detection.md, section 1); quartiles 351 and 19,971."""
_QUARTILE_LOG = math.log(19_971 / 351) / 1.349
_LATE_TOKENS = 4
"""One token in so many appears only while the history runs."""


class Lane(NamedTuple):
    """A directed pair of chains, by name."""

    source: str
    dest: str

    @property
    def direction(self) -> str:
        """As the column of a history has it."""
        return f"{self.source}->{self.dest}"


class Token(NamedTuple):
    """One asset on all chains."""

    symbol: str
    address: str
    """Canonical."""
    since_s: int
    """Nobody moves it before."""
    median_usd: float
    sigma: float
    """Of the natural logarithm of amounts."""
    prices_usd: NDArray[np.float64]
    """By day of the history."""

    @property
    def is_priced(self) -> bool:
        """Whether the history states what it is worth."""
        return self.symbol not in _UNPRICED

    def decimals(self, chain: str) -> int:
        """Of one chain's token contract."""
        return _DECIMALS_ELSEWHERE.get((self.symbol, chain), _DECIMALS.get(self.symbol, 18))

    @property
    def grain_micro(self) -> int:
        """The smallest amount, in millionths of the token, that every chain can tell."""
        return int(10 ** max(0, 6 - _DECIMALS.get(self.symbol, 18)))

    def micro_of(self, usd: float, day: int) -> int:
        """So many dollars as millionths of the token, at least its grain."""
        micro = int(usd / self.price_usd(day) * MICRO)
        return max(self.grain_micro, micro // self.grain_micro * self.grain_micro)

    def price_usd(self, day: int) -> float:
        """On that day of the history."""
        return float(self.prices_usd[min(day, len(self.prices_usd) - 1)])


class Message(NamedTuple):
    """What one message leaves behind on two chains."""

    sent_s: int | None
    """None: it was never sent; the release is forged."""
    executed_s: int | None
    """None: it was never executed."""
    lane: Lane
    token: int
    """Position in `Bridge.tokens`."""
    amount_micro: int
    """Millionths of the token."""
    sender: str
    receiver: str
    label: str = "benign"
    detail: str = ""


class Bridge(NamedTuple):
    """The facts that a history's messages share."""

    start_s: int
    days: int
    a_day: float
    """Honest messages a day, in the mean over all lanes."""
    lanes: tuple[Lane, ...]
    """The busiest first."""
    lanes_since_s: tuple[int, ...]
    tokens: tuple[Token, ...]
    """The most used first."""

    @property
    def end_s(self) -> int:
        """The history ends before."""
        return self.start_s + self.days * DAY_S

    @property
    def chains(self) -> list[str]:
        """Every chain that a lane joins."""
        return list(dict.fromkeys(chain for lane in self.lanes for chain in lane))

    def day_of(self, time_s: int) -> int:
        """Day of the history, from 0 on."""
        return (time_s - self.start_s) // DAY_S

    def usd(self, token: int, amount_micro: int, time_s: int) -> float:
        """What an amount is worth that day, whether or not the history says so."""
        return amount_micro * self.tokens[token].price_usd(self.day_of(time_s)) / MICRO

    def latency_s(self, random: Generator, lane: Lane) -> int:
        """From sending to execution: lognormal through the lane's quartiles; one in 200 waits for hours."""
        low, middle, high = LATENCY_S[lane]
        sigma = math.log(high / low) / 1.349
        usual = max(low * 0.75, middle * math.exp(sigma * random.normal()))
        return int(usual + (random.exponential(4 * 3600) if random.random() < 1 / 200 else 0))


def draw_bridge(random: Generator, *, days: int, a_day: float, chains: int, tokens: int) -> Bridge:
    """A bridge of so many chains (three to five), all joined both ways, and so many tokens (at most ten)."""
    start_s = START_S + int(random.integers(182)) * DAY_S
    names = [HOME, *random.permutation(_CHAINS[1:])[: chains - 1].tolist()]
    pairs = [Lane(source, dest) for source in names for dest in names if source != dest]
    order = random.permutation(len(pairs))
    lanes = tuple(pairs[index] for index in order)
    # Of the last two lanes, one opens somewhere in the middle of the history; all others are older than it.
    opens_s = [start_s] * len(lanes)
    if random.random() < 0.5:
        opens_s[-1 - int(random.integers(2))] = start_s + int(random.uniform(0.2, 0.9) * days * DAY_S)
    symbols = random.permutation(_SYMBOLS[1:])[: tokens - 1].tolist()
    drawn = [_draw_token(random, symbol, start_s, days) for symbol in ("USDC", *symbols)]
    drawn.sort(key=lambda token: token.since_s)
    return Bridge(start_s, days, a_day, lanes, tuple(opens_s), tuple(drawn))


def address(random: Generator) -> str:
    """A fresh account."""
    return "0x" + random.bytes(20).hex()


def _draw_token(random: Generator, symbol: str, start_s: int, days: int) -> Token:
    steps = random.normal(0, 0.001 if symbol in _STABLE else 0.035, days)
    prices = _PRICES_USD[symbol] * np.exp(np.cumsum(steps) * (0.2 if symbol in _STABLE else 1.0))
    is_late = symbol != "USDC" and random.random() < 1 / _LATE_TOKENS
    since_s = start_s + (int(random.uniform(0.1, 0.9) * days * DAY_S) if is_late else 0)
    median_usd = _MEDIAN_USD * math.exp(random.normal(0, 0.7))
    sigma = _QUARTILE_LOG * random.uniform(0.5, 0.9)  # one token's amounts are more alike than all tokens' together
    return Token(symbol, address(random), since_s, median_usd, sigma, prices)
