"""One RMN node with its threads: started, kept moving, stopped. What it consists of is put together in `bootstrap`.

A chain that can't be reached does not stop a node from starting (it is blind on it, and says so); a chain that is
another one than the deployment's does.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

import structlog
import uvicorn

from ccip_core.listening import bound_socket
from ccip_core.rpc import RpcError, WrongChainError
from detectors.detector import Severity
from rmn_service.alerts import Alert
from rmn_service.api.app import build_app
from rmn_service.detection import hex_text
from rmn_service.errors import ConfigError
from rmn_service.peers import PEERS_S
from rmn_service.powers import POWERS_S
from rmn_service.retention import EVERY_S, Retention
from rmn_service.scheduler import ChainThread, Job, every
from rmn_service.seams import head_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apscheduler.schedulers.background import BackgroundScheduler

    from ccip_core.json_rpc import JsonRpc
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.quorum_rpc import QuorumRpc
    from rmn_service.api.door import Door
    from rmn_service.config import NodeConfig
    from rmn_service.drills import Drills
    from rmn_service.guard import Guard
    from rmn_service.notify import Notifications
    from rmn_service.peers import Peers
    from rmn_service.powers import Powers
    from rmn_service.service import Service
    from rmn_service.watch import Watch

log = structlog.get_logger()

_STOP_S = 5.0


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
        connections: list[JsonRpc | QuorumRpc],
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
        self._streams = [head_stream(url, self._threads[selector], config) for selector, url in ws_urls.items()]
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
