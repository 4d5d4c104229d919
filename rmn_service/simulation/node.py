"""One honest node of a simulation: the real service, whose eyes and disk may fail it and whose process may die."""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.events import encode_log_fields
from ccip_core.protocol.logs import RawLog
from ccip_core.quorum_rpc import QuorumRpc
from ccip_core.scripted_endpoint import ScriptedEndpoint
from rmn_service.bootstrap import build_service, rmn_contracts
from rmn_service.config import NodeConfig
from rmn_service.errands import ErrandThread
from rmn_service.errors import StoreError
from rmn_service.guard import Guard
from rmn_service.metrics import Metrics
from rmn_service.schema import metadata
from rmn_service.simulation.corridor import invented_execution
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector, RmnSignature
    from rmn_service.blesser import Claim
    from rmn_service.errands import Errand
    from rmn_service.service import Service
    from rmn_service.simulation.corridor import Corridor

ENDPOINTS, MIN_AGREE = 3, 2
_CONFIG = NodeConfig(deployment=Path("deployment.json"), posture="curse")
_IN_MEMORY = Path(":memory:")
"""A guard's file that lives as long as its disk."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - no secret, and a folder of our own in it


class Disks:
    """The nodes' databases, used again by run after run: opening one takes as long as half a run."""

    def __init__(self, deployment_of: Corridor) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)
        self._deployment = deployment_of.deployment
        self._stores: dict[int, Store] = {}

    def store(self, index: int) -> Store:
        """The database of a node, empty."""
        if index not in self._stores:
            url = f"sqlite:///{self._folder.name}/node-{index}.db"
            self._stores[index] = Store.open(url, deployment=self._deployment)
        wipe(self._stores[index])
        return self._stores[index]

    def close(self) -> None:
        """Remove them."""
        for store in self._stores.values():
            store.close()
        self._folder.cleanup()


def wipe(store: Store) -> None:
    """What a lost disk leaves: the tables, and which network they are of."""
    with store.database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name != "meta":
                connection.execute(table.delete())


class HeldErrands(ErrandThread):
    """What a node's threads would do, kept until the simulation lets it happen, in the order handed over."""

    def __init__(self, attempt: Callable[[Errand], None], held: deque[Errand]) -> None:
        super().__init__("held", attempt)
        self._attempt = attempt
        self._held = held

    def hand_over(self, errand: Errand) -> None:
        """Keep it."""
        self._held.append(partial(self._attempt, errand))

    def milestone(self) -> threading.Lock:
        """Nobody waits: time stands still while a node walks."""
        return threading.Lock()

    def close(self) -> None:
        """There is no thread to end."""


