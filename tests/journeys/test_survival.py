"""Kill any one RMN node and any one oracle during traffic: nothing stops, nothing is lost, both come back.

Every process is real and dies by SIGKILL. One network, four rounds: round k kills node k and oracle k, so that each is
once the one that is missing, and each of its neighbours once the one that carries on.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

import httpx
import pytest

from ccip_core import views
from ccip_core.client import CcipClient
from ccip_core.don.config import OracleFile, save_oracle_config
from ccip_core.don.process import OracleProcess
from ccip_core.journey import MessageState
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import events
from ccip_core.protocol.messages import Lane
from rmn_service.demo.network import NODE_READY, NODES, DemoNetwork, node_process

pytestmark = pytest.mark.journey

SUCCESS = 2
DELIVERY_S_MAX = 60.0
START_S_MAX = 60.0


class Survival:
    """A running demo network whose nodes and oracles can be killed and started again."""

    def __init__(self, network, client, send_on, wait_until):
        self.network = network
        self.deployment = network.localnet.deployment
        self.lanes = [config.lane for config in self.deployment.lanes]
        self._client = client
        self._send_on = send_on
        self._wait_until = wait_until

    def send(self, lanes):
        sent = self._send_on(self.deployment, lanes, {"tokens": [("BNM", 10**18)]})
        return [message for messages in sent.values() for message in messages]

    def ring(self):
        """One lane out of every chain: half of the lanes."""
        chains = [chain.selector for chain in self.deployment.chains]
        return [Lane(source, dest) for source, dest in zip(chains, [*chains[1:], chains[0]], strict=True)]

    def kill(self, index):
        self.network.nodes[index].process.kill()
        os.kill(self.network.don.pids[index], signal.SIGKILL)
        self.assert_dead(index)

    def assert_dead(self, index):
        self._wait_until(lambda: not self.network.don.oracles[index].is_running, "the oracle is dead")
        assert not self.network.nodes[index].process.is_running

    def assert_arrive_blessed(self, messages):
        for message in messages:
            assert self._client.track(message, DELIVERY_S_MAX) is MessageState.SUCCESS
            assert self._client.show(message.message_id).commit.is_blessed

    @contextmanager
    def restarted(self, index) -> Iterator[None]:
        """Both are back, from the files that they had; their doors are at new addresses, which the oracles are told."""
        node, don = self.network.nodes[index], self.network.don
        file = OracleFile(deployment=self.network.deployment_path.resolve(), index=index, secret=don._secret)
        path = node.config.with_name(f"oracle-{index}.json")
        save_oracle_config(file, path)
        with node_process(node.config) as process:
            oracle = OracleProcess.launch(index, path)
            don.oracles[index].stop()
            don.oracles = (*don.oracles[:index], oracle, *don.oracles[index + 1 :])
            url = process.wait_for(NODE_READY, START_S_MAX).group(1)
            self.network.nodes[index] = replace(node, url=url, process=process)
            oracle.wait_ready()
            don.set_rmn_urls([node.url for node in self.network.nodes])
            yield

    def assert_node_caught_up(self, index, messages):
        """It is healthy, knows the end of what it missed, and its audit log has no gap where it died."""
        self._wait_until(lambda: self._ask(index, "/health").status_code == httpx.codes.OK, "the node is healthy")
        for message in messages:
            assert self._ask(index, f"/messages/0x{message.message_id.hex()}").json()["state"] == "success"
        numbers = [row["sequence"] for row in self.audit(index)]
        assert numbers == list(range(1, len(numbers) + 1))

    def work_of(self, index):
        """How much the pair has done so far: rows in the node's audit log, transactions of the oracle."""
        address = dev_key("oracle_transmitter", index).address
        rpcs = (self._client.chains.rpc(chain.selector) for chain in self.deployment.chains)
        return len(self.audit(index)), sum(rpc.nonce(address) for rpc in rpcs)

    def assert_works_again(self, index, since):
        """The node has signed blessings since then, the oracle has led a round."""
        rows, transactions = since
        self._wait_until(
            lambda: any(row["kind"] == "conclude bless" for row in self.audit(index, rows)), "the node blesses"
        )
        self._wait_until(lambda: self.work_of(index)[1] > transactions, "the oracle transmits")

    def audit(self, index, after=0):
        rows = []
        while page := self._ask(index, f"/audit?limit=1000&after={after + len(rows)}").json()["audit"]:
            rows += page
        return rows

    def assert_nothing_lost(self):
        """Whatever any OnRamp accepted until now, the demo's own traffic included, is executed, and was blessed."""
        for lane in self.lanes:
            source = self.deployment.chain(lane.source).contracts
            last = views.next_sequence_number(self._client.chains.rpc(lane.source), source.on_ramp, lane.dest) - 1
            for number in range(1, last + 1):
                self._wait_until(partial(self._is_executed, lane, number), f"{lane}: message {number} is executed")
        for chain in self.deployment.chains:
            for _, event in views.logs_since(self._client.chains.rpc(chain.selector), 0, [chain.contracts.off_ramp]):
                if isinstance(event, events.CommitReportAccepted):
                    assert event.unblessed_merkle_roots == ()

    def _is_executed(self, lane, number):
        rpc, dest = self._client.chains.rpc(lane.dest), self.deployment.chain(lane.dest).contracts
        return views.execution_state(rpc, dest.off_ramp, lane.source, number) == SUCCESS

    def _ask(self, index, path):
        return httpx.get(f"{self.network.nodes[index].url}{path}", timeout=10)


@pytest.fixture
def survival(tmp_path, send_on, wait_until, contracts):
    with DemoNetwork.start(tmp_path / "demo", lambda _: None, has_dashboard=False, contracts=contracts) as network:
        client = CcipClient(network.localnet.deployment, dev_key("user"))
        yield Survival(network, client, send_on, wait_until)
        client.close()


@pytest.mark.slow
def test_any_one_node_and_any_one_oracle_may_die(survival):
    with ExitStack() as restarted:
        work_at_return = []
        for index in range(NODES):
            in_flight = survival.send(survival.ring())
            survival.kill(index)
            after = survival.send(survival.lanes)
            survival.assert_arrive_blessed([*in_flight, *after])
            survival.assert_dead(index)  # all of that was done without them

            restarted.enter_context(survival.restarted(index))
            survival.assert_node_caught_up(index, [*in_flight, *after])
            work_at_return.append(survival.work_of(index))
        for index, work in enumerate(work_at_return):
            survival.assert_works_again(index, work)
        survival.assert_nothing_lost()
        assert survival.network.traffic.count.sent > 0
