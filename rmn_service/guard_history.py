"""A guard's history as a file: to move keys to another machine, or to give a new guard what the record knows.

{"format": "rmn-guard", "version": 1,
"blessings": [{"signer": "0x…", "source": "…", "dest": "…", "first": "7", "leaves": ["0x…", …]}],
"votes": [{"curser": "0x…", "chain": "…", "subject": "0x…", "action": "…", "evidence_at_s": 0, "evidence": "0x…",
"tx": "0x…"}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ccip_core.protocol.messages import ChainSelector, Lane
from rmn_service.actions import action_of
from rmn_service.config import explain
from rmn_service.errors import NodeError
from rmn_service.guard import Leaf, Vote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rmn_service.guard import Guard
    from rmn_service.store import Store

_Address = Annotated[str, Field(pattern="^0x[0-9a-f]{40}$")]
_Hash = Annotated[str, Field(pattern="^0x[0-9a-f]{64}$")]
_Subject = Annotated[str, Field(pattern="^0x[0-9a-f]{32}$")]
_Number = Annotated[str, Field(pattern="^(0|[1-9][0-9]{0,19})$")]


class HistoryError(NodeError):
    """The file is no history that this release reads."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Blessings(_Part):
    """Consecutive messages of a lane."""

    signer: _Address
    source: _Number
    dest: _Number
    first: _Number
    leaves: tuple[_Hash, ...]


class Voted(_Part):
    """One vote against one subject."""

    curser: _Address
    chain: _Number
    subject: _Subject
    action: str
    evidence_at_s: int
    evidence: _Hash
    tx: _Hash


class History(_Part):
    """The whole file."""

    format: Literal["rmn-guard"] = "rmn-guard"
    version: Literal[1] = 1
    blessings: tuple[Blessings, ...] = ()
    votes: tuple[Voted, ...] = ()


def history_of(guard: Guard) -> History:
    """Everything that the guard knows. What was only pledged counts as sent: whoever reads this can't ask."""
    return History(
        blessings=tuple(_runs(guard)),
        votes=tuple(
            Voted(
                curser=_hex(vote.curser),
                chain=str(vote.chain),
                subject=vote.subject,
                action=vote.action,
                evidence_at_s=vote.evidence_at_s,
                evidence=vote.evidence,
                tx=_hex(vote.tx_hash),
            )
            for vote in guard.votes()
        ),
    )


def read_history(text: str | bytes) -> History:
    """A file's content. Raises HistoryError, one line."""
    try:
        return History.model_validate_json(text)
    except ValidationError as error:
        raise HistoryError(f"history: {explain(error)}") from None


def add_history(guard: Guard, history: History) -> None:
    """Make the guard remember this as well. Raises StoreError where both contradict each other: nothing is added."""
    leaves = (
        Leaf(bytes.fromhex(run.signer[2:]), _lane(run.source, run.dest), number, bytes.fromhex(leaf[2:]))
        for run in history.blessings
        for number, leaf in enumerate(run.leaves, int(run.first))
    )
    votes = (
        Vote(
            bytes.fromhex(vote.curser[2:]),
            ChainSelector(int(vote.chain)),
            vote.subject,
            vote.action,
            vote.evidence_at_s,
            vote.evidence,
            "sent",
            bytes.fromhex(vote.tx[2:]),
        )
        for vote in history.votes
    )
    guard.add(leaves, votes)


def add_record(guard: Guard, store: Store, signer: bytes | None, curser: bytes | None) -> None:
    """A guard that was made just now learns what the record says that its keys have signed. Raises StoreError."""
    blessed = () if signer is None else store.all("blessing")
    leaves = (
        Leaf(signer, _lane(root["source"], root["dest"]), number, bytes.fromhex(leaf[2:]))
        for document in blessed
        for root in document["roots"]
        for number, leaf in enumerate(root["leaves"], int(root["min_seq"]))
        if signer is not None
    )
    acted = () if curser is None else map(action_of, store.all("action"))
    votes = (
        Vote(curser, action.chain, subject, action.id, action.evidence_at_s, action.evidence, "sent", _tx(action.tx))
        for action in acted
        if curser is not None and action.kind == "curse" and action.tx is not None
        for subject in action.subjects
    )
    guard.add(leaves, votes)


def _runs(guard: Guard) -> Iterator[Blessings]:
    run: list[Leaf] = []
    for leaf in guard.leaves():
        if run and leaf[:3] != (run[-1].signer, run[-1].lane, run[-1].number + 1):
            yield _run(run)
            run = []
        run.append(leaf)
    if run:
        yield _run(run)


def _run(leaves: list[Leaf]) -> Blessings:
    signer, lane, first, _ = leaves[0]
    return Blessings(
        signer=_hex(signer),
        source=str(lane.source),
        dest=str(lane.dest),
        first=str(first),
        leaves=tuple(_hex(leaf.leaf) for leaf in leaves),
    )


def _lane(source: str, dest: str) -> Lane:
    return Lane(ChainSelector(int(source)), ChainSelector(int(dest)))


def _tx(text: Any) -> bytes:
    return bytes.fromhex(text[2:])


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
