"""Structs of CCIP 2.0 that differ from those of 1.6 (spec 11), field for field."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import Annotated, NamedTuple

from ccip_core.protocol.messages import (
    Address,
    Bool,
    Bytes,
    Selector,
    Uint8,
    Uint16,
    Uint32,
    Uint256,
)

String = Annotated[str, "string"]


class Receipt(NamedTuple):
    """What one party gets for its part in delivering a message."""

    issuer: Address
    dest_gas_limit: Uint32
    dest_bytes_overhead: Uint32
    fee_token_amount: Uint256
    extra_args: Bytes


class OnRampStaticConfigV20(NamedTuple):
    """What an OnRamp was born with."""

    chain_selector: Selector
    rmn_remote: Address
    max_usd_cents_per_message: Uint32
    token_admin_registry: Address


class OnRampDynamicConfigV20(NamedTuple):
    """What an OnRamp's owner may change."""

    fee_quoter: Address
    reentrancy_guard_entered: Bool
    fee_aggregator: Address


class DestChainConfigV20(NamedTuple):
    """How an OnRamp treats a destination."""

    dest_chain_selector: Selector
    router: Address
    address_bytes_length: Uint8
    token_receiver_allowed: Bool
    message_network_fee_usd_cents: Uint16
    token_network_fee_usd_cents: Uint16
    base_execution_gas_cost: Uint32
    default_ccvs: tuple[Address, ...]
    lane_mandated_ccvs: tuple[Address, ...]
    default_executor: Address
    off_ramp: Bytes


class SourceChainConfigV20(NamedTuple):
    """How an OffRamp treats a source."""

    router: Address
    source_chain_selector: Selector
    is_enabled: Bool
    on_ramps: tuple[Bytes, ...]
    default_ccvs: tuple[Address, ...]
    lane_mandated_ccvs: tuple[Address, ...]


class OffRampStaticConfigV20(NamedTuple):
    """What an OffRamp was born with."""

    local_chain_selector: Selector
    gas_for_call_exact_check: Uint16
    rmn_remote: Address
    token_admin_registry: Address
    max_gas_buffer_to_update_state: Uint32


class TokenTransferFeeConfigV20(NamedTuple):
    """What sending a token to a chain costs."""

    dest_gas_overhead: Uint32
    dest_bytes_overhead: Uint32
    finality_fee_usd_cents: Uint32
    fast_finality_fee_usd_cents: Uint32
    finality_transfer_fee_bps: Uint16
    fast_finality_transfer_fee_bps: Uint16
    is_enabled: Bool


class VerifierDynamicConfig(NamedTuple):
    """What a verifier's owner may change."""

    fee_aggregator: Address
    allowlist_admin: Address
