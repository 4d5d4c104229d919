"""A lane of CCIP 1.5, on Chainlink's bytecode of its OnRamp, CommitStore, OffRamp and RMN, beside lanes of 1.6.

Nobody runs oracles of 1.5 any more: the tests speak their part, and the RMN nodes', with keys that the contracts know.
"""

from __future__ import annotations

import json
import time
from contextlib import closing

import httpx
import pytest

from ccip_core import views
from ccip_core.chains import Chains
from ccip_core.cli.app import run
from ccip_core.client import CcipClient
from ccip_core.deployment import DeploymentError, load_deployment, save_deployment
from ccip_core.journey import MessageState
from ccip_core.lane_status import lane_status
from ccip_core.lane_versions import lane_versions
from ccip_core.localnet.contract_set import chainlink_contracts, own_artifact
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet
from ccip_core.protocol import codec
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.merkle import merkle_root, prove
from ccip_core.protocol.messages import Lane, PriceUpdates
from ccip_core.protocol.structs_v1_5 import (
    CommitReportV15,
    EVM2EVMOffRampDynamicConfig,
    EVM2EVMOnRampDynamicConfig,
    IntervalV15,
)
from ccip_core.ramps_v1_5 import ExecutionReportV15, ramps_into
from ccip_core.refusal import BadRequest, CcipRefusal
from ccip_core.tracking import Stage, progress
from ccip_core.wallet import Wallet
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.demo.node_folder import lay_out_node

NOBODY = bytes(20)
NO_LIMIT = (False, 0, 0)
ETHER = 10**18
THRESHOLD_S = 3_600
CONFIGURE = "setOCR2Config(address[],address[],uint8,bytes,uint64,bytes)"
TRANSMIT = "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)"
ROUTE = "applyRampUpdates((uint64,address)[],(uint64,address)[],(uint64,address)[])"


