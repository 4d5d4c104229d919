"""How the attacker goes about it, and the naive ways to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy.random import Generator

WARM_UP_DAYS = (0, 7, 14, 28)
"""The attacker's patience."""


class Strategy(NamedTuple):
    """How to take a value, whatever it is."""

    releases: int = 24
    """That the value is split into."""
    spread: float = 0.0
    """Of the releases' sizes: the standard deviation of their natural logarithm."""
    tokens: int = 1
    """The richest ones; each release is of the one that still holds most."""
    remotes: int = 1
    receivers: int = 1
    begin: float = 0.0
    """When in the day, 0 to 1."""
    length: float = 1.0
    """Of what is left of the day."""
    warm_up_days: int = 0
    warm_up_messages: int = 0
    """Honest ones a day before, half of them coming in, to the same receivers."""
    warm_up_capital: float = 0.0
    """Share of the capital that goes around each day before."""
    decoys: int = 0
    """Honest messages of the attacker's that leave the chain during the attack."""
    decoy_capital: float = 0.0
    """Share of the capital that they carry."""
    seed: int = 0
    """Of all that is drawn."""

    def __str__(self) -> str:
        hours = 24 * (1 - self.begin) * self.length
        said = [
            f"{self.releases} releases over {hours:.1f} h from {24 * self.begin:.1f} h on",
            f"sizes spread by {self.spread:.1f}",
            f"{self.tokens} tokens, {self.remotes} lanes, {self.receivers} receivers",
        ]
        if self.warm_up_days and self.warm_up_messages:
            said.append(
                f"after {self.warm_up_days} days with {self.warm_up_messages} own messages a day"
                f" of {self.warm_up_capital:.0%} of the capital"
            )
        if self.decoys:
            said.append(f"{self.decoys} decoys of {self.decoy_capital:.0%} of the capital")
        return "; ".join(said)


NAIVE = (Strategy(releases=1, begin=0.5), Strategy(releases=24), Strategy(releases=96))
"""Even splits of the richest token over one lane to one receiver."""


def draw_strategy(random: Generator) -> Strategy:
    """Any."""
    return Strategy(
        releases=int(2 ** random.uniform(0, 9)),
        spread=float(random.uniform(0, 2)),
        tokens=int(random.integers(1, 9)),
        remotes=int(random.integers(1, 5)),
        receivers=int(2 ** random.uniform(0, 7)),
        begin=float(random.uniform(0, 0.7)),
        length=float(random.uniform(0.2, 1)),
        warm_up_days=int(random.choice(WARM_UP_DAYS)),
        warm_up_messages=int(2 ** random.uniform(1, 7)),
        warm_up_capital=float(random.random()),
        decoys=int(2 ** random.uniform(0, 7)) - 1,
        decoy_capital=float(random.random()),
        seed=int(random.integers(1 << 30)),
    )


def change(random: Generator, strategy: Strategy) -> Strategy:
    """One or two things otherwise, drawn anew."""
    other = draw_strategy(random)
    names = random.choice(Strategy._fields, size=1 + int(random.integers(2)), replace=False).tolist()
    if {"warm_up_days", "warm_up_messages", "warm_up_capital"} & set(names):
        names += ["warm_up_days", "warm_up_messages", "warm_up_capital"]
    return strategy._replace(**{name: getattr(other, name) for name in names})
