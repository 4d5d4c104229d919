"""Decisions of a replay as spans of time: which lanes were stopped or withheld, from when to when, and for what.

A lane that is cursed is not cursed again while its curse lasts; one that is withheld is withheld for longer by each
further decision. An episode is false when the decision that began it rests on no true signal.
"""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ccip_core.protocol.messages import Lane

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.backtest.metrics import Attack
    from detectors.backtest.responder import Decided
    from detectors.backtest.traffic import Traffic

_HOUR_S = 3600


class Episode(NamedTuple):
    """Lanes that were stopped, or not blessed, together."""

    at_s: int
    until_s: int
    is_curse: bool
    lanes: tuple[Lane, ...]
    """Those that were accused and not stopped before."""
    signals: frozenset[str]
    """Ids; what was decided in its first second rests on them."""
    attack: Attack | None
    """None: it is false."""


def find_episodes(decided: Iterable[Decided], attack_of: Mapping[str, Attack | None]) -> list[Episode]:
    """All episodes by time, from decisions and the attack that each signal is about."""
    found: list[Episode] = []
    running: dict[tuple[bool, Lane], int] = {}
    """The latest episode of each lane, of either kind."""
    right_first = sorted(decided, key=lambda each: (each.at_ms, _attack(each, attack_of) is None))
    for each in right_first:
        at_s, until_s = each.at_ms // 1000, each.until_ms // 1000
        fresh = []
        for lane in each.lanes:
            latest = running.get((each.is_curse, lane))
            if latest is None or at_s >= found[latest].until_s:
                fresh.append(lane)
            else:
                found[latest] = _joined(found[latest], each)
        if fresh:
            running |= dict.fromkeys([(each.is_curse, lane) for lane in fresh], len(found))
            about = _attack(each, attack_of)
            found.append(Episode(at_s, until_s, each.is_curse, tuple(fresh), frozenset(each.signals), about))
    return found


def _joined(episode: Episode, decided: Decided) -> Episode:
    """The episode after a further decision within it."""
    at_s, until_s = decided.at_ms // 1000, decided.until_ms // 1000
    if at_s == episode.at_s:
        episode = episode._replace(signals=episode.signals.union(decided.signals))
    return episode if episode.is_curse else episode._replace(until_s=max(until_s, episode.until_s))


def _attack(decided: Decided, attack_of: Mapping[str, Attack | None]) -> Attack | None:
    return next((attack for id_ in decided.signals if (attack := attack_of.get(id_)) is not None), None)


def first_curse(attack: Attack, decided: Iterable[Decided], attack_of: Mapping[str, Attack | None]) -> dict[Lane, int]:
    """When each lane was first to be cursed because of this attack, in seconds."""
    first: dict[Lane, int] = {}
    for each in sorted(decided, key=attrgetter("at_ms")):
        if each.is_curse and any(attack_of.get(id_) is attack for id_ in each.signals):
            for lane in each.lanes:
                first.setdefault(lane, each.at_ms // 1000)
    return first


def both_ways(curse_s: Mapping[Lane, int]) -> dict[Lane, int]:
    """When each lane stands still: a curse goes to both ends, and at either it stops sending and executing."""
    stops: dict[Lane, int] = defaultdict(lambda: 1 << 62)
    for lane, at_s in curse_s.items():
        for stopped in (lane, Lane(lane.dest, lane.source)):
            stops[stopped] = min(stops[stopped], at_s)
    return dict(stops)


class Cost(NamedTuple):
    """What honest users bear of lanes that stand still."""

    messages: int
    """Releases that wait until the end."""
    value_usd: float
    value_hours: float
    """USD times the hours that it waits."""


def cost_of(episode: Episode, traffic: Traffic) -> Cost:
    """What honest releases on the episode's lanes bear: of a curse, both ways; of withholding, the accused ones."""
    from_s = dict.fromkeys(episode.lanes, episode.at_s)
    since = traffic.since(both_ways(from_s) if episode.is_curse else from_s)
    waits = traffic.is_honest_release & (traffic.time_s > since) & (traffic.time_s <= episode.until_s)
    hours = (episode.until_s - traffic.time_s[waits]) / _HOUR_S
    usd = traffic.usd[waits]
    return Cost(int(waits.sum()), float(usd.sum()), float(np.dot(usd, hours)))
