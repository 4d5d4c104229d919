"""A whole CCIP on local chains: every contract, every lane both ways, tokens, oracles' and RMN's configuration.

    core_contracts   what each chain needs for itself, tokens included
    lanes            each chain connected to all the others
    rmn_setup        who blesses, who votes; RMNRemote handed over to CurseVoting
    construction     all of it was written down so far; now it is sent, all chains at once, and mined until final

Everything is owned by the chain's deployer, `dev_key("deployer", position)`, who is also the tokens' issuer. RMNRemote
is owned by CurseVoting, whose council is `dev_key("council")`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ccip_core.deployment import Chain, Deployment, LaneConfig, Rmn, RmnSignerEntry
from ccip_core.localnet import rmn_setup
from ccip_core.localnet.core_contracts import build_core
from ccip_core.localnet.keys import dev_key, users
from ccip_core.localnet.lanes import wire_lanes
from ccip_core.localnet.site import Actors, LocalChain, Site
from ccip_core.localnet.tokens import ETHER
from ccip_core.protocol.messages import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from ccip_core.localnet.anvil import Anvil
    from ccip_core.localnet.contract_set import ContractSet

USER_ETHER = 1_000_000
ACTOR_ETHER = 10_000
"""For each oracle, RMN node, deployer, the council, the attacker and the receiver."""
FINALITY_DEPTH_BLOCKS = 2
"""anvil's `finalized` with --slots-in-an-epoch 1."""
MANUAL_EXECUTION_S = 3600


def deploy(
    chains: Sequence[LocalChain],
    contracts: ContractSet,
    *,
    blessing: bool = True,
    unblessed: AbstractSet[Lane] = frozenset(),
    rmn_nodes: int = 4,
    oracles: int = 4,
    manual_execution_s: int = MANUAL_EXECUTION_S,
) -> Deployment:
    """Deploy onto fresh anvils; the first chain is home to RMNHome and to what is locked there.

    Args:
        chains: running anvils with their selectors.
        contracts: where the bytecode comes from.
        blessing: whether OffRamps demand RMN's signatures.
        unblessed: lanes on which they don't, all the same.
        rmn_nodes: signers and cursers, at least 1.
        oracles: 3F+1 of them survive F; at least 4, because the OffRamp refuses F = 0.
        manual_execution_s: after how long anyone may execute a message that the oracles have not.

    Raises:
        DeployError: a step failed; the chains are of no use then.
        ContractSetError: a contract is missing.
        RpcError: a chain could not be asked.
    """
    actors = Actors(oracles, rmn_nodes)
    lanes = _lanes(chains, blessing=blessing, unblessed=unblessed)
    with ThreadPoolExecutor(max(1, len(chains))) as threads:
        list(threads.map(lambda chain: _fund(chain[1].anvil, chain[0], actors), enumerate(chains)))
        sites = [
            build_core(
                chain,
                dev_key("deployer", position),
                [remote for remote in chains if remote is not chain],
                contracts,
                actors,
                manual_execution_s=manual_execution_s,
                is_home=position == 0,
            )
            for position, chain in enumerate(chains)
        ]
        home_digest = rmn_setup.configure_home(sites[0], [chain.selector for chain in chains], actors)
        for site in sites:
            inbound = {lane.source: lane.blessing for lane in lanes if lane.dest == site.chain.selector}
            wire_lanes(site, [remote for remote in sites if remote is not site], inbound, actors)
            rmn_setup.configure_remote(site, home_digest, actors)
        list(threads.map(lambda site: site.work.build(), sites))
        list(threads.map(lambda site: site.chain.anvil.mine(FINALITY_DEPTH_BLOCKS), sites))
    rmn_setup.check_home(sites[0], home_digest)
    return Deployment(
        contracts=contracts.name,
        chains=tuple(map(_entry, sites)),
        lanes=lanes,
        rmn=Rmn(
            f_sign=actors.rmn_f,
            home_config_digest=home_digest,
            signers=tuple(
                RmnSignerEntry(address=signer.onchain_public_key, node_index=signer.node_index)
                for signer in rmn_setup.rmn_signers(actors)
            ),
        ),
    )


def _lanes(chains: Sequence[LocalChain], *, blessing: bool, unblessed: AbstractSet[Lane]) -> tuple[LaneConfig, ...]:
    every = [Lane(source.selector, dest.selector) for source in chains for dest in chains if source is not dest]
    return tuple(
        LaneConfig(source=lane.source, dest=lane.dest, blessing=blessing and lane not in unblessed) for lane in every
    )


def _fund(anvil: Anvil, position: int, actors: Actors) -> None:
    keys = [dev_key("deployer", position), dev_key("council"), dev_key("attacker"), dev_key("receiver")]
    keys += [dev_key("oracle_transmitter", index) for index in range(actors.oracles)]
    keys += [dev_key("rmn_curser", index) for index in range(actors.rmn_nodes)]
    ethers = dict.fromkeys((key.address for key in keys), ACTOR_ETHER) | {user.address: USER_ETHER for user in users()}
    anvil.rpc.batch(
        [("anvil_setBalance", ("0x" + address.hex(), hex(ether * ETHER))) for address, ether in ethers.items()]
    )


def _entry(site: Site) -> Chain:
    anvil = site.chain.anvil
    return Chain(
        chain_id=anvil.chain_id,
        selector=site.chain.selector,
        name=site.chain.name,
        http=anvil.http,
        ws=anvil.ws,
        finality_depth_blocks=FINALITY_DEPTH_BLOCKS,
        block_time_s=anvil.block_time_s,
        contracts=site.contracts,
        tokens=site.tokens,
    )
