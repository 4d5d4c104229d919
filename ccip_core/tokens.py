"""The life of a cross-chain token: deploy, register, set pool, connect, limit, fund, hand over.

    deploy        token and pool on one chain
    register      the token's CCIP admin is proposed as its administrator …
    accept-admin  … and takes the role
    set-pool      the registry now leads CCIP to the pool
    connect       pool and pool know each other: once on each end

Every step is one transaction of exactly one entitled account, which the caller gives; what the contracts refuse is a
`CcipRefusal` with their reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core import views
from ccip_core.deployment import Token
from ccip_core.protocol import codec
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.refusal import CcipRefusal
from ccip_core.wallet import TransactionFailed, Wallet

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.signers import Signer

PoolType = Literal["burn_mint", "lock_release"]
CreationCode = dict[str, bytes]
"""Creation code, without arguments, of FactoryBurnMintERC20 and the two pools, by contract name."""

UNLIMITED = RateLimiterConfig(is_enabled=False, capacity=0, rate=0)
_CONFIG = "(bool,uint128,uint128)"
_POOL_CONTRACT = {"burn_mint": "BurnMintTokenPool", "lock_release": "LockReleaseTokenPool"}


class TokenRegistration(NamedTuple):
    """What the TokenAdminRegistry says of a token; twenty zero bytes stand for nobody."""

    administrator: bytes
    pending_administrator: bytes
    pool: bytes


class PoolLimits(NamedTuple):
    """A pool's buckets towards one remote chain, refilled to now."""

    remote: ChainSelector
    outbound: views.TokenBucket
    inbound: views.TokenBucket


class TokenStatus(NamedTuple):
    """A token on one chain."""

    token: Token
    registration: TokenRegistration
    owner: bytes
    total_supply: int
    pool_balance: int
    """What the pool holds: liquidity, where it locks and releases."""
    limits: tuple[PoolLimits, ...]


