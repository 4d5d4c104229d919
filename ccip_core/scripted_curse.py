"""RMNRemote and CurseVoting on a scripted chain, as far as votes, curses and their lifting go.

What it does is proved against the real contracts by one test suite, transaction by transaction with their logs and
reverts (tests/ccip_core/test_scripted_curse.py). Voters and threshold stand for good: `setConfig`, `councilCurse` and
`callRMNRemote` are not scripted, and revert.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol import events
from ccip_core.protocol.abi import split_types
from ccip_core.protocol.codec import AbiError, decode_args, encode_args, encode_call, function_selector
from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT
from ccip_core.rpc import RpcRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.scripted_rpc import Emitted

_REVERTED, _REVERT = 3, "execution reverted"


class _Function(NamedTuple):
    name: str
    signature: str
    returns: tuple[Any, ...]


def _by_selector(of: str, *functions: tuple[str, tuple[Any, ...]]) -> dict[tuple[str, bytes], _Function]:
    return {
        (of, function_selector(signature)): _Function(f"{of}.{signature[: signature.index('(')]}", signature, returns)
        for signature, returns in functions
    }


_VIEWS = _by_selector(
    "voting",
    ("getVote(bytes16)", ("uint16", "address[]")),
    ("hasVoted(address,bytes16)", ("bool",)),
    ("isCurseIdUsed(address,bytes16)", ("bool",)),
    ("getConfig()", ("uint32", "(address,uint8)[]", "uint16")),
    ("owner()", ("address",)),
) | _by_selector(
    "remote",
    ("owner()", ("address",)),
    ("getCursedSubjects()", ("bytes16[]",)),
    ("isCursed(bytes16)", ("bool",)),
    ("isCursed()", ("bool",)),
)
_ACTS = _by_selector(
    "voting",
    ("voteToCurse(bytes16,bytes16[],bytes32)", ()),
    ("unvoteToCurse(bytes16[])", ()),
    ("enact(bytes16[])", ()),
    ("liftCurse(bytes16[])", ()),
)


@dataclass(frozen=True, slots=True)
class CurseState:
    """What both contracts hold; never changed, only replaced, so that a reorg is an older one."""

    cursed: tuple[bytes, ...] = ()
    """In the order of RMNRemote's set."""
    votes: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    """Who voted for a subject."""
    used_ids: frozenset[tuple[bytes, bytes]] = frozenset()


