"""The network that `Localnet.up` promises, asked of its chains."""

import time
from itertools import permutations

import pytest

from ccip_core.deployment import load_deployment, save_deployment
from ccip_core.localnet import localnet as localnet_module
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.construction import Construction, DeployError
from ccip_core.localnet.contract_set import ContractSetError
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol.codec import decode_args, encode_address, encode_call
from ccip_core.protocol.extra_args import encode_v2
from ccip_core.protocol.messages import EVM2AnyMessage, EVMTokenAmount, RmnRemoteConfig, SourceChainConfig
from ccip_core.protocol.subjects import chain_subject
from ccip_core.wallet import Wallet

pytestmark = pytest.mark.journey

GET_FEE = "getFee(uint64,(bytes,bytes,(address,uint256)[],address,bytes))"
VOTE = "voteToCurse(bytes16,bytes16[],bytes32)"
VERSIONS = {
    "router": "Router 1.2.0",
    "on_ramp": "OnRamp 1.6.0",
    "off_ramp": "OffRamp 1.6.0",
    "fee_quoter": "FeeQuoter 1.6.3",
    "nonce_manager": "NonceManager 1.6.0",
    "rmn_remote": "RMNRemote 1.6.0",
    "rmn_proxy": "ARMProxy 1.0.0",
    "rmn_home": "RMNHome 1.6.0",
    "curse_voting": "CurseVoting 1.0.0",
    "token_admin_registry": "TokenAdminRegistry 1.5.0",
    "registry_module": "RegistryModuleOwnerCustom 1.6.0",
    "link": "FactoryBurnMintERC20 1.6.2",
    "token_pool_factory": "TokenPoolFactory 1.5.1",
}
POOLS = {"burn_mint": "BurnMintTokenPool 1.6.1", "lock_release": "LockReleaseTokenPool 1.6.1"}


@pytest.fixture(scope="module")
def deployment(deployed_network):
    return deployed_network.deployment


@pytest.fixture(scope="module")
def ask(deployed_network):
    """Call a view: ask(chain, address, signature, *arguments, answer=types)."""

    def call(chain, to, signature, *arguments, answer):
        rpc = deployed_network.anvil(chain.selector).rpc
        return decode_args(answer, rpc.call(to, encode_call(signature, *arguments)))

    return call


def lanes_of(deployment):
    return [(deployment.chain(lane.source), deployment.chain(lane.dest), lane) for lane in deployment.lanes]


def test_every_contract_is_the_version_that_it_should_be(deployment, ask):
    for position, chain in enumerate(deployment.chains):
        found = {
            name: ask(chain, address, "typeAndVersion()", answer=("string",))[0]
            for name, address in chain.contracts
            if name != "weth" and address is not None
        }
        home = {"rmn_home"} if position else set()
        assert found == {name: version for name, version in VERSIONS.items() if name not in home}
        for token in chain.tokens:
            assert ask(chain, token.pool, "typeAndVersion()", answer=("string",)) == (POOLS[token.pool_type],)


def test_no_two_chains_share_an_address(deployment):
    addresses = [address for chain in deployment.chains for _, address in chain.contracts if address is not None]
    assert len(set(addresses)) == len(addresses)


def test_every_lane_quotes_a_fee_for_data_and_for_every_token(deployment, ask):
    for source, dest, lane in lanes_of(deployment):
        contents = [(b"hello", ())] + [
            (b"", (EVMTokenAmount(token.address, 10**token.decimals),)) for token in source.tokens
        ]
        for data, tokens in contents:
            quotes = [
                ask(
                    source,
                    source.contracts.router,
                    GET_FEE,
                    lane.dest,
                    EVM2AnyMessage(
                        encode_address(dev_key("receiver").address), data, tokens, fee_token, encode_v2(200_000, True)
                    ),
                    answer=("uint256",),
                )[0]
                for fee_token in (source.contracts.link, bytes(20))
            ]
            link_fee, native_fee = quotes
            assert 10**14 < native_fee < 10**16, f"{dest.name}: not between 30 cents and 30 dollars"
            # LINK is 200 times cheaper than the native coin, and saves a tenth of the fee, though none of the gas.
            assert 180 * native_fee < link_fee < 200 * native_fee


def test_every_lane_is_open_on_both_ends_and_verified_as_the_deployment_says(deployment, ask, unblessed_lane):
    assert {lane.lane for lane in deployment.lanes} == set(
        permutations([chain.selector for chain in deployment.chains], 2)
    )
    assert [lane.lane for lane in deployment.lanes if not lane.blessing] == [unblessed_lane]
    for source, dest, lane in lanes_of(deployment):
        (config,) = ask(
            dest,
            dest.contracts.off_ramp,
            "getSourceChainConfig(uint64)",
            lane.source,
            answer=("(address,bool,uint64,bool,bytes)",),
        )
        assert SourceChainConfig(*config) == SourceChainConfig(
            dest.contracts.router, True, 1, not lane.blessing, encode_address(source.contracts.on_ramp)
        )
        on_ramp = ask(source, source.contracts.router, "getOnRamp(uint64)", lane.dest, answer=("address",))
        assert on_ramp == (source.contracts.on_ramp,)
        is_off_ramp = ask(
            dest,
            dest.contracts.router,
            "isOffRamp(uint64,address)",
            lane.source,
            dest.contracts.off_ramp,
            answer=("bool",),
        )
        assert is_off_ramp == (True,)


