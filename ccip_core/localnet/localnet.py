"""The local network as one thing to start and to stop: anvil chains with CCIP on them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Self

from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import ContractSet, ContractSetError, chainlink_contracts, own_contracts
from ccip_core.localnet.deploy import MANUAL_EXECUTION_S, deploy
from ccip_core.localnet.keys import dev_key, users
from ccip_core.localnet.private_rpc import PrivateRpc
from ccip_core.localnet.site import Actors, LocalChain
from ccip_core.protocol.selectors import chain_of_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from ccip_core.deployment import Deployment
    from ccip_core.protocol.messages import Lane

LOCAL_CHAIN_IDS = (1337, 31337, 424242)
"""Chains that official tools know by selector and name, and that nobody takes for a real one."""

_AGE_BLOCKS = 12
"""Chains start with a past: Chainlink's SDK looks ten blocks back from a request, and finds nothing before block 0."""


class PrivateChain(NamedTuple):
    """A chain of the local network that is not for everyone."""

    chain_id: int
    token_env: str
    """The environment variable that holds the bearer token of its RPC."""
    senders: tuple[bytes, ...] = ()
    """People who may send, beside those who run the network; empty: the local network's users."""


class Localnet:
    """Running chains with CCIP deployed. Made by `up`; ends with `stop` or its `with` block."""

    def __init__(self, deployment: Deployment, anvils: Sequence[Anvil], doors: Sequence[PrivateRpc] = ()) -> None:
        self.deployment = deployment
        self.doors = tuple(doors)
        """Of private chains; theirs is what the deployment names."""
        self.anvils = tuple(anvils)
        """In the order of `deployment.chains`."""

    @classmethod
    def up(
        cls,
        chains: int = 3,
        contracts: str | ContractSet = "own",
        block_time_s: float = 1.0,
        *,
        blessing: bool = True,
        unblessed: AbstractSet[Lane] = frozenset(),
        rmn_nodes: int = 4,
        oracles: int = 4,
        manual_execution_s: int = MANUAL_EXECUTION_S,
        private: PrivateChain | None = None,
    ) -> Self:
        """Start chains and deploy; see `deploy` for the last arguments. When it fails, nothing is left running.

        Raises:
            ValueError: `chains` is not 2 or 3.
            ContractSetError: the contract set is unknown or can't be had.
            AnvilError, ToolchainError, DeployError, RpcError: a chain or the deployment failed.
        """
        if not 2 <= chains <= len(LOCAL_CHAIN_IDS):
            raise ValueError(f"chains = {chains}: a local network has 2 to {len(LOCAL_CHAIN_IDS)} of them")
        contract_set = named_contract_set(contracts) if isinstance(contracts, str) else contracts
        if private is not None and private.chain_id not in LOCAL_CHAIN_IDS[:chains]:
            raise ValueError(f"private = {private.chain_id}: not one of this network's chains")
        anvils: list[Anvil] = []
        doors: list[PrivateRpc] = []
        try:
            for chain_id in LOCAL_CHAIN_IDS[:chains]:
                anvils.append(Anvil.start(chain_id, block_time_s))  # noqa: PERF401 - what has started must be stopped
            deployment = deploy(
                [_local_chain(anvil) for anvil in anvils],
                contract_set,
                blessing=blessing,
                unblessed=unblessed,
                rmn_nodes=rmn_nodes,
                oracles=oracles,
                manual_execution_s=manual_execution_s,
            )
            for anvil in anvils:
                anvil.mine(_AGE_BLOCKS)
            if private is not None:
                senders = (*members(len(anvils), Actors(oracles, rmn_nodes)), *(private.senders or people()))
                upstream = anvils[LOCAL_CHAIN_IDS.index(private.chain_id)].http
                doors.append(PrivateRpc.start(upstream, private.token_env, frozenset(senders)))
                deployment = _behind(deployment, private, doors[0])
        except BaseException:  # Ctrl-C while deploying too: whatever the reason, no chain is left behind
            _stop(anvils)
            raise
        return cls(deployment, anvils, doors)

    def anvil(self, selector: int) -> Anvil:
        """The chain of this selector; KeyError when there is none."""
        for chain, anvil in zip(self.deployment.chains, self.anvils, strict=True):
            if chain.selector == selector:
                return anvil
        raise KeyError(selector)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End all chains; no process and no port remains. May be called twice."""
        for door in self.doors:
            door.stop()
        _stop(self.anvils)


def named_contract_set(name: str) -> ContractSet:
    """The contract set that a person means. Raises ContractSetError when there is none such, or it can't be had."""
    if name == "own":
        return own_contracts()
    if name == "chainlink":
        return chainlink_contracts()
    raise ContractSetError(f"contracts = {name}: not known; choose own or chainlink")


def people() -> list[bytes]:
    """The local network's users."""
    return [key.address for key in (*users(), dev_key("receiver"))]


def members(chains: int, actors: Actors) -> list[bytes]:
    """Those who run a local network: owners, oracles, RMN nodes, the council."""
    keys = [dev_key("council"), *(dev_key("deployer", position) for position in range(chains))]
    keys += [dev_key("oracle_transmitter", index) for index in range(actors.oracles)]
    keys += [dev_key("rmn_curser", index) for index in range(actors.rmn_nodes)]
    return [key.address for key in keys]


def _behind(deployment: Deployment, private: PrivateChain, door: PrivateRpc) -> Deployment:
    """The deployment that members get: the private chain by its door, which has no WebSocket."""
    change = {"http": door.url, "ws": None, "rpc_token_env": private.token_env}
    chains = tuple(
        chain.model_copy(update=change) if chain.chain_id == private.chain_id else chain for chain in deployment.chains
    )
    return deployment.model_copy(update={"chains": chains})


def _local_chain(anvil: Anvil) -> LocalChain:
    known = chain_of_id(anvil.chain_id)
    assert known is not None
    return LocalChain(anvil, known.selector, known.name)


def _stop(anvils: Sequence[Anvil]) -> None:
    if anvils:
        with ThreadPoolExecutor(len(anvils)) as threads:
            list(threads.map(Anvil.stop, anvils))
