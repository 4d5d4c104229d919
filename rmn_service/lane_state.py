"""How a lane stands, in one word, now or at an earlier time: cursed, withheld, blind, watched or quiet.

The worst is said. *Blind* is known of the present alone: the record of the past is what we have read by now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from rmn_service.policy import decide_all, stops_blessing

if TYPE_CHECKING:
    from ccip_core.protocol.messages import Lane
    from rmn_service.incidents import Incident
    from rmn_service.policy import Decision, Target
    from rmn_service.service import Service

LaneWord = Literal["quiet", "watched", "withheld", "cursed", "blind"]


class LaneState(NamedTuple):
    """What stands in a lane's way."""

    word: LaneWord
    curse: Target | None
    incidents: tuple[Incident, ...]
    """That name the lane or, where they name none, one of its chains."""
    withheld_by: tuple[Incident, ...]
    """Of those, the ones on whose account this node keeps its signature."""
    blind: str | None


Judged = list[tuple["Incident", "Decision"]]


def judged_at(service: Service, at_s: int | None) -> Judged:
    """The open incidents with policy's answer, or those that were open at an earlier time."""
    if at_s is None:
        return service.judged()
    stood = [incident.as_it_stood(1000 * at_s + 999) for incident in service.incidents.values()]
    open_then = [incident for incident in stood if incident is not None and not incident.is_closed]
    return decide_all(open_then, service.posture_at(at_s), service.conduct.table)


def lane_state(service: Service, lane: Lane, judged: Judged, now_ms: int, at_s: int | None = None) -> LaneState:
    """How the lane stands. The caller holds the lock; `judged` is `judged_at` of the same moment."""
    curse = service.curses.on_lane(lane, at_s)
    about = [(each, decision) for each, decision in judged if _is_about(each, lane)]
    withheld_by = tuple(each for each, decision in about if stops_blessing(each, decision))
    blind = None if at_s is not None else _blind_reason(service, lane, now_ms)
    incidents = tuple(each for each, _ in about)
    word: LaneWord = (
        "cursed"
        if curse is not None
        else "withheld"
        if withheld_by
        else "blind"
        if blind is not None
        else "watched"
        if incidents
        else "quiet"
    )
    return LaneState(word, curse, incidents, withheld_by, blind)


def _is_about(incident: Incident, lane: Lane) -> bool:
    return lane in incident.cause.lanes or incident.cause.chain in lane


def _blind_reason(service: Service, lane: Lane, now_ms: int) -> str | None:
    for selector in lane:
        watch = service.watches.get(selector)
        reason = "not watched" if watch is None else watch.blind_reason(now_ms)
        if reason is not None:
            return f"{selector if watch is None else watch.chain.name}: {reason}"
    return None
