"""Kill any one RMN node and any one oracle during traffic: nothing stops, nothing is lost, the node catches up."""

from __future__ import annotations

import os
import signal

import httpx
import pytest

from ccip_core.client import CcipClient
from ccip_core.journey import MessageState
from ccip_core.localnet.keys import dev_key
from rmn_service.demo.network import NODE_READY, DemoNetwork, node_process

pytestmark = pytest.mark.journey


def test_one_node_and_one_oracle_die(tmp_path, wait_until, send_on):
    with DemoNetwork.start(tmp_path / "demo", lambda _: None, has_dashboard=False) as network:
        deployment = network.localnet.deployment
        client = CcipClient(deployment, dev_key("user"))

        def send_on_all_lanes():
            sent = send_on(deployment, [config.lane for config in deployment.lanes], {"tokens": [("BNM", 10**18)]})
            return [message for messages in sent.values() for message in messages]

        def assert_all_arrive(messages):
            assert {client.track(message, 60) for message in messages} == {MessageState.SUCCESS}

        victim = network.nodes[0]
        before = send_on_all_lanes()
        victim.process.kill()
        os.kill(network.don.pids[0], signal.SIGKILL)
        after = send_on_all_lanes()
        assert_all_arrive([*before, *after])

        with node_process(victim.config) as restarted:
            url = restarted.wait_for(NODE_READY, 60).group(1)

            def has_caught_up():
                return httpx.get(f"{url}/health", timeout=10).status_code == httpx.codes.OK

            wait_until(has_caught_up, "the restarted node is healthy")
            for message in [*before, *after]:
                item = httpx.get(f"{url}/messages/0x{message.message_id.hex()}", timeout=10).json()
                assert item["state"] == "success"
            audit = httpx.get(f"{url}/audit?limit=1000", timeout=10).json()["audit"]
            assert [row["sequence"] for row in audit] == list(range(1, len(audit) + 1))
        client.close()
