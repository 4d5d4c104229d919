"""Builds a node from its configuration: the only place that names concrete classes.

`rmn run` and the journey tests use the same `Node`. Nothing here decides anything about chains; it wires, starts and
stops. A chain that can't be reached does not stop a node from starting (it is blind on it, and says so); a chain that
is another one than the deployment's does.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import structlog
import uvicorn

from ccip_core.deployment import Deployment, DeploymentError, load_deployment
from ccip_core.heads import HeadStream
from ccip_core.http_rpc import HttpRpc
from ccip_core.listening import bound_socket
from ccip_core.quorum_rpc import QuorumRpc
from ccip_core.rpc import RpcError, WrongChainError
from ccip_core.signers import LocalSigner
from ccip_core.wallet import Wallet
from detectors.detector import Severity
from detectors.judge import Judge
from detectors.network import network_from_deployment
from detectors.scratch import Scratch
from rmn_service.alerts import Alert
from rmn_service.api.app import build_app
from rmn_service.api.door import Door
from rmn_service.audit import Audit
from rmn_service.blesser import Blesser
from rmn_service.conduct import conduct_of
from rmn_service.config import judge_settings
from rmn_service.controls import Controls
from rmn_service.curse_watch import CurseWatch
from rmn_service.database import StoreError
from rmn_service.desk import Desk
from rmn_service.detection import hex_text
from rmn_service.drills import Drills
from rmn_service.effective import effective_settings
from rmn_service.errors import ConfigError
from rmn_service.evidence import EvidenceBook
from rmn_service.guard import Guard
from rmn_service.guard_history import add_record
from rmn_service.hands import Hand
from rmn_service.metrics import Metrics
from rmn_service.notify import Notifications, open_routes
from rmn_service.operators import Operators
from rmn_service.peers import PEERS_S, Peers
from rmn_service.powers import POWERS_S, Powers
from rmn_service.retention import EVERY_S, Retention
from rmn_service.rmn_contracts import RmnContract
from rmn_service.scheduler import ChainThread, Job, attempt, every
from rmn_service.service import Service
from rmn_service.statements import Statements
from rmn_service.store import Store
from rmn_service.voter import Voter
from rmn_service.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apscheduler.schedulers.background import BackgroundScheduler

    from ccip_core.deployment import Chain
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Rpc
    from ccip_core.signers import Signer
    from detectors.settings import Settings
    from rmn_service.alerts import Notifier
    from rmn_service.config import ChainConfig, NodeConfig
    from rmn_service.errands import Errand

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
        connections: list[HttpRpc | QuorumRpc],
        clock: Callable[[], int],
        powers: Powers,
        guard: Guard | None,
        peers: Peers,
        drills: Drills,
        notifications: Notifications,
    ) -> None:
        self.service = service
        self.notifications = notifications
        self._drills = drills
        self._peers = peers
        self._powers = powers
        self._guard = guard
        self._config = config
        self._curse_watch = door.curse_watch
        self._metrics = service.metrics
        self._clock = clock
        self._watches = watches
        self._connections = connections
        self._threads = {selector: ChainThread(selector, service, clock) for selector in watches}
        self._streams = [_stream(url, self._threads[selector], config) for selector, url in ws_urls.items()]
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
        scheme = "http" if self._config.api.tls_cert is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self._port}"

    def start(self) -> Self:
        """Prove the chains, open the API, begin to watch.

        Raises:
            ConfigError: a chain is not the deployment's, or the API's port is taken.
        """
        try:
            self._prove_chains()
            self._powers.learn()
            self._serve()
        except ConfigError:
            self.stop()
            raise
        signer = self._peers.signer
        signer = self._peers.signer
        start = {
            "node": self._config.name,
            "posture": self.service.posture,
            "version": version("ccip-rmn"),
            "signer": None if signer is None else hex_text(signer),
        }
        self.service.audit.note("start", start, self._clock())
        for thread in self._threads.values():
            thread.start()
        for stream in self._streams:
            stream.start()
        self.notifications.start()
        self._peers.sign(self._clock())
        jobs = [
            Job("wake", self._config.tick_s, self._wake_all),
            Job("curse watch", self._config.tick_s, self.patrol),
            Job("powers", POWERS_S, self._powers.learn),
            Job("peers", PEERS_S, self._peers.exchange),
        ]
        kept = self._config.retention
        if kept is not None:
            exported = self._config.folder / kept.exported
            retention = Retention(self.service.store, self._watches, keep_days=kept.keep_days, exported=exported)
            jobs.append(Job("retention", EVERY_S, lambda: retention.run(self._clock())))
        if self._config.drills.every_s:
            jobs.append(Job("drill", self._config.drills.every_s, self._drills.on_schedule))
        self._scheduler = every(jobs, self._metrics, self._tell_missed)
        log.info("started", node=self._config.name, url=self.url, posture=self.service.posture)
        return self

    def stop(self) -> None:
        """End every thread and close everything; what was under way is resumed by the next start."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None
            for stream in self._streams:
                stream.stop()
        for thread in self._threads.values():
            thread.stop(_STOP_S)
        if self._server is not None and self._server_thread is not None:
            self._server.should_exit = True
            self._server_thread.join(_STOP_S)
        self.service.voter.close()
        if self._guard is not None:
            self._guard.close()
        self.notifications.stop()
        for connection in self._connections:
            connection.close()
        self.service.scratch.close()
        self.service.store.close()

    def _tell_missed(self, job: str) -> None:
        text = "The one before it still ran: a chain that hangs, or a machine that is too slow. See rmn status."
        alert = Alert("job_missed", f"job {job}", Severity.WARNING, f"job {job} missed", text, self._clock())
        self.notifications.notify(alert)

    def _wake_all(self) -> None:
        for thread in self._threads.values():
            thread.wake()

    def patrol(self) -> None:
        """Let the watchdog look at the curses that stand."""
        self._curse_watch.patrol(self._clock())

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
        try:
            listener = bound_socket(api.host, api.port)
        except OSError as error:
            raise ConfigError(f"api.port = {api.port} on {api.host}: {error.strerror}; choose another") from None
        self._port = listener.getsockname()[1]
        folder = self._config.folder
        try:
            settings = uvicorn.Config(
                self.app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=1,
                server_header=False,
                proxy_headers=api.behind_proxy,
                ssl_certfile=None if api.tls_cert is None else folder / api.tls_cert,
                ssl_keyfile=None if api.tls_key is None else str(folder / api.tls_key),
            )
            settings.load()
        except OSError as error:  # ssl.SSLError is one
            listener.close()
            reason = error.strerror or str(error)
            raise ConfigError(f"api.tls_cert = {api.tls_cert}: {reason}; name PEM files that fit each other") from None
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
    notifier: Notifier | None = None,
) -> Node:
    """Everything of a node, not yet started. `rpcs` replaces the configured endpoints (tests, simulations).

    Alerts go to `notifier`, by default into the node's log.

    Raises:
        ConfigError: the configuration can't be followed; one line.
    """
    deployment = _deployment_of(config)
    settings = settings_of(config)  # what is wrong there is said before anything is opened
    signer = None if config.signer is None else config.signer.open("signer", config.folder)
    curser = None if config.curser is None else config.curser.open("curser", config.folder)
    operators = Operators(config.operators, config.api.failed_logins_per_minute)
    routes = open_routes(config.notifications, config.folder)
    try:
        store = Store.open(config.database, deployment=deployment)
    except StoreError as error:
        raise ConfigError(str(error)) from None
    guard = _guard(config, store, signer, curser)
    metrics = Metrics()
    connections: list[HttpRpc | QuorumRpc] = []
    seams = {chain.selector: _seam(chain, config, rpcs or {}, connections, metrics) for chain in deployment.chains}
    by_selector = {chain.selector: chain for chain in config.chains}
    contracts = rmn_contracts(deployment, curser)
    notifications = Notifications(
        node=config.name,
        routes=routes,
        config=config.notifications,
        store=store,
        metrics=metrics,
        clock=clock,
    )
    service = build_service(
        config,
        deployment=deployment,
        store=store,
        seams=seams,
        signer=signer,
        curser=curser,
        contracts=contracts,
        clock=clock,
        metrics=metrics,
        guard=guard,
        attempt=partial(attempt, "vote failed", metrics.tries_failed),
        notifier=notifier or notifications,
    )
    description, shown = _describe(config, signer, curser), effective_settings(config, settings)
    powers = Powers(contracts, seams, {chain.selector: chain.name for chain in deployment.chains})
    drills = Drills(
        config,
        deployment,
        service,
        lambda config, rpcs, clock: build_node(config, rpcs=rpcs, clock=clock),
        metrics,
        notifications,
        clock,
    )
    peers = Peers(config.peers, signer, store, notifications, clock)
    desk = Desk(service, None if curser is None else curser.address)
    door = Door(
        service=service,
        desk=desk,
        controls=Controls(service, config.posture),
        statements=Statements(service, operators),
        curse_watch=CurseWatch(service, desk),
        peers=peers,
        notifications=notifications,
        drills=drills,
        operators=operators,
        clock=clock,
        describe=lambda: description | {"powers": powers.document()},
        settings=lambda: shown,
        reads=config.api.reads,
        requests_per_s=config.api.requests_per_s,
    )
    ws_urls = {} if rpcs is not None else _ws_urls(deployment, by_selector)
    return Node(
        config=config,
        service=service,
        door=door,
        watches=service.watches,
        ws_urls=ws_urls,
        connections=connections,
        clock=clock,
        powers=powers,
        guard=guard,
        peers=peers,
        drills=drills,
        notifications=notifications,
    )


