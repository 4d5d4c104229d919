"""What would stop a message is known before it is sent, on both chains."""

from __future__ import annotations

import pytest

from ccip_core.lane_versions import lane_versions, type_and_version
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec
from ccip_core.protocol.messages import Lane
from ccip_core.tracking import Stage
from ccip_core.wallet import Wallet

pytestmark = pytest.mark.journey

RECEIVER = dev_key("receiver").address
UNIT = 10**18
SET_LIMITS = "setChainRateLimiterConfig(uint64,(bool,uint128,uint128),(bool,uint128,uint128))"


@pytest.fixture
def lane(client_deployment):
    return client_deployment.lanes[0].lane


@pytest.fixture
def stops(user, lane):
    """What the pre-flight finds that would stop a message: check and text of each."""

    def ask(receiver=RECEIVER, **parts):
        findings = user.preflight(lane, user.message(lane, receiver, **parts))
        return {finding.check: finding.text for finding in findings if finding.verdict == "stop"}

    return ask


@pytest.fixture
def owner(client_chains, client_deployment):
    """The wallet of a chain's deployer, who owns pools and tokens there."""
    order = [chain.selector for chain in client_deployment.chains]
    return lambda selector: Wallet(client_chains.rpc(selector), dev_key("deployer", order.index(selector)))


def test_a_message_that_will_arrive_is_stopped_by_nothing(stops):
    assert stops(data=b"hello", tokens=[("BNM", UNIT), ("LNR", UNIT), ("HYB", 10**6)]) == {}
    assert stops(fee_token="native") == {}


def test_a_curse_at_either_end_stops(stops, cursed, lane):
    with cursed(lane.source, lane.dest):
        found = stops()
        assert "(CursedByRMN): nobody can send" in found["curse"]
        assert "CursedByRMN" in found["fee"]
    with cursed(lane.dest, lane.source):
        found = stops()
        assert "nothing is committed or executed" in found["curse"]  # the source would have taken it
        assert "fee" not in found


def test_a_full_limit_at_the_other_end_stops(stops, owner, client_chains, lane):
    dest = client_chains.chain(lane.dest)
    pool, off = dest.tokens[0].pool, (False, 0, 0)
    change = owner(lane.dest)
    change.transact(pool, codec.encode_call(SET_LIMITS, lane.source, off, (True, 5 * UNIT, 1)))
    assert "at the arrival on anvil-devnet is above" in stops(tokens=[("BNM", 6 * UNIT)])["limit"]
    assert stops(tokens=[("BNM", 5 * UNIT)]) == {}
    change.transact(pool, codec.encode_call(SET_LIMITS, lane.source, off, off))


def test_an_empty_pool_and_one_that_may_not_mint_stop(stops, owner, client_chains, lane):
    bnm, lnr, _ = client_chains.chain(lane.dest).tokens
    change = owner(lane.dest)
    held = 10_000_000 * UNIT
    change.transact(lnr.pool, codec.encode_call("withdrawLiquidity(uint256)", held))
    assert "does not hold 3 LNR" in stops(tokens=[("LNR", 3 * UNIT)])["liquidity"]
    change.transact(lnr.address, codec.encode_call("approve(address,uint256)", lnr.pool, held))
    change.transact(lnr.pool, codec.encode_call("provideLiquidity(uint256)", held))
    change.transact(bnm.address, codec.encode_call("revokeMintRole(address)", bnm.pool))
    assert "may not mint" in stops(tokens=[("BNM", UNIT)])["liquidity"]
    change.transact(bnm.address, codec.encode_call("grantMintRole(address)", bnm.pool))
    assert stops(tokens=[("BNM", UNIT), ("LNR", UNIT)]) == {}


