"""A backtest's result: the JSON that interfaces.md promises, and more."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors.backtest.budget import count_budgets
from detectors.backtest.counterfactual import what_if
from detectors.backtest.episodes import cost_of, find_episodes, first_curse
from detectors.backtest.intervals import upper_95
from detectors.backtest.metrics import CURSE_S, attack_of, average_precision, benign_days, event_ids
from detectors.backtest.moments import iso
from detectors.backtest.quality import measure_quality, pool_averted, rank_releases
from detectors.backtest.traffic import traffic_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import Lane
    from detectors.backtest.episodes import Episode
    from detectors.backtest.metrics import Attack, Outcome
    from detectors.backtest.responder import Decided
    from detectors.backtest.traffic import Traffic
    from detectors.detector import Signal
    from detectors.judge import Undecided
    from detectors.settings import Settings


class Judged(NamedTuple):
    """A history with what was said of it and what is true."""

    outcomes: Sequence[Outcome]
    """By time."""
    attacks: Sequence[Attack]
    rules: Sequence[str]
    """Names."""
    statistics: Sequence[str]
    """Names, as in the columns of `scores`."""
    signals: Sequence[Signal]
    decided: Sequence[Decided]
    undecided: Sequence[Undecided]
    scores: NDArray[np.float64]
    """Of each outcome, by each statistic."""
    directions: Mapping[Lane, str]
    settings: Settings


def code_version() -> str:
    """The version of this package; "unknown" when it runs from a bare checkout."""
    try:
        return metadata.version("ccip-rmn")
    except metadata.PackageNotFoundError:
        return "unknown"


class _Story(NamedTuple):
    """What several parts of the report are told from."""

    of_attack: list[tuple[Signal, Attack | None]]
    by_id: dict[str, Attack | None]
    traffic: Traffic
    episodes: list[Episode]
    vetoed: frozenset[str]
    """Events on which an exact rule withholds or curses in the second in which they stand."""
    days: float


def build_report(judged: Judged) -> dict[str, Any]:
    """What interfaces.md promises under "Backtest JSON", from `attacks` to `signals`, and more."""
    of_attack = [(signal, attack_of(signal, judged.attacks)) for signal in judged.signals]
    by_id = {signal.id: attack for signal, attack in of_attack}
    episodes = find_episodes(judged.decided, by_id)
    acted_on = {id_ for decided in judged.decided for id_ in decided.signals}
    vetoed = frozenset(
        event_ids(signal)[0]
        for signal in judged.signals
        if signal.is_exact and signal.id in acted_on and signal.known_at_ms // 1000 <= signal.at_s
    )
    days = benign_days(judged.outcomes)
    story = _Story(of_attack, by_id, traffic_of(judged.outcomes), episodes, vetoed, days)
    wrong = [signal for signal, attack in of_attack if attack is None]
    attacks = [_attack(judged, story, attack) for attack in judged.attacks]
    curses = [episode for episode in episodes if episode.is_curse]
    return {
        "attacks": attacks,
        "quality": _quality(judged, story, curses, attacks),
        "false_signals": {
            "count": len(wrong),
            "per_day": _rate(len(wrong), story.days),
            "upper_95_per_day": upper_95(len(wrong), story.days),
            "benign_days": story.days,
            "signals": [signal.id for signal in wrong],
        },
        "false_curses": _false(judged, story, curses),
        "false_withholds": _false(judged, story, [episode for episode in episodes if not episode.is_curse]),
        "budget": _budget(judged, story, curses),
        "undecided": {"rows": len({question.row.at.row_id for question in judged.undecided})},
        "detectors": [
            _detector(judged, story, name)
            for name in (*judged.rules, *judged.statistics)
            if name not in judged.settings.left_out
        ],
        "signals": [_signal(judged, signal) for signal in judged.signals],
    }


def _attack(judged: Judged, story: _Story, attack: Attack) -> dict[str, Any]:
    signals = [signal for signal, about in story.of_attack if about is attack]
    first = min(signals, key=lambda signal: signal.known_at_ms, default=None)
    by_rules = {event_ids(signal)[0] for signal in signals if signal.is_exact}
    curse_s = first_curse(attack, judged.decided, story.by_id)
    counterfactual = what_if(attack, story.traffic, curse_s, story.vetoed, judged.directions)
    return {
        "name": attack.name,
        "first_malicious": iso(attack.first_s),
        "last_malicious": iso(attack.last_s),
        "rows": len(attack.event_ids),
        "rows_signalled_by_rules": len(by_rules & attack.event_ids),
        "loss_usd": round(attack.loss, 2),
        "ceiling_share": attack.averted_share(attack.first_s),
        "first_signal": None
        if first is None
        else {
            "at": iso(first.known_at_ms // 1000),
            "detector": first.detector,
            "delay_s": first.known_at_ms / 1000 - attack.first_s,
        },
        "first_curse": _first_curse(judged, attack, curse_s),
        "averted_share_by_reaction_s": {
            str(line["reaction_s"]): line["saved_share"] for line in counterfactual["reactions"]
        },
        "counterfactual": counterfactual,
    }


def _first_curse(judged: Judged, attack: Attack, curse_s: Mapping[Lane, int]) -> dict[str, Any] | None:
    """When, and the lanes that are stopped first."""
    if not curse_s:
        return None
    at_s = min(curse_s.values())
    lanes = sorted(lane for lane, lane_s in curse_s.items() if lane_s == at_s)
    return {"at": iso(at_s), "delay_s": float(at_s - attack.first_s), "subjects": _names(judged, lanes)}


def _quality(
    judged: Judged, story: _Story, curses: Sequence[Episode], attacks: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    first_s = {attack.first_s: first_curse(attack, judged.decided, story.by_id) for attack in judged.attacks}
    cursed_s = {began_s: min(lanes.values()) for began_s, lanes in first_s.items() if lanes}
    shares = [
        {line["reaction_s"]: line["saved_share"] for line in attack["counterfactual"]["reactions"]}
        for attack in attacks
    ]
    position = {outcome.event_id: index for index, outcome in enumerate(judged.outcomes)}
    of_rules = np.zeros(len(judged.outcomes))
    for signal in judged.signals:
        accused = position.get(event_ids(signal)[0])
        if signal.is_exact and accused is not None:
            of_rules[accused] = max(of_rules[accused], signal.score)
    of_statistics = judged.scores.max(axis=1, initial=0.0)
    return {
        **measure_quality(
            judged.attacks,
            story.of_attack,
            curses=curses,
            first_curses=cursed_s,
            days=story.days,
            names=judged.directions,
        ),
        "averted_share_by_reaction_s": pool_averted(judged.attacks, shares),
        "ranking": {
            "rules": rank_releases(story.traffic, judged.attacks, of_rules),
            "statistics": rank_releases(story.traffic, judged.attacks, of_statistics),
            "all": rank_releases(story.traffic, judged.attacks, np.maximum(of_rules, of_statistics)),
        },
    }


def _false(judged: Judged, story: _Story, episodes: Sequence[Episode]) -> dict[str, Any]:
    """What was decided for nothing, and what honest users bear of it."""
    wrong = [episode for episode in episodes if episode.attack is None]
    costs = [cost_of(episode, story.traffic) for episode in wrong]
    return {
        "count": len(wrong),
        "per_day": _rate(len(wrong), story.days),
        "upper_95_per_day": upper_95(len(wrong), story.days),
        "benign_value_delayed_usd": round(sum(cost.value_usd for cost in costs), 2),
        "value_hours_usd_h": round(sum(cost.value_hours for cost in costs), 2),
        "messages_delayed": sum(cost.messages for cost in costs),
        "assumed_curse_s": CURSE_S,
        "episodes": [
            {
                "at": iso(episode.at_s),
                "until": iso(episode.until_s),
                "subjects": _names(judged, episode.lanes),
                "signals": sorted(episode.signals),
                "value_delayed_usd": round(cost.value_usd, 2),
            }
            for episode, cost in zip(wrong, costs, strict=True)
        ],
    }


def _budget(judged: Judged, story: _Story, curses: Sequence[Episode]) -> dict[str, Any]:
    exact = {signal.id for signal in judged.signals if signal.is_exact}
    alarms_s = [s.known_at_ms // 1000 for s, attack in story.of_attack if attack is None and not s.is_exact]
    curses_s = [each.at_s for each in curses if each.attack is None and not exact.intersection(each.signals)]
    return count_budgets(judged.settings, judged.outcomes, alarms_s, curses_s)


def _detector(judged: Judged, story: _Story, name: str) -> dict[str, Any]:
    own = [(signal, attack) for signal, attack in story.of_attack if signal.detector == name]
    right = [(signal, attack) for signal, attack in own if attack is not None]
    delays = [signal.known_at_ms / 1000 - attack.first_s for signal, attack in right]
    return {
        "name": name,
        "kind": "statistic" if name in judged.statistics else "rule",
        "signals": len(own),
        "true": len(right),
        "false": len(own) - len(right),
        "false_per_day": _rate(len(own) - len(right), story.days),
        "first_delay_s": min(delays, default=None),
        "pr_auc": _pr_auc(judged, story, name),
    }


def _pr_auc(judged: Judged, story: _Story, name: str) -> float | None:
    """Over all releases; a rule scores 1 where it accuses. None when the detector had nothing to say of any."""
    releases, is_attack = story.traffic.is_release, story.traffic.is_attack
    if name in judged.statistics:
        scores = judged.scores[:, judged.statistics.index(name)]
    else:
        accused = {event_ids(signal)[0] for signal in judged.signals if signal.detector == name}
        scores = np.array([outcome.event_id in accused for outcome in judged.outcomes] if accused else [], dtype=float)
    return average_precision(scores[releases], is_attack[releases]) if scores.any() else None


def _signal(judged: Judged, signal: Signal) -> dict[str, Any]:
    """What was said, and nothing of the truth: blanked truth columns leave it as it is."""
    return {
        "id": signal.id,
        "at": iso(signal.at_s),
        "known_at": iso(signal.known_at_ms // 1000),
        "detector": signal.detector,
        "score": signal.score,
        "severity": signal.severity.word,
        "rows": event_ids(signal),
        "subjects": _names(judged, signal.lanes),
        "summary": signal.summary,
        "evidence": dict(signal.evidence),
    }


def _names(judged: Judged, lanes: Sequence[Lane]) -> list[str]:
    return [judged.directions.get(lane, f"{lane.source}->{lane.dest}") for lane in lanes]


def _rate(count: int, days: float) -> float | None:
    return count / days if days > 0 else None