def build_service(
    config: NodeConfig,
    *,
    deployment: Deployment,
    store: Store,
    seams: Mapping[ChainSelector, QuorumRpc],
    signer: Signer | None,
    curser: Signer | None,
    contracts: Mapping[ChainSelector, RmnContract],
    clock: Callable[[], int],
    metrics: Metrics,
    guard: Guard | None,
    attempt: Callable[[Errand], None],
    notifier: Notifier | None = None,
) -> Service:
    """A node without threads and API of its own, on what was opened for it. `attempt` runs what its threads do."""
    entries = {entry.selector: entry for entry in config.chains}
    watches = {
        chain.selector: _watch(chain, seams[chain.selector], store, entries.get(chain.selector))
        for chain in deployment.chains
    }
    audit, network, settings = Audit(store), network_from_deployment(deployment), settings_of(config)
    scratch = Scratch(store.folder)
    hands = {}
    if curser is not None:
        is_quick = isinstance(curser, LocalSigner)  # others take their time: never within the record's transaction
        hands = {
            selector: Hand(Wallet(seams[selector], curser), contract, is_quick=is_quick)
            for selector, contract in contracts.items()
        }
    return Service(
        deployment=deployment,
        watches=watches,
        network=network,
        judge=Judge(network, settings=settings, keeps_grounds=True, archive=scratch),
        store=store,
        audit=audit,
        evidence_book=EvidenceBook(network, settings, store),
        scratch=scratch,
        blesser=Blesser(deployment, signer, guard, store, audit),
        voter=Voter(hands, store, audit, guard=guard, clock=clock, attempt=attempt),
        metrics=metrics,
        posture=config.posture,
        conduct=conduct_of(config.policy, config.incidents),
        notifier=notifier,
    )


