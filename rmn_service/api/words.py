"""How lanes, targets and actions are written in answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from rmn_service.errors import RequestError
from rmn_service.policy import both_ends
from rmn_service.times import time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.deployment import Deployment
    from ccip_core.protocol.messages import Lane
    from detectors.frames import At
    from rmn_service.actions import Action
    from rmn_service.policy import Target


class TargetItem(TypedDict):
    """A subject on the RMNRemote of one chain."""

    chain: str
    subject: str


class ActionItem(TypedDict):
    """One transaction's purpose and fate."""

    id: str
    kind: Literal["curse", "uncurse"]
    chain: str
    subjects: list[str]
    state: str
    tx: str | None
    note: str
    evidence: str
    intended_at: str
    changed_at: str


class StepItem(TypedDict):
    """Where something stands on a chain."""

    chain: str
    block: int
    tx: str
    at: str


def target_item(target: Target) -> TargetItem:
    """A target in an answer."""
    return {"chain": str(target.chain), "subject": target.subject}


def action_item(action: Action) -> ActionItem:
    """An action in an answer."""
    return {
        "id": action.id,
        "kind": action.kind,
        "chain": str(action.chain),
        "subjects": list(action.subjects),
        "state": action.state,
        "tx": action.tx,
        "note": action.note,
        "evidence": action.evidence,
        "intended_at": time_text(action.intended_at_ms),
        "changed_at": time_text(action.changed_at_ms),
    }


def step_item(at: At) -> StepItem:
    """A row's place in an answer."""
    return {"chain": str(at.chain), "block": at.block_number, "tx": at.tx_hash, "at": time_text(at.block_time_s * 1000)}


def subjects_of(lanes: Sequence[Lane]) -> list[str]:
    """The curse subjects that would stop these lanes, each of which belongs on the other chain of its lane."""
    return sorted({target.subject for target in both_ends(lanes)})


def lane_text(lane: Lane) -> str:
    """SOURCE:DEST by selector."""
    return f"{lane.source}:{lane.dest}"


def lanes_named(text: str, deployment: Deployment) -> tuple[Lane, ...]:
    """The lanes of SOURCE:DEST, where either may be a name, id or selector, or be left out for any.

    Raises:
        RequestError: there is none.
    """
    source, _, dest = text.partition(":")
    found = tuple(
        config.lane
        for config in deployment.lanes
        if _is_called(source, config.lane.source, deployment) and _is_called(dest, config.lane.dest, deployment)
    )
    if not found:
        raise RequestError(f"lane = {text[:80]}: no such lane; write SOURCE:DEST, see /lanes")
    return found


def _is_called(text: str, selector: int, deployment: Deployment) -> bool:
    if not text:
        return True
    chain = next((chain for chain in deployment.chains if chain.selector == selector), None)
    return text == str(selector) or (chain is not None and text in (chain.name, str(chain.chain_id)))


def text_of(number: int | None) -> str | None:
    """Integers beyond what JavaScript holds are text."""
    return None if number is None else str(number)
