"""`/proposals` and `/blast-radius`: what people want done, what it would do, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from rmn_service.api.door import Answer, AtDoor, AtPast, ByOperator, Id, Limit, Reason, answer
from rmn_service.api.words import ActionItem, TargetItem, action_item, target_item
from rmn_service.blast_radius import BlastRadius, Outcome, outcome_of
from rmn_service.proposals import ProposalKind, ProposalState
from rmn_service.times import time_text

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.actions import Action
    from rmn_service.api.door import Door
    from rmn_service.proposals import Proposal

router = APIRouter()
Subject = Annotated[str, Field(min_length=1, max_length=100)]
Subjects = Annotated[list[Subject], Field(min_length=1, max_length=64)]
ProgressWord = Literal["waiting", "intended", "sent", "voted", "done", "impossible", "council"]
"""waiting: for consent · intended, sent: this node's transaction is under way · voted: it stands, other nodes' votes
are missing · done: the chain shows what was wanted · impossible: this node's key may not · council: no key here."""


class CalldataItem(TypedDict):
    """What whoever may would send."""

    chain: str
    to: str
    data: str


class CouncilItem(TypedDict):
    """Who may lift on a chain, as the chain said when it was proposed; the owner is null where it did not answer."""

    chain: str
    contract: str
    address: str
    owner: str | None
    is_ours: bool
    """This node's curser key is the council: it sends the lift itself."""


class ChainProgress(TypedDict):
    """How far it is on one chain."""

    chain: str
    state: ProgressWord
    targets: int
    standing: int
    """How many of them stand as wanted."""
    tx: str | None
    note: str


class ProposalItem(TypedDict):
    """What somebody wants, who agreed, what it was said to do and what came of it."""

    id: str
    kind: ProposalKind
    state: ProposalState
    subjects: list[str]
    targets: list[TargetItem]
    reason: str
    proposed_by: str
    proposed_at: str
    expires_at: str | None
    approved_by: str | None
    approved_at: str | None
    rejected_by: str | None
    rejected_reason: str | None
    incidents: list[str]
    actions: list[ActionItem]
    progress: list[ChainProgress]
    is_executed: bool
    blast_radius: BlastRadius | None
    outcome: Outcome | None
    """Told of the present alone."""
    council: list[CouncilItem]
    council_calldata: list[CalldataItem]
    note: str


class ProposalsAnswer(Answer):
    """Oldest first."""

    proposals: list[ProposalItem]


class ProposalAnswer(Answer, ProposalItem):
    """One proposal."""


class BlastRadiusAnswer(Answer):
    """A preview that nobody proposed."""

    blast_radius: BlastRadius


class ProposalRequest(BaseModel):
    """Subjects: 0x and 32 hex digits, a chain, or SOURCE:DEST for both ends of a lane.

    `confirm` is for forms in which the subjects have to be typed again: they must be the same.
    """

    kind: Literal["curse", "uncurse"]
    subjects: Subjects
    reason: Reason
    expires_s: Annotated[int, Field(ge=60, le=7 * 86_400)] | None = None
    confirm: Subjects | None = None


class ApprovalRequest(BaseModel):
    """The subjects, typed again."""

    confirm: Subjects | None = None


class ReasonRequest(BaseModel):
    """Why."""

    reason: Reason


def proposal_item(door: Door, proposal: Proposal, now_ms: int, at_s: int | None = None) -> ProposalItem:
    """A proposal in an answer, as it stood at `now_ms`, which is `at_s` in the past. The caller holds the lock."""
    service = door.service
    actions = service.voter.actions(proposal.id, None if at_s is None else now_ms)
    chains = sorted({target.chain for target in proposal.targets})
    progress = [_progress(door, proposal, chain, actions, at_s) for chain in chains]
    is_executed = proposal.state == "approved" and all(item["state"] == "done" for item in progress)
    outcome = outcome_of(proposal, service.known, now_ms) if at_s is None else None
    radius: BlastRadius | None = proposal.blast_radius or None  # type: ignore[assignment]  # stored as it was made
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "state": proposal.state_at(now_ms),
        "subjects": list(proposal.subjects),
        "targets": [target_item(target) for target in proposal.targets],
        "reason": proposal.reason,
        "proposed_by": proposal.proposed_by,
        "proposed_at": time_text(proposal.proposed_at_ms),
        "expires_at": None if proposal.expires_at_ms is None else time_text(proposal.expires_at_ms),
        "approved_by": proposal.approved_by,
        "approved_at": None if proposal.approved_at_ms is None else time_text(proposal.approved_at_ms),
        "rejected_by": proposal.rejected_by,
        "rejected_reason": proposal.rejected_reason,
        "incidents": list(proposal.incidents),
        "actions": [action_item(action) for action in actions],
        "progress": progress,
        "is_executed": outcome is not None or (at_s is not None and is_executed),
        "blast_radius": radius,
        "outcome": outcome,
        "council": [CouncilItem(**entry) for entry in proposal.council],  # type: ignore[typeddict-item]
        "council_calldata": [CalldataItem(**entry) for entry in door.desk.calldata(proposal)],  # type: ignore[typeddict-item]
        "note": _note(door, proposal, progress),
    }


