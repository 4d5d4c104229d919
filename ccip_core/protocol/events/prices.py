"""Events of the FeeQuoter 1.6.x (the two price updates also of the PriceRegistry before it)."""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.configs import DestChainConfig, ReportPermission, TokenPriceFeedConfig, TokenTransferFeeConfig
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import Address, Bytes32, Selector, Uint64, Uint256


@event()
class UsdPerTokenUpdated(NamedTuple):
    """`value`: USD with 18 decimals for 1e18 smallest units of the token."""

    token: Indexed[Address]
    value: Uint256
    timestamp: Uint256


@event()
class UsdPerUnitGasUpdated(NamedTuple):
    """`value`: the low 112 bits price execution, the high ones data availability."""

    dest_chain: Indexed[Selector]
    value: Uint256
    timestamp: Uint256


@event()
class FeeTokenAdded(NamedTuple):
    """Fees may be paid in the token."""

    fee_token: Indexed[Address]


@event()
class FeeTokenRemoved(NamedTuple):
    """Fees may no longer be paid in the token."""

    fee_token: Indexed[Address]


@event()
class DestChainAdded(NamedTuple):
    """Messages to the chain have a price for the first time."""

    dest_chain_selector: Indexed[Selector]
    dest_chain_config: DestChainConfig


@event()
class DestChainConfigUpdated(NamedTuple):
    """How messages to the chain are priced and limited was changed."""

    dest_chain_selector: Indexed[Selector]
    dest_chain_config: DestChainConfig


@event()
class PremiumMultiplierWeiPerEthUpdated(NamedTuple):
    """The surcharge for paying in the token was changed."""

    token: Indexed[Address]
    premium_multiplier_wei_per_eth: Uint64


@event()
class PriceFeedPerTokenUpdated(NamedTuple):
    """Where the token's fallback price comes from was changed."""

    token: Indexed[Address]
    price_feed_config: TokenPriceFeedConfig


@event()
class ReportPermissionSet(NamedTuple):
    """Who may deliver Keystone price reports was changed."""

    report_id: Indexed[Bytes32]
    permission: ReportPermission


@event()
class TokenTransferFeeConfigUpdated(NamedTuple):
    """The token's own transfer fee on the lane was set."""

    dest_chain_selector: Indexed[Selector]
    token: Indexed[Address]
    token_transfer_fee_config: TokenTransferFeeConfig


@event()
class TokenTransferFeeConfigDeleted(NamedTuple):
    """The token's transfer fee on the lane is the default again."""

    dest_chain_selector: Indexed[Selector]
    token: Indexed[Address]
