"""Events that any contract may emit when what it runs, or who may what, is changed (EIP-1967, OpenZeppelin roles)."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import Address, Bytes32


@event()
class Upgraded(NamedTuple):
    """The proxy runs other code from now on."""

    implementation: Indexed[Address]


@event()
class BeaconUpgraded(NamedTuple):
    """The proxy asks another beacon which code to run."""

    beacon: Indexed[Address]


@event()
class AdminChanged(NamedTuple):
    """Who may change the proxy's code was changed."""

    previous_admin: Address
    new_admin: Address


@event()
class RoleGranted(NamedTuple):
    """The account may do what the role allows; `role` is the hash of its name."""

    role: Indexed[Bytes32]
    account: Indexed[Address]
    sender: Indexed[Address]


@event()
class RoleRevoked(NamedTuple):
    """The account may no longer do what the role allows."""

    role: Indexed[Bytes32]
    account: Indexed[Address]
    sender: Indexed[Address]