class SimulatedNode:
    """Starts alive."""

    def __init__(self, index: int, corridor: Corridor, store: Store) -> None:
        self.index = index
        self.signer = dev_key("rmn_signer", index)
        self.curser = dev_key("rmn_curser", index)
        self.store = store
        with store.database.writing() as connection:
            self._driver: Any = connection.connection.dbapi_connection
        self._corridor = corridor
        self._held: deque[Errand] = deque()
        self._metrics = Metrics()
        self._guard = Guard(_IN_MEMORY)
        self._service: Service | None = None
        self.eyes: dict[ChainSelector, list[ScriptedEndpoint]] = {
            selector: [ScriptedEndpoint(chain) for _ in range(ENDPOINTS)] for selector, chain in corridor.chains.items()
        }
        self.has_been_lied_to = False
        self.refusals = 0
        """How often its disk kept it from doing what it was about to do."""
        self.start()

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._service is not None

    @property
    def service(self) -> Service:
        """Of a node that is alive."""
        assert self._service is not None
        return self._service

    def start(self) -> None:
        """As `rmn run` would, on the record that there is."""
        corridor = self._corridor
        seams = {
            chain.selector: QuorumRpc(
                self.eyes[chain.selector],
                chain.chain_id,
                MIN_AGREE,
                clock=_stopped_clock,
                is_inline=True,
            )
            for chain in corridor.deployment.chains
        }
        self._service = build_service(
            _CONFIG,
            deployment=corridor.deployment,
            store=self.store,
            seams=seams,
            signer=self.signer,
            curser=self.curser,
            contracts=rmn_contracts(corridor.deployment, self.curser),
            clock=lambda: corridor.now_ms,
            metrics=self._metrics,
            guard=self._guard,
            attempt=self._attempt,
        )
        voter = self._service.voter
        voter._threads = {chain: HeldErrands(self._attempt, self._held) for chain in seams}  # noqa: SLF001 - its threads alone

    def close(self) -> None:
        """Let go of what it holds outside its record."""
        self._guard.close()

    def crash(self, *, loses_disk: bool) -> None:
        """Between two of its steps: what was handed to its threads is never done."""
        self._driver.set_progress_handler(None, 0)
        self._driver.set_trace_callback(None)
        self._held.clear()
        self._service = None
        if loses_disk:
            wipe(self.store)
            self._guard.close()
            self._guard = Guard(_IN_MEMORY)

    def tick(self) -> None:
        """One walk of the corridor, and what its threads then do."""
        self._attempt(partial(self.service.tick, self._corridor.now_ms))
        self.work()

    def work(self, at_most: int = 1_000) -> None:
        """Let its threads do what they were handed."""
        while self._held and at_most:
            at_most -= 1
            self._held.popleft()()

    def blessing(self, claim: Claim, digest: bytes) -> RmnSignature | None:
        """Answer the DON."""
        try:
            answer = self.service.bless([claim], self._corridor.now_ms)
        except StoreError:
            self.refusals += 1
            return None
        finally:
            self.work()
        assert answer.digest in (None, digest)
        return answer.signature

    def fill_disk(self, room: int) -> None:
        """Its files refuse everything after so many more instructions of SQLite's machine, in the midst of whatever."""
        left, takes_back = room, False

        def refuses() -> bool:
            nonlocal left
            left -= 1
            return left < 0 and not takes_back

        def listen(statement: str) -> None:
            nonlocal takes_back
            takes_back = statement == "ROLLBACK"  # which needs no room

        for file in self._files():
            file.set_progress_handler(refuses, 1)
            file.set_trace_callback(listen)

    def free_disk(self) -> None:
        """There is room again, and its operator restarts it if it asks for that."""
        for file in self._files():
            file.set_progress_handler(None, 0)
            file.set_trace_callback(None)
        if self._service is not None:
            try:
                self._service.scratch.check()
            except StoreError:
                self.crash(loses_disk=False)
                self.start()

    def _files(self) -> list[Any]:
        return [self._driver] if self._service is None else [self._driver, self._service.scratch.connection]

    def see_badly(self, choose: Random, *, may_lie: bool) -> None:
        """Give some of its endpoints other faults than before; at most one of a chain lies."""
        for selector, eyes in self.eyes.items():
            liar = choose.randrange(2 * ENDPOINTS) if may_lie else -1
            for place, eye in enumerate(eyes):
                eye.is_silent = choose.random() < 0.15
                eye.lag_blocks = choose.choice((0, 0, 0, 1, 2))
                eye.takes_transactions = choose.random() > 0.1
                eye.alter_logs = _honest
                if place == liar:
                    self.has_been_lied_to = True
                    eye.alter_logs = choose.choice((_hides, partial(_invents, self._invention(selector))))

    def see_well(self) -> None:
        """All its endpoints work."""
        for eyes in self.eyes.values():
            for eye in eyes:
                eye.is_silent, eye.lag_blocks, eye.takes_transactions = False, 0, True
                eye.alter_logs = _honest

    def _invention(self, dest: ChainSelector) -> tuple[bytes, tuple[bytes, ...], bytes]:
        (lane,) = [config.lane for config in self._corridor.deployment.lanes if config.lane.dest == dest]
        topics, data = encode_log_fields(invented_execution(lane))
        return self._corridor.contracts[dest].off_ramp, tuple(topics), data

    def _attempt(self, errand: Errand) -> None:
        try:
            errand()
        except StoreError:  # as a node's threads do: noticed, and tried again
            self.refusals += 1


def _stopped_clock() -> float:
    return 0.0


def _honest(_: Header, logs: list[RawLog]) -> list[RawLog]:
    return logs


def _hides(_: Header, logs: list[RawLog]) -> list[RawLog]:
    del logs
    return []


def _invents(log: tuple[bytes, tuple[bytes, ...], bytes], header: Header, logs: list[RawLog]) -> list[RawLog]:
    return [*logs, RawLog(*log, header.number, header.hash, b"\x09" * 32, 1_000)]
