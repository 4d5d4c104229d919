"""The localnet's tokens: what they are, and how they and their pools are built, registered and connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.deployment import Token
from ccip_core.localnet.keys import users
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.messages import RateLimiterConfig

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccip_core.localnet.construction import Construction
    from ccip_core.localnet.contract_set import ContractSet
    from ccip_core.protocol.messages import ChainSelector

ETHER = 10**18
USER_TOKENS = 1_000_000
"""Of LINK and every token, for each user on each chain, in whole tokens."""
LIQUIDITY_TOKENS = 10_000_000
"""Locked in each pool of a token that is lock/release everywhere."""
OUTBOUND_CAPACITY_TOKENS = 100_000
OUTBOUND_RATE_TOKENS_PER_S = 100
INBOUND_PERCENT = 110
"""Inbound limits stand above outbound ones, so that what may leave may also arrive."""


class Side(NamedTuple):
    """A token on one chain."""

    pool_type: Literal["burn_mint", "lock_release"]
    decimals: int


class TokenPlan(NamedTuple):
    """A token across all chains; `home` is how it stands on the first one."""

    symbol: str
    title: str
    home: Side
    remote: Side


TOKENS = (
    TokenPlan("BNM", "Burn and Mint", Side("burn_mint", 18), Side("burn_mint", 18)),
    TokenPlan("LNR", "Lock and Release", Side("lock_release", 18), Side("lock_release", 18)),
    TokenPlan("HYB", "Locked at Home", Side("lock_release", 6), Side("burn_mint", 18)),
)

_POOLS = {"burn_mint": "BurnMintTokenPool", "lock_release": "LockReleaseTokenPool"}


class Registry(NamedTuple):
    """What a pool must know of its chain."""

    token_admin_registry: bytes
    registry_module: bytes
    rmn_proxy: bytes
    router: bytes


def locked_tokens(plan: TokenPlan, *, is_home: bool, chains: int) -> int:
    """Whole tokens in this side's pool at the start: a token locked at home backs all that exists elsewhere."""
    side = plan.home if is_home else plan.remote
    if side.pool_type == "burn_mint":
        return 0
    return LIQUIDITY_TOKENS if plan.remote.pool_type == "lock_release" else (chains - 1) * len(users()) * USER_TOKENS


def build_token(
    plan: TokenPlan, place: Registry, issuer: Construction, contracts: ContractSet, *, is_home: bool, chains: int
) -> Token:
    """Token and pool on one chain, registered by the issuer, with the user's share and the pool's liquidity."""
    side = plan.home if is_home else plan.remote
    unit = 10**side.decimals
    locked = locked_tokens(plan, is_home=is_home, chains=chains) * unit
    token = issuer.create(
        contracts.artifact("FactoryBurnMintERC20"),
        plan.title,
        plan.symbol,
        side.decimals,
        0,
        locked + len(users()) * USER_TOKENS * unit,
        issuer.sender,
    )
    pool = issuer.create(
        contracts.artifact(_POOLS[side.pool_type]), token, side.decimals, (), place.rmn_proxy, place.router
    )
    for user in users():
        issuer.call(token, "transfer(address,uint256)", user.address, USER_TOKENS * unit)
    if side.pool_type == "burn_mint":
        issuer.call(token, "grantMintAndBurnRoles(address)", pool)
    else:
        issuer.call(pool, "setRebalancer(address)", issuer.sender)
        issuer.call(token, "approve(address,uint256)", pool, locked)
        issuer.call(pool, "provideLiquidity(uint256)", locked)
    issuer.call(place.registry_module, "registerAdminViaGetCCIPAdmin(address)", token)
    issuer.call(place.token_admin_registry, "acceptAdminRole(address)", token)
    issuer.call(place.token_admin_registry, "setPool(address,address)", token, pool)
    return Token(symbol=plan.symbol, address=token, pool=pool, pool_type=side.pool_type, decimals=side.decimals)


def connect_pool(token: Token, remotes: Iterable[tuple[ChainSelector, Token]], issuer: Construction) -> None:
    """Let a pool trade with its twins on the other chains, within rate limits."""
    unit = 10**token.decimals
    capacity, rate = OUTBOUND_CAPACITY_TOKENS * unit, OUTBOUND_RATE_TOKENS_PER_S * unit
    outbound = RateLimiterConfig(True, capacity, rate)
    inbound = RateLimiterConfig(True, capacity * INBOUND_PERCENT // 100, rate * INBOUND_PERCENT // 100)
    issuer.call(
        token.pool,
        "applyChainUpdates(uint64[],(uint64,bytes[],bytes,(bool,uint128,uint128),(bool,uint128,uint128))[])",
        (),
        [
            (selector, (encode_address(twin.pool),), encode_address(twin.address), outbound, inbound)
            for selector, twin in remotes
        ],
    )