class OldLane:
    """The network's first lane, which is of 1.5 again, and all who serve it."""

    def __init__(self, localnet):
        self.deployment = localnet.deployment
        self.lane = localnet.deployment.lanes[0].lane
        self.source, self.dest = (localnet.deployment.chain(selector) for selector in self.lane)
        self.source_rpc, self.dest_rpc = (localnet.anvil(selector).rpc for selector in self.lane)
        self.source_owner = Wallet(self.source_rpc, dev_key("deployer", 0))
        self.dest_owner = Wallet(self.dest_rpc, dev_key("deployer", 1))
        self.oracle = Wallet(self.dest_rpc, dev_key("oracle_transmitter", 0))
        self.round = 0
        self.on_ramp = self._on_ramp()
        self.rmn, proxy = self.rmn, self.proxy = self._rmn()
        self.commit_store = self._new(
            "CommitStore 1.5", (self.lane.dest, self.lane.source, self.on_ramp, proxy), limits=()
        )
        self.off_ramp = self._new(
            "OffRamp 1.5",
            (
                self.commit_store,
                self.lane.dest,
                self.lane.source,
                self.on_ramp,
                NOBODY,
                proxy,
                self.dest.contracts.token_admin_registry,
            ),
        )
        quoter = self.dest.contracts.fee_quoter
        executing = EVM2EVMOffRampDynamicConfig(THRESHOLD_S, 30_000, 5, self.dest.contracts.router, quoter)
        oracles = [[dev_key(role, n).address for n in range(4)] for role in ("oracle_signer", "oracle_transmitter")]
        for contract, config in (
            (self.commit_store, codec.encode_args(("(address)",), ((quoter,),))),
            (self.off_ramp, codec.encode(executing)),
        ):
            self.dest_owner.transact(contract, codec.encode_call(CONFIGURE, *oracles, 1, config, 1, b""))
        self.route(self.on_ramp)
        arriving = codec.encode_call(ROUTE, (), (), [(self.lane.source, self.off_ramp)])
        self.dest_owner.transact(self.dest.contracts.router, arriving)

    def _on_ramp(self):
        place = self.source.contracts
        static = (place.link, *self.lane, 200_000, 10**24, NOBODY, place.rmn_proxy, place.token_admin_registry)
        dynamic = EVM2EVMOnRampDynamicConfig(
            place.router, 5, 350_000, 16, 0, 0, 0, place.fee_quoter, 30_000, 3_000_000, 25, 125_000, False
        )
        fees = [(token, 10, ETHER, ETHER, True) for token in (place.link, place.weth)]
        artifact = chainlink_contracts().artifact("OnRamp 1.5")
        return self.source_owner.deploy(artifact.creation(static, dynamic, NO_LIMIT, fees, (), ()))

    def _rmn(self):
        voters = [(dev_key("rmn_signer", n).address, dev_key("rmn_curser", n).address, 1, 1) for n in range(2)]
        rmn = self.dest_owner.deploy(chainlink_contracts().artifact("RMN 1.5").creation((voters, 2, 2)))
        for _, wallet in self._voters():
            self.dest_rpc.request("anvil_setBalance", ("0x" + wallet.address.hex(), hex(ETHER)))
        return rmn, self.dest_owner.deploy(chainlink_contracts().artifact("RMNProxy").creation(rmn))

    def _voters(self):
        return [(n, Wallet(self.dest_rpc, dev_key("rmn_signer", n))) for n in range(2)]

    def _new(self, name, static, limits=(NO_LIMIT,)):
        return self.dest_owner.deploy(chainlink_contracts().artifact(name).creation(static, *limits))

    def route(self, on_ramp):
        """Which OnRamp the source's Router hands messages to."""
        self.source_owner.transact(
            self.source.contracts.router, codec.encode_call(ROUTE, [(self.lane.dest, on_ramp)], (), ())
        )

    def commit(self, *messages):
        """The root over these messages of the client's, one after the other."""
        root = merkle_root([sent.message_id for sent in messages])
        interval = IntervalV15(messages[0].sequence_number, messages[-1].sequence_number)
        report = codec.encode(CommitReportV15(PriceUpdates((), ()), interval, root))
        self._transmit(self.commit_store, report, signers=2)
        return root

    def bless(self, root):
        for _, voter in self._voters():
            call = codec.encode_call("voteToBless((address,bytes32)[])", [(self.commit_store, root)])
            assert voter.transact(self.rmn, call).is_success

    def execute(self, client, *messages, committed):
        ways = [client.show(sent.message_id) for sent in messages]
        proof = prove([sent.message_id for sent in committed], [committed.index(sent) for sent in messages])
        report = ExecutionReportV15(
            tuple(way.sent.v1_5.message for way in ways),
            tuple((b"",) * len(way.sent.message.token_amounts) for way in ways),
            proof.proofs,
            proof.flag_bits,
        )
        self._transmit(self.off_ramp, codec.encode(report), signers=0)

    def _transmit(self, contract, report, signers):
        self.round += 1
        *_, digest = views.ask(
            self.dest_rpc, contract, "latestConfigDetails()", returns=("uint32", "uint32", "bytes32")
        )
        context = (digest, self.round.to_bytes(32), bytes(32))
        to_sign = keccak(keccak(report) + b"".join(context))
        signed = [dev_key("oracle_signer", n).sign_digest(to_sign) for n in range(signers)]
        call = codec.encode_call(
            TRANSMIT,
            context,
            report,
            [signature.r.to_bytes(32) for signature in signed],
            [signature.s.to_bytes(32) for signature in signed],
            bytes(signature.v - 27 for signature in signed).ljust(32, b"\0"),
        )
        self.oracle.transact(contract, call, gas=3_000_000)


@pytest.fixture(scope="module")
def old_lane():
    with Localnet.up(2, block_time_s=0.1, blessing=False) as localnet:
        yield OldLane(localnet)


@pytest.fixture
def user(old_lane):
    with closing(CcipClient(old_lane.deployment, dev_key("user"))) as client:
        yield client


def await_(condition, timeout_s=30):
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def stage_of(client, sent):
    return progress(client.chains, client.show(sent.message_id))


