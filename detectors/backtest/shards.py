"""A backtest on several processes, or a Dask cluster, with the result of one, to the bit.

Every worker replays the whole history into its own record, since a question may look at any row of it; what is divided
is the work on top. Statistics by chain: each chain's fold is its own state and rests on that chain's rows alone.
Questions of rules by row: a rule reads the record and changes nothing, and a signal's id names the row that it is
about, so no two workers ever give the same one. What they say is put into one order that does not depend on who said it
(`replay.Replayed`).

On Linux workers are forked: what they are to do, the history and the compiled code are there from the first moment,
and nothing is sent but their answers, as arrays. Elsewhere, and on a cluster, they start from nothing.
"""

from __future__ import annotations

import logging
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from detectors.backtest.replay import Replayed, in_order, replay
from detectors.collection import no_collection
from detectors.flows import FLOWING, WIDTH
from detectors.folding import LINES, Folding, Scored, warm_up
from detectors.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import ChainSelector
    from detectors.detector import Rule
    from detectors.frames import Row
    from detectors.network import Network
    from detectors.record import Record
    from detectors.settings import Settings

log = logging.getLogger(__name__)

_START = "fork" if sys.platform == "linux" else "spawn"

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
        processes, context = min(self.shares, len(tasks)), multiprocessing.get_context(_START)
        try:
            with ProcessPoolExecutor(processes, context, initializer=_inherit, initargs=(tasks,)) as pool:
                return list(pool.map(_do, repeat(function), range(len(tasks))))
        except BrokenProcessPool:  # killed, out of memory: this process gives the same answers, only later
            log.warning("a worker process died; its work is done here")
            return [function(task) for task in tasks]


_inherited: list[Any] = []
"""In a worker process: all the tasks, which a forked one has without their being sent."""


def _inherit(tasks: Sequence[Any]) -> None:
    _inherited[:] = tasks


def _do(function: Callable[[Any], _Answer], place: int) -> _Answer:
    return function(_inherited[place])


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

    def _new_folding(self, chain: ChainSelector) -> Folding:
        return super()._new_folding(chain) if chain in self._share.chains else _Elsewhere(chain, self._limits)


class _Elsewhere(Folding):
    """A chain that another worker folds."""

    def add(self, record: Record, row: Row) -> bool:  # noqa: ARG002
        return False


class _Assignment(NamedTuple):
    network: Network
    rows: Sequence[Row]
    settings: Settings | None
    share: Share


class _Scores(NamedTuple):
    """`Scored`, each a line of arrays: what takes its way from process to process in no time."""

    positions: NDArray[np.int64]
    """Of its row among all."""
    flows: NDArray[np.int64]
    rates: NDArray[np.float64]
    levels: NDArray[np.int8]

    @classmethod
    def of(cls, scored: Sequence[Scored], rows: Sequence[Row]) -> _Scores:
        """Of these rows."""
        places = {id(row): place for place, row in enumerate(rows)}
        return cls(
            np.array([places[id(one.row)] for one in scored], dtype=np.int64),
            np.array([one.flow for one in scored], dtype=np.int64).reshape(-1, WIDTH),
            np.array([one.rates for one in scored], dtype=np.float64).reshape(-1, LINES),
            np.array([one.levels for one in scored], dtype=np.int8).reshape(-1, LINES),
        )

    def scored(self, rows: Sequence[Row]) -> Iterator[Scored]:
        """As they were."""
        is_stated = map(bool, np.any(self.levels, axis=1))
        flows = map(tuple, self.flows.tolist())
        for place, flow, rates, levels, stated in zip(
            self.positions.tolist(), flows, self.rates, self.levels, is_stated, strict=True
        ):
            yield Scored(rows[place], flow, rates, levels, stated)


class _Said(NamedTuple):
    replayed: Replayed
    scores: _Scores


def _judge_share(task: _Assignment) -> _Said:
    scored: list[Scored] = []
    with no_collection():
        judge = SharedJudge(task.share, task.network, task.settings, scored.append)
        replayed = replay(task.network, task.rows, judge=judge)
        return _Said(replayed, _Scores.of(scored, task.rows))


def replay_shared(
    network: Network,
    rows: Sequence[Row],
    *,
    workers: Workers,
    settings: Settings | None = None,
    on_score: Callable[[Scored], None] | None = None,
) -> Replayed:
    """`replay` by several workers; `on_score` hears the same, in the order of chains."""
    rows = list(rows)
    flows = {chain: sum(isinstance(row, FLOWING) for row in rows if row.at.chain == chain) for chain in network.chains}
    groups = share_out(flows, workers.shares)
    groups += [frozenset()] * (workers.shares - len(groups))
    shares = [Share(group, place, workers.shares) for place, group in enumerate(groups)]
    warm_up()  # once here, and not by every worker that is forked
    said = workers.map(_judge_share, [_Assignment(network, rows, settings, share) for share in shares])
    if on_score is not None:
        for _, scores in said:
            for one in scores.scored(rows):
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
