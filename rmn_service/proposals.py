"""A curse or uncurse that people want: one proposes, another approves, nobody approves their own."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ccip_core.protocol.messages import ChainSelector
from ccip_core.protocol.subjects import chain_subject, subject_selector, subject_text
from rmn_service.curses import GLOBAL
from rmn_service.errors import ConflictError, ForbiddenError, RequestError
from rmn_service.policy import Target, both_ends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.deployment import Deployment
    from rmn_service.operators import Operator

ProposalKind = Literal["curse", "uncurse"]
ProposalState = Literal["proposed", "approved"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants done, and who agreed."""

    id: str
    kind: ProposalKind
    state: ProposalState
    subjects: tuple[str, ...]
    """As they were asked for."""
    targets: tuple[Target, ...]
    """What that means on which chain."""
    reason: str
    proposed_by: str
    proposed_at_ms: int
    approved_by: str | None = None
    approved_at_ms: int | None = None

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        targets = [[str(target.chain), target.subject] for target in self.targets]
        return asdict(self) | {"subjects": list(self.subjects), "targets": targets}


def proposal_of(document: Mapping[str, Any]) -> Proposal:
    """The stored proposal, typed again."""
    targets = tuple(Target(ChainSelector(int(chain)), subject) for chain, subject in document["targets"])
    return Proposal(**{**document, "subjects": tuple(document["subjects"]), "targets": targets})


def approve(proposal: Proposal, operator: Operator, now_ms: int) -> Proposal:
    """The proposal with a second person's consent.

    Raises:
        ForbiddenError: the caller proposed it, or is no approver.
        ConflictError: it was approved before.
    """
    if operator.role != "approver":
        raise ForbiddenError(f"role = {operator.role}: only an approver may approve")
    if operator.name == proposal.proposed_by:
        raise ForbiddenError(f"{operator.name} proposed it; another person must approve")
    if proposal.state != "proposed":
        raise ConflictError(f"proposal {proposal.id} is {proposal.state} already")
    return replace(proposal, state="approved", approved_by=operator.name, approved_at_ms=now_ms)


def targets_of(subjects: Sequence[str], deployment: Deployment) -> tuple[Target, ...]:
    """What the subjects mean on which chains.

    A subject is 0x and 32 hex digits (a chain's is meant for every other chain, the global one for all), the name, id
    or selector of a chain (the same as its subject), or SOURCE:DEST for both ends of one lane.

    Raises:
        RequestError: none of these, or of a chain that the deployment does not have.
    """
    targets = {target for subject in subjects for target in _targets(subject.strip(), deployment)}
    return tuple(sorted(targets))


def _targets(text: str, deployment: Deployment) -> set[Target]:
    chains = {chain.selector for chain in deployment.chains}
    if text.lower() == GLOBAL:
        return {Target(chain, GLOBAL) for chain in chains}
    if ":" in text:
        source, _, dest = text.partition(":")
        lanes = [
            config.lane
            for config in deployment.lanes
            if (config.source, config.dest) == (_chain(source, deployment), _chain(dest, deployment))
        ]
        if not lanes:
            raise RequestError(f"subjects = {text[:80]}: no such lane; see /lanes")
        return set(both_ends(lanes))
    selector = _chain(text, deployment)
    return {Target(chain, subject_text(chain_subject(selector))) for chain in chains if chain != selector}


def _chain(text: str, deployment: Deployment) -> ChainSelector:
    wanted = text.strip()
    if wanted.lower().startswith("0x"):
        try:
            selector = subject_selector(bytes.fromhex(wanted[2:]))
        except ValueError:
            selector = None
        wanted = str(selector)
    for chain in deployment.chains:
        if wanted in (chain.name, str(chain.chain_id), str(chain.selector)):
            return chain.selector
    known = ", ".join(chain.name for chain in deployment.chains)
    raise RequestError(f"subjects = {text[:80]}: not the global subject nor one of a chain here ({known}); see /chains")