def test_the_user_is_rich_on_every_chain(deployed_network, deployment, ask):
    user = dev_key("user").address
    for chain in deployment.chains:
        assert deployed_network.anvil(chain.selector).rpc.balance(user) == 10**6 * 10**18
        for address, decimals in [(chain.contracts.link, 18), *((t.address, t.decimals) for t in chain.tokens)]:
            assert ask(chain, address, "balanceOf(address)", user, answer=("uint256",)) == (10**6 * 10**decimals,)


def test_everyone_who_must_act_can_pay_for_it(deployed_network):
    roles = [("oracle_transmitter", 3), ("rmn_curser", 3), ("council", 0), ("attacker", 0)]
    for anvil in deployed_network.anvils:
        assert all(anvil.rpc.balance(dev_key(role, index).address) >= 10**21 for role, index in roles)


def test_tokens_stand_as_planned_and_what_is_locked_at_home_backs_what_exists_elsewhere(deployment, ask):
    home, *remotes = deployment.chains
    shapes = {
        (token.symbol, chain is home): (token.pool_type, token.decimals)
        for chain in deployment.chains
        for token in chain.tokens
    }
    assert shapes == {
        ("BNM", True): ("burn_mint", 18),
        ("BNM", False): ("burn_mint", 18),
        ("LNR", True): ("lock_release", 18),
        ("LNR", False): ("lock_release", 18),
        ("HYB", True): ("lock_release", 6),
        ("HYB", False): ("burn_mint", 18),
    }
    (hybrid,) = [token for token in home.tokens if token.symbol == "HYB"]
    locked = ask(home, hybrid.address, "balanceOf(address)", hybrid.pool, answer=("uint256",))[0]
    minted = sum(
        ask(chain, token.address, "totalSupply()", answer=("uint256",))[0]
        for chain in remotes
        for token in chain.tokens
        if token.symbol == "HYB"
    )
    assert locked * 10**12 == minted
    for chain in deployment.chains:
        for token in chain.tokens:
            if token.symbol == "LNR":
                pooled = ask(chain, token.address, "balanceOf(address)", token.pool, answer=("uint256",))
                assert pooled == (10**7 * 10**18,)


def test_pools_know_their_twins_and_limit_what_passes(deployment, ask):
    bucket = ("(uint128,uint32,bool,uint128,uint128)",)
    for source, dest, lane in lanes_of(deployment):
        for token, twin in zip(source.tokens, dest.tokens, strict=True):
            registered = ask(
                source,
                source.contracts.token_admin_registry,
                "getTokenConfig(address)",
                token.address,
                answer=("(address,address,address)",),
            )[0]
            assert registered[2] == token.pool
            remote_token = ask(source, token.pool, "getRemoteToken(uint64)", lane.dest, answer=("bytes",))
            assert remote_token == (encode_address(twin.address),)
            remote_pools = ask(source, token.pool, "getRemotePools(uint64)", lane.dest, answer=("bytes[]",))
            assert remote_pools == ((encode_address(twin.pool),),)
            unit = 10**token.decimals
            for direction, percent in (("Outbound", 100), ("Inbound", 110)):
                ((_, _, is_enabled, capacity, rate),) = ask(
                    source, token.pool, f"getCurrent{direction}RateLimiterState(uint64)", lane.dest, answer=bucket
                )
                assert (is_enabled, capacity, rate) == (True, 1000 * percent * unit, percent * unit)