def _progress(
    door: Door, proposal: Proposal, chain: ChainSelector, actions: list[Action], at_s: int | None
) -> ChainProgress:
    targets = [target for target in proposal.targets if target.chain == chain]
    is_curse = proposal.kind == "curse"
    curses = door.service.curses
    standing = sum((curses.stood(target, at_s) is not None) == is_curse for target in targets)
    action = next((action for action in actions if action.chain == chain), None)
    state: ProgressWord
    if standing == len(targets):
        state = "done"
    elif proposal.state != "approved":
        state = "waiting"
    elif action is None:
        state = "council"
    elif action.state == "mined" or action.state == "moot":  # noqa: PLR1714  # mypy narrows by it
        state = "voted"
    else:
        state = action.state
    return {
        "chain": str(chain),
        "state": state,
        "targets": len(targets),
        "standing": standing,
        "tx": None if action is None else action.tx,
        "note": "" if action is None else action.note,
    }


def _note(door: Door, proposal: Proposal, progress: list[ChainProgress]) -> str:
    if proposal.state == "prepared":
        return "prepared by the watchdog: a person adopts it, another approves it; nothing happens by itself"
    stuck = [item["chain"] for item in progress if item["state"] in {"impossible", "council"}]
    if proposal.kind == "uncurse":
        text = "a node's vote never lifts a curse: the council sends council_calldata"
        return f"{text}; this node can't on {', '.join(stuck)}" if stuck else text
    if stuck or not door.service.voter.is_able:
        return "this node has no key that may curse there: other nodes vote, or the owner sends council_calldata"
    return ""


@router.get("/proposals", response_model=ProposalsAnswer)
def proposals(
    door: AtDoor, at_s: AtPast, state: ProposalState | None = None, kind: ProposalKind | None = None, limit: Limit = 200
) -> JSONResponse:
    """What people want (or wanted) done, the last of it, oldest first."""
    now_ms = door.clock() if at_s is None else 1000 * at_s + 999
    with door.service.lock:
        stood = (p if at_s is None else p.as_it_stood(now_ms) for p in door.desk.proposals.values())
        found = [
            proposal
            for proposal in stood
            if proposal is not None and state in (None, proposal.state_at(now_ms)) and kind in (None, proposal.kind)
        ]
        items = [proposal_item(door, proposal, now_ms, at_s) for proposal in found[-limit:]]
        return answer(door, {"proposals": items})


@router.get("/proposals/{proposal_id}", response_model=ProposalAnswer)
def proposal(door: AtDoor, proposal_id: Id) -> JSONResponse:
    """One proposal: the preview it was decided on, how far it is on each chain, and what came of it."""
    now_ms = door.clock()
    with door.service.lock:
        return answer(door, proposal_item(door, door.desk.find(proposal_id), now_ms))


@router.get("/blast-radius", response_model=BlastRadiusAnswer)
def blast_radius(
    door: AtDoor,
    subjects: Annotated[str, Query(min_length=1, max_length=2000, description="comma-separated")],
    kind: ProposalKind = "curse",
) -> JSONResponse:
    """What cursing (or uncursing) these subjects would touch now; nothing is proposed."""
    now_ms = door.clock()
    named = [subject for subject in (part.strip() for part in subjects.split(",")) if subject]
    with door.service.lock:
        return answer(door, {"blast_radius": door.desk.preview(kind, named, now_ms)})


@router.post("/proposals", status_code=201, response_model=ProposalAnswer)
def propose(door: AtDoor, operator: ByOperator, request: ProposalRequest) -> JSONResponse:
    """Propose a curse or an uncurse; nothing happens until another person approves."""
    now_ms = door.clock()
    made = door.desk.propose(
        request.kind,
        request.subjects,
        request.reason,
        operator,
        now_ms,
        expires_ms=None if request.expires_s is None else 1000 * request.expires_s,
        confirm=request.confirm,
    )
    with door.service.lock:
        return answer(door, proposal_item(door, made, now_ms), 201)


@router.post("/proposals/{proposal_id}/approve", response_model=ProposalAnswer)
def approve(
    door: AtDoor, operator: ByOperator, proposal_id: Id, request: ApprovalRequest | None = None
) -> JSONResponse:
    """Consent to somebody else's proposal; a curse is voted for at once."""
    now_ms = door.clock()
    approved = door.desk.approve(proposal_id, operator, now_ms, None if request is None else request.confirm)
    with door.service.lock:
        return answer(door, proposal_item(door, approved, now_ms))


@router.post("/proposals/{proposal_id}/adopt", response_model=ProposalAnswer)
def adopt(door: AtDoor, operator: ByOperator, proposal_id: Id, request: ReasonRequest) -> JSONResponse:
    """Make what the watchdog prepared one's own proposal; another person still has to approve."""
    now_ms = door.clock()
    adopted = door.desk.adopt(proposal_id, request.reason, operator, now_ms)
    with door.service.lock:
        return answer(door, proposal_item(door, adopted, now_ms))


@router.post("/proposals/{proposal_id}/reject", response_model=ProposalAnswer)
def reject(door: AtDoor, operator: ByOperator, proposal_id: Id, request: ReasonRequest) -> JSONResponse:
    """Turn a proposal down, or take one's own back."""
    now_ms = door.clock()
    rejected = door.desk.reject(proposal_id, request.reason, operator, now_ms)
    with door.service.lock:
        return answer(door, proposal_item(door, rejected, now_ms))
