"""Compares what the judges said with what is known to be true (research/detection.md section 6).

The only reader of the truth columns `label` and `label_detail`. A signal is true when a row that it rests on is
labelled as an attack, or, for a statistic, when it was stated during an attack; every other signal is false.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.backtest.history import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import Lane
    from detectors.detector import Signal

DAY_S = 86_400
ATTACK_GAP_S = DAY_S
"""Attack rows further apart belong to two attacks."""
CURSE_S = DAY_S
"""How long a false curse is assumed to last before people lift it."""
REACTIONS_S = (0, 12, 60, 300, 900)


class Outcome(NamedTuple):
    """One event of the history with its truth."""

    event_id: str
    time_s: int
    lane: Lane
    is_release: bool
    usd: float
    is_attack: bool
    detail: str


class Attack(NamedTuple):
    """Attack rows that follow each other within a day."""

    name: str
    first_s: int
    last_s: int
    event_ids: frozenset[str]
    losses: tuple[tuple[int, float], ...]
    """(time, USD released), in order."""

    def loss_until(self, time_s: int) -> float:
        """USD released up to and including this second."""
        return sum(usd for at_s, usd in self.losses if at_s <= time_s)

    @property
    def loss(self) -> float:
        """USD released in all."""
        return self.loss_until(self.last_s)

    def averted_share(self, curse_s: int | None) -> float | None:
        """The share of the loss that comes after a curse at this second; None when nothing in it has a price."""
        if self.loss == 0:
            return None
        return 0.0 if curse_s is None else 1 - self.loss_until(curse_s) / self.loss


def read_labels(path: Path) -> dict[str, tuple[str, str]]:
    """Label and its detail by event id; nothing where the history has no labels."""
    columns = read_table(path, ["event_id", "label", "label_detail"])
    ids = [str(event_id) for event_id in columns["event_id"]]
    labels = columns.get("label", [None] * len(ids))
    details = columns.get("label_detail", [None] * len(ids))
    return {
        event_id: (label or "", detail or "")
        for event_id, label, detail in zip(ids, labels, details, strict=True)
        if label
    }


def find_attacks(outcomes: Iterable[Outcome]) -> list[Attack]:
    """The attacks in a history, by time; named after their label's detail where they have one."""
    runs: list[list[Outcome]] = []
    for outcome in sorted((o for o in outcomes if o.is_attack), key=lambda o: o.time_s):
        if runs and outcome.time_s - runs[-1][-1].time_s <= ATTACK_GAP_S:
            runs[-1].append(outcome)
        else:
            runs.append([outcome])
    return [
        Attack(
            name=run[0].detail or f"attack-{number}",
            first_s=run[0].time_s,
            last_s=run[-1].time_s,
            event_ids=frozenset(outcome.event_id for outcome in run),
            losses=tuple((outcome.time_s, outcome.usd) for outcome in run if outcome.is_release),
        )
        for number, run in enumerate(runs, start=1)
    ]


def event_ids(signal: Signal) -> list[str]:
    """The events that a signal rests on, the accusing one first."""
    return list(dict.fromkeys(row_id.rpartition(":")[0] for row_id in signal.rows))


def attack_of(signal: Signal, attacks: Sequence[Attack]) -> Attack | None:
    """The attack that a signal is about; None when it is false."""
    accusing = event_ids(signal)[0]
    for attack in attacks:
        if accusing in attack.event_ids:
            return attack
        if not signal.is_exact and attack.first_s <= signal.at_s <= attack.last_s:
            return attack
    return None


def benign_days(outcomes: Iterable[Outcome]) -> float:
    """Days on which anything honest happened: the time in which a false signal could have come."""
    return float(len({outcome.time_s // DAY_S for outcome in outcomes if not outcome.is_attack}))


def upper_95(count: int, days: float) -> float | None:
    """The rate a day that a Poisson count like this stays above with 95 % probability; 3/days for none."""
    if days <= 0:
        return None
    # The 95 % point of a gamma distribution, found by its Poisson sum, to 12 digits.
    low, high = float(count), count + 10.0 + 5.0 * np.sqrt(count)
    for _ in range(60):
        middle = (low + high) / 2
        term = below = float(np.exp(-middle))
        for events in range(1, count + 1):
            term *= middle / events
            below += term
        low, high = (middle, high) if below > 0.05 else (low, middle)
    return float(high / days)


def average_precision(scores: NDArray[np.float64], is_attack: NDArray[np.bool_]) -> float | None:
    """PR-AUC: the sum over thresholds of precision times gained recall, ties together; None without an attack."""
    positives = int(is_attack.sum())
    if positives == 0:
        return None
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(is_attack[order])[ends]
    recalls = np.diff(np.append(0, hits)) / positives
    return float(np.sum(recalls * hits / (ends + 1)))


class FalseCurse(NamedTuple):
    """A lane stopped for nothing."""

    lane: Lane
    at_s: int
    delayed_usd: float


def false_curses(false_signals: Iterable[Signal], outcomes: Iterable[Outcome]) -> list[FalseCurse]:
    """What the false exact signals would have stopped: a lane at a time, for `CURSE_S`."""
    starts: dict[Lane, list[int]] = defaultdict(list)
    for signal in sorted((s for s in false_signals if s.is_exact), key=lambda s: s.known_at_ms):
        for lane in signal.lanes:
            at_s = signal.known_at_ms // 1000
            if not starts[lane] or at_s >= starts[lane][-1] + CURSE_S:
                starts[lane].append(at_s)
    by_lane: Mapping[Lane, list[Outcome]] = {
        lane: list(of_lane)
        for lane, of_lane in groupby(
            sorted((o for o in outcomes if o.is_release and not o.is_attack), key=lambda o: o.lane),
            key=lambda o: o.lane,
        )
    }
    return [
        FalseCurse(lane, at_s, sum(o.usd for o in by_lane.get(lane, ()) if at_s < o.time_s <= at_s + CURSE_S))
        for lane, times in starts.items()
        for at_s in times
    ]
