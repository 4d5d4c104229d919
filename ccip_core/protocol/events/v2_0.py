"""Events of CCIP 2.0: ramps, pools, CommitteeVerifier. There are no commits; what RMN 2.0 emits is what 1.6's does."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import (
    Address,
    Bool,
    Bytes,
    Bytes4,
    Bytes32,
    RateLimiterConfig,
    Selector,
    Uint8,
    Uint64,
    Uint256,
)
from ccip_core.protocol.structs_v2_0 import (
    DestChainConfigV20,
    OffRampStaticConfigV20,
    OnRampDynamicConfigV20,
    OnRampStaticConfigV20,
    Receipt,
    SourceChainConfigV20,
    String,
    TokenTransferFeeConfigV20,
    VerifierDynamicConfig,
)

# OnRamp 2.0.0


@event("CCIPMessageSent")
class CCIPMessageSentV20(NamedTuple):
    """A message left; the id is the hash of `encoded_message`, which holds it whole (spec 11)."""

    dest_chain_selector: Indexed[Selector]
    sender: Indexed[Address]
    message_id: Indexed[Bytes32]
    fee_token: Address
    token_amount_before_token_pool_fees: Uint256
    encoded_message: Bytes
    receipts: tuple[Receipt, ...]
    verifier_blobs: tuple[Bytes, ...]


@event("ConfigSet")
class OnRampConfigSetV20(NamedTuple):
    """The OnRamp's parts were named or replaced."""

    static_config: OnRampStaticConfigV20
    dynamic_config: OnRampDynamicConfigV20


@event("DestChainConfigSet")
class DestChainConfigSetV20(NamedTuple):
    """A lane was opened or changed: its Router, fees and verifiers."""

    dest_chain_selector: Indexed[Selector]
    message_number: Uint64
    config: DestChainConfigV20


# OffRamp 2.0.0


@event("ExecutionStateChanged")
class ExecutionStateChangedV20(NamedTuple):
    """A message was tried: `state` 2 success, 3 failure."""

    source_chain_selector: Indexed[Selector]
    message_number: Indexed[Uint64]
    message_id: Indexed[Bytes32]
    state: Uint8
    return_data: Bytes
    """UNTRUSTED: on failure, the revert bytes of receiver or pool."""


@event("SourceChainConfigSet")
class SourceChainConfigSetV20(NamedTuple):
    """A lane's arrival was configured: its OnRamps and verifiers."""

    source_chain_selector: Indexed[Selector]
    source_config: SourceChainConfigV20


@event("StaticConfigSet")
class OffRampStaticConfigSetV20(NamedTuple):
    """Emitted once, by the constructor."""

    static_config: OffRampStaticConfigV20


# TokenPool 2.0.0


@event()
class AdvancedPoolHooksUpdated(NamedTuple):
    """Another contract is asked before and after each transfer."""

    old_hook: Address
    new_hook: Address


@event("DynamicConfigSet")
class PoolDynamicConfigSet(NamedTuple):
    """The pool's Router, and who may change limits and fees."""

    router: Address
    rate_limit_admin: Address
    fee_admin: Address


@event()
class FastFinalityInboundRateLimitConsumed(NamedTuple):
    """Tokens arrived that did not wait for finality."""

    remote_chain_selector: Indexed[Selector]
    token: Address
    amount: Uint256


@event()
class FastFinalityOutboundRateLimitConsumed(NamedTuple):
    """Tokens left that will not wait for finality."""

    remote_chain_selector: Indexed[Selector]
    token: Address
    amount: Uint256


@event()
class FinalityConfigSet(NamedTuple):
    """For how little finality senders may ask."""

    allowed_finality: Bytes4


@event()
class RateLimitConfigured(NamedTuple):
    """Limits towards a chain, of transfers that wait for finality or of those that don't."""

    remote_chain_selector: Indexed[Selector]
    fast_finality: Bool
    outbound_rate_limiter_config: RateLimiterConfig
    inbound_rate_limiter_config: RateLimiterConfig


@event("TokenTransferFeeConfigDeleted")
class TokenTransferFeeConfigDeletedV20(NamedTuple):
    """Sending there costs the default again."""

    dest_chain_selector: Indexed[Selector]


@event("TokenTransferFeeConfigUpdated")
class TokenTransferFeeConfigUpdatedV20(NamedTuple):
    """What it costs to send there."""

    dest_chain_selector: Indexed[Selector]
    token_transfer_fee_config: TokenTransferFeeConfigV20


# CommitteeVerifier 2.0.0


@event("AllowListSendersAdded")
class AllowListSenderAddedV20(NamedTuple):
    """It may send where the allowlist is on."""

    dest_chain_selector: Indexed[Selector]
    senders: Address


@event("AllowListSendersRemoved")
class AllowListSenderRemovedV20(NamedTuple):
    """It may no longer send where the allowlist is on."""

    dest_chain_selector: Indexed[Selector]
    senders: Address


@event()
class AllowListStateChanged(NamedTuple):
    """The allowlist was switched on or off."""

    dest_chain_selector: Indexed[Selector]
    allowlist_enabled: Bool


@event("ConfigSet")
class VerifierConfigSet(NamedTuple):
    """Where the verifier's fees go and who may change its allowlist."""

    dynamic_config: VerifierDynamicConfig


@event()
class RemoteChainConfigSet(NamedTuple):
    """The verifier serves messages to a chain."""

    remote_chain_selector: Indexed[Selector]
    router: Address
    allowlist_enabled: Bool


@event()
class SignatureConfigSet(NamedTuple):
    """Whose signatures verify messages from a chain, and how many it takes."""

    source_chain_selector: Indexed[Selector]
    signers: tuple[Address, ...]
    threshold: Uint8


@event()
class StorageLocationsAdminTransferRequested(NamedTuple):
    """Another account was offered the say about storage locations."""

    from_: Indexed[Address]
    to: Indexed[Address]


@event()
class StorageLocationsAdminTransferred(NamedTuple):
    """Another account took the say about storage locations."""

    from_: Indexed[Address]
    to: Indexed[Address]


@event()
class StorageLocationsUpdated(NamedTuple):
    """Where signatures can be fetched."""

    old_locations: tuple[String, ...]
    new_locations: tuple[String, ...]
