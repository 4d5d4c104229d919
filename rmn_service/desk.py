"""Where people decide on curses: one proposes with the preview in hand, another approves. Audited under their names.

A node's vote can stop a lane, never resume it. An approved curse becomes this node's vote; an approved uncurse becomes
calldata for the council, and is only sent when this node's curser key is the council itself.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.hashing import keccak
from ccip_core.rpc import RpcError
from ccip_core.views import owner_of
from rmn_service import proposals
from rmn_service.actions import plan
from rmn_service.blast_radius import preview
from rmn_service.detection import hex_text
from rmn_service.errors import NotFoundError
from rmn_service.evidence import KIND as EVIDENCE
from rmn_service.evidence import statement
from rmn_service.proposals import Proposal, ProposalKind, check_typed, proposal_of, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.blast_radius import BlastRadius
    from rmn_service.operators import Operator
    from rmn_service.policy import Target
    from rmn_service.service import Service


class Desk:
    """The operators' side of a service."""

    def __init__(self, service: Service, curser: bytes | None = None) -> None:
        """`curser`: the address of this node's key for acts on chains."""
        self._service = service
        self._curser = curser
        self.proposals = {proposal.id: proposal for proposal in map(proposal_of, service.store.all("proposal"))}

    def preview(self, kind: ProposalKind, subjects: Sequence[str], now_ms: int) -> BlastRadius:
        """What an act would touch, without proposing it.

        Raises:
            RequestError: a subject that means nothing here.
        """
        targets = targets_of(subjects, self._service.deployment)
        with self._service.lock:
            return preview(kind, targets, self._service.known, now_ms)

    def propose(
        self,
        kind: ProposalKind,
        subjects: Sequence[str],
        reason: str,
        operator: Operator,
        now_ms: int,
        *,
        expires_ms: int | None = None,
        confirm: Sequence[str] | None = None,
    ) -> Proposal:
        """Write down what somebody wants, with what it would do; nothing happens yet.

        `expires_ms`: for how long it may be approved.

        Raises:
            RequestError: a subject that means nothing here, or `confirm` names others.
        """
        check_typed(confirm, subjects)
        targets = targets_of(subjects, self._service.deployment)
        council = self._council(targets) if kind == "uncurse" else ()
        proposal = Proposal(
            id=self._new_id(kind, targets, operator.name, now_ms),
            kind=kind,
            state="proposed",
            subjects=tuple(subjects),
            targets=targets,
            reason=reason,
            proposed_by=operator.name,
            proposed_at_ms=now_ms,
            expires_at_ms=now_ms + (expires_ms or self._service.conduct.proposal_expires_ms),
            council=council,
        )
        return self._file("propose", proposal, now_ms)

    def prepare(self, targets: tuple[Target, ...], incidents: tuple[str, ...], reason: str, now_ms: int) -> Proposal:
        """An uncurse that nobody proposed yet: the watchdog lays it ready. The caller holds no lock."""
        proposal = Proposal(
            id=self._new_id("uncurse", targets, proposals.WATCHDOG, now_ms),
            kind="uncurse",
            state="prepared",
            subjects=tuple(dict.fromkeys(target.subject for target in targets)),
            targets=targets,
            reason=reason,
            proposed_by=proposals.WATCHDOG,
            proposed_at_ms=now_ms,
            expires_at_ms=now_ms + self._service.conduct.reaffirm_after_ms,
            incidents=incidents,
            council=self._council(targets),
        )
        return self._file("prepare", proposal, now_ms)

    def adopt(self, id_: str, reason: str, operator: Operator, now_ms: int) -> Proposal:
        """Make a prepared proposal one's own; another person still has to approve.

        Raises:
            NotFoundError, ConflictError
        """
        with self._service.lock:
            expires_at_ms = now_ms + self._service.conduct.proposal_expires_ms
            adopted = proposals.adopt(self.find(id_), reason, operator, now_ms, expires_at_ms)
            return self._file("adopt", adopted, now_ms)

    def reject(self, id_: str, reason: str, operator: Operator, now_ms: int) -> Proposal:
        """Turn a proposal down.

        Raises:
            NotFoundError, ForbiddenError, ConflictError
        """
        with self._service.lock:
            rejected = proposals.reject(self.find(id_), reason, operator, now_ms)
            with self._service.store.together():
                self._service.audit.note("reject", {"proposal": id_, "by": operator.name, "reason": reason}, now_ms)
                self._write(rejected, now_ms)
            self.proposals[id_] = rejected
        return rejected

    def approve(self, id_: str, operator: Operator, now_ms: int, confirm: Sequence[str] | None = None) -> Proposal:
        """The second person's consent; a curse is then voted for at once.

        What is in the wanted state by now is left out: things may have changed since it was proposed.

        Raises:
            NotFoundError, ForbiddenError, ConflictError, RequestError
        """
        service = self._service
        with service.lock:
            proposal = proposals.approve(self.find(id_), operator, now_ms, confirm)
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
                self._write(proposal, now_ms)
            self.proposals[id_] = proposal
            service.voter.launch(intended, now_ms)
            self._tell(proposal, f"{operator.name} approved", now_ms)
        return proposal

    def find(self, id_: str) -> Proposal:
        """The proposal of this id.

        Raises:
            NotFoundError
        """
        if id_ not in self.proposals:
            raise NotFoundError(f"proposal {id_[:80]}: unknown; see /proposals")
        return self.proposals[id_]

    def calldata(self, proposal: Proposal) -> list[dict[str, str]]:
        """What the council (or whoever owns the contract) would send, chain by chain."""
        prepared = []
        for chain in _chains(proposal.targets):
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

    def _council(self, targets: Iterable[Target]) -> tuple[dict[str, Any], ...]:
        """Who may lift on each chain, asked of the chains; no lock is held."""
        chains = _chains(targets)
        with ThreadPoolExecutor(max_workers=max(1, len(chains))) as pool:
            return tuple(pool.map(self._owner, chains))

    def _owner(self, chain: ChainSelector) -> dict[str, Any]:
        contracts = self._service.deployment.chain(chain).contracts
        contract = contracts.curse_voting or contracts.rmn_remote
        try:
            owner = owner_of(self._service.watches[chain].rpc, contract)
        except RpcError:  # not known; whoever it is, the calldata is the same
            owner = None
        return {
            "chain": str(chain),
            "contract": "CurseVoting" if contracts.curse_voting is not None else "RMNRemote",
            "address": hex_text(contract),
            "owner": None if owner is None else hex_text(owner),
            "is_ours": owner is not None and owner == self._curser,
        }

    def _file(self, what: str, proposal: Proposal, now_ms: int) -> Proposal:
        service = self._service
        with service.lock:
            radius = preview(proposal.kind, proposal.targets, service.known, now_ms)
            filed = proposals.with_preview(proposal, dict(radius))
            with service.store.together():
                service.audit.note(what, filed.summary(), now_ms)
                self._write(filed, now_ms)
            self.proposals[filed.id] = filed
        self._tell(filed, f"{filed.proposed_by}: {filed.reason}", now_ms)
        return filed

    def _write(self, proposal: Proposal, now_ms: int) -> None:
        self._service.store.put("proposal", proposal.id, proposal.document(), now_ms)

    def _tell(self, proposal: Proposal, text: str, now_ms: int) -> None:
        title = f"{proposal.kind} {proposal.state}"
        self._service.alerting.people("proposal", proposal.id, title, f"{text} ({proposal.id})", now_ms)

    def _new_id(self, kind: str, targets: tuple[Target, ...], by: str, now_ms: int) -> str:
        return keccak(f"{kind}|{targets}|{by}|{now_ms}|{len(self.proposals)}".encode())[:12].hex()


def _chains(targets: Iterable[Target]) -> list[ChainSelector]:
    return sorted({target.chain for target in targets})
