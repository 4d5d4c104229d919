"""This node's key on one chain: what it can say to the contracts there, and what they say back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.codec import encode_call
from ccip_core.views import ask, owner_of

if TYPE_CHECKING:
    from ccip_core.wallet import Wallet
    from rmn_service.actions import Action

_GAS, _GAS_PER_SUBJECT = 300_000, 200_000
"""Above what a vote costs that also curses; only what is used is paid."""
_FUNDED_VOTES = 10
"""A balance for fewer votes, at the fees that the wallet would offer now, is low."""
STUCK_MS = 30_000
"""A transaction that is not mined for so long is sent again for a higher fee."""


class Funds(NamedTuple):
    """What the key can pay on one chain."""

    balance_wei: int
    low_wei: int
    """Below this it is time to send some."""

    @property
    def is_low(self) -> bool:
        """Whether votes may soon fail for lack of gas."""
        return self.balance_wei < self.low_wei


@dataclass(frozen=True, slots=True)
class Hand:
    """This node's key on one chain, and the contracts that it acts on."""

    wallet: Wallet
    rmn_remote: bytes
    curse_voting: bytes | None
    """None: the deployment has no voting contract, so the key must own RMNRemote to curse."""
    is_quick: bool = True
    """Whether the key signs within this process: then it signs while the intent is being written."""
    stuck_ms: int = STUCK_MS

    def call_of(self, action: Action, subjects: tuple[str, ...]) -> tuple[bytes, bytes]:
        """Contract and calldata of an action."""
        raw = tuple(bytes.fromhex(subject[2:]) for subject in subjects)
        if self.curse_voting is None:
            return self.rmn_remote, encode_call(f"{action.kind}(bytes16[])", raw)
        if action.kind == "uncurse":
            return self.curse_voting, encode_call("liftCurse(bytes16[])", raw)
        evidence = bytes.fromhex(action.evidence[2:])
        vote = encode_call("voteToCurse(bytes16,bytes16[],bytes32)", action.curse_id, raw, evidence)
        return self.curse_voting, vote

    def why_impossible(self, action: Action) -> str | None:
        """Why this key may not do it, where only an owner may; asks the chain. Raises RpcError."""
        if self.curse_voting is not None and action.kind == "curse":
            return None
        owner = owner_of(self.wallet.rpc, self.curse_voting or self.rmn_remote)
        if owner == self.wallet.address:
            return None
        what = "CurseVoting" if self.curse_voting is not None else "RMNRemote"
        return f"0x{owner.hex()} owns {what}, not this node's curser key"

    def missing(self, action: Action) -> tuple[str, ...]:
        """The subjects for which the chain does not yet have what the action wants. Raises RpcError."""
        (cursed,) = ask(self.wallet.rpc, self.rmn_remote, "getCursedSubjects()", returns=("bytes16[]",))
        on_chain = {"0x" + subject.hex() for subject in cursed}
        if action.kind == "uncurse":
            return tuple(subject for subject in action.subjects if subject in on_chain)
        return tuple(subject for subject in action.subjects if subject not in on_chain and not self._has_voted(subject))

    def warm(self) -> Funds:
        """Make the next vote one call, and look at what is left to pay for it. Raises RpcError."""
        self.wallet.warm()
        balance_wei = self.wallet.rpc.balance(self.wallet.address)
        return Funds(balance_wei, _FUNDED_VOTES * gas_of(("", "")) * self.wallet.fee_wei_max)

    def _has_voted(self, subject: str) -> bool:
        """Whether our vote stands and waits for others.

        Where it reached the threshold and nothing is cursed, RMNRemote refused; CurseVoting tries again with every
        vote.
        """
        if self.curse_voting is None:
            return False
        rpc, raw = self.wallet.rpc, bytes.fromhex(subject[2:])
        voted = ask(rpc, self.curse_voting, "hasVoted(address,bytes16)", self.wallet.address, raw, returns=("bool",))
        if not voted[0]:
            return False
        weight, _ = ask(rpc, self.curse_voting, "getVote(bytes16)", raw, returns=("uint16", "address[]"))
        # The whole answer is not needed: the threshold is the third word of the head.
        threshold = int.from_bytes(rpc.call(self.curse_voting, encode_call("getConfig()"))[64:96])
        return int(weight) < threshold


def gas_of(subjects: tuple[str, ...]) -> int:
    """The gas that a vote about these subjects is given."""
    return _GAS + _GAS_PER_SUBJECT * len(subjects)
