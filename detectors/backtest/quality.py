"""How good the judging was, in the measures of research/detection.md section 6, with their intervals.

An *alert* is what a person would be woken by: signals of at least a warning on the same lanes, at most one an hour.
True and false ones are counted apart, so that no true alert hides in the hour of a false one, nor the reverse.
"""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, Any

from detectors.backtest.intervals import bootstrap_bounds, share_bounds, upper_95
from detectors.backtest.metrics import REACTIONS_S, average_precision, widened_precision
from detectors.detector import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ccip_core.protocol.messages import Lane
    from detectors.backtest.episodes import Episode
    from detectors.backtest.metrics import Attack
    from detectors.backtest.traffic import Traffic
    from detectors.detector import Signal

COOLDOWN_S = 3600
_BETA_WARN, _BETA_CURSE = 2.0, 0.5
"""A missed attack costs more than a person woken in vain; a false curse costs more than a late one."""

OfAttack = list[tuple["Signal", "Attack | None"]]


def find_alerts(of_attack: OfAttack) -> OfAttack:
    """The signals that begin an alert, by time."""
    last_s: dict[tuple[tuple[Lane, ...], bool], int] = {}
    alerts = []
    for signal, attack in sorted(of_attack, key=lambda pair: pair[0].known_at_ms):
        if signal.severity is Severity.INFO:
            continue
        key, at_s = (signal.lanes, attack is not None), signal.known_at_ms // 1000
        if key not in last_s or at_s >= last_s[key] + COOLDOWN_S:
            last_s[key] = at_s
            alerts.append((signal, attack))
    return alerts


def measure_quality(
    attacks: Sequence[Attack],
    of_attack: OfAttack,
    *,
    curses: Sequence[Episode],
    first_curses: Mapping[int, int],
    days: float,
    names: Mapping[Lane, str],
) -> dict[str, Any]:
    """Recall, precision, false alerts, delay and loss averted, over all attacks.

    Args:
        attacks: those of the history.
        of_attack: every signal with the attack that it is about.
        curses: every curse with the attack that it is because of.
        first_curses: by the second in which an attack began, when a lane was first to be cursed because of it.
        days: with honest traffic.
        names: of lanes, in the history's words.
    """
    alerts = find_alerts(of_attack)
    wrong = [signal for signal, attack in alerts if attack is None]
    alerted = {attack.first_s: signal.known_at_ms / 1000 for signal, attack in reversed(alerts) if attack is not None}
    right_curses = sum(episode.attack is not None for episode in curses)
    return {
        "alerts": _hits(len(alerted), len(attacks), len(alerts) - len(wrong), len(alerts), _BETA_WARN),
        "curses": _hits(len(first_curses), len(attacks), right_curses, len(curses), _BETA_CURSE),
        "false_alerts": _rate(len(wrong), days)
        | {
            "by_lane": [
                {"lane": names.get(lane, str(lane))} | _rate(sum(lane in signal.lanes for signal in wrong), days)
                for lane in sorted({lane for signal in wrong for lane in signal.lanes})
            ]
        },
        "delay_s": _delays(attacks, alerted),
        "curse_delay_s": _delays(attacks, first_curses),
    }


def pool_averted(attacks: Sequence[Attack], shares: Sequence[Mapping[int, float | None]]) -> dict[str, Any]:
    """Loss averted over all attacks, weighed by loss, for each reaction time.

    Args:
        attacks: those of the history.
        shares: of each, the share averted by reaction time.
    """
    pooled = {}
    for reaction_s in REACTIONS_S:
        priced = [
            (share, attack.loss)
            for attack, of_attack in zip(attacks, shares, strict=True)
            if (share := of_attack[reaction_s]) is not None
        ]
        loss = math.fsum(weight for _, weight in priced)
        bounds = bootstrap_bounds([share for share, _ in priced], [weight for _, weight in priced])
        pooled[str(reaction_s)] = {
            "share": math.fsum(share * weight for share, weight in priced) / loss if loss > 0 else None,
            "low_95": None if bounds is None else bounds[0],
            "high_95": None if bounds is None else bounds[1],
        }
    return pooled


def rank_releases(traffic: Traffic, attacks: Sequence[Attack], scores: NDArray[np.float64]) -> dict[str, Any]:
    """How well scores of outcomes tell attack releases from honest ones; None where there was no attack."""
    releases = traffic.is_release
    stolen = traffic.is_attack[releases]
    span_s = (int(traffic.time_s[0]), int(traffic.time_s[-1])) if len(traffic.time_s) else (0, 0)
    return {
        "base_rate": float(stolen.mean()) if len(stolen) else None,
        "pr_auc": average_precision(scores[releases], stolen),
        "vus_pr": widened_precision(traffic.time_s[releases], scores[releases], attacks, span_s),
    }


def _hits(found: int, attacks: int, right: int, said: int, beta: float) -> dict[str, Any]:
    recall, precision = _share(found, attacks), _share(right, said)
    together = None
    if recall["share"] is not None and precision["share"] is not None:
        weighed = beta * beta * precision["share"] + recall["share"]
        together = (1 + beta * beta) * precision["share"] * recall["share"] / weighed if weighed > 0 else 0.0
    return {"count": said, "recall": recall, "precision": precision, "beta": beta, "f_beta": together}


def _share(hits: int, of: int) -> dict[str, Any]:
    bounds = share_bounds(hits, of)
    return {
        "hits": hits,
        "of": of,
        "share": hits / of if of else None,
        "low_95": None if bounds is None else bounds[0],
        "high_95": None if bounds is None else bounds[1],
    }


def _rate(count: int, days: float) -> dict[str, Any]:
    return {"count": count, "per_day": count / days if days > 0 else None, "upper_95_per_day": upper_95(count, days)}


def _delays(attacks: Sequence[Attack], seen_s: Mapping[int, float]) -> dict[str, Any]:
    """Time to detect; an attack that was missed counts as seen when it ended, which is too kind, so it is counted."""
    delays = [seen_s.get(attack.first_s, attack.last_s) - attack.first_s for attack in attacks]
    missed = sum(attack.first_s not in seen_s for attack in attacks)
    return {
        "median": median(delays) if delays else None,
        "max": max(delays, default=None),
        "missed": missed,
    }
