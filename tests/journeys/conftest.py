"""A whole network for journeys: real anvil chains, all CCIP contracts, four oracles, four RMN nodes over real HTTP.

Oracles and nodes run on threads of the test process here, built from the same files by the same code as their
processes; `test_survival.py` and `test_demo.py` run them as processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from ccip_core.client import CcipClient, SentMessage
from ccip_core.deployment import Chain, Deployment, save_deployment
from ccip_core.don.don import Don
from ccip_core.journey import MessageState
from ccip_core.localnet.anvil import Anvil
from ccip_core.localnet.keys import dev_key
from ccip_core.localnet.localnet import Localnet, PrivateChain
from ccip_core.protocol import codec, events
from ccip_core.protocol.messages import Lane
from ccip_core.protocol.subjects import chain_subject
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.demo.node_folder import demo_operators, lay_out_node
from rmn_service.node import Node

NODES = 4
AWAIT_S = 30.0
T = TypeVar("T")


@dataclass
class Network:
    """Running, and asked the way a user would."""

    localnet: Localnet
    nodes: list[Node]
    don: Don
    client: CcipClient

    @property
    def deployment(self) -> Deployment:
        return self.localnet.deployment

    @property
    def chains(self) -> tuple[Chain, ...]:
        return self.deployment.chains

    @property
    def rmn_urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def anvil(self, selector: int) -> Anvil:
        return self.localnet.anvil(selector)

    def get(self, node: Node, path: str) -> Any:
        return httpx.get(f"{node.url}{path}", timeout=10).json()

    def send(self, lane: Lane, **parts: Any) -> SentMessage:
        return self.client.send(lane, dev_key("receiver").address, **parts)

    def send_on(self, lanes: Sequence[Lane], *messages: dict[str, Any]) -> dict[Lane, list[SentMessage]]:
        """Send the same messages on many lanes; the source chains side by side, as their blocks come side by side."""
        return send_on(self.deployment, lanes, *messages)

    def deliver(self, lane: Lane, **parts: Any) -> MessageState:
        """Send an honest message and see it to its end."""
        return self.client.track(self.send(lane, **parts), AWAIT_S)

    def is_cursed(self, chain: int, subject: bytes) -> bool:
        call = codec.encode_call("isCursed(bytes16)", subject)
        answer = self.anvil(chain).rpc.call(self.deployment.chain(chain).contracts.rmn_remote, call)
        return bool(codec.decode_args(("bool",), answer)[0])

    def await_curse(self, lane: Lane) -> dict[int, int]:
        """Wait until both ends of the lane are cursed; the block of each curse, by chain."""
        return {
            chain: self._await_cursed_block(chain, chain_subject(remote))
            for chain, remote in ((lane.dest, lane.source), (lane.source, lane.dest))
        }

    def _await_cursed_block(self, chain: int, subject: bytes) -> int:
        rpc = self.anvil(chain).rpc
        remote = self.deployment.chain(chain).contracts.rmn_remote

        def found() -> int | None:
            head = rpc.header("latest")
            assert head is not None
            for log in rpc.logs_in(0, head.number, [remote]):
                event = events.decode_log(log)
                if isinstance(event, events.Cursed) and subject in event.subjects:
                    return log.block_number
            return None

        return wait_until(found, f"curse of 0x{subject.hex()} on chain {chain}")


def send_on(deployment: Deployment, lanes: Sequence[Lane], *messages: dict[str, Any]) -> dict[Lane, list[SentMessage]]:
    def send_from(source: int) -> dict[Lane, list[SentMessage]]:
        client = CcipClient(deployment, dev_key("user"))
        try:
            receiver = dev_key("receiver").address
            return {
                lane: [client.send(lane, receiver, **message) for message in messages]
                for lane in lanes
                if lane.source == source
            }
        finally:
            client.close()

    sources = sorted({lane.source for lane in lanes})
    with ThreadPoolExecutor(len(sources)) as threads:
        return {lane: sent for part in threads.map(send_from, sources) for lane, sent in part.items()}


def wait_until(condition: Callable[[], T | None], what: str, timeout_s: float = AWAIT_S) -> T:
    """The first truthy answer; fails when there is none in time."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    pytest.fail(f"waited {timeout_s:g} s in vain for: {what}")


@pytest.fixture(name="send_on")
def _send_on() -> Callable[..., dict[Lane, list[SentMessage]]]:
    return send_on


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[..., Any]:
    return wait_until


@contextmanager
def running_network(
    folder: Path, contracts: str, unblessed: frozenset[Lane] = frozenset(), private: PrivateChain | None = None
) -> Iterator[Network]:
    with ExitStack() as stack:
        localnet = stack.enter_context(Localnet.up(contracts=contracts, unblessed=unblessed, private=private))
        save_deployment(localnet.deployment, folder / "deployment.json")
        nodes = []
        for index in range(NODES):
            config = lay_out_node(
                folder / f"rmn-{index + 1}",
                index,
                folder / "deployment.json",
                localnet.deployment.chains,
                demo_operators(),
            )
            node = build_node(load_config(config))
            stack.callback(node.stop)
            nodes.append(node.start())
        don = stack.enter_context(Don.start(localnet.deployment, [node.url for node in nodes]))
        client = CcipClient(localnet.deployment, dev_key("user"))
        stack.callback(client.close)
        yield Network(localnet, nodes, don, client)


@pytest.fixture
def start_network(tmp_path: Path, contracts: str) -> Iterator[Callable[..., Network]]:
    """Start a network of this test's own; stopped when the test ends."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(running_network(tmp_path, contracts, **options))


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, contracts: str) -> Iterator[Network]:
    """One network for the module's tests, blessing on every lane."""
    with running_network(tmp_path_factory.mktemp("network"), contracts) as running:
        yield running
