"""A curse or uncurse that people want: one proposes, another approves, nobody approves their own.

    (watchdog) prepared ─adopt─▶ proposed ─approve─▶ approved ─▶ what the chains then show is its outcome
                    └──────────────┴─ reject, or time: expired

What the watchdog prepares is nobody's wish yet: a person adopts it and is its proposer, and another one approves. So
there are always two people behind an act, and the preview they read is kept with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
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
ProposalState = Literal["prepared", "proposed", "approved", "rejected", "expired"]
WATCHDOG = "watchdog"
"""Who prepares a proposal that nobody made."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants done, and who agreed."""

    id: str
    kind: ProposalKind
    state: ProposalState
    """As it was last written down; see `state_at` for one that nobody acted on in time."""
    subjects: tuple[str, ...]
    """As they were asked for."""
    targets: tuple[Target, ...]
    """What that means on which chain."""
    reason: str
    proposed_by: str
    proposed_at_ms: int
    approved_by: str | None = None
    approved_at_ms: int | None = None
    expires_at_ms: int | None = None
    rejected_at_ms: int | None = None
    rejected_by: str | None = None
    rejected_reason: str | None = None
    incidents: tuple[str, ...] = ()
    """On whose account the curses stand that it would lift: the evidence to look at first."""
    blast_radius: dict[str, Any] = field(default_factory=dict)
    """What it was said to do when it was proposed."""
    council: tuple[dict[str, Any], ...] = ()
    """Who could send it on each chain, as the chains said when it was proposed."""

    def state_at(self, now_ms: int) -> ProposalState:
        """Its state, with time taken into account."""
        is_over = self.expires_at_ms is not None and now_ms >= self.expires_at_ms
        return "expired" if is_over and self.state in ("prepared", "proposed") else self.state

    def as_it_stood(self, at_ms: int) -> Proposal | None:
        """It at an earlier time; None before its proposer made it (or adopted what the watchdog had prepared)."""
        if at_ms < self.proposed_at_ms:
            return None
        is_later = any(
            time_ms is not None and time_ms > at_ms for time_ms in (self.approved_at_ms, self.rejected_at_ms)
        )
        if not is_later:
            return self
        state: ProposalState = "prepared" if self.proposed_by == WATCHDOG else "proposed"
        undecided = dict.fromkeys(("approved_by", "approved_at_ms", "rejected_at_ms", "rejected_by", "rejected_reason"))
        return replace(self, state=state, **undecided)  # type: ignore[arg-type]  # all of them may be None

    def summary(self) -> dict[str, Any]:
        """As the audit log keeps it: the preview by its figures, not message by message."""
        figures = ("messages_in_flight", "value_micro_usd", "senders_in_flight", "tokens")
        radius = {name: value for name, value in self.blast_radius.items() if name in figures}
        return self.document() | {"blast_radius": radius}

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        targets = [[str(target.chain), target.subject] for target in self.targets]
        return asdict(self) | {
            "subjects": list(self.subjects),
            "targets": targets,
            "incidents": list(self.incidents),
            "council": list(self.council),
        }


def with_preview(proposal: Proposal, blast_radius: dict[str, Any]) -> Proposal:
    """The proposal with what it is said to do."""
    return replace(proposal, blast_radius=blast_radius)


def proposal_of(document: Mapping[str, Any]) -> Proposal:
    """The stored proposal, typed again."""
    targets = tuple(Target(ChainSelector(int(chain)), subject) for chain, subject in document["targets"])
    tuples = {name: tuple(document.get(name, ())) for name in ("subjects", "incidents", "council")}
    return Proposal(**{**document, **tuples, "targets": targets})


def approve(proposal: Proposal, operator: Operator, now_ms: int, confirm: Sequence[str] | None = None) -> Proposal:
    """The proposal with a second person's consent.

    `confirm`: the subjects as the approver typed them, where their form asks for that.

    Raises:
        ForbiddenError: the caller proposed it, or is no approver.
        ConflictError: it is not open (any more).
        RequestError: the subjects typed are others.
    """
    if operator.role != "approver":
        raise ForbiddenError(f"role = {operator.role}: only an approver may approve")
    if operator.name == proposal.proposed_by:
        raise ForbiddenError(f"{operator.name} proposed it; another person must approve")
    state = proposal.state_at(now_ms)
    if state == "prepared":
        raise ConflictError(f"proposal {proposal.id} is nobody's yet: one person adopts it, another approves")
    _must_be_open(proposal, now_ms)
    check_typed(confirm, proposal.subjects)
    return replace(proposal, state="approved", approved_by=operator.name, approved_at_ms=now_ms)


def adopt(proposal: Proposal, reason: str, operator: Operator, now_ms: int, expires_at_ms: int) -> Proposal:
    """What the watchdog prepared becomes a person's proposal.

    Raises:
        ConflictError: it is a person's already, or over.
    """
    if proposal.state_at(now_ms) != "prepared":
        raise ConflictError(f"proposal {proposal.id} is {proposal.state_at(now_ms)}: only a prepared one is adopted")
    return replace(
        proposal,
        state="proposed",
        reason=reason,
        proposed_by=operator.name,
        proposed_at_ms=now_ms,
        expires_at_ms=expires_at_ms,
    )


def reject(proposal: Proposal, reason: str, operator: Operator, now_ms: int) -> Proposal:
    """The proposal turned down: by an approver, or by who made it; what nobody made yet by anybody who acts.

    Raises:
        ForbiddenError: the caller is neither.
        ConflictError: it is not open (any more).
    """
    if proposal.state_at(now_ms) != "prepared":
        if operator.role != "approver" and operator.name != proposal.proposed_by:
            raise ForbiddenError(f"role = {operator.role}: an approver rejects, or {proposal.proposed_by} withdraws")
        _must_be_open(proposal, now_ms)
    return replace(proposal, state="rejected", rejected_at_ms=now_ms, rejected_by=operator.name, rejected_reason=reason)


def check_typed(confirm: Sequence[str] | None, subjects: Sequence[str]) -> None:
    """Whether somebody who had to type the subjects again typed these.

    Raises:
        RequestError: they are others.
    """
    if confirm is not None and sorted(confirm) != sorted(subjects):
        raise RequestError(f"confirm = {', '.join(confirm)[:200]}: type the subjects exactly: {', '.join(subjects)}")


def _must_be_open(proposal: Proposal, now_ms: int) -> None:
    state = proposal.state_at(now_ms)
    if state != "proposed":
        remedy = "; propose it again" if state == "expired" else ""
        raise ConflictError(f"proposal {proposal.id} is {state} already{remedy}")


def targets_of(subjects: Sequence[str], deployment: Deployment) -> tuple[Target, ...]:
    """What the subjects mean on which chains.

    A subject is 0x and 32 hex digits (a chain's is meant for every other chain, the global one for all), the name, id
    or selector of a chain (the same as its subject), or SOURCE:DEST for both ends of one lane.

    Raises:
        RequestError: none of these, or of a chain that the deployment does not have.
    """
    targets = {target for subject in subjects for target in _targets(subject.strip(), deployment)}
    if not targets:
        raise RequestError("subjects = []: name at least one")
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
