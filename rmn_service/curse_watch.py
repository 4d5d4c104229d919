"""The watchdog of curses: one that nobody speaks for must not be forgotten. It never lifts anything.

    curse stands ─reaffirm_after─▶ nobody affirmed it ─▶ uncurse prepared, with evidence and preview ─▶ people alerted
          ▲                                                                                                 │
          └──────────────── affirmed by a person with a reason: the time begins again ◀────────────────────┘

What it prepares is nobody's proposal: a person adopts it, another approves. When that too is left lying, it expires and
the watchdog prepares and alerts anew.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol.messages import ChainSelector
from rmn_service.errors import NotFoundError
from rmn_service.policy import Target
from rmn_service.proposals import WATCHDOG

if TYPE_CHECKING:
    from detectors.frames import CurseChanged
    from rmn_service.desk import Desk
    from rmn_service.operators import Operator
    from rmn_service.proposals import Proposal
    from rmn_service.service import Service

KIND = "affirmation"
"""Under which affirmations stand in the store's documents."""
EXTERNAL = "external"
"""Whose curse it is when this node had no hand in it."""


class Affirmation(NamedTuple):
    """Somebody said that a curse must stay."""

    target: Target
    at_ms: int
    by: str
    reason: str

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {**self._asdict(), "target": [str(self.target.chain), self.target.subject]}


class Standing(NamedTuple):
    """Who put a curse there, and who speaks for it."""

    cause: str
    affirmed: Affirmation | None
    due_ms: int | None
    """When somebody has to affirm it (again); None where that is not known any more."""
    is_overdue: bool


class CurseWatch:
    """Watches over every active curse, whoever cast it."""

    def __init__(self, service: Service, desk: Desk) -> None:
        self._service = service
        self._desk = desk
        self.affirmations: dict[Target, Affirmation] = {}
        for document in service.store.all(KIND):
            chain, subject = document["target"]
            target = Target(ChainSelector(int(chain)), subject)
            self.affirmations[target] = Affirmation(**{**document, "target": target})

    def stood(self, target: Target, now_ms: int, at_s: int | None) -> Standing:
        """How a curse stands now, or stood at an earlier time. The caller holds the lock."""
        cause, affirmed = self.cause_of(target, at_s), self.affirmations.get(target)
        row = self._service.curses.stood(target, at_s)
        is_later = affirmed is not None and at_s is not None and affirmed.at_ms // 1000 > at_s
        if row is None or is_later:  # only the last word is kept: who spoke before it is not known
            return Standing(cause, None, None, is_overdue=False)
        due_ms = self._due_ms(row, affirmed)
        return Standing(cause, affirmed, due_ms, due_ms <= (now_ms if at_s is None else 1000 * at_s))

    def due_ms(self, target: Target) -> int | None:
        """When the curse has to be affirmed (again); None where there is none."""
        row = self._service.curses.since(target)
        return None if row is None else self._due_ms(row, self.affirmations.get(target))

    def affirm(self, target: Target, reason: str, operator: Operator, now_ms: int) -> Affirmation:
        """Say that a curse must stay: it is not asked about again for a while, and what was prepared is dropped.

        Raises:
            NotFoundError: no such curse stands.
        """
        service = self._service
        affirmation = Affirmation(target, now_ms, operator.name, reason)
        with service.lock:
            if service.curses.since(target) is None:
                raise NotFoundError(f"curse {target.subject[:40]} on {target.chain}: does not stand; see /curses")
            with service.store.together():
                service.audit.note("affirm", affirmation.document(), now_ms)
                id_ = f"{target.chain}:{target.subject}"
                service.store.put(KIND, id_, affirmation.document(), now_ms)
            self.affirmations[target] = affirmation
            for proposal in self._prepared(now_ms):
                if all((self.due_ms(each) or 0) > now_ms for each in proposal.targets):
                    self._desk.reject(proposal.id, f"the curse was affirmed: {reason}", operator, now_ms)
        return affirmation

    def patrol(self, now_ms: int) -> list[Proposal]:
        """Prepare the uncurse of every curse that is overdue and that no open proposal is about; tell people."""
        service = self._service
        with service.lock:
            spoken_for = {
                target
                for proposal in self._desk.proposals.values()
                if self._is_under_way(proposal, now_ms)
                for target in proposal.targets
            }
            overdue: dict[str, list[Target]] = defaultdict(list)
            for target, _ in service.curses.active():
                due_ms = self.due_ms(target)
                if target not in spoken_for and due_ms is not None and due_ms <= now_ms:
                    overdue[self.cause_of(target)].append(target)
        return [self._escalate(cause, tuple(sorted(targets)), now_ms) for cause, targets in overdue.items()]

    def cause_of(self, target: Target, at_s: int | None = None) -> str:
        """The incident or proposal that this node's vote for an active curse served; EXTERNAL where it cast none."""
        service = self._service
        lifted_at_s = service.curses.lifted_at_s(target, at_s) or 0
        ours = [
            action.cause
            for action in service.voter.actions(at_ms=None if at_s is None else 1000 * at_s + 999)
            if action.kind == "curse" and target in action.targets and action.evidence_at_s >= lifted_at_s
        ]
        return ours[-1] if ours else EXTERNAL

    def _escalate(self, cause: str, targets: tuple[Target, ...], now_ms: int) -> Proposal:
        service = self._service
        incident = service.incidents.get(cause)
        hours = service.conduct.reaffirm_after_ms // 3_600_000
        about = f"incident {cause}: {incident.summary}" if incident is not None else f"cause: {cause}"
        said = f"nobody affirmed this curse for {hours} h ({about})"
        reason = f"{said}. Adopt it if the cause is gone; affirm the curse if it is not"
        proposal = self._desk.prepare(targets, () if incident is None else (cause,), reason, now_ms)
        subjects = ", ".join(f"{target.subject} on {target.chain}" for target in targets)
        waiting = proposal.blast_radius["messages_in_flight"]
        text = (
            f"{said}; {subjects}; {waiting} messages wait. Prepared: proposal {proposal.id}. It is not lifted by itself"
        )
        service.alerting.unattended(cause, text, now_ms)
        return proposal

    def _due_ms(self, row: CurseChanged, affirmed: Affirmation | None) -> int:
        since_ms = max(1000 * row.at.block_time_s, 0 if affirmed is None else affirmed.at_ms)
        return since_ms + self._service.conduct.reaffirm_after_ms

    def _is_under_way(self, proposal: Proposal, now_ms: int) -> bool:
        """An uncurse that people are about to decide on or to carry out; one approved and left lying is not."""
        if proposal.kind != "uncurse":
            return False
        if proposal.approved_at_ms is not None:
            return now_ms - proposal.approved_at_ms < self._service.conduct.reaffirm_after_ms
        return proposal.state_at(now_ms) in ("prepared", "proposed")

    def _prepared(self, now_ms: int) -> list[Proposal]:
        return [
            proposal
            for proposal in self._desk.proposals.values()
            if proposal.proposed_by == WATCHDOG and proposal.state_at(now_ms) == "prepared"
        ]
