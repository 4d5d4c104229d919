"""Events of our CurseVoting besides the vote itself (see contracts/src/interfaces/ICurseVoting.sol)."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import Address, Bool, Bytes, Bytes16, Bytes32, Uint8, Uint16, Uint32


class Voter(NamedTuple):
    """An RMN node's account and the weight of its vote."""

    voter: Address
    weight: Uint8


@event("ConfigSet")
class CurseVotingConfigSet(NamedTuple):
    """The voters were replaced; all votes given before are void."""

    version: Indexed[Uint32]
    voters: tuple[Voter, ...]
    weight_threshold: Uint16


@event()
class UnvotedToCurse(NamedTuple):
    """A voter took back its votes for these subjects."""

    voter: Indexed[Address]
    subjects: tuple[Bytes16, ...]


@event()
class CurseNotEnacted(NamedTuple):
    """The votes suffice, but RMNRemote refused the curse."""

    subject: Indexed[Bytes16]
    reason: Bytes


@event()
class CouncilCursed(NamedTuple):
    """The council cursed by itself."""

    subjects: tuple[Bytes16, ...]
    evidence_hash: Bytes32


@event()
class CurseLifted(NamedTuple):
    """The council lifted a subject, and its votes are gone."""

    subject: Indexed[Bytes16]
    was_cursed: Bool


@event()
class RMNRemoteCalled(NamedTuple):
    """The council acted on RMNRemote as its owner; `data` is the call."""

    data: Bytes