def test_versions_are_what_the_contracts_say(old_lane, user):
    versions = lane_versions(user.chains, old_lane.lane)
    assert versions == ("EVM2EVMOnRamp 1.5.0", ("OffRamp 1.6.0", "EVM2EVMOffRamp 1.5.0"))
    (ramps,) = ramps_into(user.chains, old_lane.lane.dest)
    assert ramps[:4] == (old_lane.lane, old_lane.on_ramp, old_lane.commit_store, old_lane.off_ramp)


def test_the_lane_tells_how_far_it_is(old_lane, user):
    before = lane_status(user.chains, old_lane.lane)
    assert (before.is_enabled, before.is_blessing_on, before.is_dest_cursed) == (True, True, False)
    first, second = (user.send(old_lane.lane, dev_key("receiver").address, data) for data in (b"one", b"two"))
    old_lane.commit(first)
    after = lane_status(user.chains, old_lane.lane)
    assert (after.sent_last, after.committed_last) == (before.sent_last + 2, first.sequence_number)
    old_lane.commit(second)
    old_lane.dest_owner.transact(old_lane.commit_store, codec.encode_call("pause()"))
    assert not lane_status(user.chains, old_lane.lane).is_enabled
    message = user.message(old_lane.lane, dev_key("receiver").address, b"three")
    assert user.preflight(old_lane.lane, message)[-1].check == "lane"
    old_lane.dest_owner.transact(old_lane.commit_store, codec.encode_call("unpause()"))
    assert user.preflight(old_lane.lane, message)[-1].verdict != "stop"


def test_data_and_a_token_are_followed_to_their_end(old_lane, user):
    receiver = dev_key("receiver").address
    sent = user.send(old_lane.lane, receiver, b"old", [("BNM", 7)])
    other = user.send(old_lane.lane, receiver, b"another")
    assert user.track(sent, 0) in {MessageState.SENT, MessageState.FINAL}
    way = user.show(sent.message_id)
    (transfer,) = way.sent.message.token_amounts
    token = next(token for token in old_lane.source.tokens if token.symbol == "BNM")
    assert (transfer.source_pool_address, transfer.amount) == (token.pool, 7)
    assert (way.sent.message.data, way.sent.message.receiver[-20:]) == (b"old", receiver)

    root = old_lane.commit(sent, other)
    assert stage_of(user, sent) == (Stage.COMMITTED, "the RMN nodes to vote for its root on anvil-devnet")
    commit = user.show(sent.message_id).commit
    assert (commit.root.merkle_root, commit.root.min_seq_nr, commit.root.max_seq_nr) == (
        root,
        sent.sequence_number,
        other.sequence_number,
    )
    old_lane.bless(root)
    assert stage_of(user, sent) == (Stage.BLESSED, "the oracles to execute it on anvil-devnet")

    twin = next(token for token in old_lane.dest.tokens if token.symbol == "BNM")
    before = views.balance_of(old_lane.dest_rpc, twin.address, receiver)
    old_lane.execute(user, sent, committed=(sent, other))
    assert user.track(sent) is MessageState.SUCCESS
    assert stage_of(user, sent) == (Stage.SUCCESS, "")
    assert views.balance_of(old_lane.dest_rpc, twin.address, receiver) == before + 7
    assert stage_of(user, other).stage is Stage.BLESSED


def test_what_failed_or_nobody_tried_is_executed_by_hand(old_lane, user):
    owner = Wallet(old_lane.dest_rpc, dev_key("user"))
    receiver = owner.deploy(own_artifact("ProgrammableReceiver").creation(old_lane.dest.contracts.router))
    owner.transact(receiver, codec.encode_call("setShouldRevert(bool)", True))
    failing = user.send(old_lane.lane, receiver, b"no", allow_out_of_order=False)
    waiting = user.send(old_lane.lane, receiver, b"later", allow_out_of_order=False)
    root = old_lane.commit(failing, waiting)
    with pytest.raises(CcipRefusal, match="not blessed"):
        user.execute(failing.message_id)
    old_lane.bless(root)
    old_lane.execute(user, failing, committed=(failing, waiting))
    assert stage_of(user, failing).stage is Stage.FAILURE
    owner.transact(receiver, codec.encode_call("setShouldRevert(bool)", False))
    assert user.execute(failing.message_id) is MessageState.SUCCESS
    with pytest.raises(CcipRefusal, match=r"in 3\d\d\d s"):
        user.execute(waiting.message_id)
    old_lane.dest_rpc.request("evm_increaseTime", (THRESHOLD_S + 60,))
    old_lane.dest_rpc.request("evm_mine", ())
    assert user.execute(waiting.message_id) is MessageState.SUCCESS


