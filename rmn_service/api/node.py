"""The node itself: `/health`, `/metrics`, `/status`, `/chains`, `/settings`, `/whoami`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from typing_extensions import TypedDict

from rmn_service.api.door import Answer, AtDoor, ByPerson, answer
from rmn_service.api.lanes import lane_items
from rmn_service.api.words import lane_text
from rmn_service.lane_flow import WINDOWS_S, FlowItem, together
from rmn_service.times import time_text

if TYPE_CHECKING:
    from ccip_core.endpoint import Standing
    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.api.lanes import LaneItem
    from rmn_service.operators import Operator
    from rmn_service.service import Service
    from rmn_service.watch import Progress, Watch

machines = APIRouter()
"""What stays open when reads need a token."""
router = APIRouter()

_MADE_UP_SHOWN_MS = 3_600_000
_DAY_MS, _MONTH_MS = 86_400_000, 30 * 86_400_000


class HealthItem(TypedDict):
    """Whether every chain advances."""

    status: str
    blind: dict[str, str]


class HealthAnswer(Answer):
    """200 while it is ok, else 503."""

    health: HealthItem


class EndpointItem(TypedDict):
    """One endpoint by its place in the configuration; its URL may hold a key."""

    number: int
    head: int | None
    latency_ms: float | None
    faults: dict[str, int]
    problem: str | None
    distrusted_s: int | None
    """How long it is still asked nothing, because enough others contradicted it; null while it is trusted."""


class CatchingUpItem(TypedDict):
    """How far a node that is behind has come."""

    block: int
    head: int
    blocks_per_s: float
    left_s: int | None


class PowerItem(TypedDict):
    """What this node's key may do to one chain's curses."""

    contract: str | None
    may_curse: bool
    may_uncurse: bool
    text: str


class ChainItem(TypedDict):
    """A chain under watch."""

    selector: str
    name: str
    chain_id: int
    block: int | None
    head: int | None
    final: int | None
    read_at: str | None
    blind: str | None
    endpoints: str
    min_agree: int
    asked: list[EndpointItem]
    catching_up: CatchingUpItem | None
    curser_balance_wei: str | None
    """What this node's key has to pay votes with; null without a key, and until it was asked."""
    curser_balance_low: bool | None


class ChainsAnswer(Answer):
    """Every chain under watch."""

    chains: list[ChainItem]


class Totals(TypedDict):
    """Over all lanes, by span: 1h, 24h, 7d."""

    moved: dict[str, FlowItem]
    blocked: dict[str, FlowItem]


class KillSwitchItem(TypedDict):
    """Whether people stopped all automatic curses of this node."""

    is_on: bool
    by: str | None
    at: str | None
    reason: str


class BudgetItem(TypedDict):
    """What was promised, and what became of it."""

    automatic_curses_24h: int
    curses_a_day: int | None
    curses_held_back: int
    false_curses_30d: int
    """Of this node's automatic curses, those that people labelled false."""
    true_curses_30d: int
    unlabelled_curses_30d: int
    false_incidents_30d: int
    false_curses_per_month: float
    """Promised."""
    false_alarms_per_day: float
    """Promised."""


class MadeUpItem(TypedDict):
    """A root that somebody asked this node to bless and that can't be true; it was withheld."""

    lane: str
    min_seq: str
    max_seq: str
    at: str


class StatusItem(TypedDict):
    """Who this node is, how far it may act, and how it stands."""

    name: str
    version: str
    signer: str | None
    curser: str | None
    kept: str
    """How long the database keeps the traffic of the chains."""
    powers: dict[str, PowerItem]
    """By chain selector."""
    time: str
    posture: str
    kill_switch: KillSwitchItem
    chains: list[ChainItem]
    lanes: dict[str, int]
    """How many lanes are in each state."""
    incidents_open: int
    incidents_critical: int
    curses: int
    signals: int
    proposals_open: int
    actions_unfinished: int
    value: Totals
    made_up_roots: list[MadeUpItem]
    """Of the last hour, newest first. Anybody may ask: it is told to people and decides nothing."""
    budgets: BudgetItem


