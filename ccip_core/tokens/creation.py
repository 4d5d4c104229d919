"""A new token with its pool on one chain: by the TokenPoolFactory in one transaction, or by one's own key.

Both know their addresses before anything is sent, so an interrupted creation is found again instead of made twice: the
factory's follow from the creator and a salt, the key's from its nonce, which the caller remembers (`begun`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from eth_hash.auto import keccak

from ccip_core.deployment import Token
from ccip_core.protocol import codec
from ccip_core.refusal import BadRequest
from ccip_core.rpc import RpcRefused
from ccip_core.tokens import facts
from ccip_core.tokens.plans import Plan, Step, call_step
from ccip_core.tokens.registration import accept_step
from ccip_core.tokens.roles import working_pool_plan
from ccip_core.transactions import created_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain
    from ccip_core.tokens.facts import TokenFacts

PoolType = Literal["burn_mint", "lock_release"]

POOL_CONTRACTS: Mapping[str, str] = {"burn_mint": "BurnMintTokenPool", "lock_release": "LockReleaseTokenPool"}
POOL_VERSION = (1, 6, 1)
_FACTORY_CALL = (
    "deployTokenAndTokenPool((uint64,bytes,bytes,(address,address,address,uint8),uint8,bytes,bytes,"
    "(bool,uint128,uint128))[],uint8,bytes,bytes,bytes32)"
)


class NewToken(NamedTuple):
    """What is wanted on one chain."""

    symbol: str
    decimals: int
    pool_type: PoolType
    supply: int = 0
    """For the creator, in smallest units."""
    address: bytes | None = None
    """Of a token that stands already and only needs a pool."""
    allowlist: tuple[bytes, ...] = ()
    """Who alone may send it by CCIP; empty: everyone, for good."""


class Creation(NamedTuple):
    """The token as it will be, and what is missing."""

    token: Token
    plan: Plan
    facts: TokenFacts
    """As they stand before the plan is carried out; of what is not created yet, as they will be then."""


class Builder(NamedTuple):
    """An account that creates on one chain."""

    chains: Chains
    chain: Chain
    account: bytes
    code: Mapping[str, bytes]
    """Creation code, without arguments, of FactoryBurnMintERC20 and the two pools, by contract name."""

    def plan(self, wish: NewToken, begun: Token | None = None) -> Creation:
        """Create what is missing by own transactions; `begun`: where an interrupted creation wanted to stand."""
        nonce = self.chains.rpc(self.chain.selector).nonce(self.account)
        steps: list[Step] = []
        token = wish.address or (begun.address if begun and self.stands(begun.address) else None)
        if token is None:
            token = created_address(self.account, nonce)
            steps.append(self._create(self.token_creation(wish), f"create {wish.symbol}", token))
        pool = begun.pool if begun and begun.address == token and self.stands(begun.pool) else None
        if pool is not None:
            entry = _entry(wish, token, pool)
            now = facts.read(self.chains, self.chain, entry)
        else:
            pool = created_address(self.account, nonce + len(steps))
            summary = f"create the {POOL_CONTRACTS[wish.pool_type]} of {wish.symbol}"
            steps.append(self._create(self.pool_creation(wish, token), summary, pool))
            entry = _entry(wish, token, pool)
            now = self._fresh(entry, is_token_new=wish.address is None)
        rest = working_pool_plan(self.chains, now, self.account)
        goal = f"deploy {now.label}"
        return Creation(entry, Plan(goal, (*steps, *rest.steps), rest.warnings), now)

    def plan_by_factory(self, factory: bytes, wish: NewToken) -> Creation:
        """Create, register and set the pool in one transaction of the factory, then accept what it hands over.

        Raises:
            BadRequest: not a new burn/mint token for everyone: the factory's lock/release pools are those of 1.5.1.
        """
        if wish.pool_type != "burn_mint" or wish.address is not None or wish.allowlist:
            raise BadRequest("factory = true: it makes new burn/mint tokens for everyone; leave --factory out")
        salt = keccak(f"{wish.symbol} {wish.decimals} {wish.supply}".encode())
        mixed = keccak(salt + self.account)
        token = _create2(factory, mixed, self.token_creation(wish))
        entry = _entry(wish, token, _create2(factory, mixed, self.pool_creation(wish, token)))
        if self.stands(entry.pool):
            now = facts.read(self.chains, self.chain, entry)
            return Creation(
                entry, Plan(f"deploy {now.label}", tuple(filter(self._is_open, self._acceptances(now)))), now
            )
        now = self._fresh(entry, is_token_new=True)
        now = now._replace(registration=facts.Registration(factory, self.account, entry.pool))
        create = call_step(
            self.chain,
            self.account,
            factory,
            f"create {wish.symbol} and its BurnMintTokenPool by the factory, register it, set the pool",
            _FACTORY_CALL,
            (),
            wish.decimals,
            self.token_creation(wish),
            self.code[POOL_CONTRACTS[wish.pool_type]],
            salt,
        )
        steps = (create._replace(creates=entry.pool), *self._acceptances(now))
        return Creation(entry, Plan(f"deploy {now.label}", steps), now)

    def token_creation(self, wish: NewToken) -> bytes:
        """Creation code of the token, arguments included; its supply and CCIP admin are the creator's."""
        types = ("string", "string", "uint8", "uint256", "uint256", "address")
        arguments = (wish.symbol, wish.symbol, wish.decimals, 0, wish.supply, self.account)
        return self.code["FactoryBurnMintERC20"] + codec.encode_args(types, arguments)

    def pool_creation(self, wish: NewToken, token: bytes) -> bytes:
        """Creation code of the pool, arguments included."""
        types = ("address", "uint8", "address[]", "address", "address")
        contracts = self.chain.contracts
        arguments = (token, wish.decimals, wish.allowlist, contracts.rmn_proxy, contracts.router)
        return self.code[POOL_CONTRACTS[wish.pool_type]] + codec.encode_args(types, arguments)

    def stands(self, contract: bytes) -> bool:
        """Whether a contract that says its type stands at the address."""
        try:
            return bool(self.chains.rpc(self.chain.selector).call(contract, codec.encode_call("typeAndVersion()")))
        except RpcRefused:
            return False

    def _fresh(self, entry: Token, *, is_token_new: bool) -> TokenFacts:
        version = facts.Version(POOL_CONTRACTS[entry.pool_type], POOL_VERSION)
        now = facts.fresh(self.chain, entry, self.account, version)
        if is_token_new:
            return now
        rpc = self.chains.rpc(self.chain.selector)
        return now._replace(
            owner=facts.account(rpc, entry.address, "owner()"),
            ccip_admin=facts.account(rpc, entry.address, "getCCIPAdmin()"),
            registration=facts.registration(self.chains, self.chain, entry.address),
        )

    def _acceptances(self, now: TokenFacts) -> tuple[Step, ...]:
        own = "acceptOwnership()"
        return (
            call_step(self.chain, self.account, now.token.address, f"become owner of {now.label}", own),
            call_step(self.chain, self.account, now.pool.address, f"become owner of the pool of {now.label}", own),
            accept_step(now, self.account),
        )

    def _is_open(self, step: Step) -> bool:
        """Whether what the step accepts is still on offer."""
        try:
            self.chains.rpc(self.chain.selector).call(step.to, step.data, sender=step.sender)
        except RpcRefused:
            return False
        return True

    def _create(self, creation: bytes, summary: str, address: bytes) -> Step:
        return Step(self.chain, self.account, b"", creation, f"{summary} on {self.chain.name}", creates=address)


def _entry(wish: NewToken, token: bytes, pool: bytes) -> Token:
    return Token(symbol=wish.symbol, address=token, pool=pool, pool_type=wish.pool_type, decimals=wish.decimals)


def _create2(factory: bytes, salt: bytes, creation: bytes) -> bytes:
    return bytes(keccak(b"\xff" + factory + salt + keccak(creation))[-20:])
