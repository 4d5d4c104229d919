"""Events of CCIP 1.5: EVM2EVMOnRamp, CommitStore, EVM2EVMOffRamp, RMN with votes on chain, PriceRegistry 1.2.

The lane is the emitter's own: source and destination stand in its static configuration, not in the log.
"""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import (
    Address,
    Bool,
    Bytes,
    Bytes16,
    Bytes32,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uint256,
)
from ccip_core.protocol.structs_v1_5 import (
    Bytes28,
    CommitReportV15,
    CommitStoreDynamicConfig,
    CommitStoreStaticConfig,
    EVM2EVMMessage,
    EVM2EVMOffRampDynamicConfig,
    EVM2EVMOffRampStaticConfig,
    EVM2EVMOnRampDynamicConfig,
    EVM2EVMOnRampStaticConfig,
    FeeTokenConfigV15,
    NopAndWeight,
    RmnVotingConfig,
    TaggedRoot,
    TokenTransferFeeConfigV15,
    Uint40,
)

# CommitStore 1.5.0


@event("ConfigSet")
class CommitStoreConfigSet(NamedTuple):
    """The CommitStore's parts were named; source and destination stand in the static part alone."""

    static_config: CommitStoreStaticConfig
    dynamic_config: CommitStoreDynamicConfig


@event("ConfigSet")
class Ocr2ConfigSet(NamedTuple):
    """The oracles of a CommitStore or OffRamp were replaced."""

    previous_config_block_number: Uint32
    config_digest: Bytes32
    config_count: Uint64
    signers: tuple[Address, ...]
    transmitters: tuple[Address, ...]
    f: Uint8
    onchain_config: Bytes
    offchain_config_version: Uint64
    offchain_config: Bytes


@event()
class LatestPriceEpochAndRoundSet(NamedTuple):
    """The owner set back from which round prices are taken."""

    old_epoch_and_round: Uint40
    new_epoch_and_round: Uint40


@event()
class Paused(NamedTuple):
    """The owner stopped the CommitStore."""

    account: Address


@event()
class ReportAccepted(NamedTuple):
    """A root that messages can be executed against, once RMN has blessed it."""

    report: CommitReportV15


@event()
class SequenceNumberSet(NamedTuple):
    """The owner changed the sequence number that the next interval must begin with."""

    old_seq_num: Uint64
    new_seq_num: Uint64


@event("Transmitted")
class Ocr2Transmitted(NamedTuple):
    """An oracle delivered a report of OCR 2."""

    config_digest: Bytes32
    epoch: Uint32


@event()
class Unpaused(NamedTuple):
    """The owner let the CommitStore go on."""

    account: Address


# EVM2EVMOnRamp 1.5.0


@event()
class AdminSet(NamedTuple):
    """Who may change the aggregate rate limit."""

    new_admin: Address


@event()
class CCIPSendRequested(NamedTuple):
    """A message left, after all its tokens were locked or burned (also 1.2)."""

    message: EVM2EVMMessage


@event("ConfigSet")
class EVM2EVMOnRampConfigSet(NamedTuple):
    """The OnRamp's parts were named or replaced; source and destination stand in the static part alone."""

    static_config: EVM2EVMOnRampStaticConfig
    dynamic_config: EVM2EVMOnRampDynamicConfig


@event()
class FeeConfigSet(NamedTuple):
    """What fee tokens cost."""

    fee_config: tuple[FeeTokenConfigV15, ...]


@event()
class NopPaid(NamedTuple):
    """A node operator got its share of the fees."""

    nop: Indexed[Address]
    amount: Uint256


@event()
class NopsSet(NamedTuple):
    """Who gets which share of the fees."""

    nop_weights_total: Uint256
    nops_and_weights: tuple[NopAndWeight, ...]


@event("TokenTransferFeeConfigDeleted")
class TokenTransferFeeConfigDeletedV15(NamedTuple):
    """These tokens cost the default again."""

    tokens: tuple[Address, ...]


@event()
class TokenTransferFeeConfigSet(NamedTuple):
    """What it costs to send these tokens."""

    transfer_fee_config: tuple[TokenTransferFeeConfigV15, ...]


# EVM2EVMOffRamp 1.5.0


@event("AlreadyAttempted")
class AlreadyAttemptedV15(NamedTuple):
    """The DON tried a failed message again; only manual execution may."""

    sequence_number: Uint64


@event("ConfigSet")
class EVM2EVMOffRampConfigSet(NamedTuple):
    """The OffRamp's parts were named or replaced."""

    static_config: EVM2EVMOffRampStaticConfig
    dynamic_config: EVM2EVMOffRampDynamicConfig


