"""Compares what the judges said with what is known to be true (research/detection.md section 6).

The only reader of the truth columns `label` and `label_detail`. A signal is true when a row that it rests on is
labelled as an attack, or, for a statistic, when it was stated during an attack; every other signal is false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.backtest.history import read_table
from detectors.backtest.responder import PEOPLE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import Lane
    from detectors.detector import Signal

DAY_S = 86_400
ATTACK_GAP_S = DAY_S
"""Attack rows further apart belong to two attacks."""
CURSE_S = PEOPLE_MS // 1000
"""How long a curse is assumed to last before people lift it."""
REACTIONS_S = (0, 12, 60, 300, 900)
_BUCKET_S = 300
_RAMP_BUCKETS = 12


class Outcome(NamedTuple):
    """One event of the history with its truth."""

    event_id: str
    time_s: int
    lane: Lane
    is_release: bool
    usd: float
    is_attack: bool
    detail: str
    tx_hash: str = ""
    message_id: str = ""


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


def widened_precision(
    times_s: NDArray[np.int64], scores: NDArray[np.float64], attacks: Sequence[Attack], span_s: tuple[int, int]
) -> float | None:
    """VUS-PR: the mean PR-AUC over labels whose ends are widened by ramps of up to an hour; None without an attack.

    Time is cut into buckets of five minutes; a bucket's score is the highest of its releases, 0 where there is none.
    """
    if not attacks:
        return None
    first = span_s[0] // _BUCKET_S
    count = span_s[1] // _BUCKET_S - first + 1
    series = np.zeros(count)
    np.maximum.at(series, times_s // _BUCKET_S - first, scores)
    spoken = np.flatnonzero(series)  # the rest, nearly all, are one tie at the end
    order = spoken[np.argsort(-series[spoken], kind="stable")]
    ends = np.append(np.flatnonzero(np.diff(series[order])), len(order) - 1) if len(order) else order
    said = np.append(ends + 1, count)
    at = np.arange(first, first + count)
    outside = [np.maximum(one.first_s // _BUCKET_S - at, at - one.last_s // _BUCKET_S) for one in attacks]
    nearest = np.minimum.reduce(outside)
    areas = []
    for ramp in range(_RAMP_BUCKETS + 1):
        truth = np.clip(1 - nearest / (ramp + 1), 0, 1)
        hits = np.append(np.cumsum(truth[order])[ends], truth.sum())
        areas.append(float(np.sum(np.diff(hits, prepend=0.0) / hits[-1] * hits / said)))
    return sum(areas) / len(areas)
