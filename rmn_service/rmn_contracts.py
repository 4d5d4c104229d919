"""The contract that holds a chain's curses, whoever deployed it: what our key may do there, and by which call.

| contract | who may curse | who may lift |
|---|---|---|
| our CurseVoting | its voters, by vote | its council |
| RMN 1.5 | its curse voters, by weight; the owner alone | the owner, by a call that this node does not make |
| RMNRemote 1.6 | the owner | the owner |
| RMN 2.x | the owner and authorised callers; cursing twice is harmless | the owner alone |

Which one it is stands in `typeAndVersion`; owners and callers are asked anew from time to time, since they change.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.protocol.codec import encode_call
from ccip_core.rpc import RpcError, RpcMalformed, RpcRefused
from ccip_core.views import ask, owner_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.rpc import Rpc
    from rmn_service.actions import ActionKind

Family = Literal["voting", "1.5", "1.6", "2"]
_VERSION = re.compile(r"^(?:RMN|ARM|RMNRemote|RMN Remote) (\d+)\.(\d+)\.")
_VOTER_FIELDS = "(address,address,uint8,uint8)"
_CONFIG_1_5 = ("uint32", "uint32", f"({_VOTER_FIELDS}[],uint16,uint16)")
_UNVOTE_1_5 = "the owner lifts with ownerUnvoteToCurse, which this node does not call"


class Power(NamedTuple):
    """What one key may do to one chain's curses, as last asked."""

    contract: str
    """As it calls itself."""
    family: Family
    may_curse: bool
    may_uncurse: bool
    is_owner: bool
    text: str
    """One sentence for a person."""


