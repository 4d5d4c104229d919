"""What would have been saved, and what it would have cost, had the node been there.

For each attack a curse is put on the lanes that were to be cursed because of it, both ways, so many seconds after the
decision. What it stops is saved; honest messages wait until it is lifted: a day after it, or an hour after the attack's
last release, whichever is later. Beside it stand a limiter (`limiter`), and the veto: a release needs a blessing, and a
node whose exact rule withholds on it at once gives none, so what can't be vetoed is what no exact rule sees at once.
What the thieves would have done instead is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.backtest.episodes import both_ways
from detectors.backtest.limiter import limit
from detectors.backtest.metrics import CURSE_S, REACTIONS_S
from detectors.backtest.moments import iso
from detectors.backtest.traffic import NEVER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import Lane
    from detectors.backtest.metrics import Attack
    from detectors.backtest.traffic import Traffic

_AFTERMATH_S = 3600
_HOUR_S = 3600
_CROSSING_QUANTILE = 0.99


def what_if(
    attack: Attack, traffic: Traffic, curse_s: Mapping[Lane, int], vetoed: Collection[str], names: Mapping[Lane, str]
) -> dict[str, Any]:
    """The attack under curses at several reaction times, alone and with limiter and veto.

    Args:
        attack: one of the history's.
        traffic: the history's outcomes.
        curse_s: when each lane was first to be cursed because of the attack.
        vetoed: events on which an exact rule withholds at once.
        names: of lanes, in the history's words.
    """
    events = attack.event_ids
    stolen = traffic.is_attack & traffic.is_release
    stolen &= np.array([outcome.event_id in events for outcome in traffic.outcomes], dtype=np.bool_)
    is_vetoed = np.array([outcome.event_id in vetoed for outcome in traffic.outcomes], dtype=np.bool_)
    limited = limit(traffic, attack.first_s, attack.last_s)
    loss = float(traffic.usd[stolen].sum())
    ceiling = float(traffic.usd[stolen & (traffic.time_s > attack.first_s)].sum())
    ways = {"limiter": limited.is_blocked, "veto": is_vetoed, "limiter_and_veto": limited.is_blocked | is_vetoed}

    def saved(is_stopped: NDArray[np.bool_]) -> dict[str, float | None]:
        usd = float(traffic.usd[stolen & is_stopped].sum())
        return {"saved_usd": round(usd, 2), "saved_share": _share(usd, loss)}

    nothing = np.zeros(len(traffic.time_s), dtype=np.bool_)
    reactions = []
    for reaction_s in REACTIONS_S:
        stops = {lane: at_s + reaction_s for lane, at_s in both_ways(curse_s).items()}
        since = traffic.since(stops)
        is_late = traffic.time_s > since if curse_s else nothing
        until_s = max(max(stops.values(), default=0) + CURSE_S, attack.last_s + _AFTERMATH_S)
        reactions.append(
            {
                "reaction_s": reaction_s,
                **saved(is_late),
                "saved_share_of_ceiling": _share(float(traffic.usd[stolen & is_late].sum()), ceiling),
                **{f"with_{way}": saved(is_late | is_stopped) for way, is_stopped in ways.items()},
                "cost": _cost(traffic, since, until_s) if curse_s else None,
            }
        )
    honest = traffic.is_honest_release
    return {
        "curse_at": iso(min(curse_s.values())) if curse_s else None,
        "reactions": reactions,
        "without_curse": {way: saved(is_stopped) for way, is_stopped in ways.items()},
        "limiter": {
            "capacity_usd": {names.get(lane, str(lane)): round(usd, 2) for lane, usd in limited.capacity_usd.items()},
            "honest_blocked": int((honest & limited.is_blocked).sum()),
            "honest_blocked_usd": _usd(traffic, honest & limited.is_blocked),
        },
        "veto": {
            "vetoed": int((stolen & is_vetoed).sum()),
            "not_vetoed_usd": _usd(traffic, stolen & ~is_vetoed),
        },
    }


def _cost(traffic: Traffic, since: NDArray[np.int64], until_s: int) -> dict[str, Any]:
    """What honest users bear of lanes that stand still from then on."""
    waits = traffic.is_honest_release & (traffic.time_s > since) & (traffic.time_s <= until_s)
    hours = (until_s - traffic.time_s[waits]) / _HOUR_S
    refused = traffic.is_honest_send & (traffic.time_s > since) & (traffic.time_s <= until_s)
    return {
        "lifted_at": iso(until_s),
        "messages_delayed": int(waits.sum()),
        "value_delayed_usd": _usd(traffic, waits),
        "delay_h_mean": round(float(hours.mean()), 2) if len(hours) else 0.0,
        "delay_h_max": round(float(hours.max()), 2) if len(hours) else 0.0,
        "value_hours_usd_h": round(float(np.dot(traffic.usd[waits], hours)), 2),
        "messages_stranded": _stranded(traffic, since),
        "sends_refused": int(refused.sum()),
    }


def _stranded(traffic: Traffic, since: NDArray[np.int64]) -> int:
    """Messages in flight when their lane stopped: sent before, executed after.

    One that the history never executes counts if it was sent no longer before than nearly all crossings take.
    """
    sent = traffic.is_honest_send & (traffic.time_s <= since) & (since < NEVER)
    total = int((sent & (traffic.executed_s > since) & (traffic.executed_s < NEVER)).sum())
    for index in range(len(traffic.lanes)):
        of_lane = sent & (traffic.lane == index)
        crossed = of_lane & (traffic.executed_s <= since)
        if crossed.any():
            usual_s = np.quantile((traffic.executed_s - traffic.time_s)[crossed], _CROSSING_QUANTILE)
            lost = of_lane & (traffic.executed_s == NEVER) & (since - traffic.time_s <= usual_s)
            total += int(lost.sum())
    return total


def _usd(traffic: Traffic, which: NDArray[np.bool_]) -> float:
    return round(float(traffic.usd[which].sum()), 2)


def _share(usd: float, of_usd: float) -> float | None:
    return usd / of_usd if of_usd > 0 else None
