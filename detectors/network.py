"""The static facts that judging needs: who is who on each chain. Live from a deployment, offline from a history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.deployment import Chain, Deployment
    from ccip_core.protocol.messages import ChainSelector, Lane


PoolType = Literal["burn_mint", "lock_release"]


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A token on one chain. Addresses are lower-case 0x text, as in every row."""

    symbol: str
    address: str
    pool: str | None
    pool_type: PoolType | None
    decimals: int


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """A chain as the judges know it."""

    selector: ChainSelector
    name: str
    on_ramp: str
    off_ramp: str
    tokens: Mapping[str, TokenFacts] = field(default_factory=dict)
    """By token address."""
    fee_quoter: str = ""
    rmn_remote: str = ""
    finality_s: int = 0
    """What a block of this chain ages, at least, before honest oracles commit its messages elsewhere."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """By address: what every other contract of CCIP is, in the words of the deployment file ("router" …)."""

    _by_pool: Mapping[str, TokenFacts] = field(init=False, repr=False, compare=False)
    _by_symbol: Mapping[str, TokenFacts] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tokens = self.tokens.values()
        object.__setattr__(self, "_by_pool", {token.pool: token for token in tokens if token.pool is not None})
        object.__setattr__(self, "_by_symbol", {token.symbol: token for token in tokens})

    def token_of_pool(self, pool: str) -> TokenFacts | None:
        """The token that this pool serves; None when the pool is not ours."""
        return self._by_pool.get(pool)

    def role_of(self, address: str) -> str | None:
        """What the contract is on this chain: "token", "pool" or as `roles` says; None when it is not ours."""
        if address in self.tokens:
            return "token"
        return "pool" if address in self._by_pool else self.roles.get(address)

    def token_of_symbol(self, symbol: str) -> TokenFacts | None:
        """The token of this symbol; None when the chain does not have it."""
        return self._by_symbol.get(symbol)


@dataclass(frozen=True, slots=True)
class Network:
    """All chains and lanes of a deployment or a history."""

    chains: Mapping[ChainSelector, ChainFacts]
    lanes: frozenset[Lane]

    def lanes_into(self, chain: ChainSelector) -> tuple[Lane, ...]:
        """The lanes that end on this chain, ascending."""
        return tuple(sorted(lane for lane in self.lanes if lane.dest == chain))

    def lanes_from(self, chain: ChainSelector) -> tuple[Lane, ...]:
        """The lanes that begin on this chain, ascending."""
        return tuple(sorted(lane for lane in self.lanes if lane.source == chain))

    def lanes_between(self, one: ChainSelector, other: ChainSelector | None) -> tuple[Lane, ...]:
        """The lanes between two chains, ascending; all of the one chain's where the other is not told or not joined."""
        between = tuple(lane for lane in self.lanes_of(one) if other in lane)
        return between or self.lanes_of(one)

    def neighbours(self, chain: ChainSelector) -> tuple[ChainSelector, ...]:
        """The chains that a lane joins with this one, ascending."""
        return tuple(sorted({end for lane in self.lanes_of(chain) for end in lane} - {chain}))

    def lanes_of(self, chain: ChainSelector) -> tuple[Lane, ...]:
        """The lanes that begin or end on this chain, ascending."""
        return tuple(sorted(lane for lane in self.lanes if chain in lane))


def network_from_deployment(deployment: Deployment) -> Network:
    """The facts of a deployment file, addresses as rows write them."""
    return Network(
        chains={chain.selector: _chain_facts(chain) for chain in deployment.chains},
        lanes=frozenset(config.lane for config in deployment.lanes),
    )


_FEE_TOKENS = {"link", "weth"}
"""They pay for messages and move with nobody's leave: nothing of theirs is ours to judge."""

_NOBODY = bytes(20)
"""What a deployment has in place of the ramps of 1.6 where all lanes are of 1.5, whose messages are not read: there a
pool's releases have nothing to be held against, and are not judged."""


def _chain_facts(chain: Chain) -> ChainFacts:
    contracts = chain.contracts
    tokens = (
        TokenFacts(token.symbol, _text(token.address), _text(token.pool), token.pool_type, token.decimals)
        for token in (() if contracts.off_ramp == _NOBODY else chain.tokens)
    )
    return ChainFacts(
        selector=chain.selector,
        name=chain.name,
        on_ramp=_text(contracts.on_ramp),
        off_ramp=_text(contracts.off_ramp),
        tokens={token.address: token for token in tokens},
        fee_quoter=_text(contracts.fee_quoter),
        rmn_remote=_text(contracts.rmn_remote),
        finality_s=int(chain.finality_depth_blocks * chain.block_time_s),
        roles={
            _text(address): role
            for role in type(contracts).model_fields
            if role not in _FEE_TOKENS and (address := getattr(contracts, role)) not in {None, _NOBODY}
        },
    )


def _text(address: bytes) -> str:
    return "0x" + address.hex()