def test_a_token_without_a_pool_at_the_other_end_stops(stops, owner, client_chains, lane):
    dest = client_chains.chain(lane.dest)
    registry, token = dest.contracts.token_admin_registry, dest.tokens[0]
    set_pool = "setPool(address,address)"
    owner(lane.dest).transact(registry, codec.encode_call(set_pool, token.address, bytes(20)))
    assert "could not arrive" in stops(tokens=[("BNM", UNIT)])["pool"]
    owner(lane.dest).transact(registry, codec.encode_call(set_pool, token.address, token.pool))
    assert stops(tokens=[("BNM", UNIT)]) == {}


def test_what_the_sender_lacks_stops_and_what_is_to_be_approved_is_noted(user, stops, lane):
    assert "of 2000000 BNM" in stops(tokens=[("BNM", 2_000_000 * UNIT)])["balance"]
    findings = user.preflight(lane, user.message(lane, RECEIVER, tokens=[("BNM", UNIT)]))
    assert [finding.verdict for finding in findings if finding.check == "allowance"] == ["note", "note"]  # BNM and LINK


def test_receivers_are_told_apart(user, stops, lane, client_chains):
    dest = client_chains.chain(lane.dest)
    wallet = Wallet(client_chains.rpc(lane.dest), dev_key("user"))
    program = wallet.deploy(own_artifact("ProgrammableReceiver").creation(dest.contracts.router))

    def said(receiver, data=b"x"):
        findings = user.preflight(lane, user.message(lane, receiver, data))
        return next((finding.verdict, finding.text) for finding in findings if finding.check == "receiver")

    assert said(program) == ("ok", f"0x{program.hex()} on anvil-devnet is a contract that takes CCIP messages")
    assert said(dest.contracts.router)[0] == "note"
    assert "only in the logs" in said(RECEIVER)[1]
    assert said(RECEIVER, b"")[0] == "ok"
    assert "is no account" in stops(receiver=bytes(18) + b"\x01\x02")["receiver"]


def test_versions_are_what_the_contracts_say(client_chains, lane):
    assert lane_versions(client_chains, lane) == ("OnRamp 1.6.0", ("OffRamp 1.6.0",))
    rpc = client_chains.rpc(lane.source)
    assert type_and_version(rpc, bytes(20)) == "unknown"


def test_a_message_is_followed_through_every_stage(user, lane):
    sent = user.send(lane, RECEIVER, b"follow me")
    seen = list(user.follow(sent.message_id, 30))
    stages = list(dict.fromkeys(now.stage for now in seen))
    assert stages == [Stage.SENT, Stage.SOURCE_FINALIZED, Stage.COMMITTED, Stage.SUCCESS]  # no blessing on this lane
    assert "to be final" in seen[0].waits_for or len(seen) == len(stages)
    assert seen[-1].waits_for == ""


def test_a_failure_says_what_a_person_can_do(user, lane, client_chains):
    dest = client_chains.chain(lane.dest)
    wallet = Wallet(client_chains.rpc(lane.dest), dev_key("user"))
    program = wallet.deploy(own_artifact("ProgrammableReceiver").creation(dest.contracts.router))
    wallet.transact(program, codec.encode_call("setShouldRevert(bool)", True))
    sent = user.send(lane, program, b"\x01", gas_limit=300_000)
    *_, last = user.follow(sent.message_id, 30)
    assert last.stage is Stage.FAILURE
    assert "ToldToRevert" in last.waits_for
    assert f"ccip execute 0x{sent.message_id.hex()}" in last.waits_for


def test_while_a_lane_is_cursed_its_messages_wait_for_people(user, lane, cursed):
    with cursed(lane.dest, lane.source):
        sent = user.send(lane, RECEIVER, b"x")
        seen = list(user.follow(sent.message_id, 2))
        assert "people to lift the curse" in seen[-1].waits_for
        assert not seen[-1].stage.is_end
    *_, last = user.follow(sent.message_id, 30)
    assert last.stage is Stage.SUCCESS


def test_the_other_way_is_another_lane(user, lane):
    back = Lane(lane.dest, lane.source)
    assert all(finding.verdict != "stop" for finding in user.preflight(back, user.message(back, RECEIVER)))
