"""One seed: everything that is chosen in a run is chosen by it, so the same seed is the same run."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import structlog

from ccip_core.scripted_rpc import BLOCK_TIME_S
from rmn_service.simulation.corridor import Corridor, scripted_deployment
from rmn_service.simulation.liar import MANNERS, Liar
from rmn_service.simulation.node import Disks, SimulatedNode
from rmn_service.simulation.oracles import Network, Oracles
from rmn_service.simulation.verdict import check_curses, check_end

if TYPE_CHECKING:
    from collections.abc import Iterator

BAD_TICKS = 20
"""While anything may fail."""
GOOD_TICKS = 8
"""When everything works again: so many ticks after that an attack that honest nodes could see is cursed (INV-SIM-3)."""
_RESTART_TICKS = 4
_ROOM_MAX = 2_000
"""Instructions; a walk takes that many and more, so a disk is full in the midst of one."""


@dataclass(slots=True)
class Outcome:
    """What a run showed."""

    seed: int
    nodes: int
    broken: list[str] = field(default_factory=list)
    """The invariants that did not hold, each with what was seen."""
    counts: Counter[str] = field(default_factory=Counter)
    """What was done to the nodes, and what they did."""
    digest: str = ""
    """Of all chains at the end: equal for equal runs."""

    @property
    def replay(self) -> str:
        """How to see it again."""
        return f"make simulate SEED={self.seed} NODES={self.nodes}"


class Simulator:
    """Runs seeds for one number of nodes, one after the other, on the same databases."""

    def __init__(self, nodes: int) -> None:
        self._count = nodes
        self._f = (nodes - 1) // 3
        self._deployment = scripted_deployment(nodes, self._f)
        self._disks = Disks(Corridor(self._deployment))

    def close(self) -> None:
        """Remove the databases."""
        self._disks.close()

    def run(self, seed: int) -> Outcome:
        """One run."""
        with _quiet():
            one = _Run(seed, Corridor(self._deployment), self._disks, self._count, self._f)
            try:
                return one.outcome()
            finally:
                one.close()


class _Run:
    def __init__(self, seed: int, corridor: Corridor, disks: Disks, count: int, f: int) -> None:
        choose = self._choose = Random(seed)  # noqa: S311 - a simulation, no secret
        self._corridor = corridor
        self._outcome = Outcome(seed, count)
        manner = choose.choice(MANNERS)
        liars = choose.sample(range(count), choose.choice((0, f)))
        self._liars = [Liar(index, corridor, manner, choose) for index in liars]
        self._nodes = [
            SimulatedNode(index, corridor, disks.store(index)) for index in range(count) if index not in liars
        ]
        self._network = Network(choose)
        self._oracles = Oracles(corridor, self._network, [*self._nodes, *self._liars], choose)
        self._endpoints_lie = choose.random() < 0.5
        self._attack_at = choose.randrange(5, BAD_TICKS - 3) if choose.random() < 0.6 else None
        self._dead: dict[int, SimulatedNode] = {}

    def close(self) -> None:
        for node in self._nodes:
            node.close()

    def outcome(self) -> Outcome:
        for tick in range(BAD_TICKS):
            self._hurt(tick)
            self._walk(tick)
        self._heal()
        for tick in range(BAD_TICKS, BAD_TICKS + GOOD_TICKS):
            self._walk(tick)
        outcome = self._outcome
        outcome.broken += check_end(self._corridor, self._nodes, self._oracles, is_calm=not self._endpoints_lie)
        outcome.counts["forged roots asked for"] = len(self._oracles.forged)
        outcome.counts["messages"] = sum(map(len, self._corridor.sent.values()))
        outcome.counts["messages lost by the network"] = self._network.lost
        outcome.counts["refused by a disk"] = sum(node.refusals for node in self._nodes)
        outcome.counts["liars"] = len(self._liars)
        outcome.counts["curses"] = sum(len(self._corridor.cursed(chain)) for chain in self._corridor.chains)
        outcome.counts["transactions"] = sum(len(chain.sent) for chain in self._corridor.chains.values())
        heads = b"".join(
            head.hash + repr(chain.sent).encode()
            for chain in self._corridor.chains.values()
            if (head := chain.header("latest")) is not None
        )
        outcome.digest = hashlib.sha256(heads).hexdigest()
        return outcome

    def _hurt(self, tick: int) -> None:
        """What goes wrong in this tick."""
        choose, counts = self._choose, self._outcome.counts
        for node in self._nodes:
            if node.is_alive and choose.random() < 0.04:
                loses_disk = choose.random() < 0.3
                counts["crashes without disk" if loses_disk else "crashes"] += 1
                node.crash(loses_disk=loses_disk)
                self._dead[tick + choose.randrange(1, _RESTART_TICKS + 1)] = node
            if node.is_alive and choose.random() < 0.4:
                if choose.random() < 0.3:
                    node.fill_disk(choose.randrange(_ROOM_MAX))
                    counts["full disks"] += 1
                else:
                    node.free_disk()
            if choose.random() < 0.5:
                node.see_badly(choose, may_lie=self._endpoints_lie)
                counts["endpoint faults"] += 1
        for selector in sorted(self._corridor.chains):
            if choose.random() < 0.12:
                self._corridor.fork(selector, choose.choice((1, 2)))
                counts["reorgs"] += 1
        if tick == self._attack_at:
            self._corridor.attack(choose.choice(self._corridor.deployment.lanes).lane)
            counts["attacks"] += 1
        if choose.random() < 0.15:
            self._oracles.forge(tick)

    def _walk(self, tick: int) -> None:
        """Time goes on by one block."""
        choose, corridor = self._choose, self._corridor
        corridor.now_s += BLOCK_TIME_S
        for config in corridor.deployment.lanes:
            if choose.random() < 0.3 and not corridor.cursed(config.lane.source):
                corridor.send(config.lane)
        for selector in sorted(corridor.chains):
            if not self._network.is_bad or choose.random() < 0.93:
                corridor.mine(selector)
        restarted = self._dead.pop(tick, None)
        if restarted is not None and not restarted.is_alive:
            restarted.start()
        walkers: list[SimulatedNode | Liar] = [*self._nodes, *self._liars]
        choose.shuffle(walkers)
        for walker in walkers:
            if walker.is_alive and (not self._network.is_bad or choose.random() < 0.6):
                walker.tick()
        self._oracles.tick(tick)
        self._network.deliver(tick)
        self._outcome.broken += check_curses(corridor)

    def _heal(self) -> None:
        self._network.is_bad = False
        for node in self._nodes:
            node.see_well()
            node.free_disk()
            if not node.is_alive:
                node.start()


@contextmanager
def _quiet() -> Iterator[None]:
    """Nodes log what they see; of thousands of runs nobody reads it."""
    before = structlog.get_config()
    structlog.configure(processors=[_drop])
    try:
        yield
    finally:
        structlog.configure(**before)


def _drop(*_: object) -> structlog.typing.EventDict:
    raise structlog.DropEvent