class StatusAnswer(Answer):
    """One look at a node."""

    status: StatusItem


class SettingsAnswer(Answer):
    """The effective configuration without anything secret."""

    settings: dict[str, Any]


class WhoItem(TypedDict):
    """Who asks, and what they may do here."""

    name: str
    role: str
    may: list[str]


class WhoAnswer(Answer):
    """The holder of the token."""

    whoami: WhoItem


def chain_items(service: Service, now_ms: int) -> list[ChainItem]:
    """Every chain under watch: how far it was read, and why it is blind if it is."""
    return [_chain_item(service, selector, watch, now_ms) for selector, watch in service.watches.items()]


def _chain_item(service: Service, selector: ChainSelector, watch: Watch, now_ms: int) -> ChainItem:
    funds = service.voter.funds.get(selector)
    return {
        "selector": str(selector),
        "name": watch.chain.name,
        "chain_id": watch.chain.chain_id,
        "block": watch.applied.number if watch.applied else None,
        "head": watch.head.number if watch.head else None,
        "final": service.messages.final.get(selector),
        "read_at": None if watch.read_at_ms is None else time_text(watch.read_at_ms),
        "blind": watch.blind_reason(now_ms),
        "endpoints": watch.endpoints,
        "min_agree": watch.rpc.min_agree,
        "asked": [_endpoint_item(standing) for standing in watch.rpc.standings()],
        "catching_up": _catching_up_item(watch.progress(now_ms)),
        "curser_balance_wei": None if funds is None else str(funds.balance_wei),
        "curser_balance_low": None if funds is None else funds.is_low,
    }


def _endpoint_item(standing: Standing) -> EndpointItem:
    latency_ms = None if standing.latency_ms is None else round(standing.latency_ms, 2)
    return {
        "number": standing.number,
        "head": standing.head,
        "latency_ms": latency_ms,
        "faults": standing.faults,
        "problem": standing.problem,
        "distrusted_s": standing.distrusted_s,
    }


def _catching_up_item(progress: Progress | None) -> CatchingUpItem | None:
    if progress is None:
        return None
    left_s = None if progress.left_s is None else round(progress.left_s)
    return {"block": progress.block, "head": progress.head, "blocks_per_s": progress.blocks_per_s, "left_s": left_s}


def kill_switch_item(service: Service) -> KillSwitchItem:
    """The switch in an answer."""
    switch = service.kill_switch
    at = None if switch.at_ms is None else time_text(switch.at_ms)
    return {"is_on": switch.is_on, "by": switch.by, "at": at, "reason": switch.reason}


def budget_item(service: Service, promised: dict[str, float], now_ms: int) -> BudgetItem:
    """This node's budgets against what happened."""
    acts = {
        (action.cause, action.intended_at_ms)
        for action in service.voter.actions()
        if action.kind == "curse" and action.cause in service.incidents
    }
    cursed = {cause for cause, at_ms in acts if now_ms - at_ms < _MONTH_MS}
    labels = [service.incidents[cause].label for cause in cursed]
    recent = [incident for incident in service.incidents.values() if now_ms - incident.opened_at_ms < _MONTH_MS]
    return {
        "automatic_curses_24h": sum(now_ms - at_ms < _DAY_MS for _, at_ms in acts),
        "curses_a_day": service.conduct.limits.curses_a_day,
        "curses_held_back": len(service.held_back),
        "false_curses_30d": labels.count("false"),
        "true_curses_30d": labels.count("true"),
        "unlabelled_curses_30d": len(labels) - labels.count("false") - labels.count("true"),
        "false_incidents_30d": sum(incident.label == "false" for incident in recent),
        "false_curses_per_month": promised["false_curses_per_month"],
        "false_alarms_per_day": promised["false_alarms_per_day"],
    }