def _guard(config: NodeConfig, store: Store, signer: Signer | None, curser: Signer | None) -> Guard | None:
    """The history of what the keys have signed; a node without keys needs none."""
    if signer is None and curser is None:
        return None
    with ExitStack() as unless_it_works:
        unless_it_works.callback(store.close)
        try:
            guard = Guard(config.guard_path)
            unless_it_works.callback(guard.close)
            if guard.is_new:
                add_record(guard, store, *(None if key is None else key.address for key in (signer, curser)))
        except StoreError as error:
            raise ConfigError(str(error)) from None
        unless_it_works.pop_all()
    return guard


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


def _seam(
    chain: Chain,
    config: NodeConfig,
    rpcs: Mapping[ChainSelector, Rpc],
    connections: list[HttpRpc | QuorumRpc],
    metrics: Metrics,
) -> QuorumRpc:
    given = rpcs.get(chain.selector)
    if isinstance(given, QuorumRpc):
        return given
    entry = next((entry for entry in config.chains if entry.selector == chain.selector), None)
    urls = (chain.http,) if entry is None else entry.rpc_urls
    ws_url = _ws_url(chain, entry)
    if given is not None:
        return QuorumRpc([given], chain.chain_id)
    token_env = None if entry is None else entry.rpc_token_env
    opened = [_endpoint(url, ws_url, token_env or chain.token_env_of(url)) for url in urls]
    connections += opened
    quorum = QuorumRpc(
        opened,
        chain.chain_id,
        1 if entry is None else entry.endpoints_that_must_agree,
        on_fault=lambda number, fault: metrics.endpoint_faults.labels(chain.name, str(number), fault).inc(),
    )
    connections.append(quorum)
    return quorum


