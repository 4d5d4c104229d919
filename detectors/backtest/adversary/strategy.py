"""How the attacker goes about it, and the naive ways to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.random import Generator

WARM_UP_DAYS = (0, 7, 14, 28)
"""The attacker's patience."""
REHEARSAL_DAYS = 8
"""Between two rehearsals: what a week holds sets no precedent."""
_WAYS = (1.0, 1 / 4, 1 / 16)
_TOGETHER = (
    {"warm_up_days", "warm_up_messages", "warm_up_capital"},
    {"rehearsals", "rehearsal_share"},
    {"decoys", "decoy_capital"},
)
"""What means nothing without the others."""


class Strategy(NamedTuple):
    """How to take a value, whatever it is."""

    releases: int = 24
    """That the value is split into."""
    spread: float = 0.0
    """Of the releases' sizes: the standard deviation of their natural logarithm."""
    tokens: int = 1
    """The richest ones."""
    levelling: float = 1.0
    """1: each release is of the token that still holds most; 0: of the one that still holds the largest share."""
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
    rehearsals: int = 0
    """Earlier days on which he takes a part and sends it back the day after, so that such days seem usual."""
    rehearsal_share: float = 0.0
    """Of what the next one takes."""
    decoys: int = 0
    """Honest messages of the attacker's that leave the chain during the attack."""
    decoy_capital: float = 0.0
    """Share of the capital that they carry."""
    seed: int = 0
    """Of all that is drawn."""

    @property
    def days_before(self) -> int:
        """Of `WARM_UP_DAYS` the least that holds all he does before."""
        return min(days for days in WARM_UP_DAYS if days >= max(self.warm_up_days, REHEARSAL_DAYS * self.rehearsals))

    def __str__(self) -> str:
        hours = 24 * (1 - self.begin) * self.length
        said = [
            f"{self.releases} releases over {hours:.1f} h from {24 * self.begin:.1f} h on",
            f"sizes spread by {self.spread:.1f}",
            f"{self.tokens} tokens, {self.remotes} lanes, {self.receivers} receivers",
        ]
        if self.tokens > 1:
            said.append("the fullest first" if self.levelling > 0.5 else "alike shares")
        if self.rehearsals:
            said.append(
                f"after {self.rehearsals} rehearsals, {REHEARSAL_DAYS} days apart, of {self.rehearsal_share:.0%} of the"
                " next, sent back"
            )
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


def spread_out(strategy: Strategy) -> list[Strategy]:
    """The same over all tokens, lanes and many receivers, at once and after so many rehearsals."""
    wide = strategy._replace(releases=96, length=1.0, begin=0.0, tokens=8, levelling=0.0, remotes=4, receivers=64)
    return [
        each._replace(rehearsals=rehearsals, rehearsal_share=0.7)
        for rehearsals in range(1 + max(WARM_UP_DAYS) // REHEARSAL_DAYS)
        for each in (strategy, wide)
    ]


def draw_strategy(random: Generator) -> Strategy:
    """Any."""
    return Strategy(
        releases=int(2 ** random.uniform(0, 9)),
        spread=float(random.uniform(0, 2)),
        tokens=int(random.integers(1, 9)),
        levelling=float(random.random()),
        remotes=int(random.integers(1, 5)),
        receivers=int(2 ** random.uniform(0, 7)),
        begin=float(random.uniform(0, 0.7)),
        length=float(random.uniform(0.2, 1)),
        warm_up_days=int(random.choice(WARM_UP_DAYS)),
        warm_up_messages=int(2 ** random.uniform(1, 7)),
        warm_up_capital=float(random.random()),
        rehearsals=int(random.integers(0, 1 + max(WARM_UP_DAYS) // REHEARSAL_DAYS)),
        rehearsal_share=float(random.uniform(0.3, 1)),
        decoys=int(2 ** random.uniform(0, 7)) - 1,
        decoy_capital=float(random.random()),
        seed=int(random.integers(1 << 30)),
    )


def change(random: Generator, strategy: Strategy) -> Strategy:
    """One or two things otherwise: drawn anew, or a part of the way there."""
    other = draw_strategy(random)
    way = float(random.choice(_WAYS))
    names = random.choice(Strategy._fields, size=1 + int(random.integers(2)), replace=False).tolist()
    names += [name for group in _TOGETHER if group & set(names) for name in sorted(group)]
    return strategy._replace(**{name: _towards(name, strategy, other, way) for name in names})


def _towards(name: str, strategy: Strategy, other: Strategy, way: float) -> Any:
    here, there = getattr(strategy, name), getattr(other, name)
    if name in {"warm_up_days", "seed"}:
        return int(there)
    between = here + way * (there - here)
    return round(between) if isinstance(there, int) else float(between)
