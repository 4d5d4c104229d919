"""The configuration structs that contracts emit when somebody changes them (spec section 4), field for field."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.messages import (
    Address,
    Bool,
    Bytes,
    Bytes2,
    Bytes4,
    Bytes10,
    Bytes32,
    Selector,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uint256,
)


class OnRampStaticConfig(NamedTuple):
    """What an OnRamp was born with."""

    chain_selector: Selector
    rmn_remote: Address
    nonce_manager: Address
    token_admin_registry: Address


class OnRampDynamicConfig(NamedTuple):
    """What an OnRamp's owner may change."""

    fee_quoter: Address
    reentrancy_guard_entered: Bool
    message_interceptor: Address
    fee_aggregator: Address
    allowlist_admin: Address


class OffRampStaticConfig(NamedTuple):
    """What an OffRamp was born with."""

    chain_selector: Selector
    gas_for_call_exact_check: Uint16
    rmn_remote: Address
    token_admin_registry: Address
    nonce_manager: Address


class OffRampDynamicConfig(NamedTuple):
    """What an OffRamp's owner may change."""

    fee_quoter: Address
    permission_less_execution_threshold_seconds: Uint32
    message_interceptor: Address


class PreviousRamps(NamedTuple):
    """The 1.5 ramps of a lane."""

    prev_on_ramp: Address
    prev_off_ramp: Address


class DestChainConfig(NamedTuple):
    """What the FeeQuoter knows of a destination."""

    is_enabled: Bool
    max_number_of_tokens_per_msg: Uint16
    max_data_bytes: Uint32
    max_per_msg_gas_limit: Uint32
    dest_gas_overhead: Uint32
    dest_gas_per_payload_byte_base: Uint8
    dest_gas_per_payload_byte_high: Uint8
    dest_gas_per_payload_byte_threshold: Uint16
    dest_data_availability_overhead_gas: Uint32
    dest_gas_per_data_availability_byte: Uint16
    dest_data_availability_multiplier_bps: Uint16
    chain_family_selector: Bytes4
    enforce_out_of_order: Bool
    default_token_fee_usd_cents: Uint16
    default_token_dest_gas_overhead: Uint32
    default_tx_gas_limit: Uint32
    gas_multiplier_wei_per_eth: Uint64
    gas_price_staleness_threshold: Uint32
    network_fee_usd_cents: Uint32


class TokenTransferFeeConfig(NamedTuple):
    """The fee for moving one token on one lane."""

    min_fee_usd_cents: Uint32
    max_fee_usd_cents: Uint32
    deci_bps: Uint16
    dest_gas_overhead: Uint32
    dest_bytes_overhead: Uint32
    is_enabled: Bool


class TokenPriceFeedConfig(NamedTuple):
    """The feed that answers when the stored price is stale."""

    data_feed_address: Address
    token_decimals: Uint8
    is_enabled: Bool


class ReportPermission(NamedTuple):
    """Who may deliver Keystone price reports."""

    forwarder: Address
    workflow_name: Bytes10
    report_name: Bytes2
    workflow_owner: Address
    is_allowed: Bool


class RmnHomeNode(NamedTuple):
    """An RMN node as the home chain knows it."""

    peer_id: Bytes32
    offchain_public_key: Bytes32


class RmnHomeStaticConfig(NamedTuple):
    """The RMN nodes; part of the digest."""

    nodes: tuple[RmnHomeNode, ...]
    offchain_config: Bytes


class RmnHomeSourceChain(NamedTuple):
    """Who observes a source: bit i of the bitmap is node i."""

    chain_selector: Selector
    f_observe: Uint64
    observer_nodes_bitmap: Uint256


class RmnHomeDynamicConfig(NamedTuple):
    """Who observes what; not part of the digest."""

    source_chains: tuple[RmnHomeSourceChain, ...]
    offchain_config: Bytes
