"""Structs of CCIP 1.5 that differ from those of 1.6 (spec 11), field for field; each lane has contracts of its own."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import Annotated, NamedTuple

from ccip_core.protocol.messages import (
    Address,
    Bool,
    Bytes,
    Bytes32,
    EVMTokenAmount,
    PriceUpdates,
    Selector,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uint256,
)

Bytes28 = Annotated[bytes, "bytes28"]
Uint40 = Annotated[int, "uint40"]
Uint96 = Annotated[int, "uint96"]


class CommitStoreStaticConfig(NamedTuple):
    """What a CommitStore was born with: its one lane."""

    chain_selector: Selector
    source_chain_selector: Selector
    on_ramp: Address
    rmn_proxy: Address


class CommitStoreDynamicConfig(NamedTuple):
    """What a CommitStore's owner may change."""

    price_registry: Address


class IntervalV15(NamedTuple):
    """Sequence numbers, both ends inclusive."""

    min: Uint64
    max: Uint64


class CommitReportV15(NamedTuple):
    """What a CommitStore accepted: prices, and a root unless it is zero."""

    price_updates: PriceUpdates
    interval: IntervalV15
    merkle_root: Bytes32


class EVM2EVMMessage(NamedTuple):
    """A message of 1.5 (and 1.2): `source_token_data` holds an encoded SourceTokenData for each token."""

    source_chain_selector: Selector
    sender: Address
    receiver: Address
    sequence_number: Uint64
    gas_limit: Uint256
    strict: Bool
    nonce: Uint64
    fee_token: Address
    fee_token_amount: Uint256
    data: Bytes
    token_amounts: tuple[EVMTokenAmount, ...]
    source_token_data: tuple[Bytes, ...]
    message_id: Bytes32


class EVM2EVMOnRampStaticConfig(NamedTuple):
    """What an OnRamp was born with: its one lane."""

    link_token: Address
    chain_selector: Selector
    dest_chain_selector: Selector
    default_tx_gas_limit: Uint64
    max_nop_fees_juels: Uint96
    prev_on_ramp: Address
    rmn_proxy: Address
    token_admin_registry: Address


class EVM2EVMOnRampDynamicConfig(NamedTuple):
    """What an OnRamp's owner may change."""

    router: Address
    max_number_of_tokens_per_msg: Uint16
    dest_gas_overhead: Uint32
    dest_gas_per_payload_byte: Uint16
    dest_data_availability_overhead_gas: Uint32
    dest_gas_per_data_availability_byte: Uint16
    dest_data_availability_multiplier_bps: Uint16
    price_registry: Address
    max_data_bytes: Uint32
    max_per_msg_gas_limit: Uint32
    default_token_fee_usd_cents: Uint16
    default_token_dest_gas_overhead: Uint32
    enforce_out_of_order: Bool


class FeeTokenConfigV15(NamedTuple):
    """What a fee token costs."""

    token: Address
    network_fee_usd_cents: Uint32
    gas_multiplier_wei_per_eth: Uint64
    premium_multiplier_wei_per_eth: Uint64
    enabled: Bool


class NopAndWeight(NamedTuple):
    """A node operator and its share."""

    nop: Address
    weight: Uint16


class TokenTransferFeeConfigV15(NamedTuple):
    """What sending a token costs."""

    token: Address
    min_fee_usd_cents: Uint32
    max_fee_usd_cents: Uint32
    deci_bps: Uint16
    dest_gas_overhead: Uint32
    dest_bytes_overhead: Uint32
    aggregate_rate_limit_enabled: Bool


class EVM2EVMOffRampStaticConfig(NamedTuple):
    """What an OffRamp was born with: its one lane."""

    commit_store: Address
    chain_selector: Selector
    source_chain_selector: Selector
    on_ramp: Address
    prev_off_ramp: Address
    rmn_proxy: Address
    token_admin_registry: Address


class EVM2EVMOffRampDynamicConfig(NamedTuple):
    """What an OffRamp's owner may change."""

    permission_less_execution_threshold_seconds: Uint32
    max_data_bytes: Uint32
    max_number_of_tokens_per_msg: Uint16
    router: Address
    price_registry: Address


class TaggedRoot(NamedTuple):
    """A root and the CommitStore that it is for."""

    commit_store: Address
    root: Bytes32


class RmnVoter(NamedTuple):
    """A voter of RMN 1.5, its two keys and their weights."""

    bless_vote_addr: Address
    curse_vote_addr: Address
    bless_weight: Uint8
    curse_weight: Uint8


class RmnVotingConfig(NamedTuple):
    """Who votes in RMN 1.5 and how much it takes."""

    voters: tuple[RmnVoter, ...]
    bless_weight_threshold: Uint16
    curse_weight_threshold: Uint16


class SourceTokenData(NamedTuple):
    """What the source pool says to the destination's, encoded in `EVM2EVMMessage.source_token_data`."""

    source_pool_address: Bytes
    dest_token_address: Bytes
    extra_data: Bytes
    dest_gas_amount: Uint32