@dataclass(frozen=True)
class ScriptedCurse:
    """Both contracts of one chain; every voter weighs 1."""

    rmn_remote: bytes
    curse_voting: bytes
    voters: tuple[bytes, ...]
    threshold: int
    council: bytes

    @property
    def addresses(self) -> frozenset[bytes]:
        """Where transactions are executed."""
        return frozenset((self.rmn_remote, self.curse_voting))

    def genesis(self) -> CurseState:
        """No vote and no curse."""
        return CurseState()

    def execute(self, state: CurseState, sender: bytes, to: bytes, data: bytes) -> tuple[CurseState, list[Emitted]]:
        """What a transaction makes of the state, and its logs. Raises RpcRefused with the revert data."""
        act = _ACTS.get((self._name(to), data[:4]))
        if act is None:  # RMNRemote's owner is CurseVoting: nobody else curses or lifts there
            raise _revert("OnlyCallableByOwner()") if data[:4] in _OWNED else RpcRefused(_REVERTED, _REVERT)
        arguments = _decoded(act.signature, data)
        match act.name:
            case "voting.voteToCurse":
                return self._vote(state, sender, *arguments)
            case "voting.unvoteToCurse":
                return self._unvote(state, sender, *arguments)
            case "voting.enact":
                return self._enact(state, *arguments)
            case _:
                return self._lift(state, sender, *arguments)

    def call(self, state: CurseState, sender: bytes, to: bytes, data: bytes) -> bytes:
        """What a view returns; of a transaction, nothing, unless it would revert."""
        view = _VIEWS.get((self._name(to), data[:4]))
        if view is None:
            self.execute(state, sender, to, data)
            return b""
        return encode_args(view.returns, self._view(state, view.name, _decoded(view.signature, data)))

    def _name(self, to: bytes) -> str:
        return "voting" if to == self.curse_voting else "remote"

    # ── transactions ────────────────────────────────────────────────────────────────────────────────────────────────

    def _vote(
        self, state: CurseState, sender: bytes, curse_id: bytes, subjects: Sequence[bytes], evidence_hash: bytes
    ) -> tuple[CurseState, list[Emitted]]:
        self._check_voter(sender)
        _check_subjects(subjects)
        if (sender, curse_id) in state.used_ids:
            raise _revert("ReusedCurseId(address,bytes16)", sender, curse_id)
        votes = dict(state.votes)
        for subject in subjects:
            votes[subject] = votes.get(subject, frozenset()) | {sender}
        logs: list[Emitted] = [
            (self.curse_voting, events.VotedToCurse(sender, curse_id, tuple(subjects), evidence_hash))
        ]
        cursed = list(state.cursed)
        for subject in subjects:
            if len(votes[subject]) >= self.threshold and subject not in cursed:
                cursed.append(subject)
                logs.append((self.rmn_remote, events.Cursed((subject,))))
        used = state.used_ids | {(sender, curse_id)}
        return CurseState(tuple(cursed), votes, used), logs

    def _unvote(self, state: CurseState, sender: bytes, subjects: Sequence[bytes]) -> tuple[CurseState, list[Emitted]]:
        self._check_voter(sender)
        _check_subjects(subjects)
        votes = dict(state.votes)
        for subject in subjects:
            if sender not in votes.get(subject, ()):
                raise _revert("NotVoted(address,bytes16)", sender, subject)
            if len(votes[subject]) >= self.threshold:
                raise _revert("ThresholdReached(bytes16)", subject)
            votes[subject] = votes[subject] - {sender}
        return replace(state, votes=votes), [(self.curse_voting, events.UnvotedToCurse(sender, tuple(subjects)))]

    def _enact(self, state: CurseState, subjects: Sequence[bytes]) -> tuple[CurseState, list[Emitted]]:
        _check_subjects(subjects)
        cursed = list(state.cursed)
        logs: list[Emitted] = []
        for subject in subjects:
            if len(state.votes.get(subject, ())) < self.threshold:
                raise _revert("ThresholdNotReached(bytes16)", subject)
            if subject not in cursed:
                cursed.append(subject)
                logs.append((self.rmn_remote, events.Cursed((subject,))))
        return replace(state, cursed=tuple(cursed)), logs

    def _lift(self, state: CurseState, sender: bytes, subjects: Sequence[bytes]) -> tuple[CurseState, list[Emitted]]:
        if sender != self.council:
            raise _revert("OnlyCallableByOwner()")
        _check_subjects(subjects)
        cursed, votes = list(state.cursed), dict(state.votes)
        logs: list[Emitted] = []
        for subject in subjects:
            votes.pop(subject, None)
            was_cursed = subject in cursed
            if was_cursed:
                place = cursed.index(subject)
                cursed[place] = cursed[-1]  # as the contract's set does
                cursed.pop()
                logs.append((self.rmn_remote, events.Uncursed((subject,))))
            logs.append((self.curse_voting, events.CurseLifted(subject, was_cursed)))
        return replace(state, cursed=tuple(cursed), votes=votes), logs

    def _check_voter(self, sender: bytes) -> None:
        if sender not in self.voters:
            raise _revert("UnauthorizedVoter(address)", sender)

    # ── views ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _view(self, state: CurseState, name: str, arguments: Sequence[Any]) -> tuple[Any, ...]:
        answer: tuple[Any, ...]
        match name, *arguments:
            case "voting.getVote", subject:
                voted = state.votes.get(subject, frozenset())
                answer = len(voted), tuple(voter for voter in self.voters if voter in voted)
            case "voting.hasVoted", voter, subject:
                answer = (voter in state.votes.get(subject, ()),)
            case "voting.isCurseIdUsed", voter, curse_id:
                answer = ((voter, curse_id) in state.used_ids,)
            case ("voting.getConfig",):
                answer = 1, tuple((voter, 1) for voter in self.voters), self.threshold
            case ("voting.owner",):
                answer = (self.council,)
            case ("remote.owner",):
                answer = (self.curse_voting,)
            case ("remote.getCursedSubjects",):
                answer = (state.cursed,)
            case "remote.isCursed", subject:
                answer = (bool({subject, GLOBAL_CURSE_SUBJECT} & {*state.cursed}),)
            case _:
                answer = (GLOBAL_CURSE_SUBJECT in state.cursed,)
        return answer


_OWNED = frozenset(
    function_selector(signature)
    for signature in ("curse(bytes16)", "curse(bytes16[])", "uncurse(bytes16)", "uncurse(bytes16[])")
)


def _check_subjects(subjects: Sequence[bytes]) -> None:
    if not subjects:
        raise _revert("NoSubjects()")
    if any(later <= earlier for earlier, later in pairwise(subjects)):
        raise _revert("SubjectsMustBeStrictlyIncreasing()")


def _decoded(signature: str, data: bytes) -> tuple[Any, ...]:
    inner = signature[signature.index("(") + 1 : -1]
    try:
        return decode_args(split_types(inner), data[4:]) if inner else ()
    except AbiError:
        raise RpcRefused(_REVERTED, _REVERT) from None


def _revert(signature: str, *values: object) -> RpcRefused:
    return RpcRefused(_REVERTED, f"execution reverted: {signature}", encode_call(signature, *values))
