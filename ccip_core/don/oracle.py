"""One oracle: a reader for each chain, a worker for each destination, a door for its peers.

    new head → reader follows it → workers of that chain's lanes wake → commit, execute, if the round is theirs

Nothing polls: an idle oracle costs one `eth_getLogs` a block and chain. When a chain's heads stay away, its reader
looks for itself. A chain that can't be reached silences the lanes that touch it and no others.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from ccip_core.don.blessings import RmnNodes
from ccip_core.don.commit_plugin import CommitPlugin, RefusedError
from ccip_core.don.destination import Destination
from ccip_core.don.door import Door
from ccip_core.don.execute_plugin import ExecutePlugin
from ccip_core.don.observer import ChainObserver
from ccip_core.don.peers import Peers
from ccip_core.don.prices import local_prices
from ccip_core.heads import HeadStream
from ccip_core.http_rpc import HttpRpc
from ccip_core.protocol.messages import ChainSelector
from ccip_core.rpc import RpcError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.deployment import Chain, Deployment
    from ccip_core.don.config import OracleConfig
    from ccip_core.protocol.logs import Header
    from ccip_core.signers import Signature

log = logging.getLogger(__name__)

RPC_TIMEOUT_S = 5.0
SILENCE_BLOCKS = 3
"""A chain whose heads stay away for longer is asked."""
SILENCE_S_MIN = 2.0
POLL_S_MIN = 0.25
"""Where a chain has no WebSocket endpoint, it is asked once a block, but not more often than this."""
STOP_S_MAX = 3.0


class Oracle:
    """One of the four. `start` returns at once; `stop` leaves no thread and no port behind."""

    commit_plugin = CommitPlugin
    """The class that speaks for it; a test that wants a liar puts another one here."""

    def __init__(self, config: OracleConfig) -> None:
        self.index = config.index
        deployment = config.deployment
        self._stopping = threading.Event()
        self._rpcs = {
            chain.selector: HttpRpc(chain.http, RPC_TIMEOUT_S, token_env=chain.rpc_token_env)
            for chain in deployment.chains
        }
        self._observers = {
            chain.selector: ChainObserver(self._rpcs[chain.selector], chain, local_prices(deployment, chain.selector))
            for chain in deployment.chains
        }
        self._door = Door(self, config.secret, config.port)
        self._peers = Peers((), config.secret)
        self._rmn_nodes = RmnNodes(())
        self.set_neighbours(config.oracle_urls, config.rmn_urls)
        self._workers = {
            chain.selector: self._worker(deployment, chain.selector, config) for chain in deployment.chains
        }
        self._readers = [self._reader(deployment, chain) for chain in deployment.chains]

    @property
    def url(self) -> str:
        """Its door, from the moment it is made."""
        return self._door.url

    def start(self) -> None:
        """Observe and take part."""
        self._door.open()
        for worker in self._workers.values():
            worker.start()
        for reader in self._readers:
            reader.start()

    def stop(self) -> None:
        """Fall silent. May be called twice."""
        self._stopping.set()
        self._door.close()
        for reader in self._readers:
            reader.stop()
        for worker in self._workers.values():
            worker.stop()
        self._peers.close()
        self._rmn_nodes.close()
        for rpc in self._rpcs.values():
            rpc.close()

    def set_neighbours(self, oracles: Sequence[str], rmn_nodes: Sequence[str]) -> None:
        """Name the oracles (its own URL may be among them) and the RMN nodes."""
        self._peers.urls = tuple(url for url in oracles if url != self.url)
        self._rmn_nodes.urls = tuple(rmn_nodes)

    def sign_commit(self, dest: int, sequence_number: int, report: bytes, leader: Signature) -> Signature:
        """Our signature on a leader's report. UNTRUSTED input.

        Raises:
            RefusedError: we would not have reported that.
        """
        worker = self._workers.get(ChainSelector(dest))
        if worker is None:
            raise RefusedError(f"no destination {dest}")
        return worker.commit.sign(report, sequence_number, leader)

    def status(self) -> Mapping[str, Any]:
        """What this oracle sees, for people."""
        views = {selector: observer.dest_view() for selector, observer in self._observers.items()}
        return {
            "index": self.index,
            "chains": {
                str(selector): None if view is None else {"head": str(view.head.number), "pending": len(view.pending)}
                for selector, view in views.items()
            },
        }

    def _worker(self, deployment: Deployment, selector: ChainSelector, config: OracleConfig) -> _Worker:
        rpc = self._rpcs[selector]
        destination = Destination(selector, deployment, self._observers, rpc, config.transmitter)
        commit = self.commit_plugin(destination, config.signer, self._peers, self._rmn_nodes)
        return _Worker(destination, commit, ExecutePlugin(destination), config.signer.address, self._stopping)

    def _reader(self, deployment: Deployment, chain: Chain) -> _Reader:
        dests = {lane.dest for lane in deployment.lanes if lane.source == chain.selector} | {chain.selector}
        woken = [self._workers[dest] for dest in sorted(dests)]
        return _Reader(self._observers[chain.selector], woken, self._stopping)


class _Reader:
    """Follows one chain on a thread of its own."""

    def __init__(self, observer: ChainObserver, workers: Sequence[_Worker], stopping: threading.Event) -> None:
        chain = observer.chain
        self._observer = observer
        self._workers = workers
        self._stopping = stopping
        self._news = threading.Condition()
        self._head: Header | None = None
        self._heads = None if chain.ws is None else HeadStream(chain.ws, self._on_head)
        self._patience_s = (
            max(POLL_S_MIN, chain.block_time_s)
            if chain.ws is None
            else max(SILENCE_S_MIN, SILENCE_BLOCKS * chain.block_time_s)
        )
        self._thread = threading.Thread(target=self._run, name=f"reader {chain.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()
        if self._heads is not None:
            self._heads.start()

    def stop(self) -> None:
        if self._heads is not None:
            self._heads.stop()
        with self._news:
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(STOP_S_MAX)

    def _on_head(self, head: Header) -> None:
        with self._news:
            self._head = head
            self._news.notify_all()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._news:
                self._news.wait_for(lambda: self._head is not None or self._stopping.is_set(), self._patience_s)
                head, self._head = self._head, None
            if self._stopping.is_set():
                return
            try:
                is_news = self._observer.look() if head is None else self._observer.follow(head)
            except RpcError as error:  # what was not read is not there, or blind: its lanes rest until it is seen
                log.warning("%s: can't be read: %s", self._observer.chain.name, error)
                is_news = True
            if is_news:
                for worker in self._workers:
                    worker.wake()


class _Worker:
    """Leads one destination's rounds on a thread of its own, whenever the leader is us."""

    def __init__(
        self,
        destination: Destination,
        commit: CommitPlugin,
        execute: ExecutePlugin,
        own_address: bytes,
        stopping: threading.Event,
    ) -> None:
        self.commit = commit
        self._destination = destination
        self._execute = execute
        self._own_address = own_address
        self._stopping = stopping
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"worker {destination.chain.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S_MAX)

    def _run(self) -> None:
        pause_s: float | None = None
        while not self._stopping.is_set():
            self._woken.wait(pause_s)
            self._woken.clear()
            if self._stopping.is_set():
                return
            try:
                pause_s = self._lead(time.monotonic())
            except RpcError as error:  # nothing was sent, or we can't know: the next block will tell
                pause_s = None
                log.warning("%s: %s", self._destination.chain.name, error)

    def _lead(self, now_s: float) -> float | None:
        """The leader of a round is its number modulo the oracles that the OffRamp has registered."""
        view = self._destination.view()
        if view is None:
            return None
        signers = view.state.commit.signers
        if not signers or signers[view.head.number % len(signers)] != self._own_address:
            return None
        self._destination.forget_settled(view)
        execute_again_s = self._execute.lead(view, now_s)
        commit_again_s = self.commit.lead(view, now_s)
        return min((wait_s for wait_s in (execute_again_s, commit_again_s) if wait_s is not None), default=None)
