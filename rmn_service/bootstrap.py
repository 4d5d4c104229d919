"""Builds a node from its configuration: the only place that names concrete classes.

`rmn run` and the journey tests use the same `Node`. Nothing here decides anything about chains; it wires, starts and
stops. A chain that can't be reached does not stop a node from starting (it is blind on it, and says so); a chain that
is another one than the deployment's does.
"""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import structlog
import uvicorn

from ccip_core.deployment import Deployment, DeploymentError, load_deployment
from ccip_core.heads import HeadStream
from ccip_core.http_rpc import HttpRpc
from ccip_core.rpc import RpcError
from ccip_core.wallet import Wallet
from detectors.judge import Judge
from detectors.network import network_from_deployment
from rmn_service.api import Door, build_app
from rmn_service.audit import Audit
from rmn_service.blesser import Blesser
from rmn_service.config import judge_settings
from rmn_service.database import StoreError
from rmn_service.desk import Desk
from rmn_service.detection import hex_text
from rmn_service.errors import ConfigError
from rmn_service.failover import FailoverRpc, WrongChainError
from rmn_service.metrics import Metrics
from rmn_service.operators import Operators
from rmn_service.scheduler import ChainThread, attempt, every
from rmn_service.service import Service
from rmn_service.store import Store
from rmn_service.voter import Hand, Voter
from rmn_service.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apscheduler.schedulers.background import BackgroundScheduler

    from ccip_core.deployment import Chain
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Rpc
    from ccip_core.signers import Signer
    from detectors.settings import Settings
    from rmn_service.config import ChainConfig, NodeConfig

log = structlog.get_logger()

RPC_TIMEOUT_S = 5.0
_STOP_S = 5.0


def wall_clock_ms() -> int:
    """The only clock of a node."""
    return time.time_ns() // 1_000_000


class Node:
    """One RMN node with its threads."""

    def __init__(
        self,
        *,
        config: NodeConfig,
        service: Service,
        door: Door,
        watches: Mapping[ChainSelector, Watch],
        ws_urls: Mapping[ChainSelector, str],
        connections: list[HttpRpc],
        clock: Callable[[], int],
    ) -> None:
        self.service = service
        self._config = config
        self._metrics = service.metrics
        self._clock = clock
        self._watches = watches
        self._connections = connections
        self._threads = {selector: ChainThread(selector, service, clock) for selector in watches}
        self._streams = [_stream(url, self._threads[selector]) for selector, url in ws_urls.items()]
        self.app = build_app(door)
        """The API without its port."""
        self._server: uvicorn.Server | None = None
        self._server_thread: threading.Thread | None = None
        self._scheduler: BackgroundScheduler | None = None
        self._port = config.api.port

    @property
    def url(self) -> str:
        """Where the API listens, once started."""
        host = self._config.api.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    def start(self) -> Self:
        """Prove the chains, open the API, begin to watch.

        Raises:
            ConfigError: a chain is not the deployment's, or the API's port is taken.
        """
        try:
            self._prove_chains()
            self._serve()
        except ConfigError:
            self.stop()
            raise
        start = {"node": self._config.name, "posture": self.service.posture, "version": version("ccip-rmn")}
        self.service.audit.note("start", start, self._clock())
        for thread in self._threads.values():
            thread.start()
        for stream in self._streams:
            stream.start()
        self._scheduler = every(self._config.tick_s, self._wake_all, self._metrics)
        log.info("started", node=self._config.name, url=self.url, posture=self.service.posture)
        return self

    def stop(self) -> None:
        """End every thread and close everything; what was under way is resumed by the next start."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            for stream in self._streams:
                stream.stop()
        for thread in self._threads.values():
            thread.stop(_STOP_S)
        if self._server is not None and self._server_thread is not None:
            self._server.should_exit = True
            self._server_thread.join(_STOP_S)
        self.service.voter.close()
        for connection in self._connections:
            connection.close()
        self.service.store.close()

    def _wake_all(self) -> None:
        for thread in self._threads.values():
            thread.wake()

    def _prove_chains(self) -> None:
        with ThreadPoolExecutor(max_workers=max(1, len(self._watches))) as pool:
            for watch, proof in [(watch, pool.submit(watch.prove)) for watch in self._watches.values()]:
                try:
                    proof.result()
                except WrongChainError as error:
                    raise ConfigError(str(error)) from None
                except RpcError as error:  # it may come back; until then this node is blind there
                    log.warning("chain unreachable, starting blind", chain=watch.chain.name, error=str(error))

    def _serve(self) -> None:
        api = self._config.api
        family = socket.AF_INET6 if ":" in api.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((api.host, api.port))
        except OSError as error:
            listener.close()
            raise ConfigError(f"api.port = {api.port} on {api.host}: {error.strerror}; choose another") from None
        self._port = listener.getsockname()[1]
        settings = uvicorn.Config(
            self.app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        server = self._server = uvicorn.Server(settings)
        self._server_thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="api", daemon=True
        )
        self._server_thread.start()


def build_node(
    config: NodeConfig,
    *,
    rpcs: Mapping[ChainSelector, Rpc] | None = None,
    clock: Callable[[], int] = wall_clock_ms,
) -> Node:
    """Everything of a node, not yet started. `rpcs` replaces the configured endpoints (tests, simulations).

    Raises:
        ConfigError: the configuration can't be followed; one line.
    """
    deployment = _deployment_of(config)
    settings = settings_of(config)
    signer = None if config.signer is None else config.signer.open("signer", config.folder)
    curser = None if config.curser is None else config.curser.open("curser", config.folder)
    operators = Operators(config.operators)
    try:
        store = Store.open(config.database, deployment=deployment)
    except StoreError as error:
        raise ConfigError(str(error)) from None
    connections: list[HttpRpc] = []
    seams = {chain.selector: _seam(chain, config, rpcs or {}, connections) for chain in deployment.chains}
    by_selector = {chain.selector: chain for chain in config.chains}
    watches = {
        chain.selector: _watch(chain, seams[chain.selector], store, by_selector.get(chain.selector))
        for chain in deployment.chains
    }
    audit, network, metrics = Audit(store), network_from_deployment(deployment), Metrics()
    hands = {} if curser is None else _hands(deployment, seams, curser)
    voter = Voter(hands, store, audit, clock, partial(attempt, "vote failed", metrics.tries_failed))
    blesser = Blesser(deployment, signer, store, audit)
    judge = Judge(network, settings=settings)
    service = Service(
        deployment=deployment,
        watches=watches,
        network=network,
        judge=judge,
        store=store,
        audit=audit,
        blesser=blesser,
        voter=voter,
        metrics=metrics,
        posture=config.posture,
        quiet_after_ms=1000 * config.incidents.quiet_after_s,
    )
    description = _describe(config, signer, curser, deployment)
    door = Door(service, Desk(service, config.posture), operators, clock, lambda: description)
    ws_urls = {} if rpcs is not None else _ws_urls(deployment, by_selector)
    return Node(
        config=config,
        service=service,
        door=door,
        watches=watches,
        ws_urls=ws_urls,
        connections=connections,
        clock=clock,
    )


def settings_of(config: NodeConfig) -> Settings:
    """The judges' settings; raises ConfigError for an unknown key or an impossible value."""
    return judge_settings(config.detectors)


