"""The DON on real chains: what users notice, with oracles silent, oracles lying, and RMN nodes likewise."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ccip_core import views
from ccip_core.client import SEND_SIGNATURE, CcipClient, SentMessage
from ccip_core.don.commit import NO_PRICES
from ccip_core.don.commit_plugin import CommitPlugin
from ccip_core.don.don import Don
from ccip_core.don.execute_plugin import ROUND_BATCHES_MAX
from ccip_core.don.oracle import Oracle
from ccip_core.localnet.contract_set import own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import codec, events
from ccip_core.protocol.blessing import rmn_digest, sign_blessing
from ccip_core.protocol.messages import ChainSelector, CommitReport, Lane, MerkleRoot, RmnReport
from ccip_core.protocol.ocr3 import ocr3_digest
from ccip_core.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ccip_core.deployment import Deployment
    from ccip_core.http_rpc import HttpRpc
    from ccip_core.signers import Signature

pytestmark = pytest.mark.journey

BLOCK_TIME_S = 0.2
DONE_S_MAX = 25.0
SUCCESS, FAILURE = 2, 3
MANY = 24
FORGED_ROOT = b"\x66" * 32


class Stage:
    """A local network with a DON, and somebody who sends."""

    def __init__(self, net: Localnet, don: Don) -> None:
        self.net, self.don, self.deployment = net, don, net.deployment
        self.client = CcipClient(net.deployment, dev_key("user"))

    @property
    def lane(self) -> Lane:
        return self.deployment.lanes[0].lane

    @property
    def back(self) -> Lane:
        return Lane(self.lane.dest, self.lane.source)

    def rpc(self, selector: ChainSelector) -> HttpRpc:
        return self.net.anvil(selector).rpc

    def send(self, lane: Lane, **options: Any) -> SentMessage:
        return self.client.send(lane, options.pop("receiver", dev_key("receiver").address), **options)

    def balance(self, lane: Lane, symbol: str) -> int:
        token = next(token for token in self.deployment.chain(lane.dest).tokens if token.symbol == symbol)
        return views.balance_of(self.rpc(lane.dest), token.address, dev_key("receiver").address)

    def execution_state(self, sent: SentMessage) -> int:
        off_ramp = self.deployment.chain(sent.lane.dest).contracts.off_ramp
        return views.execution_state(self.rpc(sent.lane.dest), off_ramp, sent.lane.source, sent.sequence_number)

    def next_seq_nr(self, lane: Lane) -> int:
        off_ramp = self.deployment.chain(lane.dest).contracts.off_ramp
        return views.source_chain_config(self.rpc(lane.dest), off_ramp, lane.source).min_seq_nr

    def logs(self, lane: Lane, kind: type) -> list[Any]:
        off_ramp = self.deployment.chain(lane.dest).contracts.off_ramp
        return [event for _, event in views.logs_since(self.rpc(lane.dest), 0, [off_ramp]) if isinstance(event, kind)]

    def await_blocks(self, selector: ChainSelector, count: int) -> None:
        target = views.latest(self.rpc(selector)).number + count
        until(lambda: views.latest(self.rpc(selector)).number >= target)

    def await_states(self, *expected: tuple[SentMessage, int]) -> None:
        until(lambda: all(self.execution_state(sent) >= SUCCESS for sent, _ in expected))
        assert [self.execution_state(sent) for sent, _ in expected] == [state for _, state in expected]


def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DONE_S_MAX
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def don_stage(contracts: str) -> Iterator[Stage]:
    """Two chains without blessing; all four oracles honest."""
    with Localnet.up(2, contracts, block_time_s=BLOCK_TIME_S, blessing=False) as net, Don.start(net.deployment) as don:
        stage = Stage(net, don)
        yield stage
        stage.client.close()


def test_a_token_and_a_data_message_arrive_in_both_directions(don_stage: Stage):
    lanes = (don_stage.lane, don_stage.back)
    before = [don_stage.balance(lane, "BNM") for lane in lanes]
    sent = [don_stage.send(lane, data=b"hello", tokens=[("BNM", 7)]) for lane in lanes]
    don_stage.await_states(*((each, SUCCESS) for each in sent))
    assert [don_stage.balance(lane, "BNM") for lane in lanes] == [had + 7 for had in before]


def test_ordered_messages_are_executed_in_order(don_stage: Stage):
    sent = [don_stage.send(don_stage.lane, data=bytes((n,)), allow_out_of_order=False) for n in range(3)]
    don_stage.await_states(*((each, SUCCESS) for each in sent))
    ids = [each.message_id for each in sent]
    executed = [event.message_id for event in don_stage.logs(don_stage.lane, events.ExecutionStateChanged)]
    assert [message_id for message_id in executed if message_id in ids] == ids


# INV-DON-3
def test_a_failing_receiver_is_tried_once_and_then_left_to_its_user(don_stage: Stage):
    lane = don_stage.lane
    dest = don_stage.deployment.chain(lane.dest)
    owner = Wallet(don_stage.rpc(lane.dest), dev_key("user"))
    receiver = owner.deploy(own_artifact("ProgrammableReceiver").creation(dest.contracts.router))
    owner.transact(receiver, codec.encode_call("setShouldRevert(bool)", True))
    failing = don_stage.send(lane, data=b"no", receiver=receiver)
    good = don_stage.send(lane, data=b"yes")
    don_stage.await_states((failing, FAILURE), (good, SUCCESS))
    don_stage.await_blocks(lane.dest, 6)
    attempts = [e for e in don_stage.logs(lane, events.ExecutionStateChanged) if e.message_id == failing.message_id]
    assert [attempt.state for attempt in attempts] == [FAILURE]
    again = [e for e in don_stage.logs(lane, events.AlreadyAttempted) if e.sequence_number == failing.sequence_number]
    assert again == []
    owner.transact(receiver, codec.encode_call("setShouldRevert(bool)", False))
    don_stage.client.execute(failing.message_id)
    assert don_stage.execution_state(failing) == SUCCESS


def test_old_prices_are_renewed_without_any_message(don_stage: Stage):
    selector = don_stage.lane.dest
    chain, rpc = don_stage.deployment.chain(selector), don_stage.rpc(selector)
    source = don_stage.lane.source

    def stamp_s() -> int:
        call = codec.encode_call("getDestinationChainGasPrice(uint64)", source)
        return int.from_bytes(rpc.call(chain.contracts.fee_quoter, call)[32:])

    before_s = stamp_s()
    rpc.request("evm_increaseTime", (700,))
    until(lambda: stamp_s() >= before_s + 600)


def test_a_reorg_of_the_destination_takes_nothing_back_for_good(don_stage: Stage):
    lane = don_stage.lane
    sent = don_stage.send(lane, tokens=[("BNM", 3)])
    don_stage.await_states((sent, SUCCESS))
    don_stage.rpc(lane.dest).request("anvil_reorg", (4, []))
    until(lambda: don_stage.execution_state(sent) == SUCCESS)
    later = don_stage.send(lane, tokens=[("BNM", 3)])
    don_stage.await_states((later, SUCCESS))


def test_the_door_lets_nobody_in_without_the_secret(don_stage: Stage):
    url = don_stage.don.oracles[0].url
    assert httpx.post(f"{url}/signatures", json={}).status_code == 401
    assert httpx.post(f"{url}/neighbours", json={"oracles": [], "rmn_nodes": []}).status_code == 401
    secret = {"authorization": f"Bearer {don_stage.don._secret}"}
    assert httpx.post(f"{url}/signatures", json={"dest": "1"}, headers=secret).status_code == 422
    signature = {"v": 27, "r": "0x01", "s": "0x01"}
    body = {"dest": "1", "sequence_number": "1", "report": "0x", "signature": signature}
    assert httpx.post(f"{url}/signatures", json=body, headers=secret).json() == {"refused": "no destination 1"}
    body["dest"] = str(don_stage.lane.dest)
    answer = httpx.post(f"{url}/signatures", json=body, headers=secret)
    assert (answer.status_code, list(answer.json())) == (409, ["refused"])
    assert httpx.post(f"{url}/signatures", content=b"0" * (2 << 20), headers=secret).status_code == 413
    status = httpx.get(f"{url}/status").json()
    assert set(status["chains"]) == {str(chain.selector) for chain in don_stage.deployment.chains}


def test_a_round_executes_more_than_one_transaction_holds(don_stage: Stage):
    """Messages that may burn 3 million gas each: four fill a transaction, and a round sends three."""
    lane = don_stage.lane
    source, rpc = don_stage.deployment.chain(lane.source), don_stage.rpc(lane.source)
    sender = Wallet(rpc, dev_key("user"))
    assert source.contracts.link is not None
    sender.transact(
        source.contracts.link, codec.encode_call("approve(address,uint256)", source.contracts.router, 10**24)
    )
    message = don_stage.client.message(lane, dev_key("receiver").address, b"big", gas_limit=3_000_000)
    call = codec.encode_call(SEND_SIGNATURE, lane.dest, message)
    first = don_stage.send(lane).sequence_number + 1
    hashes = [sender.send(source.contracts.router, call, gas=700_000) for _ in range(MANY)]
    assert all(sender.wait(tx_hash).is_success for tx_hash in hashes)

    off_ramp = don_stage.deployment.chain(lane.dest).contracts.off_ramp
    dest_rpc = don_stage.rpc(lane.dest)
    until(
        lambda: all(
            views.execution_state(dest_rpc, off_ramp, lane.source, number) == SUCCESS
            for number in range(first, first + MANY)
        )
    )
    rounds = Counter(each.sequence_number for each in don_stage.logs(lane, events.Transmitted) if each.ocr_plugin_type)
    assert 1 < max(rounds.values()) <= ROUND_BATCHES_MAX


# INV-DON-1
def test_an_oracle_does_not_sign_what_it_did_not_see(don_stage: Stage):
    """A registered oracle asks the others to sign a root of messages that nobody sent."""
    selector, source = don_stage.lane.dest, don_stage.lane.source
    liar, victim = don_stage.don.oracles[0], don_stage.don.oracles[1]
    assert isinstance(liar, Oracle)
    assert isinstance(victim, Oracle)
    worker = liar._workers[selector]
    forger = LyingCommitPlugin(
        worker._destination, dev_key("oracle_signer", 0), worker.commit._peers, worker.commit._rmn_nodes
    )
    view = worker._destination.view()
    assert view is not None
    assert forger.forge(view, source) == []


class LyingCommitPlugin(CommitPlugin):
    """Signs garbage as a follower; as a leader proposes a root that is not there."""

    forgeries = 0

    def sign(self, *_: object) -> Signature:
        return self._signer.sign_digest(b"\x66" * 32)

    def lead(self, view: Any, _now_s: float) -> float | None:
        for lane in self._destination.observe(view).lanes:
            assert self.forge(view, lane.source) == []
            LyingCommitPlugin.forgeries += 1
        return None

    def forge(self, view: Any, source: ChainSelector) -> list[Signature]:
        """The signatures of others under a forged root: none, if they are honest."""
        own = self._destination.observe(view)
        lane = next(lane for lane in own.lanes if lane.source == source)
        root = MerkleRoot(source, lane.on_ramp, lane.next_seq_nr, lane.next_seq_nr, FORGED_ROOT)
        encoded = codec.encode(CommitReport(NO_PRICES, (), (root,), ()))
        digest = ocr3_digest(encoded, view.state.commit.info.config_digest, own.sequence_number)
        signature = self._signer.sign_digest(digest)
        return list(self._peers.ask(self._destination.selector, own.sequence_number, encoded, signature))


class LyingOracle(Oracle):
    commit_plugin = LyingCommitPlugin


# INV-DON-2
def test_with_a_lying_oracle_everything_arrives_and_nothing_forged_is_committed(contracts):
    with (
        Localnet.up(2, contracts, block_time_s=BLOCK_TIME_S, blessing=False) as net,
        Don.start(net.deployment, kinds=[Oracle, LyingOracle]) as don,
    ):
        stage = Stage(net, don)
        sent = [stage.send(stage.lane, data=bytes((n,)), allow_out_of_order=False) for n in range(3)]
        stage.await_states(*((each, SUCCESS) for each in sent))
        until(lambda: LyingCommitPlugin.forgeries > 0)
        accepted = stage.logs(stage.lane, events.CommitReportAccepted)
        roots = [root for event in accepted for root in event.unblessed_merkle_roots]
        assert FORGED_ROOT not in [root.merkle_root for root in roots]
        assert roots[-1].max_seq_nr == 3
        stage.client.close()


# INV-DON-2
def test_with_one_silent_oracle_everything_arrives(contracts):
    with Localnet.up(2, contracts, block_time_s=BLOCK_TIME_S, blessing=False) as net, Don.start(net.deployment) as don:
        don.oracles[2].stop()
        stage = Stage(net, don)
        sent = [stage.send(stage.lane, tokens=[("LNR", 1)], allow_out_of_order=False) for _ in range(2)]
        stage.await_states(*((each, SUCCESS) for each in sent))
        stage.client.close()


def fake_blessing(deployment: Deployment, index: int, request: dict[str, Any]) -> tuple[int, bytes]:
    """What a node answers that blesses anything: it recomputes nothing, this test is about the DON."""
    roots = tuple(
        MerkleRoot(
            ChainSelector(int(root["source"])),
            bytes.fromhex(root["on_ramp"][2:]),
            int(root["min_seq"]),
            int(root["max_seq"]),
            bytes.fromhex(root["root"][2:]),
        )
        for root in request["roots"]
    )
    dest = deployment.chain(int(request["roots"][0]["dest"]))
    digest = rmn_digest(
        RmnReport(
            dest.chain_id,
            dest.selector,
            dest.contracts.rmn_remote,
            dest.contracts.off_ramp,
            deployment.rmn.home_config_digest,
            roots,
        )
    )
    r, s = sign_blessing(dev_key("rmn_signer", index), digest)
    results = [{"root": root["root"], "verdict": "blessed", "reason": None} for root in request["roots"]]
    return 200, json.dumps({"results": results, "signature": {"r": f"0x{r.hex()}", "s": f"0x{s.hex()}"}}).encode()


def test_blessed_and_unblessed_lanes_side_by_side_with_one_lying_rmn_node(contracts, fake_rmn_node):
    lanes = [Lane(ChainSelector(7759470850252068959), ChainSelector(3379446385462418246))]
    is_blessing = threading.Event()
    with Localnet.up(2, contracts, block_time_s=BLOCK_TIME_S, unblessed=set(lanes)) as net:
        deployment = net.deployment

        def honest(index):
            return lambda request: (
                fake_blessing(deployment, index, request)
                if is_blessing.is_set()
                else (200, json.dumps({"results": [], "signature": None}).encode())
            )

        nodes = [fake_rmn_node(honest(index)) for index in range(3)]
        liar = fake_rmn_node(lambda request: fake_blessing(deployment, 0, request))
        with Don.start(deployment, [liar.url, *(node.url for node in nodes)]) as don:
            stage = Stage(net, don)
            blessed_lane = stage.lane if stage.lane not in lanes else stage.back
            waiting = stage.send(blessed_lane, tokens=[("BNM", 1)])
            free = stage.send(lanes[0], tokens=[("BNM", 1)])
            stage.await_states((free, SUCCESS))
            until(lambda: bool(nodes[0].requests))
            assert stage.next_seq_nr(blessed_lane) == 1
            is_blessing.set()
            stage.await_states((waiting, SUCCESS))
            (accepted,) = stage.logs(blessed_lane, events.CommitReportAccepted)
            assert (len(accepted.blessed_merkle_roots), len(accepted.unblessed_merkle_roots)) == (1, 0)
            stage.client.close()


def test_oracles_in_processes_of_their_own_survive_the_loss_of_one(contracts):
    with Localnet.up(2, contracts, block_time_s=BLOCK_TIME_S, blessing=False) as net:
        with Don.start(net.deployment, in_process=False) as don:
            stage = Stage(net, don)
            assert len(set(don.pids)) == 4
            don.oracles[3].stop()
            don.set_rmn_urls(["http://127.0.0.1:9"])
            sent = stage.send(stage.lane, data=b"hello")
            stage.await_states((sent, SUCCESS))
            stage.client.close()
        assert not any(oracle.is_running for oracle in don.oracles)  # type: ignore[union-attr]