def _totals(items: list[LaneItem]) -> Totals:
    return {
        "moved": {name: together(item["moved"][name] for item in items) for name in WINDOWS_S},
        "blocked": {name: together(item["blocked"][name] for item in items) for name in WINDOWS_S},
    }


def _may(operator: Operator) -> list[str]:
    may = ["read"]
    if operator.may_act:
        may += ["propose", "adopt", "affirm", "speak about incidents", "announce maintenance", "set posture", "stop"]
        may += ["test alerts"]
    if operator.role == "approver":
        may += ["approve", "reject", "let go on"]
    return may


@machines.get("/health", response_model=HealthAnswer, responses={503: {"model": HealthAnswer}})
def health(door: AtDoor) -> JSONResponse:
    """200 only while every chain advances; else 503 and why."""
    now_ms = door.clock()
    with door.service.lock:
        faults = {str(selector): watch.blind_reason(now_ms) for selector, watch in door.service.watches.items()}
        blind = {selector: reason for selector, reason in faults.items() if reason is not None}
        body = {"health": {"status": "blind" if blind else "ok", "blind": blind}}
        return answer(door, body, 503 if blind else 200)


@machines.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(door: AtDoor) -> Response:
    """Prometheus."""
    text = door.service.metrics.scrape(door.service, door.clock())
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/status", response_model=StatusAnswer)
def status(door: AtDoor) -> JSONResponse:
    """Who this node is, how far it may act, and how it stands."""
    now_ms = door.clock()
    service = door.service
    with service.lock:
        judged, items = service.judged(), lane_items(service, now_ms)
        words = [item["state"] for item in items]
        proposals = [proposal.state_at(now_ms) for proposal in door.desk.proposals.values()]
        body = door.describe() | {
            "time": time_text(now_ms),
            "posture": service.posture,
            "kill_switch": kill_switch_item(service),
            "chains": chain_items(service, now_ms),
            "lanes": {word: words.count(word) for word in ("quiet", "watched", "withheld", "cursed", "blind")},
            "incidents_open": len(judged),
            "incidents_critical": sum(incident.severity.word == "critical" for incident, _ in judged),
            "curses": sum(1 for _ in service.curses.active()),
            "signals": len(service.signals),
            "proposals_open": sum(state in ("prepared", "proposed") for state in proposals),
            "actions_unfinished": sum(not action.is_finished for action in service.voter.actions()),
            "value": _totals(items),
            "made_up_roots": [
                {
                    "lane": lane_text(claim.lane),
                    "min_seq": str(claim.min_seq_nr),
                    "max_seq": str(claim.max_seq_nr),
                    "at": time_text(at_ms),
                }
                for claim, at_ms in service.made_up_roots()
                if now_ms - at_ms <= _MADE_UP_SHOWN_MS
            ],
            "budgets": budget_item(service, door.settings()["detectors"], now_ms),
        }
        return answer(door, {"status": body})


@router.get("/chains", response_model=ChainsAnswer)
def chains(door: AtDoor) -> JSONResponse:
    """Every chain under watch."""
    now_ms = door.clock()
    with door.service.lock:
        return answer(door, {"chains": chain_items(door.service, now_ms)})


@router.get("/settings", response_model=SettingsAnswer)
def settings(door: AtDoor) -> JSONResponse:
    """What this node runs with, secrets left out: policy table, budgets, endpoints by host, operators by name."""
    with door.service.lock:
        return answer(door, {"settings": door.settings()})


@router.get("/whoami", response_model=WhoAnswer)
def whoami(door: AtDoor, person: ByPerson) -> JSONResponse:
    """Whose token this is, and what they may do here."""
    with door.service.lock:
        return answer(door, {"whoami": {"name": person.name, "role": person.role, "may": _may(person)}})
