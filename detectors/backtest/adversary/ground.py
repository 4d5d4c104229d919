"""Where it is tried: a chain with quiet traffic, folded up to the day of the attack; and the attacker's own flows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors import flows, fused
from detectors.backtest.adversary.strategy import REHEARSAL_DAYS, WARM_UP_DAYS
from detectors.flows import hash63
from detectors.folding import State
from detectors.quiet_traffic import DAY_S, quiet_flows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.backtest.adversary.strategy import Strategy
    from detectors.fused import Limits
    from detectors.settings import Settings

MICRO = 10**6
CAPITAL_USD = 1_000_000
"""The attacker's own money: what his honest messages may carry, a day."""
_DAYS_SEEN = 90


class Ground(NamedTuple):
    """One chain with quiet traffic, up to the day of the attack."""

    states: dict[int, State]
    """As they were so many days before."""
    batch: NDArray[np.int64]
    """Honest flows from `max(WARM_UP_DAYS)` days before to the end of the day."""
    day_s: int
    """When the day begins."""
    escrow: NDArray[np.float64]
    """Micro-USD that each token's pool holds then."""
    lowest: NDArray[np.float64]
    """The least that it held since so many rehearsals before, a line each."""
    remotes: int
    outflow_usd: float
    """Released to honest people on a mean day of the weeks before."""
    limits: Limits


def prepare(seed: int, *, a_day: float, settings: Settings, chains: int = 4) -> Ground:
    """Quiet traffic of `_DAYS_SEEN` days or a few more, until a day on which, and in the weeks before, all is quiet."""
    limits = fused.limits_of(settings, chains)
    warm_up = max(WARM_UP_DAYS)
    for offset in range(100):
        batch = quiet_flows(seed + 1_000 * offset, days=_DAYS_SEEN + 1, a_day=a_day)
        times_s = batch[:, flows.TIME_S]
        day_s = int(times_s[0]) // DAY_S * DAY_S + _DAYS_SEEN * DAY_S
        state, states, is_quiet = State.empty(), {}, True
        marks_s = [0, *(day_s - days * DAY_S for days in sorted(WARM_UP_DAYS, reverse=True)), day_s + DAY_S]
        for since_s, until_s in pairwise(marks_s):
            if since_s:
                states[(day_s - since_s) // DAY_S] = state.copy()
            _, levels = state.fold(batch[(times_s >= since_s) & (times_s < until_s)], limits)
            is_quiet = is_quiet and not (since_s and levels.any())
        if is_quiet:
            recent = batch[times_s >= day_s - warm_up * DAY_S]
            return Ground(
                states,
                recent,
                day_s,
                *_escrow(batch, day_s),
                int(batch[:, flows.REMOTE].max()),
                _outflow_usd(batch, day_s, warm_up),
                limits,
            )
    raise ValueError(f"seed = {seed}: no quiet month in 100 drawn; ask for fewer false alarms or another seed")


def _escrow(batch: NDArray[np.int64], day_s: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each token: what is held at the day's beginning, and the least that was held since each rehearsal's."""
    marks_s = [day_s - DAY_S * days for days in range(0, max(WARM_UP_DAYS) + 1, REHEARSAL_DAYS)]
    tokens = int(batch[:, flows.TOKEN].max()) - 1
    held, lowest = np.zeros(tokens), np.zeros((len(marks_s), tokens))
    for token in range(tokens):
        own = batch[(batch[:, flows.TOKEN] == token + 2) & (batch[:, flows.TIME_S] < day_s)]
        times_s = own[:, flows.TIME_S]
        signed = np.where(own[:, flows.IS_RELEASE] == 1, -1.0, 1.0) * own[:, flows.VALUE]
        balances = np.maximum(np.concatenate([[0.0], np.cumsum(signed)]), 0.0)
        held[token] = balances[-1]
        lowest[:, token] = [balances[np.searchsorted(times_s, mark_s) :].min() for mark_s in marks_s]
    return held, lowest


def _outflow_usd(batch: NDArray[np.int64], day_s: int, days: int) -> float:
    times_s = batch[:, flows.TIME_S]
    is_recent = (times_s >= day_s - days * DAY_S) & (times_s < day_s) & (batch[:, flows.IS_RELEASE] == 1)
    return float(batch[is_recent, flows.VALUE].sum() / days / MICRO)


def movements(ground: Ground, strategy: Strategy, value_usd: float) -> NDArray[np.int64]:
    """The attacker's flows, unordered: what he steals, what he sends beside it, what he moved before."""
    random = np.random.default_rng(strategy.seed)
    rows: list[tuple[int, ...]] = []
    richest = np.argsort(-ground.escrow, kind="stable")[: strategy.tokens]

    def move(at_s: float, *, is_release: bool, turn: int, usd: float, token: int) -> None:
        value = max(1, int(usd * MICRO))
        person = hash63(f"attacker {turn % strategy.receivers}")
        remote = 1 + turn % min(strategy.remotes, ground.remotes)
        amount = hash63(f"{token}|{value}")
        sender = 0 if is_release else person
        rows.append((int(at_s), int(is_release), 2 + token, 1, remote, sender, person, amount, value, 0))

    begin_s = ground.day_s + strategy.begin * DAY_S
    length_s = (ground.day_s + DAY_S - 1 - begin_s) * strategy.length
    sizes = np.exp(strategy.spread * random.normal(size=strategy.releases))
    weights = {int(token): (ground.escrow[token] / MICRO) ** (strategy.levelling - 1) for token in richest}

    def take(usd: float, days_before: int) -> None:
        left_usd = {token: ground.escrow[token] / MICRO for token in weights}
        for turn, size in enumerate((sizes / sizes.sum()).tolist()):
            at_s = begin_s + length_s * (turn + 0.5) / strategy.releases - days_before * DAY_S
            fullest = max(left_usd, key=lambda token: left_usd[token] * weights[token])
            left_usd[fullest] -= usd * size
            move(at_s, is_release=True, turn=turn, usd=usd * size, token=fullest)
            if days_before:
                move(at_s + DAY_S, is_release=False, turn=turn, usd=usd * size, token=fullest)

    for ahead in range(strategy.rehearsals + 1):
        take(value_usd * strategy.rehearsal_share**ahead, ahead * REHEARSAL_DAYS)
    for turn in range(strategy.decoys):
        usd = CAPITAL_USD * strategy.decoy_capital / strategy.decoys
        at_s, token = begin_s + length_s * random.random(), int(random.choice(richest))
        move(at_s, is_release=False, turn=turn, usd=usd, token=token)
    for day in range(1, strategy.warm_up_days + 1):
        for turn in range(strategy.warm_up_messages):
            usd = CAPITAL_USD * strategy.warm_up_capital / ((strategy.warm_up_messages + 1) // 2)
            at_s = ground.day_s - day * DAY_S + random.random() * (DAY_S - 1)
            move(at_s, is_release=turn % 2 == 1, turn=turn, usd=usd, token=int(random.choice(richest)))
    return np.array(rows, dtype=np.int64).reshape(-1, flows.WIDTH)
