"""What the record keeps of how the network stands: one list for each thing that changes, oldest first.

The last entry is what is in force. Every list belongs to one chain, so that forgetting that chain's newest rows is
taking away last entries; an empty list is no list, and what stands after a rewind is what never was otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.archive import newest
from detectors.frames import At, Committed, CurseChanged, Executed, Priced
from detectors.limits import Level, level_after_draw, level_after_set
from detectors.liquidity import Tally
from detectors.state_rows import ConfigChanged, LimitConsumed, LimitSet, LiquidityMoved, Voted, VotersSet
from detectors.votes import Call, calls_of

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.frames import Row
    from detectors.state_rows import Side

Lists = Callable[[str], Any]
"""Makes lists by key, given their name; their entries ascend by block time."""
block_time_s = attrgetter("at.block_time_s")

LimitKey = tuple["ChainSelector", str, "ChainSelector", "Side"]
"""Chain, pool, remote, side."""


class Delay(NamedTuple):
    """How long a lane took for one step; `at` is the row that ended it."""

    at: At
    delay_s: int | None
    """Of the first message of a root, as those that follow it in one go are no further experience; None for them."""


class Books:
    """Changed by the Record alone; rules read it."""

    def __init__(self, lists: Lists | None = None) -> None:
        """`lists` makes those that grow with traffic; by default they are all in memory."""
        make = lists or _in_memory
        self.settings: dict[tuple[ChainSelector, str, str, str], list[ConfigChanged]] = defaultdict(list)
        """By chain, contract, event and subject."""
        self.limits: dict[LimitKey, list[Level]] = make("limits")
        self.prices: dict[tuple[ChainSelector, str], list[Priced]] = make("prices")
        """By chain and token."""
        self.curses: dict[tuple[ChainSelector, str], list[CurseChanged]] = defaultdict(list)
        """By chain and subject."""
        self.voters: dict[ChainSelector, list[VotersSet]] = defaultdict(list)
        self.votes: dict[tuple[ChainSelector, str], list[Voted]] = defaultdict(list)
        """By chain and subject."""
        self.calls: dict[ChainSelector, list[Call]] = defaultdict(list)
        self.liquidity: dict[tuple[ChainSelector, str], list[LiquidityMoved]] = defaultdict(list)
        """By chain and pool: what its rebalancer moved."""
        self.holdings: dict[tuple[ChainSelector, str], list[Tally]] = make("holdings")
        """By chain and pool: what it took in less what it gave out; of pools that lock."""
        self.missing: dict[tuple[ChainSelector, str], list[Tally]] = defaultdict(list)
        """By chain and pool: what left it that neither a release nor its rebalancer accounts for."""
        self.commit_delays: dict[Lane, list[Delay]] = make("commit_delays")
        """Sent to committed."""
        self.execution_delays: dict[Lane, list[Delay]] = make("execution_delays")
        """Committed to tried for the first time; every message's first try has its entry."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Books) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def add(self, row: Row) -> None:
        """One more row of a kind that is kept here."""
        match row:
            case LimitSet():
                levels = self.limits[_limit_key(row)]
                levels.append(level_after_set(levels[-1] if levels else None, row))
            case LimitConsumed(remote=remote, side=side) if remote is not None and side is not None:
                self.draw(row, remote, side)
            case Voted():
                if calls := calls_of(self, row):
                    self.calls[row.at.chain] += calls
                self._append(row)
            case _:
                self._append(row)

    def forget(self, row: Row) -> None:
        """The newest row of its chain is gone, or never came so far."""
        for index, key in self._places(row):
            if newest(index.get(key, ())) is row:
                _pop(index, key)
        match row:
            case LimitSet():
                self._forget_level(_limit_key(row), row)
            case LimitConsumed(remote=remote, side=side) if remote is not None and side is not None:
                self.forget_draw(row, remote, side)
            case Voted():
                calls = self.calls.get(row.at.chain, ())
                while calls and calls[-1].at == row.at:
                    _pop(self.calls, row.at.chain)

    def draw(self, row: LimitConsumed, remote: ChainSelector, side: Side) -> None:
        """A bucket was drawn on, as the row or its transaction tells."""
        levels = self.limits.get((row.at.chain, row.pool, remote, side))
        if levels:  # how large a bucket is that was set before the record began is not known
            levels.append(level_after_draw(levels[-1], row))

    def forget_draw(self, row: LimitConsumed, remote: ChainSelector, side: Side) -> None:
        """The newest draw on this bucket is gone."""
        self._forget_level((row.at.chain, row.pool, remote, side), row)

    def _forget_level(self, key: LimitKey, row: LimitSet | LimitConsumed) -> None:
        level = newest(self.limits.get(key, ()))
        if level is not None and level.row is row:
            _pop(self.limits, key)

    def add_tally(self, tallies: dict[tuple[ChainSelector, str], list[Tally]], at: At, pool: str, amount: int) -> None:
        """The row changed a running sum about a pool."""
        of_pool = tallies[at.chain, pool]
        of_pool.append(Tally(at, pool, amount + (of_pool[-1].amount if of_pool else 0)))

    def forget_tallies(self, at: At, pool: str) -> None:
        """The newest row of its chain is gone, and what it changed."""
        for tallies in (self.holdings, self.missing):
            tally = newest(tallies.get((at.chain, pool), ()))
            if tally is not None and tally.at == at:
                _pop(tallies, (at.chain, pool))

    def add_delay(self, row: Committed | Executed, delay_s: int | None) -> None:
        """What a commit or an execution says about how long things take."""
        self._delays_of(row)[row.lane].append(Delay(row.at, delay_s))

    def forget_delay(self, row: Committed | Executed) -> None:
        """The newest commit or execution of its chain is gone."""
        index = self._delays_of(row)
        delay = newest(index.get(row.lane, ()))
        if delay is not None and delay.at is row.at:
            _pop(index, row.lane)

    def _delays_of(self, row: Committed | Executed) -> dict[Lane, list[Delay]]:
        return self.commit_delays if isinstance(row, Committed) else self.execution_delays

    def _append(self, row: Row) -> None:
        for index, key in self._places(row):
            index[key].append(row)

    def _places(self, row: Row) -> list[tuple[dict[Any, list[Any]], Any]]:
        chain = row.at.chain
        places: list[tuple[dict[Any, list[Any]], Any]] = []
        match row:
            case ConfigChanged():
                places = [(self.settings, (chain, row.contract, row.what, row.subject))]
            case Priced():
                places = [(self.prices, (chain, row.token))]
            case CurseChanged():
                places = [(self.curses, (chain, row.subject))]
            case VotersSet():
                places = [(self.voters, chain)]
            case LiquidityMoved():
                places = [(self.liquidity, (chain, row.pool))]
            case Voted():
                places = [(self.votes, (chain, subject)) for subject in row.subjects]
        return places


def _in_memory(_name: str) -> Any:
    return defaultdict(list)


def _limit_key(row: LimitSet) -> LimitKey:
    return row.at.chain, row.pool, row.remote, row.side


def _pop(index: dict[Any, list[Any]], key: object) -> None:
    entries = index[key]
    entries.pop()
    if not entries:
        del index[key]
