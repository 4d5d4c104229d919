"""Starts and stops everything that the demo shows. Whatever was started is stopped, in whatever way it ends.

Every RMN node, oracle and chain is a process of its own, as it would be on machines of their own; the quiet traffic is
a thread here.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ccip_core.deployment import save_deployment
from ccip_core.don.don import Don
from ccip_core.localnet.keys import users
from ccip_core.localnet.localnet import Localnet
from ccip_core.localnet.owned_process import OwnedProcess, ProcessFailedError
from ccip_core.localnet.traffic import Traffic
from detectors.folding import warm_up
from rmn_service.demo.node_folder import DemoOperator, demo_operators, lay_out_node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NODES = 4
NODE_READY = re.compile(r"^(http://127\.0\.0\.1:\d+)\s*$")
_DASHBOARD_READY = re.compile(r"URL: (http://127\.0\.0\.1:\d+)")
_START_S_MAX = 90.0
_DASHBOARD_TRIES = 3
_TRAFFIC_PER_S = 0.5


@dataclass(frozen=True)
class RunningNode:
    """An RMN node process and where its API listens."""

    name: str
    url: str
    process: OwnedProcess
    config: Path


class DemoNetwork:
    """Everything, running. Made by `start`; ends with `stop` or its `with` block."""

    def __init__(self, folder: Path, seed: int, contracts: str) -> None:
        self._folder = folder
        self._seed = seed
        self._contracts = contracts
        self._stack = ExitStack()
        self._operators: tuple[DemoOperator, ...] = demo_operators()
        self.nodes: list[RunningNode] = []
        self.dashboard = ""

    @classmethod
    def start(
        cls,
        folder: Path,
        say: Callable[[str], None],
        *,
        seed: int = 1,
        has_dashboard: bool = True,
        contracts: str = "own",
    ) -> Self:
        """Start everything into a folder of its own and say how far it is; when it fails, nothing is left running.

        Raises:
            ProcessFailedError, AnvilError, ContractSetError, DeployError, ToolchainError, RpcError: it did not start.
        """
        network = cls(folder, seed, contracts)
        try:
            network._start(say, has_dashboard=has_dashboard)
        except BaseException:  # Ctrl-C while starting too
            network.stop()
            raise
        return network

    @property
    def deployment_path(self) -> Path:
        """Where deployment.json stands."""
        return self._folder / "deployment.json"

    @property
    def traffic(self) -> Traffic:
        """The quiet traffic."""
        return self._traffic

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End everything; no process and no port remains. May be called twice."""
        for node in self.nodes:
            node.process.ask_to_stop()
        self._stack.close()

    def _start(self, say: Callable[[str], None], *, has_dashboard: bool) -> None:
        if self._folder.exists():
            shutil.rmtree(self._folder)
        self._folder.mkdir(mode=0o700, parents=True)

        say("chains: starting three anvils and deploying CCIP")
        self.localnet = self._stack.enter_context(Localnet.up(contracts=self._contracts))
        save_deployment(self.localnet.deployment, self.deployment_path)

        say(f"RMN: starting {NODES} nodes")
        warm_up()  # compile the detectors once; the nodes load them from the cache
        self._start_nodes()

        say("DON: starting four oracles")
        urls = [node.url for node in self.nodes]
        self.don = self._stack.enter_context(Don.start(self.localnet.deployment, urls, in_process=False))

        if has_dashboard:
            say("dashboard: starting")
            self.dashboard = self._start_dashboard(urls)

        self._start_traffic()
        self._describe()

    def _start_nodes(self) -> None:
        deployment = self.localnet.deployment
        configs = [
            lay_out_node(
                self._folder / f"rmn-{index + 1}",
                index,
                self.deployment_path.resolve(),
                deployment.chains,
                self._operators,
            )
            for index in range(NODES)
        ]
        processes = [self._stack.enter_context(node_process(config)) for config in configs]
        for config, process in zip(configs, processes, strict=True):
            url = process.wait_for(NODE_READY, _START_S_MAX).group(1)
            self.nodes.append(RunningNode(config.parent.name, url, process, config))

    def _start_dashboard(self, node_urls: Sequence[str]) -> str:
        spec = find_spec("dashboard")  # by name, not by import: the floor above is none of our business
        assert spec is not None
        assert spec.origin is not None
        script = Path(spec.origin).parent / "streamlit_app.py"
        environment = {**os.environ, "RMN_DASHBOARD_NODES": ",".join(node_urls)}
        for attempt in range(1, _DASHBOARD_TRIES + 1):
            command = (sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(_free_port()))
            process = OwnedProcess("dashboard", command, environment=environment)
            try:
                url = process.wait_for(_DASHBOARD_READY, _START_S_MAX).group(1)
            except ProcessFailedError:  # somebody took the port in between; streamlit can't be given a bound one
                process.stop()
                if attempt == _DASHBOARD_TRIES:
                    raise
            else:
                self._dashboard_process = self._stack.enter_context(process)
                return url
        raise AssertionError

    def _start_traffic(self) -> None:
        traffic = Traffic(self.localnet.deployment, users()[1], random.Random(self._seed), _TRAFFIC_PER_S)  # noqa: S311
        self._traffic = traffic
        self._stack.callback(traffic.close)
        stop = threading.Event()
        thread = threading.Thread(target=traffic.run, args=(stop,), name="traffic", daemon=True)
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(stop.set)

    def _describe(self) -> None:
        """demo.json appears whole when everything is ready, and goes first when it ends."""
        path = self._folder / "demo.json"
        processes = [anvil.pid for anvil in self.localnet.anvils]
        processes += [node.process.pid for node in self.nodes] + list(self.don.pids)
        if self.dashboard:
            processes.append(self._dashboard_process.pid)
        body = {
            "deployment": str(self.deployment_path),
            "nodes": [{"name": node.name, "url": node.url} for node in self.nodes],
            "dashboard": self.dashboard,
            "pids": [os.getpid(), *processes],
            "operators": [operator._asdict() for operator in self._operators],
        }
        partial = path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(body, indent=2) + "\n")
        partial.replace(path)
        self._stack.callback(path.unlink, missing_ok=True)


def node_process(config: Path) -> OwnedProcess:
    """`rmn run` with this config, as a process of ours."""
    rmn = Path(sys.executable).with_name("rmn")
    return OwnedProcess(config.parent.name, (str(rmn), "run", "--config", str(config)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