def _deployment_of(config: NodeConfig) -> Deployment:
    try:
        deployment = load_deployment(config.deployment_path)
    except DeploymentError as error:
        raise ConfigError(str(error)) from None
    known = {chain.selector for chain in deployment.chains}
    for chain in config.chains:
        if chain.selector not in known:
            raise ConfigError(f"chains.selector = {chain.selector}: not in {config.deployment_path}; remove the table")
    return deployment


def _seam(chain: Chain, config: NodeConfig, rpcs: Mapping[ChainSelector, Rpc], connections: list[HttpRpc]) -> Rpc:
    if chain.selector in rpcs:
        return rpcs[chain.selector]
    entry = next((entry for entry in config.chains if entry.selector == chain.selector), None)
    urls = (chain.http,) if entry is None else entry.rpc_urls
    ws_url = _ws_url(chain, entry)
    token_env = None if entry is None else entry.rpc_token_env
    opened = [_endpoint(url, ws_url, token_env or chain.token_env_of(url)) for url in urls]
    connections += opened
    return FailoverRpc(opened, chain.chain_id)


def _endpoint(url: str, ws_url: str | None, token_env: str | None) -> HttpRpc:
    same_node = ws_url if _is_same_node(url, ws_url) else None
    try:
        return HttpRpc(url, RPC_TIMEOUT_S, ws_url=same_node, token_env=token_env)
    except ValueError as error:
        raise ConfigError(f"chains: {error}") from None


def _watch(chain: Chain, rpc: Rpc, store: Store, entry: ChainConfig | None) -> Watch:
    if entry is None:
        return Watch(chain, rpc, store)
    if entry.finality_depth_blocks is not None:
        chain = chain.model_copy(update={"finality_depth_blocks": entry.finality_depth_blocks})
    return Watch(chain, rpc, store, entry.start_block)


def _hands(deployment: Deployment, seams: Mapping[ChainSelector, Rpc], curser: Signer) -> dict[ChainSelector, Hand]:
    return {
        chain.selector: Hand(
            Wallet(seams[chain.selector], curser), chain.contracts.rmn_remote, chain.contracts.curse_voting
        )
        for chain in deployment.chains
    }


def _ws_urls(deployment: Deployment, entries: Mapping[ChainSelector, ChainConfig]) -> dict[ChainSelector, str]:
    """Where heads are announced. Announcements are hints: a wrong one costs a look, never a fact."""
    urls = {}
    for chain in deployment.chains:
        url = _ws_url(chain, entries.get(chain.selector))
        if url is not None:
            urls[chain.selector] = url
    return urls


def _ws_url(chain: Chain, entry: ChainConfig | None) -> str | None:
    return entry.ws_url if entry is not None and entry.ws_url is not None else chain.ws


def _is_same_node(url: str, ws_url: str | None) -> bool:
    """Facts come from the endpoints in `rpc_urls` alone: a socket may carry them only if it leads to the same place."""
    return ws_url is not None and urlsplit(url).netloc == urlsplit(ws_url).netloc


def _stream(url: str, thread: ChainThread) -> HeadStream:
    try:
        return HeadStream(url, thread.wake)
    except ValueError as error:
        raise ConfigError(f"chains.ws_url: {error}; mend it") from None


def _describe(
    config: NodeConfig, signer: Signer | None, curser: Signer | None, deployment: Deployment
) -> dict[str, Any]:
    if curser is None:
        power = "alerts only: it has no curser key"
    elif all(chain.contracts.curse_voting is not None for chain in deployment.chains):
        power = "votes to curse on CurseVoting"
    else:
        power = "where there is no CurseVoting: curses by itself if its key owns RMNRemote, else alerts only"
    return {
        "name": config.name,
        "version": version("ccip-rmn"),
        "signer": None if signer is None else hex_text(signer.address),
        "curser": None if curser is None else hex_text(curser.address),
        "power": power,
        "min_agree": "one endpoint at a time is asked; agreement of several is not checked in this build",
    }