class RmnContract:
    """One chain's curse contract. Thread-safe; nothing is asked but by `learn` and `missing`."""

    def __init__(
        self, rmn_remote: bytes, curse_voting: bytes | None, rmn_proxy: bytes | None, key: bytes | None
    ) -> None:
        """`key`: the address of our curser; None when this node has none."""
        self._remote = rmn_remote
        self._voting = curse_voting
        self._proxy = rmn_proxy
        self._key = key
        self._lock = threading.Lock()
        self._power: Power | None = None

    @property
    def power(self) -> Power | None:
        """None while the chain could not be asked."""
        return self._power

    @property
    def is_voting(self) -> bool:
        """Whether curses here are votes, which can be signed before anything is asked."""
        return self._voting is not None

    def learn(self, rpc: Rpc) -> Power:
        """Ask what stands there and what our key may do.

        Raises:
            RpcError: it can't be asked, or it is no RMN that we know.
        """
        learnt = self._of_voting(rpc) if self._voting is not None else self._of_rmn(rpc)
        asked = self._current(rpc)
        if asked is not None and asked != self._remote:
            where = f"the RMNProxy asks 0x{asked.hex()}, not the 0x{self._remote.hex()} of the deployment"
            learnt = learnt._replace(text=f"{learnt.text}; but {where}: curses there stop nothing")
        with self._lock:
            self._power = learnt
        return learnt

    def refusal(self, rpc: Rpc, kind: ActionKind) -> str | None:
        """Why our key can't do this here; None when it can. Asks the chain. Raises RpcError."""
        if self._voting is not None:
            # A vote says by itself whether it counts.
            if kind == "curse" or (owner := owner_of(rpc, self._voting)) == self._key:
                return None
            return f"0x{owner.hex()} owns CurseVoting, not this node's curser key"
        power = self.learn(rpc)
        may = power.may_curse if kind == "curse" else power.may_uncurse
        return None if may else power.text

    def call(self, kind: ActionKind, subjects: Sequence[str], curse_id: bytes, evidence: str) -> tuple[bytes, bytes]:
        """Contract and calldata of an action that `refusal` does not refuse."""
        raw = tuple(bytes.fromhex(subject[2:]) for subject in subjects)
        if self._voting is not None:
            if kind == "uncurse":
                return self._voting, encode_call("liftCurse(bytes16[])", raw)
            vote = encode_call("voteToCurse(bytes16,bytes16[],bytes32)", curse_id, raw, bytes.fromhex(evidence[2:]))
            return self._voting, vote
        if self._power is not None and self._power.family == "1.5" and kind == "curse":
            verb = "ownerCurse" if self._power.is_owner else "voteToCurse"
            return self._remote, encode_call(f"{verb}(bytes16,bytes16[])", curse_id, tuple(sorted(raw)))
        return self._remote, encode_call(f"{kind}(bytes16[])", raw)

    def missing(self, rpc: Rpc, kind: ActionKind, subjects: Sequence[str]) -> tuple[str, ...]:
        """The subjects for which the chain does not yet have what is wanted. Raises RpcError."""
        if self._power is None and self._voting is None:
            self.learn(rpc)
        if self._power is not None and self._power.family == "1.5":
            return tuple(subject for subject in subjects if self._lacks_1_5(rpc, kind, subject))
        (cursed,) = ask(rpc, self._remote, "getCursedSubjects()", returns=("bytes16[]",))
        on_chain = {"0x" + subject.hex() for subject in cursed}
        if kind == "uncurse":
            return tuple(subject for subject in subjects if subject in on_chain)
        return tuple(subject for subject in subjects if subject not in on_chain and not self._has_voted(rpc, subject))

    def _of_voting(self, rpc: Rpc) -> Power:
        assert self._voting is not None
        council = owner_of(rpc, self._voting)
        if self._key is None:
            return Power("CurseVoting", "voting", False, False, False, "watches alone: this node has no curser key")
        _, voters, threshold = ask(rpc, self._voting, "getConfig()", returns=("uint32", "(address,uint8)[]", "uint16"))
        weight = sum(int(voter[1]) for voter in voters if voter[0] == self._key)
        may_lift = council == self._key
        text = f"votes to curse with weight {weight} of {threshold}" if weight else "may not vote: its key is no voter"
        return Power("CurseVoting", "voting", bool(weight), may_lift, may_lift, f"{text}; the council lifts")

    def _of_rmn(self, rpc: Rpc) -> Power:
        (name,) = ask(rpc, self._remote, "typeAndVersion()", returns=("string",))
        found = _VERSION.match(str(name))
        version = None if found is None else (int(found[1]), int(found[2]))
        shown = str(name)[:60].encode("ascii", "backslashreplace").decode()
        if version is None or not (version in {(1, 5), (1, 6)} or version[0] == 2):
            raise RpcMalformed(f"0x{self._remote.hex()} calls itself {shown}: no RMN of 1.5, 1.6 or 2; nothing is sent")
        family: Family = "2" if version[0] == 2 else "1.5" if version == (1, 5) else "1.6"
        if self._key is None:
            return Power(shown, family, False, False, False, "watches alone: this node has no curser key")
        is_owner = owner_of(rpc, self._remote) == self._key
        if family == "1.5":
            return self._of_1_5(rpc, shown, is_owner=is_owner)
        if family == "1.6":
            text = "curses and lifts as the owner" if is_owner else "only alerts: the owner alone may curse here"
            return Power(shown, family, is_owner, is_owner, is_owner, text)
        (callers,) = ask(rpc, self._remote, "getAllAuthorizedCallers()", returns=("address[]",))
        may_curse = is_owner or self._key in callers
        text = (
            "curses and lifts as the owner"
            if is_owner
            else "curses as an authorised caller; only the owner lifts"
            if may_curse
            else "only alerts: the key is neither owner nor authorised caller"
        )
        return Power(shown, family, may_curse, is_owner, is_owner, text)

    def _of_1_5(self, rpc: Rpc, name: str, *, is_owner: bool) -> Power:
        _, _, (voters, _, threshold) = ask(rpc, self._remote, "getConfigDetails()", returns=_CONFIG_1_5)
        weight = sum(int(voter[3]) for voter in voters if voter[1] == self._key)
        if is_owner:
            return Power(name, "1.5", True, False, True, f"curses at once as the owner; {_UNVOTE_1_5}")
        text = f"votes with weight {weight} of {threshold}" if weight else "only alerts: its key is no curse voter"
        return Power(name, "1.5", bool(weight), False, False, f"{text}; {_UNVOTE_1_5}")

    def _lacks_1_5(self, rpc: Rpc, kind: ActionKind, subject: str) -> bool:
        returns = ("address[]", "bytes28[]", "uint16", "bool")
        raw = bytes.fromhex(subject[2:])
        voters, _, _, is_cursed = ask(rpc, self._remote, "getCurseProgress(bytes16)", raw, returns=returns)
        return bool(is_cursed) if kind == "uncurse" else not is_cursed and self._key not in voters

    def _has_voted(self, rpc: Rpc, subject: str) -> bool:
        """Whether our vote stands and waits for others.

        Where it reached the threshold and nothing is cursed, RMNRemote refused; CurseVoting tries again with each vote.
        """
        if self._voting is None:
            return False
        raw = bytes.fromhex(subject[2:])
        voted = ask(rpc, self._voting, "hasVoted(address,bytes16)", self._key, raw, returns=("bool",))
        if not voted[0]:
            return False
        weight, _ = ask(rpc, self._voting, "getVote(bytes16)", raw, returns=("uint16", "address[]"))
        # The whole answer is not needed: the threshold is the third word of the head.
        threshold = int.from_bytes(rpc.call(self._voting, encode_call("getConfig()"))[64:96])
        return int(weight) < threshold

    def _current(self, rpc: Rpc) -> bytes | None:
        """The RMN that the proxy asks; None where there is no proxy that says so."""
        if self._proxy is None:
            return None
        try:
            return bytes(ask(rpc, self._proxy, "getARM()", returns=("address",))[0])
        except (RpcRefused, RpcMalformed):  # not every deployment has our kind of proxy; only a warning is lost
            return None


def try_to_learn(contract: RmnContract, rpc: Rpc) -> tuple[Power | None, str | None]:
    """What was learnt and, where nothing was, why not."""
    try:
        return contract.learn(rpc), None
    except RpcError as error:
        return None, str(error)
