"""`@chainlink/ccip-sdk`, unmodified, on our local network: what its users do works, and what is refused is named."""

from __future__ import annotations

import pytest

from ccip_core import views
from ccip_core.deployment import checksum_address
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec
from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject
from ccip_core.wallet import Wallet

pytestmark = pytest.mark.journey


def test_it_finds_every_lane_from_the_routers_address(official_client, job, sdk_network):
    found = official_client("discover", job)
    assert found["names"] == [chain.name for chain in sdk_network.chains]
    assert len(found["lanes"]) == len(sdk_network.lanes) == 2
    for lane in found["lanes"]:
        source, dest = (sdk_network.chain(int(lane[end])).contracts for end in ("source", "dest"))
        assert lane["onRamp"] == checksum_address(source.on_ramp)
        assert lane["offRamp"] == checksum_address(dest.off_ramp)
        assert (lane["onRampVersion"], lane["offRampVersion"]) == ("OnRamp 1.6.0", "OffRamp 1.6.0")


def test_it_lists_tokens_pools_remotes_and_limits(official_client, job, sdk_network):
    found = official_client("pools", job)["chains"]
    for chain, answer in zip(sdk_network.chains, found, strict=True):
        (remote,) = (other for other in sdk_network.chains if other is not chain)
        assert answer["registry"] == checksum_address(chain.contracts.token_admin_registry)
        assert {token["symbol"] for token in answer["feeTokens"].values()} == {"LINK", "WETH"}
        tokens = {token["token"]: token for token in answer["tokens"]}
        assert set(tokens) == {checksum_address(token.address) for token in chain.tokens}
        for token, twin in zip(chain.tokens, remote.tokens, strict=True):
            listed = tokens[checksum_address(token.address)]
            assert (listed["symbol"], listed["decimals"]) == (token.symbol, token.decimals)
            assert listed["pool"] == checksum_address(token.pool)
            assert listed["typeAndVersion"].endswith("TokenPool 1.6.1")
            end = listed["remotes"][remote.name]
            assert end["remotePools"] == [checksum_address(twin.pool)]
            assert end["remoteToken"] == checksum_address(twin.address)
            capacity = 100_000 * 10**token.decimals
            assert int(end["outboundRateLimiterState"]["capacity"]) == capacity
            assert int(end["inboundRateLimiterState"]["capacity"]) == capacity * 110 // 100


def test_it_sends_data_and_tokens_and_sees_them_arrive(official_client, job, sdk_network, sdk_chains):
    source, dest = (sdk_network.chain(int(job[end])) for end in ("source", "dest"))
    receiver = dev_key("receiver").address
    before = [views.balance_of(sdk_chains.rpc(dest.selector), token.address, receiver) for token in dest.tokens]
    tokens = [{"token": checksum_address(token.address), "amount": str(10**token.decimals)} for token in source.tokens]
    link = checksum_address(source.contracts.link)

    sent = official_client("sendAndFollow", job | {"data": "0x1234", "tokens": tokens, "feeToken": link})

    assert int(sent["fee"]) > 0
    assert sent["isFinal"]
    assert sent["offRamp"] == checksum_address(dest.contracts.off_ramp)
    assert sent["state"] == "Success"
    assert sent["proof"]["merkleRoot"] == sent["report"]["merkleRoot"]
    after = [views.balance_of(sdk_chains.rpc(dest.selector), token.address, receiver) for token in dest.tokens]
    arrived = [now - then for now, then in zip(after, before, strict=True)]
    assert arrived == [10**token.decimals for token in dest.tokens]


def test_it_executes_a_failed_message_by_hand(official_client, job, sdk_network, sdk_chains):
    dest = sdk_network.chain(int(job["dest"]))
    owner = Wallet(sdk_chains.rpc(dest.selector), dev_key("user"))
    program = owner.deploy(own_artifact("ProgrammableReceiver").creation(dest.contracts.router))
    owner.transact(program, codec.encode_call("setShouldRevert(bool)", True))
    message = job | {"receiver": checksum_address(program), "data": "0x01", "gasLimit": "400000"}

    sent = official_client("sendAndFollow", message)
    assert sent["state"] == "Failed"

    owner.transact(program, codec.encode_call("setShouldRevert(bool)", False))
    executed = official_client("execute", job | {"transactionHash": sent["transactionHash"], "gasLimit": 500_000})
    assert executed["messageId"] == sent["messageId"]
    assert executed["state"] == "Success"


def test_it_shows_a_curse_as_a_curse(official_client, job, cursed):
    source, dest = int(job["source"]), int(job["dest"])
    for subject in (chain_subject(dest), GLOBAL_CURSE_SUBJECT):
        with cursed(source, subject):
            error = official_client("refusal", job)["error"]
        assert error["revert.error"] == "CursedByRMN(uint64 sourceChainSelector)"
        assert error["revert.sourceChainSelector"].startswith(job["dest"])
    assert official_client("refusal", job)["error"] is None


def test_it_names_the_rate_limit_that_was_hit(official_client, job, sdk_network):
    token = sdk_network.chain(int(job["source"])).tokens[0]
    wish = [{"token": checksum_address(token.address), "amount": str(200_000 * 10**token.decimals)}]
    error = official_client("refusal", job | {"tokens": wish})["error"]
    assert error["revert.error"].startswith("TokenMaxCapacityExceeded(")