def _endpoint(url: str, ws_url: str | None, token_env: str | None) -> HttpRpc:
    same_node = ws_url if _is_same_node(url, ws_url) else None
    try:
        return HttpRpc(url, RPC_TIMEOUT_S, ws_url=same_node, token_env=token_env)
    except ValueError as error:
        raise ConfigError(f"chains: {error}") from None


def _watch(chain: Chain, rpc: QuorumRpc, store: Store, entry: ChainConfig | None) -> Watch:
    if entry is None:
        return Watch(chain, rpc, store)
    if entry.finality_depth_blocks is not None:
        chain = chain.model_copy(update={"finality_depth_blocks": entry.finality_depth_blocks})
    return Watch(chain, rpc, store, entry.start_block)


def rmn_contracts(deployment: Deployment, curser: Signer | None) -> dict[ChainSelector, RmnContract]:
    """What our key meets on each chain."""
    key = None if curser is None else curser.address
    return {
        chain.selector: RmnContract(
            chain.contracts.rmn_remote, chain.contracts.curse_voting, chain.contracts.rmn_proxy, key
        )
        for chain in deployment.chains
    }


def _ws_urls(deployment: Deployment, entries: Mapping[ChainSelector, ChainConfig]) -> dict[ChainSelector, str]:
    """Where heads are announced. Announcements wake the node; what counts as a fact is in `_stream`."""
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


def _stream(url: str, thread: ChainThread, config: NodeConfig) -> HeadStream:
    """An announced block is confirmed by those that must agree; where one is enough, only that one is believed."""
    entry = next((entry for entry in config.chains if entry.selector == thread.selector), None)
    is_believed = entry is None or entry.endpoints_that_must_agree > 1 or _is_same_node(entry.rpc_urls[0], url)
    try:
        return HeadStream(url, thread.wake if is_believed else lambda _: thread.wake())
    except ValueError as error:
        raise ConfigError(f"chains.ws_url: {error}; mend it") from None


def _describe(config: NodeConfig, signer: Signer | None, curser: Signer | None) -> dict[str, Any]:
    return {
        "name": config.name,
        "version": version("ccip-rmn"),
        "signer": None if signer is None else hex_text(signer.address),
        "curser": None if curser is None else hex_text(curser.address),
        "kept": config.kept,
    }
