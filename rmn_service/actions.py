"""What this node does to chains: an intent stored before anything is sent, and its life until it is on the chain."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.messages import ChainSelector
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ActionKind = Literal["curse", "uncurse"]
ActionState = Literal["intended", "sent", "mined", "moot", "impossible"]
"""intended: stored, not yet handed to a node · sent: accepted by the chain's RPC · mined: on the chain
· moot: the chain already was as wanted · impossible: this node's key may not do it."""


DRILL_CAUSE = "drill-"
"""How the causes of fire drills begin: their votes are done once they are mined."""


@dataclass(frozen=True, slots=True)
class Action:
    """One transaction's purpose on one chain."""

    id: str
    kind: ActionKind
    cause: str
    """The incident or proposal it serves."""
    chain: ChainSelector
    subjects: tuple[str, ...]
    """Strictly ascending 0x text, as CurseVoting wants them."""
    evidence: str
    """0x text of the 32-byte hash that the vote carries."""
    evidence_at_s: int
    """Block time of what it answers: an uncurse after that time was said in knowledge of it."""
    intended_at_ms: int
    changed_at_ms: int
    state: ActionState = "intended"
    attempt: int = 1
    """Which transaction for it this is; every one has its own curse id."""
    tx: str | None = None
    note: str = ""
    intent: int | None = None
    """The audit row that announced it."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """What it is about."""
        return tuple(Target(self.chain, subject) for subject in self.subjects)

    @property
    def is_finished(self) -> bool:
        """Nothing is left to send for it."""
        return self.state in ("mined", "moot", "impossible")

    @property
    def curse_id(self) -> bytes:
        """16 bytes, another for every attempt: CurseVoting takes each id once from each voter."""
        return keccak(f"{self.id}|{self.attempt}".encode())[:16]

    def as_it_stood(self, at_ms: int) -> Action | None:
        """It at an earlier time: of one that changed later only that it was intended is known; None before that."""
        if at_ms < self.intended_at_ms:
            return None
        if self.changed_at_ms <= at_ms:
            return self
        return replace(self, state="intended", tx=None, note="", changed_at_ms=self.intended_at_ms)

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {name: getattr(self, name) for name in _FIELDS} | {
            "chain": str(self.chain),
            "subjects": list(self.subjects),
        }


_FIELDS = tuple(field.name for field in fields(Action))


def action_of(document: Mapping[str, Any]) -> Action:
    """The stored action, typed again."""
    chain, subjects = ChainSelector(int(document["chain"])), tuple(document["subjects"])
    return Action(**{**document, "chain": chain, "subjects": subjects})


def plan(
    kind: ActionKind, cause: str, targets: Iterable[Target], *, evidence: str, evidence_at_s: int, now_ms: int
) -> list[Action]:
    """One action per chain for these targets."""
    by_chain: dict[ChainSelector, set[str]] = {}
    for target in targets:
        by_chain.setdefault(target.chain, set()).add(target.subject)
    return [
        Action(
            id=keccak(f"{kind}|{cause}|{chain}|{','.join(sorted(subjects))}|{now_ms}".encode())[:12].hex(),
            kind=kind,
            cause=cause,
            chain=chain,
            subjects=tuple(sorted(subjects)),
            evidence=evidence,
            evidence_at_s=evidence_at_s,
            intended_at_ms=now_ms,
            changed_at_ms=now_ms,
        )
        for chain, subjects in sorted(by_chain.items())
    ]
