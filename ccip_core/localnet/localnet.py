"""The local network as one thing to start and to stop: anvil chains with CCIP on them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.contract_set import ContractSet, ContractSetError, chainlink_contracts, own_contracts
from ccip_core.localnet.deploy import MANUAL_EXECUTION_S, deploy
from ccip_core.localnet.site import LocalChain
from ccip_core.protocol.selectors import chain_of_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from ccip_core.deployment import Deployment
    from ccip_core.protocol.messages import Lane

LOCAL_CHAIN_IDS = (1337, 31337, 424242)
"""Chains that official tools know by selector and name, and that nobody takes for a real one."""


class Localnet:
    """Running chains with CCIP deployed. Made by `up`; ends with `stop` or its `with` block."""

    def __init__(self, deployment: Deployment, anvils: Sequence[Anvil]) -> None:
        self.deployment = deployment
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
        anvils: list[Anvil] = []
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
        except BaseException:  # Ctrl-C while deploying too: whatever the reason, no chain is left behind
            _stop(anvils)
            raise
        return cls(deployment, anvils)

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
        _stop(self.anvils)


def named_contract_set(name: str) -> ContractSet:
    """The contract set that a person means. Raises ContractSetError when there is none such, or it can't be had."""
    if name == "own":
        return own_contracts()
    if name == "chainlink":
        return chainlink_contracts()
    raise ContractSetError(f"contracts = {name}: not known; choose own or chainlink")


def _local_chain(anvil: Anvil) -> LocalChain:
    known = chain_of_id(anvil.chain_id)
    assert known is not None
    return LocalChain(anvil, known.selector, known.name)


def _stop(anvils: Sequence[Anvil]) -> None:
    if anvils:
        with ThreadPoolExecutor(len(anvils)) as threads:
            list(threads.map(Anvil.stop, anvils))
