"""What the chains say of a cross-chain token: who may do what with it, and what its pool knows.

`read` asks a chain; `fresh` says the same of a token that is about to be created, so that everything can be planned
before anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.deployment import NOBODY
from ccip_core.printable import printable
from ccip_core.protocol import codec
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.refusal import BadRequest
from ccip_core.rpc import RpcRefused
from ccip_core.views import ask

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain, Token
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Rpc

UNLIMITED = RateLimiterConfig(is_enabled=False, capacity=0, rate=0)
_NAME_CHARACTERS_MAX = 64


class Registration(NamedTuple):
    """What the TokenAdminRegistry says of a token; twenty zero bytes stand for nobody."""

    administrator: bytes
    pending_administrator: bytes
    pool: bytes


class Version(NamedTuple):
    """`typeAndVersion`, taken apart."""

    name: str
    number: tuple[int, int, int]

    def __str__(self) -> str:
        return f"{self.name} {'.'.join(map(str, self.number))}"


class Remote(NamedTuple):
    """What a pool knows of one remote chain."""

    token: bytes
    """As stored: 32 bytes for an EVM chain."""
    pools: tuple[bytes, ...]
    """Every pool there whose messages it accepts."""
    outbound: views.TokenBucket
    inbound: views.TokenBucket


class PoolFacts(NamedTuple):
    """A token's pool on one chain."""

    address: bytes
    version: Version
    owner: bytes
    rate_limit_admin: bytes
    rebalancer: bytes
    """May move liquidity; nobody where the pool burns and mints."""
    balance: int
    """Liquidity, where it locks and releases."""
    remotes: dict[ChainSelector, Remote]


class TokenFacts(NamedTuple):
    """A token on one chain."""

    chain: Chain
    token: Token
    owner: bytes
    """Nobody, where the token has no owner."""
    ccip_admin: bytes
    """Nobody, where the token does not name one: then its owner may register it."""
    total_supply: int
    registration: Registration
    pool: PoolFacts

    @property
    def label(self) -> str:
        """`BNM on anvil-devnet`."""
        return f"{self.token.symbol} on {self.chain.name}"


def read(chains: Chains, chain: Chain, token: Token, pool: bytes | None = None) -> TokenFacts:
    """Ask the chain about a token and its pool (another than the token's own if given).

    Raises:
        BadRequest: there is no such contract.
        RpcError: the chain could not be asked.
    """
    rpc = chains.rpc(chain.selector)
    _asked(rpc, token.address, f"token = {token.symbol}", "totalSupply()", "uint256")
    return TokenFacts(
        chain=chain,
        token=token,
        owner=account(rpc, token.address, "owner()"),
        ccip_admin=account(rpc, token.address, "getCCIPAdmin()"),
        total_supply=views.total_supply(rpc, token.address),
        registration=registration(chains, chain, token.address),
        pool=read_pool(rpc, token, pool or token.pool),
    )


def read_pool(rpc: Rpc, token: Token, pool: bytes) -> PoolFacts:
    """Ask about a pool of this token. Raises as `read`."""
    name = f"pool = 0x{pool.hex()}"
    if not _asked(rpc, pool, name, "isSupportedToken(address)", "bool", token.address):
        raise BadRequest(f"{name}: it does not carry {token.symbol}; name the token's own pool")
    return PoolFacts(
        address=pool,
        version=pool_version(rpc, pool),
        owner=account(rpc, pool, "owner()"),
        rate_limit_admin=account(rpc, pool, "getRateLimitAdmin()"),
        rebalancer=account(rpc, pool, "getRebalancer()"),
        balance=views.balance_of(rpc, token.address, pool),
        remotes={
            remote: _remote(rpc, pool, remote)
            for remote in ask(rpc, pool, "getSupportedChains()", returns=("uint64[]",))[0]
        },
    )


def fresh(chain: Chain, token: Token, owner: bytes, pool_version: Version) -> TokenFacts:
    """What `read` will say once the token's creation is mined: its creator owns everything, nothing is registered."""
    pool = PoolFacts(token.pool, pool_version, owner, NOBODY, NOBODY, 0, {})
    return TokenFacts(chain, token, owner, owner, 0, Registration(NOBODY, NOBODY, NOBODY), pool)


def registration(chains: Chains, chain: Chain, token: bytes) -> Registration:
    """What the registry says of this token."""
    rpc, registry = chains.rpc(chain.selector), chain.contracts.token_admin_registry
    (found,) = ask(rpc, registry, "getTokenConfig(address)", token, returns=("(address,address,address)",))
    return Registration(*found)


def pool_version(rpc: Rpc, pool: bytes) -> Version:
    """Raises BadRequest where the contract does not say, or is not a pool of CCIP 1.5.1 to 1.6."""
    name = f"pool = 0x{pool.hex()}"
    text = str(_asked(rpc, pool, name, "typeAndVersion()", "string"))[:_NAME_CHARACTERS_MAX]
    version = parse_version(text)
    if version is None or "Pool" not in version.name or not (1, 5, 1) <= version.number < (2, 0, 0):
        shown = printable(text)
        raise BadRequest(f"{name}: {shown!r} is not a pool of CCIP 1.5.1 to 1.6; its owner must manage it otherwise")
    return version


def parse_version(text: str) -> Version | None:
    """`BurnMintTokenPool 1.6.1`; what stands behind a hyphen (`1.6.1-dev`) is left out."""
    name, _, number = text.rpartition(" ")
    parts = number.partition("-")[0].split(".")
    if not name or len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return None
    return Version(name, (int(parts[0]), int(parts[1]), int(parts[2])))


def may_call(rpc: Rpc, sender: bytes, to: bytes, signature: str, *arguments: object) -> bool:
    """Whether the contract would take this call from this account now; for what has no getter (a pending owner)."""
    try:
        rpc.call(to, codec.encode_call(signature, *arguments), sender=sender)
    except RpcRefused:
        return False
    return True


def _remote(rpc: Rpc, pool: bytes, remote: ChainSelector) -> Remote:
    return Remote(
        bytes(ask(rpc, pool, "getRemoteToken(uint64)", remote, returns=("bytes",))[0]),
        tuple(ask(rpc, pool, "getRemotePools(uint64)", remote, returns=("bytes[]",))[0]),
        views.rate_limit(rpc, pool, "Outbound", remote),
        views.rate_limit(rpc, pool, "Inbound", remote),
    )


def account(rpc: Rpc, contract: bytes, getter: str) -> bytes:
    """Who a getter names; nobody where the contract has no such getter."""
    try:
        return bytes(ask(rpc, contract, getter, returns=("address",))[0])
    except RpcRefused:
        return NOBODY


def _asked(rpc: Rpc, contract: bytes, name: str, signature: str, returns: str, *arguments: object) -> object:
    try:
        answer = rpc.call(contract, codec.encode_call(signature, *arguments))
        return codec.decode_args((returns,), answer)[0]
    except (RpcRefused, codec.AbiError):
        raise BadRequest(f"{name}: 0x{contract.hex()} does not answer {signature} there; check the address") from None