class TokenAdmin:
    """Acts on one chain's tokens with one key."""

    def __init__(self, chains: Chains, chain: Chain, signer: Signer) -> None:
        self._chains = chains
        self._chain = chain
        self._wallet = Wallet(chains.rpc(chain.selector), signer)

    def deploy(self, symbol: str, decimals: int, pool_type: PoolType, supply: int, code: CreationCode) -> Token:
        """Token and pool, owned by the key, which also gets `supply`; neither registered nor connected yet."""
        contracts, me = self._chain.contracts, self._wallet.address
        token_types = ("string", "string", "uint8", "uint256", "uint256", "address")
        arguments = codec.encode_args(token_types, (symbol, symbol, decimals, 0, supply, me))
        token = self._do("deploy", lambda: self._wallet.deploy(code["FactoryBurnMintERC20"] + arguments))
        pool_types = ("address", "uint8", "address[]", "address", "address")
        arguments = codec.encode_args(pool_types, (token, decimals, (), contracts.rmn_proxy, contracts.router))
        pool = self._do("deploy", lambda: self._wallet.deploy(code[_POOL_CONTRACT[pool_type]] + arguments))
        if pool_type == "burn_mint":
            self._call(token, "grantMintAndBurnRoles(address)", pool)
        else:
            self._call(pool, "setRebalancer(address)", me)
        return Token(symbol=symbol, address=token, pool=pool, pool_type=pool_type, decimals=decimals)

    def register(self, token: Token) -> bytes:
        """Propose the key, which must be the token's CCIP admin, as the token's administrator."""
        module = self._chain.contracts.registry_module
        if module is None:
            raise CcipRefusal(f"{self._chain.name}: the deployment names no registry_module; register by its owner")
        return self._call(module, "registerAdminViaGetCCIPAdmin(address)", token.address)

    def accept_admin(self, token: Token) -> bytes:
        """Take the administrator's role that the key was offered."""
        return self._call(self._registry, "acceptAdminRole(address)", token.address)

    def transfer_admin(self, token: Token, new_admin: bytes) -> bytes:
        """Offer the role to another account; zero takes the offer back."""
        return self._call(self._registry, "transferAdminRole(address,address)", token.address, new_admin)

    def set_pool(self, token: Token, pool: bytes | None = None) -> bytes:
        """Lead CCIP to the token's pool (or another one)."""
        return self._call(self._registry, "setPool(address,address)", token.address, pool or token.pool)

    def connect(
        self,
        token: Token,
        remote: ChainSelector,
        twin: Token,
        outbound: RateLimiterConfig = UNLIMITED,
        inbound: RateLimiterConfig = UNLIMITED,
    ) -> bytes:
        """Let the pool trade with its twin's on the remote chain. The other end needs the same."""
        update = (remote, (codec.encode_address(twin.pool),), codec.encode_address(twin.address), outbound, inbound)
        signature = f"applyChainUpdates(uint64[],(uint64,bytes[],bytes,{_CONFIG},{_CONFIG})[])"
        return self._call(token.pool, signature, (), [update])

    def set_limits(
        self, token: Token, remote: ChainSelector, outbound: RateLimiterConfig, inbound: RateLimiterConfig
    ) -> bytes:
        """Change both buckets. One that was off starts empty (spec 4.7)."""
        signature = f"setChainRateLimiterConfig(uint64,{_CONFIG},{_CONFIG})"
        return self._call(token.pool, signature, remote, outbound, inbound)

    def provide_liquidity(self, token: Token, amount: int) -> bytes:
        """Put tokens into a lock/release pool; the key must be its rebalancer."""
        _check_liquidity_pool(token)
        self._call(token.address, "approve(address,uint256)", token.pool, amount)
        return self._call(token.pool, "provideLiquidity(uint256)", amount)

    def withdraw_liquidity(self, token: Token, amount: int) -> bytes:
        """Take tokens out of a lock/release pool; the key must be its rebalancer."""
        _check_liquidity_pool(token)
        return self._call(token.pool, "withdrawLiquidity(uint256)", amount)

    @property
    def _registry(self) -> bytes:
        return self._chain.contracts.token_admin_registry

    def _call(self, to: bytes, signature: str, *arguments: object) -> bytes:
        what = signature.partition("(")[0]
        call = codec.encode_call(signature, *arguments)
        return self._do(what, lambda: self._wallet.transact(to, call).tx_hash)

    def _do(self, what: str, act: Callable[[], bytes]) -> bytes:
        try:
            return act()
        except TransactionFailed as error:
            raise CcipRefusal(f"{what} on {self._chain.name} by 0x{self._wallet.address.hex()}: {error}") from None


def registration(chains: Chains, chain: Chain, token: bytes) -> TokenRegistration:
    """What the registry says of this token."""
    rpc, registry = chains.rpc(chain.selector), chain.contracts.token_admin_registry
    (found,) = views.ask(rpc, registry, "getTokenConfig(address)", token, returns=("(address,address,address)",))
    return TokenRegistration(*found)


def limits(chains: Chains, chain: Chain, token: Token) -> tuple[PoolLimits, ...]:
    """The pool's buckets towards every chain of the deployment that it is connected to."""
    rpc = chains.rpc(chain.selector)
    (remotes,) = views.ask(rpc, token.pool, "getSupportedChains()", returns=("uint64[]",))
    known = [other.selector for other in chains.deployment.chains if other.selector in remotes]
    return tuple(
        PoolLimits(
            remote,
            views.rate_limit(rpc, token.pool, "Outbound", remote),
            views.rate_limit(rpc, token.pool, "Inbound", remote),
        )
        for remote in known
    )


def token_status(chains: Chains, chain: Chain, token: Token) -> TokenStatus:
    """Everything that a person asks about a token on one chain."""
    rpc = chains.rpc(chain.selector)
    return TokenStatus(
        token,
        registration(chains, chain, token.address),
        views.owner_of(rpc, token.address),
        views.total_supply(rpc, token.address),
        views.balance_of(rpc, token.address, token.pool),
        limits(chains, chain, token),
    )


def _check_liquidity_pool(token: Token) -> None:
    if token.pool_type != "lock_release":
        raise CcipRefusal(f"{token.symbol}: its pool burns and mints, it has no liquidity; choose a lock/release token")
