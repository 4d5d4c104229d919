"""Events of the message's path: Router 1.2.0, OnRamp 1.6.0, OffRamp 1.6.0 and NonceManager 1.6.0."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.configs import (
    OffRampDynamicConfig,
    OffRampStaticConfig,
    OnRampDynamicConfig,
    OnRampStaticConfig,
    PreviousRamps,
)
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import (
    Address,
    Bool,
    Bytes,
    Bytes32,
    EVM2AnyRampMessage,
    MerkleRoot,
    PriceUpdates,
    Selector,
    SourceChainConfig,
    Uint8,
    Uint64,
    Uint256,
)

# Router


@event()
class OnRampSet(NamedTuple):
    """From now on, messages to the chain leave through this OnRamp; zero closes the way."""

    dest_chain_selector: Indexed[Selector]
    on_ramp: Address


@event()
class OffRampAdded(NamedTuple):
    """The OffRamp may deliver messages and release tokens. A stolen Router owner starts here."""

    source_chain_selector: Indexed[Selector]
    off_ramp: Address


@event()
class OffRampRemoved(NamedTuple):
    """The OffRamp may no longer deliver."""

    source_chain_selector: Indexed[Selector]
    off_ramp: Address


@event()
class MessageExecuted(NamedTuple):
    """The receiver was called; emitted whether or not the call succeeded."""

    message_id: Bytes32
    source_chain_selector: Selector
    off_ramp: Address
    calldata_hash: Bytes32


# OnRamp


@event()
class CCIPMessageSent(NamedTuple):
    """A message left, after all its tokens were locked or burned."""

    dest_chain_selector: Indexed[Selector]
    sequence_number: Indexed[Uint64]
    message: EVM2AnyRampMessage


@event("ConfigSet")
class OnRampConfigSet(NamedTuple):
    """The OnRamp's parts were named or replaced."""

    static_config: OnRampStaticConfig
    dynamic_config: OnRampDynamicConfig


@event()
class DestChainConfigSet(NamedTuple):
    """A lane was opened, moved to another Router, or paused (router zero)."""

    dest_chain_selector: Indexed[Selector]
    sequence_number: Uint64
    router: Address
    allowlist_enabled: Bool


@event()
class AllowListAdminSet(NamedTuple):
    """In the ABI, never emitted by 1.6."""

    allowlist_admin: Indexed[Address]


@event()
class AllowListSendersAdded(NamedTuple):
    """These may send on a lane whose allowlist is on."""

    dest_chain_selector: Indexed[Selector]
    senders: tuple[Address, ...]


@event()
class AllowListSendersRemoved(NamedTuple):
    """These may no longer send on a lane whose allowlist is on."""

    dest_chain_selector: Indexed[Selector]
    senders: tuple[Address, ...]


@event()
class FeeTokenWithdrawn(NamedTuple):
    """Collected fees went to the aggregator; anyone may cause it."""

    fee_aggregator: Indexed[Address]
    fee_token: Indexed[Address]
    amount: Uint256


# OffRamp


@event()
class CommitReportAccepted(NamedTuple):
    """Roots that messages can now be executed against. Price updates are echoed even when dropped as stale."""

    blessed_merkle_roots: tuple[MerkleRoot, ...]
    unblessed_merkle_roots: tuple[MerkleRoot, ...]
    price_updates: PriceUpdates


@event()
class ExecutionStateChanged(NamedTuple):
    """A message was tried: `message_hash` is its leaf, `state` 2 success, 3 failure."""

    source_chain_selector: Indexed[Selector]
    sequence_number: Indexed[Uint64]
    message_id: Indexed[Bytes32]
    message_hash: Bytes32
    state: Uint8
    return_data: Bytes
    """UNTRUSTED: on failure, the receiver's or the pool's revert bytes."""
    gas_used: Uint256


@event()
class SkippedAlreadyExecutedMessage(NamedTuple):
    """A report held a message that had already succeeded; nothing happened."""

    source_chain_selector: Selector
    sequence_number: Uint64


@event()
class AlreadyAttempted(NamedTuple):
    """The DON tried a failed message again; only manual execution may."""

    source_chain_selector: Selector
    sequence_number: Uint64


@event()
class SkippedReportExecution(NamedTuple):
    """The source is cursed: nothing of the report was executed."""

    source_chain_selector: Selector


@event()
class SourceChainSelectorAdded(NamedTuple):
    """A source was configured for the first time."""

    source_chain_selector: Selector


@event()
class SourceChainConfigSet(NamedTuple):
    """A lane's arrival was configured; here blessing is switched on and off."""

    source_chain_selector: Indexed[Selector]
    source_config: SourceChainConfig


@event("StaticConfigSet")
class OffRampStaticConfigSet(NamedTuple):
    """Emitted once, by the constructor."""

    static_config: OffRampStaticConfig


@event("DynamicConfigSet")
class OffRampDynamicConfigSet(NamedTuple):
    """The FeeQuoter, the manual execution delay or the interceptor was changed."""

    dynamic_config: OffRampDynamicConfig


@event()
class RootRemoved(NamedTuple):
    """In the ABI, never emitted by 1.6."""

    root: Bytes32


@event("ConfigSet")
class OcrConfigSet(NamedTuple):
    """The oracles of a plugin (0 commit, 1 execute) were replaced."""

    ocr_plugin_type: Uint8
    config_digest: Bytes32
    signers: tuple[Address, ...]
    transmitters: tuple[Address, ...]
    f: Uint8


@event()
class Transmitted(NamedTuple):
    """An oracle's report went through; the last event of `commit` and `execute`."""

    ocr_plugin_type: Indexed[Uint8]
    config_digest: Bytes32
    sequence_number: Uint64


# NonceManager


@event()
class SkippedIncorrectNonce(NamedTuple):
    """An ordered message was not executed because it is not the sender's next one."""

    source_chain_selector: Selector
    nonce: Uint64
    sender: Bytes


@event()
class PreviousRampsUpdated(NamedTuple):
    """Nonces of senders continue those of these 1.5 ramps."""

    remote_chain_selector: Indexed[Selector]
    prev_ramp: PreviousRamps
