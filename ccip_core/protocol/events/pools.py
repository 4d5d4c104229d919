"""Events of token pools (1.5.1 and 1.6.1), of their rate limits, and of tokens.

1.5.1 pools are common on 1.6 lanes. Their events name neither the token nor the remote chain.
"""

from __future__ import annotations

# ruff: noqa: TC001 - the codec reads the annotations at run time
from typing import NamedTuple

from ccip_core.protocol.abi import Indexed
from ccip_core.protocol.events.event import event
from ccip_core.protocol.messages import Address, Bytes, RateLimiterConfig, Selector, Uint256

# moves, 1.6.1


@event()
class LockedOrBurned(NamedTuple):
    """Tokens left for the remote chain."""

    remote_chain_selector: Indexed[Selector]
    token: Address
    sender: Address
    """Who called the pool: the OnRamp, if all is well."""
    amount: Uint256


@event()
class ReleasedOrMinted(NamedTuple):
    """Tokens arrived from the remote chain."""

    remote_chain_selector: Indexed[Selector]
    token: Address
    sender: Address
    """Who called the pool: the OffRamp, if all is well."""
    recipient: Address
    amount: Uint256


@event()
class OutboundRateLimitConsumed(NamedTuple):
    """A departure drew on the bucket towards the remote chain."""

    remote_chain_selector: Indexed[Selector]
    token: Address
    amount: Uint256


@event()
class InboundRateLimitConsumed(NamedTuple):
    """An arrival drew on the bucket of the remote chain."""

    remote_chain_selector: Indexed[Selector]
    token: Address
    amount: Uint256


# moves, 1.5.1


@event()
class Locked(NamedTuple):
    """Tokens were locked; `sender` called the pool."""

    sender: Indexed[Address]
    amount: Uint256


@event()
class Burned(NamedTuple):
    """Tokens were burned; `sender` called the pool."""

    sender: Indexed[Address]
    amount: Uint256


@event()
class Released(NamedTuple):
    """Tokens were released; `sender` called the pool."""

    sender: Indexed[Address]
    recipient: Indexed[Address]
    amount: Uint256


@event()
class Minted(NamedTuple):
    """Tokens were minted; `sender` called the pool."""

    sender: Indexed[Address]
    recipient: Indexed[Address]
    amount: Uint256


@event()
class TokensConsumed(NamedTuple):
    """A rate limit's bucket was drawn on; no word about which one."""

    tokens: Uint256


# configuration


@event("ChainAdded")
class ChainAddedV14(NamedTuple):
    """Of pools 1.4 and 1.5.0: the remote token is not named."""

    remote_chain_selector: Selector
    outbound_rate_limiter_config: RateLimiterConfig
    inbound_rate_limiter_config: RateLimiterConfig


@event()
class ChainAdded(NamedTuple):
    """Of 1.5.1 and later."""

    remote_chain_selector: Selector
    remote_token: Bytes
    outbound_rate_limiter_config: RateLimiterConfig
    inbound_rate_limiter_config: RateLimiterConfig


@event()
class ChainConfigured(NamedTuple):
    """The rate limits towards a chain were changed."""

    remote_chain_selector: Selector
    outbound_rate_limiter_config: RateLimiterConfig
    inbound_rate_limiter_config: RateLimiterConfig


@event()
class ChainRemoved(NamedTuple):
    """The pool no longer serves the chain."""

    remote_chain_selector: Selector


@event("ConfigChanged")
class RateLimitConfigChanged(NamedTuple):
    """A bucket was set anew; no word about which one."""

    config: RateLimiterConfig


@event()
class RemotePoolAdded(NamedTuple):
    """Another remote pool may have its burns minted here."""

    remote_chain_selector: Indexed[Selector]
    remote_pool_address: Bytes


@event()
class RemotePoolRemoved(NamedTuple):
    """The remote pool's burns are no longer honoured."""

    remote_chain_selector: Indexed[Selector]
    remote_pool_address: Bytes


@event()
class RouterUpdated(NamedTuple):
    """The pool now obeys the ramps of another Router."""

    old_router: Address
    new_router: Address


@event()
class RateLimitAdminSet(NamedTuple):
    """Besides the owner, this address may now change rate limits."""

    rate_limit_admin: Address


@event()
class AllowListAdd(NamedTuple):
    """The address may send through the pool."""

    sender: Address


@event()
class AllowListRemove(NamedTuple):
    """The address may no longer send through the pool."""

    sender: Address


# liquidity of lock/release pools


@event()
class LiquidityAdded(NamedTuple):
    """The rebalancer put tokens in."""

    provider: Indexed[Address]
    amount: Indexed[Uint256]


@event()
class LiquidityRemoved(NamedTuple):
    """The rebalancer took tokens out: no message explains it."""

    provider: Indexed[Address]
    amount: Indexed[Uint256]


@event()
class LiquidityTransferred(NamedTuple):
    """The tokens of an older pool were moved into this one."""

    from_: Indexed[Address]
    amount: Uint256


@event()
class RebalancerSet(NamedTuple):
    """Who may take tokens out was changed."""

    old_rebalancer: Address
    new_rebalancer: Address


# tokens (ERC-20, FactoryBurnMintERC20 1.6.2)


@event()
class Transfer(NamedTuple):
    """A mint where `from_` is zero, a burn where `to` is. An ERC-721 token's Transfer (4 topics) is an AbiError."""

    from_: Indexed[Address]
    to: Indexed[Address]
    value: Uint256


@event()
class Approval(NamedTuple):
    """The owner lets the spender move tokens."""

    owner: Indexed[Address]
    spender: Indexed[Address]
    value: Uint256


@event()
class MintAccessGranted(NamedTuple):
    """Another address may mint the token at will."""

    minter: Address


@event()
class MintAccessRevoked(NamedTuple):
    """The address may no longer mint."""

    minter: Address


@event()
class BurnAccessGranted(NamedTuple):
    """The address may burn what it holds or is allowed to move."""

    burner: Address


@event()
class BurnAccessRevoked(NamedTuple):
    """The address may no longer burn."""

    burner: Address


@event()
class CCIPAdminTransferred(NamedTuple):
    """Who may register the token with CCIP was changed."""

    previous_admin: Indexed[Address]
    new_admin: Indexed[Address]