def test_the_command_line_names_the_version(old_lane, user, tmp_path, capsys):
    path = tmp_path / "deployment.json"
    save_deployment(old_lane.deployment, path)
    sent = user.send(old_lane.lane, dev_key("receiver").address, b"shown")
    old_lane.commit(sent)

    def said(*words):
        assert run([*words, "--deployment", str(path)]) == 0
        return capsys.readouterr().out

    message_id = "0x" + sent.message_id.hex()
    shown = json.loads(said("show", message_id, "--json"))
    assert (shown["version"], shown["stage"], shown["commit"]["blessed"]) == ("1.5", "COMMITTED", False)
    assert "geth-testnet → anvil-devnet, CCIP 1.5: committed" in said("show", message_id)
    (lane,) = [lane for lane in json.loads(said("lanes", "--json"))["lanes"] if lane["source"] == shown["source"]]
    assert (lane["on_ramp_version"], lane["sent_last"]) == ("EVM2EVMOnRamp 1.5.0", shown["sequence_number"])


@pytest.fixture
def file_of_1_5_alone(old_lane, tmp_path):
    """The network as a deployment file would describe it if nothing of 1.6 stood there."""
    content = json.loads(old_lane.deployment.model_dump_json())
    for chain in content["chains"]:
        chain["contracts"] |= dict.fromkeys(("on_ramp", "off_ramp", "fee_quoter", "nonce_manager", "curse_voting"))
    content["chains"][1]["contracts"] |= {
        "rmn_remote": "0x" + old_lane.rmn.hex(),
        "rmn_proxy": "0x" + old_lane.proxy.hex(),
    }
    content["lanes"] = content["lanes"][:1]
    path = tmp_path / "deployment.json"
    path.write_text(json.dumps(content))
    return path


def test_a_network_of_1_5_alone_is_described_without_contracts_of_1_6(old_lane, file_of_1_5_alone, tmp_path, capsys):
    path = tmp_path / "again.json"
    deployment = load_deployment(file_of_1_5_alone)
    save_deployment(deployment, path)
    assert load_deployment(path) == deployment
    assert json.loads(path.read_text())["chains"][0]["contracts"]["on_ramp"] is None

    with closing(CcipClient(deployment, dev_key("user"))) as client:
        receiver = dev_key("receiver").address
        message = client.message(old_lane.lane, receiver, b"alone", [("BNM", 3)])
        assert [finding for finding in client.preflight(old_lane.lane, message) if finding.verdict == "stop"] == []
        sent = client.send(old_lane.lane, receiver, b"alone", [("BNM", 3)])
        assert stage_of(client, sent).stage in {Stage.SENT, Stage.SOURCE_FINALIZED}
        root = old_lane.commit(sent)
        old_lane.bless(root)
        assert stage_of(client, sent).stage is Stage.BLESSED
        old_lane.execute(client, sent, committed=(sent,))
        assert client.track(sent) is MessageState.SUCCESS
        with pytest.raises(BadRequest, match="no OnRamp of this deployment sent it"):
            client.show(bytes(32))
    assert run(["lanes", "--json", "--deployment", str(path)]) == 0
    (lane,) = json.loads(capsys.readouterr().out)["lanes"]
    assert (lane["enabled"], lane["sent_last"]) == (True, str(sent.sequence_number))


