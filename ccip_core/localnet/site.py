"""What the deployment's phases hand to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ccip_core.deployment import Contracts, Token
    from ccip_core.localnet.anvil import Anvil
    from ccip_core.localnet.construction import Construction
    from ccip_core.protocol.messages import ChainSelector


class LocalChain(NamedTuple):
    """A running anvil and its name in CCIP."""

    anvil: Anvil
    selector: ChainSelector
    name: str


class Actors(NamedTuple):
    """How many oracles and RMN nodes the chains are configured for."""

    oracles: int = 4
    rmn_nodes: int = 4

    @property
    def oracle_f(self) -> int:
        """Faulty oracles that are survived."""
        return (self.oracles - 1) // 3

    @property
    def rmn_f(self) -> int:
        """fSign: one more signature than this makes a blessing, one more vote than this a curse."""
        return (self.rmn_nodes - 1) // 2


class Site(NamedTuple):
    """A chain under construction: its contracts' addresses are known, but they may not stand yet."""

    chain: LocalChain
    work: Construction
    contracts: Contracts
    tokens: tuple[Token, ...]
