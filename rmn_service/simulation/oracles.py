"""The commit DON of a simulation, honest and forging at once, and the network between it and the nodes."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.blessing import recover_blessing, rmn_digest
from ccip_core.protocol.messages import RmnReport
from rmn_service.blesser import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from ccip_core.protocol.messages import Lane, MerkleRoot, RmnSignature
    from rmn_service.simulation.corridor import Corridor
    from rmn_service.simulation.liar import Liar
    from rmn_service.simulation.node import SimulatedNode

INTERVAL_MAX = 3


class Network:
    """Carries what is sent after a while, in another order, twice, or not at all."""

    def __init__(self, choose: Random) -> None:
        self._choose = choose
        self._under_way: list[tuple[int, Callable[[], None]]] = []
        self.is_bad = True
        self.lost = self.sent = 0

    def send(self, tick: int, deliver: Callable[[], None]) -> None:
        """It may come in this tick or later."""
        self.sent += 1
        if self.is_bad and self._choose.random() < 0.2:
            self.lost += 1
            return
        copies = 2 if self.is_bad and self._choose.random() < 0.05 else 1
        for _ in range(copies):
            due = tick + (self._choose.choice((0, 0, 1, 2, 5)) if self.is_bad else 0)
            self._under_way.append((due, deliver))

    def deliver(self, tick: int) -> None:
        """Whatever is due, and what that causes at once, in any order."""
        while due := [one for one in self._under_way if one[0] <= tick]:
            self._under_way = [one for one in self._under_way if one[0] > tick]
            self._choose.shuffle(due)
            for _, deliver in due:
                deliver()


class _Wanted(NamedTuple):
    root: MerkleRoot
    signers: set[bytes]


class Oracles:
    """Asks for blessings until there are enough; commits and executes what got them."""

    def __init__(
        self,
        corridor: Corridor,
        network: Network,
        nodes: Sequence[SimulatedNode | Liar],
        choose: Random,
    ) -> None:
        self._corridor = corridor
        self._network = network
        self._nodes = nodes
        self._choose = choose
        self._wanted: dict[Lane, _Wanted] = {}
        self.committed: dict[Lane, int] = defaultdict(int)
        self.forged: dict[tuple[Lane, MerkleRoot], set[bytes]] = defaultdict(set)
        """Who signed each forged root."""
        self.signed: dict[tuple[bytes, Lane, int, int], set[bytes]] = defaultdict(set)
        """The roots that each signer signed for each interval."""

    @property
    def _needed(self) -> int:
        return self._corridor.deployment.rmn.f_sign + 1

    def tick(self, tick: int) -> None:
        """Ask for what is wanted."""
        for config in self._corridor.deployment.lanes:
            lane = config.lane
            wanted = self._wanted.get(lane)
            final = self._corridor.final_count(lane)
            first = self.committed[lane] + 1
            if wanted is None and final >= first and not self._is_cursed(lane):
                last = min(final, first + self._choose.randrange(INTERVAL_MAX))
                wanted = self._wanted[lane] = _Wanted(self._corridor.root(lane, first, last), set())
            if wanted is not None and tick % 3 == 0:
                self._ask(tick, lane, wanted.root)

    def forge(self, tick: int) -> None:
        """Ask for a root with other contents, of what is final or of what does not exist yet."""
        lane = self._choose.choice(self._corridor.deployment.lanes).lane
        first = self.committed[lane] + self._choose.choice((1, 1, 5))
        root = self._corridor.forged_root(lane, first, first + self._choose.randrange(INTERVAL_MAX))
        self.forged[lane, root] |= set()
        self._ask(tick, lane, root)

    def _ask(self, tick: int, lane: Lane, root: MerkleRoot) -> None:
        for node in self._nodes:
            self._network.send(tick, partial(self._at_node, tick, lane, root, node))

    def _at_node(self, tick: int, lane: Lane, root: MerkleRoot, node: SimulatedNode | Liar) -> None:
        if not node.is_alive:
            return
        claim = Claim(lane, root.on_ramp_address, root.min_seq_nr, root.max_seq_nr, root.merkle_root)
        signature = node.blessing(claim, self._digest(lane, root))
        if signature is not None:
            self._network.send(tick, partial(self._take, lane, root, signature))

    def _take(self, lane: Lane, root: MerkleRoot, signature: RmnSignature) -> None:
        signer = recover_blessing(self._digest(lane, root), signature)
        if signer not in {entry.address for entry in self._corridor.deployment.rmn.signers}:
            return
        self.signed[signer, lane, root.min_seq_nr, root.max_seq_nr].add(root.merkle_root)
        if (lane, root) in self.forged:
            self.forged[lane, root].add(signer)
        wanted = self._wanted.get(lane)
        if wanted is None or wanted.root != root:
            return
        wanted.signers.add(signer)
        if len(wanted.signers) >= self._needed and not self._is_cursed(lane):
            self._corridor.commit(lane, root)
            for number in range(root.min_seq_nr, root.max_seq_nr + 1):
                self._corridor.execute(lane, number)
            self.committed[lane] = root.max_seq_nr
            del self._wanted[lane]

    def _is_cursed(self, lane: Lane) -> bool:
        return bool(self._corridor.cursed(lane.dest) or self._corridor.cursed(lane.source))

    def _digest(self, lane: Lane, root: MerkleRoot) -> bytes:
        dest = self._corridor.deployment.chain(lane.dest)
        return rmn_digest(
            RmnReport(
                dest_chain_id=dest.chain_id,
                dest_chain_selector=dest.selector,
                rmn_remote_contract_address=dest.contracts.rmn_remote,
                offramp_address=dest.contracts.off_ramp,
                rmn_home_contract_config_digest=self._corridor.deployment.rmn.home_config_digest,
                merkle_roots=(root,),
            )
        )
