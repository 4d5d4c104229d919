"""The client on real chains with a running DON."""

from __future__ import annotations

from contextlib import closing

import pytest

from ccip_core import views
from ccip_core.client import CcipClient
from ccip_core.deployment import DeploymentError
from ccip_core.journey import MessageState
from ccip_core.lane_status import lane_status
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec
from ccip_core.protocol.messages import ChainSelector, Lane
from ccip_core.refusal import BadRequest, CcipRefusal
from ccip_core.wallet import Wallet

pytestmark = pytest.mark.journey

RECEIVER = dev_key("receiver").address


@pytest.fixture
def lane(client_deployment):
    return client_deployment.lanes[0].lane


@pytest.fixture
def program(client_chains, lane):
    """A receiver contract on the destination whose owner tells it to fail or not."""
    dest = client_chains.chain(lane.dest)
    wallet = Wallet(client_chains.rpc(lane.dest), dev_key("user"))
    address = wallet.deploy(own_artifact("ProgrammableReceiver").creation(dest.contracts.router))

    def tell(should_revert):
        wallet.transact(address, codec.encode_call("setShouldRevert(bool)", should_revert))

    return address, tell


def test_tokens_and_data_arrive_and_the_journey_names_every_step(user, client_chains, lane):
    token = client_chains.chain(lane.dest).tokens[0]
    before = views.balance_of(client_chains.rpc(lane.dest), token.address, RECEIVER)
    link_before = views.balance_of(
        client_chains.rpc(lane.source), client_chains.chain(lane.source).contracts.link, user.address
    )
    sent = user.send(lane, RECEIVER, b"hello", [(token.symbol, 3 * 10**18)])

    assert user.track(sent, timeout_s=30) is MessageState.SUCCESS
    assert views.balance_of(client_chains.rpc(lane.dest), token.address, RECEIVER) - before == 3 * 10**18
    way = user.show(sent.message_id)
    assert way.sent.message.data == b"hello"
    assert way.sent.tx_hash == sent.tx_hash
    assert way.commit is not None
    assert way.commit.root.min_seq_nr <= sent.sequence_number <= way.commit.root.max_seq_nr
    assert not way.commit.is_blessed
    assert [execution.message_id for execution in way.executions] == [sent.message_id]
    link_after = views.balance_of(
        client_chains.rpc(lane.source), client_chains.chain(lane.source).contracts.link, user.address
    )
    assert link_before - link_after == sent.fee


def test_approvals_are_for_the_exact_amount(user, client_chains, lane):
    source = client_chains.chain(lane.source)
    user.send(lane, RECEIVER, tokens=[("BNM", 10**18)])
    for token in (source.tokens[0].address, source.contracts.link):
        assert views.allowance(client_chains.rpc(lane.source), token, user.address, source.contracts.router) == 0


def test_the_fee_may_be_paid_in_native(user, client_chains, lane):
    message = user.message(lane, RECEIVER, fee_token="native")
    fee = user.quote(lane, message)
    sent = user.send(lane, RECEIVER, fee_token="native")
    assert sent.fee == fee
    assert user.show(sent.message_id).sent.message.fee_token == client_chains.chain(lane.source).contracts.weth


def test_a_failed_message_is_executed_by_hand(user, program, lane):
    receiver, tell = program
    tell(True)
    sent = user.send(lane, receiver, b"\x01", gas_limit=400_000)
    assert user.track(sent, timeout_s=30) is MessageState.FAILURE
    with pytest.raises(CcipRefusal, match="ToldToRevert"):
        user.execute(sent.message_id)
    tell(False)
    assert user.execute(sent.message_id, gas_limit=500_000) is MessageState.SUCCESS
    with pytest.raises(CcipRefusal, match="nothing to execute"):
        user.execute(sent.message_id)
    assert [execution.state for execution in user.show(sent.message_id).executions] == ["failure", "success"]


def test_a_cursed_lane_is_named_as_such(user, client_chains, cursed, lane):
    with cursed(lane.source, lane.dest):
        with pytest.raises(CcipRefusal, match=r"cursed by the Risk Management Network \(CursedByRMN"):
            user.send(lane, RECEIVER, b"x")
        status = lane_status(client_chains, lane)
        assert status.is_source_cursed
        assert not status.is_dest_cursed
    user.quote(lane, user.message(lane, RECEIVER))


def test_rate_limits_are_explained_in_tokens(user, lane):
    with pytest.raises(CcipRefusal, match=r"200000 BNM is above the bucket's capacity of 100000 BNM"):
        user.send(lane, RECEIVER, tokens=[("BNM", 200_000 * 10**18)])


def test_what_the_sender_does_not_have_is_refused_before_anything_is_sent(user, client_deployment, client_chains, lane):
    with pytest.raises(CcipRefusal, match="needs 2000000"):
        user.send(lane, RECEIVER, tokens=[("BNM", 2_000_000 * 10**18)])
    with closing(CcipClient(client_deployment, dev_key("user", 77))) as pauper:
        for fee_token in ("LINK", "native"):
            with pytest.raises(CcipRefusal, match="has 0"):
                pauper.send(lane, RECEIVER, fee_token=fee_token)
        assert client_chains.rpc(lane.source).nonce(pauper.address) == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"tokens": [("XYZ", 1)]}, "token = XYZ: not on geth-testnet; it has BNM, LNR, HYB"),
        ({"receiver": b"\x01"}, "an EVM address has 20 bytes"),
        ({"lane": Lane(ChainSelector(1), ChainSelector(2))}, "lane = 1 → 2: not in this deployment"),
    ],
)
def test_bad_requests_name_the_field(user, lane, change, complaint):
    with pytest.raises(BadRequest, match=complaint):
        user.message(**{"lane": lane, "receiver": RECEIVER} | change)


def test_an_unknown_message_is_a_bad_request(user):
    with pytest.raises(BadRequest, match="no OnRamp of this deployment sent it"):
        user.show(bytes(32))


def test_another_chain_behind_the_url_is_found_out(client_deployment, lane):
    first, second = client_deployment.chains
    crossed = client_deployment.model_copy(update={"chains": (first.model_copy(update={"http": second.http}), second)})
    with (
        closing(CcipClient(crossed, dev_key("user"))) as client,
        pytest.raises(DeploymentError, match="its RPC is chain 31337"),
    ):
        client.send(lane, RECEIVER)


def test_a_chain_that_is_down_hides_no_message_of_the_others(client_deployment, user, lane):
    sent = user.send(lane, RECEIVER, b"in spite of it")
    first = client_deployment.chains[0]
    down = first.model_copy(update={"chain_id": 424242, "selector": ChainSelector(4489326297382772450), "name": "down"})
    down = down.model_copy(update={"http": "http://127.0.0.1:1"})
    whole = client_deployment.model_copy(update={"chains": (down, *client_deployment.chains)})
    with closing(CcipClient(whole, dev_key("user"))) as client:
        assert client.show(sent.message_id).sent.tx_hash == sent.tx_hash
        with pytest.raises(DeploymentError, match="down: its RPC can't be asked"):
            client.show(bytes(32))
