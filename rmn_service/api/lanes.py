"""`/lanes`: how every lane stands, what it moved and what waits on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from rmn_service.api.door import Answer, AtDoor, AtPast, answer
from rmn_service.api.words import TargetItem, target_item
from rmn_service.hold import Usually, usually
from rmn_service.lane_flow import FlowItem, flows, waiting
from rmn_service.lane_state import LaneWord, judged_at, lane_state

if TYPE_CHECKING:
    from ccip_core.protocol.messages import Lane
    from rmn_service.service import Service

router = APIRouter()


class LaneItem(TypedDict):
    """One lane."""

    source: str
    dest: str
    blessing: bool
    state: LaneWord
    sent: str
    committed: str
    in_flight: int
    curse: TargetItem | None
    incidents: list[str]
    withheld_by: list[str]
    """Of these incidents, those on whose account this node keeps its signature."""
    blind: str | None
    moved: dict[str, FlowItem]
    blocked: dict[str, FlowItem]
    """Both by span: 1h, 24h, 7d."""
    usual_commit: Usually | None
    usual_execution: Usually | None


class LanesAnswer(Answer):
    """Every lane of the deployment."""

    lanes: list[LaneItem]


def lane_items(service: Service, now_ms: int, at_s: int | None = None) -> list[LaneItem]:
    """Every lane and what stands in its way, now or at an earlier block time. The caller holds the lock."""
    judged = judged_at(service, at_s)
    items: list[LaneItem] = []
    for config in service.deployment.lanes:
        lane = config.lane
        stands = lane_state(service, lane, judged, now_ms, at_s)
        moment_s = now_ms // 1000 if at_s is None else at_s
        flow = flows(service, lane, stands.word, moment_s, is_past=at_s is not None)
        sent, committed = _heights(service, lane, at_s)
        items.append(
            {
                "source": str(lane.source),
                "dest": str(lane.dest),
                "blessing": config.blessing,
                "state": stands.word,
                "sent": str(sent),
                "committed": str(committed),
                "in_flight": len(waiting(service, lane, moment_s, is_past=at_s is not None)),
                "curse": None if stands.curse is None else target_item(stands.curse),
                "incidents": [incident.id for incident in stands.incidents],
                "withheld_by": [incident.id for incident in stands.withheld_by],
                "blind": stands.blind,
                "moved": flow["moved"],
                "blocked": flow["blocked"],
                "usual_commit": usually(service.messages.usual_commit(lane)),
                "usual_execution": usually(service.messages.usual_execution(lane)),
            }
        )
    return items


def _heights(service: Service, lane: Lane, at_s: int | None) -> tuple[int, int]:
    if at_s is None:
        return service.messages.heights(lane)
    last = next(service.ledger.sent_between([lane], None, at_s), None)
    return service.messages.heights_at(lane, None if last is None else last.sent, at_s)


@router.get("/lanes", response_model=LanesAnswer)
def lanes(door: AtDoor, at_s: AtPast) -> JSONResponse:
    """Every lane and what stands in its way."""
    now_ms = door.clock()
    with door.service.lock:
        return answer(door, {"lanes": lane_items(door.service, now_ms, at_s)})
