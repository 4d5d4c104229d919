"""Where people act: proposals, posture, and what they say about incidents. Everything is audited under their name.

A node's vote can stop a lane, never resume it. An approved curse becomes this node's vote; an approved uncurse becomes
calldata for the council, and is only sent when this node's curser key is the council itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.hashing import keccak
from rmn_service.actions import plan
from rmn_service.detection import hex_text
from rmn_service.errors import ConflictError, NotFoundError, RequestError
from rmn_service.evidence import KIND as EVIDENCE
from rmn_service.evidence import statement
from rmn_service.proposals import Proposal, ProposalKind, approve, proposal_of, targets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rmn_service.config import Posture
    from rmn_service.incidents import Incident
    from rmn_service.operators import Operator
    from rmn_service.service import Service


class Desk:
    """The operators' side of a service."""

    def __init__(self, service: Service, configured_posture: Posture) -> None:
        self._service = service
        self._configured = configured_posture
        self.proposals = {proposal.id: proposal for proposal in map(proposal_of, service.store.all("proposal"))}
        stored = service.store.get("setting", "posture")
        if stored is not None and stored["configured"] == configured_posture:
            service.posture = stored["posture"]  # what people set holds until the file says something new

    def set_posture(self, posture: Posture, operator: Operator, now_ms: int) -> None:
        """How far this node may act from now on; survives a restart until node.toml is changed."""
        with self._service.lock:
            body = {"from": self._service.posture, "to": posture, "by": operator.name}
            self._service.audit.note("posture", body, now_ms)
            self._service.store.put("setting", "posture", {"posture": posture, "configured": self._configured}, now_ms)
            self._service.posture = posture

    def propose(
        self, kind: ProposalKind, subjects: Sequence[str], reason: str, operator: Operator, now_ms: int
    ) -> Proposal:
        """Write down what somebody wants; nothing happens yet.

        Raises:
            RequestError: a subject that means nothing here.
        """
        targets = targets_of(subjects, self._service.deployment)
        if not targets:
            raise RequestError("subjects = []: name at least one")
        id_ = keccak(f"{kind}|{targets}|{operator.name}|{now_ms}|{len(self.proposals)}".encode())[:12].hex()
        proposal = Proposal(id_, kind, "proposed", tuple(subjects), targets, reason, operator.name, now_ms)
        with self._service.lock, self._service.store.together():
            self._service.audit.note("propose", proposal.document(), now_ms)
            self._keep(proposal, now_ms)
        return proposal

    def approve(self, id_: str, operator: Operator, now_ms: int) -> Proposal:
        """The second person's consent; a curse is then voted for at once.

        Raises:
            NotFoundError, ForbiddenError, ConflictError
        """
        service = self._service
        with service.lock:
            if id_ not in self.proposals:
                raise NotFoundError(f"proposal {id_[:80]}: unknown; see /proposals")
            proposal = approve(self.proposals[id_], operator, now_ms)
            bundle = statement("proposal", proposal.document())
            cursed = {target for target, _ in service.curses.active()}
            targets = [target for target in proposal.targets if (target in cursed) == (proposal.kind == "uncurse")]
            actions = plan(
                proposal.kind, id_, targets, evidence=bundle.address, evidence_at_s=now_ms // 1000, now_ms=now_ms
            )
            with service.store.together():
                service.audit.note("approve", {"proposal": id_, "by": operator.name}, now_ms)
                service.store.put(EVIDENCE, bundle.address, bundle.body, now_ms)
                intended = service.voter.intend(actions, now_ms)
                self._keep(proposal, now_ms)
            service.voter.launch(intended, now_ms)
        return proposal

    def calldata(self, proposal: Proposal) -> list[dict[str, str]]:
        """What the council (or whoever owns the contract) would send, chain by chain."""
        prepared = []
        for chain in sorted({target.chain for target in proposal.targets}):
            raw = tuple(bytes.fromhex(target.subject[2:]) for target in proposal.targets if target.chain == chain)
            contracts = self._service.deployment.chain(chain).contracts
            if contracts.curse_voting is None:
                to, data = contracts.rmn_remote, encode_call(f"{proposal.kind}(bytes16[])", raw)
            elif proposal.kind == "uncurse":
                to, data = contracts.curse_voting, encode_call("liftCurse(bytes16[])", raw)
            else:
                evidence = keccak(proposal.reason.encode())
                to, data = contracts.curse_voting, encode_call("councilCurse(bytes16[],bytes32)", raw, evidence)
            prepared.append({"chain": str(chain), "to": hex_text(to), "data": hex_text(data)})
        return prepared

    def acknowledge(self, id_: str, operator: Operator, now_ms: int) -> Incident:
        """Somebody is on it."""
        return self._say(id_, "acknowledge", {"acknowledged_by": operator.name}, operator, now_ms)

    def snooze(self, id_: str, until_ms: int, operator: Operator, now_ms: int) -> Incident:
        """No reminders until then. Withholding and cursing go on."""
        return self._say(id_, "snooze", {"snoozed_until_ms": until_ms}, operator, now_ms)

    def label(self, id_: str, label: str, is_closed: bool, operator: Operator, now_ms: int) -> Incident:
        """What it was; `is_closed` also ends it, and with it this node's withholding on its account."""
        said: dict[str, Any] = {"label": label}
        if is_closed:
            said |= {"state": "closed", "closed_by": operator.name}
        return self._say(id_, "label", said, operator, now_ms)

    def _say(self, id_: str, what: str, said: dict[str, Any], operator: Operator, now_ms: int) -> Incident:
        service = self._service
        with service.lock:
            incident = service.incidents.get(id_)
            if incident is None:
                raise NotFoundError(f"incident {id_[:80]}: unknown; see /incidents")
            if incident.is_closed:
                raise ConflictError(f"incident {id_} is closed")
            service.audit.note(what, {"incident": id_, "by": operator.name, **said}, now_ms)
            incident = replace(incident, **said)
            service.replace_incident(incident, now_ms)
        return incident

    def _keep(self, proposal: Proposal, now_ms: int) -> None:
        self.proposals[proposal.id] = proposal
        self._service.store.put("proposal", proposal.id, proposal.document(), now_ms)