def test_a_node_watches_a_network_of_1_5_alone_and_accuses_nobody(old_lane, user, file_of_1_5_alone, tmp_path):
    """It follows the chains and the RMN; the messages of 1.5 it does not read, so what pools release is not judged."""
    deployment = load_deployment(file_of_1_5_alone)
    config = lay_out_node(tmp_path / "node", 0, file_of_1_5_alone, deployment.chains, [])
    node = build_node(load_config(config)).start()
    try:
        await_(lambda: httpx.get(f"{node.url}/health").status_code == 200)
        sent = user.send(old_lane.lane, dev_key("receiver").address, tokens=[("BNM", 5)])
        root = old_lane.commit(sent)
        old_lane.bless(root)
        old_lane.execute(user, sent, committed=(sent,))
        assert user.track(sent) is MessageState.SUCCESS
        subject = (7).to_bytes(16)
        curse = codec.encode_call("ownerCurse(bytes16,bytes16[])", b"\2" * 16, [subject])
        old_lane.dest_owner.transact(old_lane.rmn, curse)
        await_(lambda: "0x" + subject.hex() in httpx.get(f"{node.url}/curses").text)
        assert httpx.get(f"{node.url}/incidents").json()["incidents"] == []
    finally:
        node.stop()


def test_a_lane_of_1_6_in_a_file_without_contracts_of_1_6_is_an_error_not_a_closed_lane(old_lane):
    nowhere = dict.fromkeys(("on_ramp", "off_ramp", "fee_quoter", "nonce_manager"), NOBODY)
    chains = tuple(
        chain.model_copy(update={"contracts": chain.contracts.model_copy(update=nowhere)})
        for chain in old_lane.deployment.chains
    )
    back = Lane(old_lane.lane.dest, old_lane.lane.source)
    with Chains(old_lane.deployment.model_copy(update={"chains": chains})) as without:
        with pytest.raises(
            DeploymentError, match=r"null: .* by OnRamp 1\.6\.0 at 0x\w{40}; name the contracts of 1\.6"
        ):
            lane_status(without, back)
        routed = codec.encode_call(ROUTE, [(back.dest, NOBODY)], (), ())
        old_lane.dest_owner.transact(old_lane.dest.contracts.router, routed)
        try:
            assert not lane_status(without, back).is_enabled
        finally:
            routed = codec.encode_call(ROUTE, [(back.dest, old_lane.dest.contracts.on_ramp)], (), ())
            old_lane.dest_owner.transact(old_lane.dest.contracts.router, routed)


def test_a_curse_of_rmn_1_5_is_what_a_message_waits_for(old_lane, user):
    sent = user.send(old_lane.lane, dev_key("receiver").address, b"cursed")
    root = old_lane.commit(sent)
    old_lane.bless(root)
    subject = old_lane.lane.source.to_bytes(16)
    call = codec.encode_call("ownerCurse(bytes16,bytes16[])", b"\1" * 16, [subject])
    old_lane.dest_owner.transact(old_lane.rmn, call)
    assert user.preflight(old_lane.lane, user.message(old_lane.lane, dev_key("receiver").address))[-1].check == "curse"
    assert stage_of(user, sent) == (Stage.BLESSED, "people to lift the curse of geth-testnet on anvil-devnet")
    with pytest.raises(CcipRefusal, match="cursed"):
        user.execute(sent.message_id)


def test_a_message_is_still_found_after_its_lane_has_moved_to_1_6(old_lane, user):
    sent = user.send(old_lane.lane, dev_key("receiver").address, b"last of its kind")
    old_lane.route(old_lane.source.contracts.on_ramp)
    try:
        newer = user.send(old_lane.lane, dev_key("receiver").address, b"first of its kind")
        assert user.show(newer.message_id).sent.v1_5 is None
        assert user.show(sent.message_id).sent.v1_5 is not None
        with Chains(old_lane.deployment) as chains:
            assert lane_versions(chains, old_lane.lane).on_ramp == "OnRamp 1.6.0"
    finally:
        old_lane.route(old_lane.on_ramp)
