"""The contracts of one chain, in the order in which they need each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.deployment import Contracts
from ccip_core.localnet.construction import Construction
from ccip_core.localnet.contract_set import ContractSetError, own_artifact
from ccip_core.localnet.keys import users
from ccip_core.localnet.rmn_setup import create_voting
from ccip_core.localnet.site import Site
from ccip_core.localnet.tokens import ETHER, TOKENS, USER_TOKENS, Registry, build_token
from ccip_core.protocol.configs import DestChainConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.localnet.contract_set import ContractSet
    from ccip_core.localnet.site import Actors, LocalChain
    from ccip_core.signers import Signer

PRICE_STALENESS_S = 90_000
GAS_FOR_CALL_EXACT_CHECK = 5_000
FEE_JUELS_MAX = 1_000 * ETHER
LINK_PREMIUM, WETH_PREMIUM = 9 * 10**17, 10**18
DEST_CHAIN_CONFIG = DestChainConfig(
    is_enabled=True,
    max_number_of_tokens_per_msg=5,
    max_data_bytes=30_000,
    max_per_msg_gas_limit=3_000_000,
    dest_gas_overhead=300_000,
    dest_gas_per_payload_byte_base=16,
    dest_gas_per_payload_byte_high=40,
    dest_gas_per_payload_byte_threshold=3_000,
    dest_data_availability_overhead_gas=0,
    dest_gas_per_data_availability_byte=0,
    dest_data_availability_multiplier_bps=0,
    chain_family_selector=bytes.fromhex("2812d52c"),
    enforce_out_of_order=False,
    default_token_fee_usd_cents=25,
    default_token_dest_gas_overhead=125_000,
    default_tx_gas_limit=200_000,
    gas_multiplier_wei_per_eth=11 * 10**17,
    gas_price_staleness_threshold=PRICE_STALENESS_S,
    network_fee_usd_cents=10,
)
_NOBODY = bytes(20)
_AUTHORIZE = "applyAuthorizedCallerUpdates((address[],address[]))"


def build_core(
    chain: LocalChain,
    deployer: Signer,
    remotes: Sequence[LocalChain],
    contracts: ContractSet,
    actors: Actors,
    *,
    manual_execution_s: int,
    is_home: bool,
) -> Site:
    """Write down everything that one chain needs for itself, tokens included; nothing is sent yet."""
    work = Construction(chain.anvil, deployer)
    create, artifact = work.create, contracts.artifact

    weth = create(own_artifact("WETH9"))
    link = create(
        artifact("FactoryBurnMintERC20"),
        "ChainLink Token",
        "LINK",
        18,
        0,
        len(users()) * USER_TOKENS * ETHER,
        work.sender,
    )
    for user in users():
        work.call(link, "transfer(address,uint256)", user.address, USER_TOKENS * ETHER)
    rmn_remote = create(artifact("RMNRemote"), chain.selector, _NOBODY)
    rmn_proxy = create(artifact("RMNProxy"), rmn_remote)
    router = create(artifact("Router"), weth, rmn_proxy)
    registry = create(artifact("TokenAdminRegistry"))
    module = create(artifact("RegistryModuleOwnerCustom"), registry)
    work.call(registry, "addRegistryModule(address)", module)
    nonce_manager = create(artifact("NonceManager"), ())
    fee_quoter = create(
        artifact("FeeQuoter"),
        (FEE_JUELS_MAX, link, PRICE_STALENESS_S),
        (work.sender,),
        (link, weth),
        (),
        (),
        ((link, LINK_PREMIUM), (weth, WETH_PREMIUM)),
        [(remote.selector, DEST_CHAIN_CONFIG) for remote in remotes],
    )
    on_ramp = create(
        artifact("OnRamp"),
        (chain.selector, rmn_proxy, nonce_manager, registry),
        (fee_quoter, False, _NOBODY, work.sender, _NOBODY),
        [(remote.selector, router, False) for remote in remotes],
    )
    off_ramp = create(
        artifact("OffRamp"),
        (chain.selector, GAS_FOR_CALL_EXACT_CHECK, rmn_proxy, registry, nonce_manager),
        (fee_quoter, manual_execution_s, _NOBODY),
        (),
    )
    work.call(nonce_manager, _AUTHORIZE, ((on_ramp, off_ramp), ()))
    work.call(fee_quoter, _AUTHORIZE, ((off_ramp,), ()))
    place = Registry(registry, module, rmn_proxy, router)
    factory = _token_pool_factory(work, contracts, place)
    tokens = [build_token(plan, place, work, contracts, is_home=is_home, chains=len(remotes) + 1) for plan in TOKENS]
    return Site(
        chain,
        work,
        Contracts(
            router=router,
            on_ramp=on_ramp,
            off_ramp=off_ramp,
            fee_quoter=fee_quoter,
            nonce_manager=nonce_manager,
            rmn_remote=rmn_remote,
            rmn_proxy=rmn_proxy,
            rmn_home=create(artifact("RMNHome")) if is_home else None,
            curse_voting=create_voting(work, rmn_remote, actors),
            token_admin_registry=registry,
            registry_module=module,
            token_pool_factory=factory,
            link=link,
            weth=weth,
        ),
        tuple(tokens),
    )


def _token_pool_factory(work: Construction, contracts: ContractSet, place: Registry) -> bytes | None:
    """For `ccip token deploy --factory`; None where the contract set has none, since nothing else needs it."""
    try:
        artifact = contracts.artifact("TokenPoolFactory")
    except ContractSetError:
        return None
    return work.create(artifact, place.token_admin_registry, place.registry_module, place.rmn_proxy, place.router)