@event("ExecutionStateChanged")
class ExecutionStateChangedV15(NamedTuple):
    """A message was tried: `state` 2 success, 3 failure. The source is the one lane's."""

    sequence_number: Indexed[Uint64]
    message_id: Indexed[Bytes32]
    state: Uint8
    return_data: Bytes
    """UNTRUSTED: on failure, the revert bytes of receiver or pool."""


@event("SkippedAlreadyExecutedMessage")
class SkippedAlreadyExecutedMessageV15(NamedTuple):
    """A report held a message that had been executed; nothing happened."""

    sequence_number: Indexed[Uint64]


@event("SkippedIncorrectNonce")
class SkippedIncorrectNonceV15(NamedTuple):
    """It was not this message's turn; nothing happened."""

    nonce: Indexed[Uint64]
    sender: Indexed[Address]


@event()
class SkippedSenderWithPreviousRampMessageInflight(NamedTuple):
    """The sender still has a message on the ramp before this one."""

    nonce: Indexed[Uint64]
    sender: Indexed[Address]


@event()
class TokenAggregateRateLimitAdded(NamedTuple):
    """The token counts towards the aggregate limit."""

    source_token: Address
    dest_token: Address


@event()
class TokenAggregateRateLimitRemoved(NamedTuple):
    """The token no longer counts."""

    source_token: Address
    dest_token: Address


# RMN 1.5.0


@event()
class AlreadyBlessed(NamedTuple):
    """A vote for a root that is blessed."""

    config_version: Indexed[Uint32]
    voter: Indexed[Address]
    tagged_root: TaggedRoot


@event()
class AlreadyVotedToBless(NamedTuple):
    """A second vote of one voter for one root."""

    config_version: Indexed[Uint32]
    voter: Indexed[Address]
    tagged_root: TaggedRoot


@event("ConfigSet")
class RmnVotingConfigSet(NamedTuple):
    """Who votes with which weight, and how much blesses and curses."""

    config_version: Indexed[Uint32]
    config: RmnVotingConfig


@event("CurseLifted")
class CurseLiftedV15(NamedTuple):
    """The owner lifted a curse."""

    subject: Bytes16


@event("Cursed")
class CursedV15(NamedTuple):
    """The votes reached the threshold: the subject is cursed."""

    config_version: Indexed[Uint32]
    subject: Bytes16
    block_timestamp: Uint64


@event()
class PermaBlessedCommitStoreAdded(NamedTuple):
    """Every root of this CommitStore counts as blessed. A way around RMN."""

    commit_store: Address


@event()
class PermaBlessedCommitStoreRemoved(NamedTuple):
    """Its roots have to be blessed again."""

    commit_store: Address


@event()
class SkippedUnvoteToCurse(NamedTuple):
    """A vote was to be taken back under a hash that is not its own."""

    voter: Indexed[Address]
    subject: Bytes16
    onchain_curses_hash: Bytes28
    curses_hash: Bytes28


@event()
class TaggedRootBlessVotesReset(NamedTuple):
    """The owner threw a root's votes away."""

    config_version: Indexed[Uint32]
    tagged_root: TaggedRoot
    was_blessed: Bool


@event()
class TaggedRootBlessed(NamedTuple):
    """The votes reached the threshold: the root is blessed."""

    config_version: Indexed[Uint32]
    tagged_root: TaggedRoot
    accumulated_weight: Uint16


@event("UnvotedToCurse")
class UnvotedToCurseV15(NamedTuple):
    """A voter took its vote back; a curse that stands stays."""

    config_version: Indexed[Uint32]
    voter: Indexed[Address]
    subject: Bytes16
    weight: Uint8
    curses_hash: Bytes28
    remaining_accumulated_weight: Uint16


@event()
class VotedToBless(NamedTuple):
    """A voter recomputed the root and agrees."""

    config_version: Indexed[Uint32]
    voter: Indexed[Address]
    tagged_root: TaggedRoot
    weight: Uint8


@event("VotedToCurse")
class VotedToCurseV15(NamedTuple):
    """A voter wants the subject cursed."""

    config_version: Indexed[Uint32]
    voter: Indexed[Address]
    subject: Bytes16
    curse_id: Bytes16
    weight: Uint8
    block_timestamp: Uint64
    curses_hash: Bytes28
    accumulated_weight: Uint16


# PriceRegistry 1.2.0


@event()
class PriceUpdaterRemoved(NamedTuple):
    """It may set prices no longer."""

    price_updater: Indexed[Address]


@event()
class PriceUpdaterSet(NamedTuple):
    """It may set prices."""

    price_updater: Indexed[Address]
