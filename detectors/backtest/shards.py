"""A backtest on several processes, or a Dask cluster, with the result of one, to the bit.

Every worker replays the whole history into its own record, since a question may look at any row of it; what is divided
is the work on top. Statistics by chain: each chain's fold is its own state and rests on that chain's rows alone.
Questions of rules by row: a rule reads the record and changes nothing, and a signal's id names the row that it is
about, so no two workers ever give the same one. What they say is put into one order that does not depend on who said it
(`replay.Replayed`).
"""

from __future__ import annotations

import logging
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from detectors.backtest.replay import Replayed, in_order, replay
from detectors.collection import no_collection
from detectors.flows import FLOWING
from detectors.folding import Folding, Scored
from detectors.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ccip_core.protocol.messages import ChainSelector
    from detectors.detector import Rule
    from detectors.frames import Row
    from detectors.network import Network
    from detectors.record import Record
    from detectors.settings import Settings

log = logging.getLogger(__name__)

_Key = TypeVar("_Key", bound=int)
_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")


class WorkersError(ValueError):
    """The workers that were asked for can't be had; one line that names the option, the value and the remedy."""


class Workers(NamedTuple):
    """Who does the work: this process, some of its own, or those of a Dask cluster."""

    shares: int = 1
    """That the work is divided into; processes, unless there is a cluster."""
    dask_address: str | None = None
    """Of the cluster's scheduler. Its workers need this very version of the package."""

    def map(self, function: Callable[[_Task], _Answer], tasks: Sequence[_Task]) -> list[_Answer]:
        """The answers in the order of the tasks.

        Raises:
            WorkersError: the cluster can't be reached, or Dask is not installed.
        """
        if self.dask_address is not None:
            return _map_on_dask(self.dask_address, function, tasks)
        if len(tasks) <= 1:
            return [function(task) for task in tasks]
        try:
            with ProcessPoolExecutor(min(self.shares, len(tasks)), multiprocessing.get_context("spawn")) as pool:
                return list(pool.map(function, tasks))
        except BrokenProcessPool:  # killed, out of memory: this process gives the same answers, only later
            log.warning("a worker process died; its work is done here")
            return [function(task) for task in tasks]


def _map_on_dask(address: str, function: Callable[[_Task], _Answer], tasks: Sequence[_Task]) -> list[_Answer]:
    try:
        from dask.distributed import Client  # noqa: PLC0415  an extra; slow to load
        from distributed.comm.addressing import parse_host_port  # noqa: PLC0415
    except ImportError:
        raise WorkersError(f"dask = {address}: Dask is not installed; install ccip-rmn[scale]") from None
    try:
        parse_host_port(address.rpartition("://")[2])  # a client of no address takes a minute to go away
        client = Client(address, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise WorkersError(f"dask = {address}: {reason}; give the address of a running scheduler") from None
    with client:
        futures = [client.submit(function, task, pure=False) for task in tasks]
        answers: list[_Answer] = client.gather(futures)  # type: ignore[no-untyped-call]
        return answers


def share_out(weights: Mapping[_Key, int], count: int) -> list[frozenset[_Key]]:
    """At most `count` groups of keys, about equally heavy: the heaviest key first, to the lightest group."""
    groups: list[set[_Key]] = [set() for _ in range(count)]
    loads = [0] * count
    for key in sorted(weights, key=lambda key: (-weights[key], key)):
        lightest = loads.index(min(loads))
        groups[lightest].add(key)
        loads[lightest] += weights[key]
    return [frozenset(group) for group in groups if group]


class Share(NamedTuple):
    """What one worker does of the whole."""

    chains: frozenset[ChainSelector]
    """Whose statistics it folds."""
    place: int
    """It asks rules about every row whose number leaves this rest …"""
    shares: int
    """… when it is divided by this."""

    def holds(self, row: Row) -> bool:
        """Whether rules are asked about the row here."""
        return self.shares == 1 or (row.at.log_index + row.at.block_number) % self.shares == self.place


class SharedJudge(Judge):
    """A judge who knows everything and answers for its share alone."""

    def __init__(self, share: Share, network: Network, settings: Settings | None, on_score: Any = None) -> None:
        super().__init__(network, settings=settings, on_score=on_score)
        self._share = share

    def _rules_about(self, row: Row) -> Sequence[Rule]:
        return self._rules_for[type(row)] if self._share.holds(row) else ()

    def _folding_of(self, chain: ChainSelector) -> Folding:
        if chain not in self._share.chains and chain not in self._foldings:
            self._foldings[chain] = _Elsewhere(chain, self._limits)
        return super()._folding_of(chain)


class _Elsewhere(Folding):
    """A chain that another worker folds."""

    def add(self, record: Record, row: Row) -> bool:  # noqa: ARG002
        return False


class _Assignment(NamedTuple):
    network: Network
    rows: Sequence[Row]
    settings: Settings | None
    share: Share


class _Said(NamedTuple):
    replayed: Replayed
    scored: list[Scored]


def _judge_share(task: _Assignment) -> _Said:
    scored: list[Scored] = []
    with no_collection():
        judge = SharedJudge(task.share, task.network, task.settings, scored.append)
        return _Said(replay(task.network, task.rows, judge=judge), scored)


def replay_shared(
    network: Network,
    rows: Sequence[Row],
    *,
    workers: Workers,
    settings: Settings | None = None,
    on_score: Callable[[Scored], None] | None = None,
) -> Replayed:
    """`replay` by several workers; `on_score` hears the same, in the order of chains."""
    flows = {chain: sum(isinstance(row, FLOWING) for row in rows if row.at.chain == chain) for chain in network.chains}
    groups = share_out(flows, workers.shares)
    groups += [frozenset()] * (workers.shares - len(groups))
    shares = [Share(group, place, workers.shares) for place, group in enumerate(groups)]
    said = workers.map(_judge_share, [_Assignment(network, list(rows), settings, share) for share in shares])
    if on_score is not None:
        for _, scored in said:
            for one in scored:
                on_score(one)
    first = said[0].replayed
    return in_order(
        Replayed(
            first.detectors,
            first.statistics,
            [signal for each, _ in said for signal in each.signals],
            [undecided for each, _ in said for undecided in each.undecided],
        )
    )