def test_prices_are_in_dollars_for_1e18_smallest_units(deployment, ask):
    for chain in deployment.chains:
        dollars = {chain.contracts.link: 15, chain.contracts.weth: 3000}
        decimals = {chain.contracts.link: 18, chain.contracts.weth: 18}
        for token in chain.tokens:
            dollars[token.address], decimals[token.address] = 1, token.decimals
        for token, usd in dollars.items():
            price = ask(
                chain,
                chain.contracts.fee_quoter,
                "getValidatedTokenPrice(address)",
                token,
                answer=("uint224",),
            )
            assert price == (usd * 10**18 * 10**18 // 10 ** decimals[token],)


def test_rmn_is_configured_alike_everywhere_and_owned_by_the_voters(deployment, ask):
    home = deployment.chains[0]
    (digest,) = ask(home, home.contracts.rmn_home, "getActiveDigest()", answer=("bytes32",))
    assert deployment.rmn.home_config_digest == digest
    assert deployment.rmn.f_sign == 1
    signers = tuple((dev_key("rmn_signer", index).address, index) for index in range(4))
    assert tuple((signer.address, signer.node_index) for signer in deployment.rmn.signers) == signers
    for chain in deployment.chains:
        version, config = ask(
            chain, chain.contracts.rmn_remote, "getVersionedConfig()", answer=("uint32", RmnRemoteConfig)
        )
        assert (version, config) == (1, (digest, signers, 1))
        assert ask(chain, chain.contracts.rmn_remote, "owner()", answer=("address",)) == (chain.contracts.curse_voting,)
        assert ask(chain, chain.contracts.curse_voting, "owner()", answer=("address",)) == (dev_key("council").address,)


def test_two_votes_of_four_curse_and_one_does_not(deployed_network, deployment, ask):
    chain = deployment.chains[2]
    subject = chain_subject(12345)
    rpc = deployed_network.anvil(chain.selector).rpc
    cursed = []
    for index in range(2):
        vote = encode_call(VOTE, b"drill".ljust(16, b"\0"), (subject,), bytes(32))
        Wallet(rpc, dev_key("rmn_curser", index)).transact(chain.contracts.curse_voting, vote)
        cursed += ask(chain, chain.contracts.rmn_remote, "isCursed(bytes16)", subject, answer=("bool",))
    assert cursed == [False, True]
    council = Wallet(rpc, dev_key("council"))
    council.transact(chain.contracts.curse_voting, encode_call("liftCurse(bytes16[])", (subject,)))
    assert ask(chain, chain.contracts.rmn_remote, "isCursed(bytes16)", subject, answer=("bool",)) == (False,)


def test_the_oracles_are_configured_for_one_fault_of_four(deployment, ask):
    answer = ("((bytes32,uint8,uint8,bool),address[],address[])",)
    signers = tuple(dev_key("oracle_signer", index).address for index in range(4))
    transmitters = tuple(dev_key("oracle_transmitter", index).address for index in range(4))
    digests = set()
    for chain in deployment.chains:
        for plugin, is_signed in ((0, True), (1, False)):
            ((info, found_signers, found_transmitters),) = ask(
                chain, chain.contracts.off_ramp, "latestConfigDetails(uint8)", plugin, answer=answer
            )
            assert info[1:] == (1, 4 if is_signed else 0, is_signed)
            assert (found_signers, found_transmitters) == (signers if is_signed else (), transmitters)
            digests.add(info[0])
    assert len(digests) == 6


def test_the_clocks_follow_the_wall(deployed_network):
    for anvil in deployed_network.anvils:
        assert abs(anvil.rpc.header("latest").timestamp_s - time.time()) < 5


def test_the_deployment_survives_its_file(deployment, tmp_path):
    save_deployment(deployment, tmp_path / "deployment.json")
    assert load_deployment(tmp_path / "deployment.json") == deployment


def test_a_failed_start_leaves_no_chain_behind(monkeypatch):
    started = []
    start = Anvil.start

    def remember(*arguments, **named):
        started.append(start(*arguments, **named))
        return started[-1]

    def fail(*_, **__):
        raise DeployError("chain 1337: new Router reverted")

    monkeypatch.setattr(localnet_module.Anvil, "start", remember)
    monkeypatch.setattr(localnet_module, "deploy", fail)
    with pytest.raises(DeployError):
        Localnet.up(chains=2)
    assert len(started) == 2
    assert not any(anvil.is_running for anvil in started)


def test_a_step_that_reverts_is_named(deployed_network, deployment):
    anvil = deployed_network.anvils[0]
    work = Construction(anvil, dev_key("attacker"))
    work.call(deployment.chains[0].contracts.rmn_remote, "curse(bytes16)", chain_subject(1))
    with pytest.raises(DeployError, match=r"chain 1337: curse reverted: OnlyCallableByOwner\(\)"):
        work.build()


@pytest.mark.parametrize("chains", [0, 1, 4])
def test_a_number_of_chains_that_can_not_be(chains):
    with pytest.raises(ValueError, match=f"chains = {chains}: a local network has 2 to 3"):
        Localnet.up(chains)


def test_a_contract_set_that_nobody_knows():
    with pytest.raises(ContractSetError, match="contracts = mine"):
        Localnet.up(contracts="mine")


@pytest.mark.parametrize("block_time_s", [0, 0.2, 600])
def test_whatever_the_block_time_the_deployment_is_final_at_once(block_time_s):
    with Localnet.up(chains=2, block_time_s=block_time_s) as network:
        for chain, anvil in zip(network.deployment.chains, network.anvils, strict=True):
            owner = anvil.rpc.call(chain.contracts.rmn_remote, encode_call("owner()"), "finalized")
            assert owner == encode_address(chain.contracts.curse_voting)
