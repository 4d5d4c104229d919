"""Events of those who rule.

RMNRemote 1.6.0, RMNProxy, RMNHome 1.6.0, our CurseVoting, owners, authorised callers, and the token registry.
"""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.configs import RmnHomeDynamicConfig, RmnHomeStaticConfig
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import Address, Bytes16, Bytes32, RmnRemoteConfig, Uint32

# RMN


@event()
class Cursed(NamedTuple):
    """RMNRemote stopped these subjects (also RMN 2.x)."""

    subjects: tuple[Bytes16, ...]


@event()
class Uncursed(NamedTuple):
    """RMNRemote's owner let these subjects go on."""

    subjects: tuple[Bytes16, ...]


@event("ConfigSet")
class RmnRemoteConfigSet(NamedTuple):
    """The RMN nodes whose blessings count were replaced."""

    version: Indexed[Uint32]
    config: RmnRemoteConfig


@event()
class ARMSet(NamedTuple):
    """The RMNProxy now asks another RMN; every curse of the old one is void."""

    arm: Address


@event()
class VotedToCurse(NamedTuple):
    """CurseVoting: a node voted; `evidence_hash` commits it to its reasons."""

    voter: Indexed[Address]
    curse_id: Bytes16
    subjects: tuple[Bytes16, ...]
    evidence_hash: Bytes32


@event("ConfigSet")
class RmnHomeConfigSet(NamedTuple):
    """A candidate configuration of the RMN was proposed on the home chain."""

    config_digest: Indexed[Bytes32]
    version: Uint32
    static_config: RmnHomeStaticConfig
    dynamic_config: RmnHomeDynamicConfig


@event("DynamicConfigSet")
class RmnHomeDynamicConfigSet(NamedTuple):
    """Which nodes observe which source was changed; the digest stays."""

    config_digest: Indexed[Bytes32]
    dynamic_config: RmnHomeDynamicConfig


@event()
class ConfigPromoted(NamedTuple):
    """The candidate configuration of RMNHome or CCIPHome became the active one."""

    config_digest: Indexed[Bytes32]


@event()
class ActiveConfigRevoked(NamedTuple):
    """A home chain configuration is no longer in force."""

    config_digest: Indexed[Bytes32]


@event()
class CandidateConfigRevoked(NamedTuple):
    """A proposed home chain configuration was withdrawn."""

    config_digest: Indexed[Bytes32]


# owners and callers


@event()
class OwnershipTransferRequested(NamedTuple):
    """The owner proposed a successor, who must accept."""

    from_: Indexed[Address]
    to: Indexed[Address]


@event()
class OwnershipTransferred(NamedTuple):
    """The contract has a new owner."""

    from_: Indexed[Address]
    to: Indexed[Address]


@event()
class AuthorizedCallerAdded(NamedTuple):
    """Someone may now set prices (FeeQuoter) or nonces (NonceManager)."""

    caller: Address


@event()
class AuthorizedCallerRemoved(NamedTuple):
    """The caller's authority ended."""

    caller: Address


# TokenAdminRegistry 1.5.0 and RegistryModuleOwnerCustom 1.6.0


@event()
class PoolSet(NamedTuple):
    """The token moves through another pool."""

    token: Indexed[Address]
    previous_pool: Indexed[Address]
    new_pool: Indexed[Address]


@event()
class AdministratorRegistered(NamedTuple):
    """The token's administrator was proposed to the registry."""

    token: Indexed[Address]
    administrator: Indexed[Address]


@event()
class AdministratorTransferRequested(NamedTuple):
    """An administrator was proposed, who must accept; zero cancels."""

    token: Indexed[Address]
    current_admin: Indexed[Address]
    new_admin: Indexed[Address]


@event()
class AdministratorTransferred(NamedTuple):
    """The token has a new administrator, who may set its pool."""

    token: Indexed[Address]
    new_admin: Indexed[Address]


@event()
class RegistryModuleAdded(NamedTuple):
    """The module may propose administrators."""

    module: Address


@event()
class RegistryModuleRemoved(NamedTuple):
    """The module may no longer propose administrators."""

    module: Indexed[Address]
