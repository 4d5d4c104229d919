"""The statistics of one chain: final rows advance the stored state, the unfinalised tail is folded on a copy.

A reorg drops the copy; a restart folds the rows again; both give what a fold from row one would give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors import fused, tail
from detectors.account import empty_account
from detectors.flows import REMOTE, TOKEN, WIDTH, FlowReader
from detectors.slices import AskedRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import ChainSelector
    from detectors.flows import Numbers
    from detectors.frames import Row
    from detectors.fused import Limits
    from detectors.record import Record
    from detectors.slices import Slice

LINES = len(fused.STATISTICS) + 1
"""Of rates and levels: one for each statistic, the combination last."""


class Scored(NamedTuple):
    """What the statistics say of one flow of a row."""

    row: Row
    flow: tuple[int, ...]
    rates: NDArray[np.float64]
    """Quiet days a day that reach this; infinite for no opinion."""
    levels: NDArray[np.int8]
    """What is to be stated now: `fused.QUIET`, `ALARM` or `STRICT`."""
    is_stated: bool
    """Whether any of the levels is more than quiet."""
    grounds: StatisticGrounds | None = None
    """What the levels rest on, where any is stated and grounds are kept."""


class State:
    """All that the fold of one chain carries from flow to flow."""

    __slots__ = ("account", "states", "tails", "together")

    def __init__(
        self,
        states: tuple[NDArray[Any], ...],
        tails: NDArray[np.float64],
        together: NDArray[np.float64],
        account: NDArray[np.float64],
    ) -> None:
        self.states = states
        self.tails = tails
        self.together = together
        self.account = account

    @classmethod
    def empty(cls) -> State:
        """Has seen nothing."""
        return cls(fused.empty_states(2), tail.empty_tails(LINES), fused.empty_together(), empty_account())

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Everything, in the order in which evidence writes it down."""
        return (*self.states, self.tails, self.together, self.account)

    def copy(self) -> State:
        """Its own arrays, the same numbers."""
        return State(
            tuple(state.copy() for state in self.states), self.tails.copy(), self.together.copy(), self.account.copy()
        )

    def is_like(self, other: State) -> bool:
        """Whether its arrays have the kinds and shapes of the other's, but for how many tokens and lanes they hold.

        Compiled code trusts shapes: a state from outside is asked this before it is folded.
        """
        ours, theirs = (state.arrays for state in (self, other))
        per_token = [of.is_per_token for of in fused.STATISTICS] + [False, False, False]
        return len(ours) == len(theirs) and all(
            one.dtype == another.dtype
            and one.ndim == another.ndim
            and one.shape[may_grow:] == another.shape[may_grow:]
            and len(one) >= len(another)
            for one, another, may_grow in zip(ours, theirs, per_token, strict=True)
        )

    def make_room(self, lines: int) -> None:
        """Let every statistic that is per token, or per lane, have so many lines; they grow by doubling."""
        if lines > min(len(state) for state, of in zip(self.states, fused.STATISTICS, strict=True) if of.is_per_token):
            self.states = tuple(
                np.concatenate([state, of.empty_state(2 * lines)[len(state) :]]) if of.is_per_token else state
                for state, of in zip(self.states, fused.STATISTICS, strict=True)
            )

    def fold(self, flows: NDArray[np.int64], limits: Limits) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Fold flows, in order; their rates and levels, a line each."""
        rates = np.empty((len(flows), LINES))
        levels = np.empty((len(flows), LINES), dtype=np.int8)
        if len(flows):
            self.make_room(int(flows[:, (TOKEN, REMOTE)].max()) + 1)
            fused.fold(self.states, self.tails, self.together, self.account, flows, *limits, rates, levels)
        return rates, levels


class StatisticGrounds(NamedTuple):
    """What the claims about one flow rest on: the frozen state before it, and how its row became a flow."""

    row: Row
    nth: int
    """Which of the row's flows it is."""
    before: State
    numbers: Numbers
    part: Slice


class _Entry(NamedTuple):
    row: Row
    flows: list[tuple[int, ...]]
    given_before: tuple[int, int]
    part: Slice | None


class Folding:
    """The state of one chain's statistics and the rows that may still be taken away."""

    def __init__(self, chain: ChainSelector, limits: Limits, *, keeps_grounds: bool = False) -> None:
        self._keeps_grounds = keeps_grounds
        self._reader = FlowReader(chain)
        self._limits = limits
        self._final = State.empty()
        self._with_tail: State | None = None
        self._tail: list[_Entry] = []
        self._folded = 0
        """How many rows of the tail `_with_tail` has seen."""

    def add(self, record: Record, row: Row) -> bool:
        """The chain's next row; False when it states no flow."""
        before = self._reader.given
        asked = AskedRecord(record) if self._keeps_grounds else None
        flows = self._reader.read(asked or record, row)
        if flows:
            self._tail.append(_Entry(row, flows, before, None if asked is None else asked.slice()))
        return bool(flows)

    def score(self) -> list[Scored]:
        """The rows that were added since the last call, scored."""
        if self._folded == len(self._tail):
            return []
        if self._with_tail is None:
            self._with_tail = self._final.copy()
        fresh = self._fold(self._with_tail, self._tail[self._folded :], self._tail[: self._folded])
        self._folded = len(self._tail)
        return fresh

    def finalise(self, block_number: int) -> list[Scored]:
        """Rows up to this block are final: they advance the stored state. Those not scored before are returned."""
        count = 0
        while count < len(self._tail) and self._tail[count].row.at.block_number <= block_number:
            count += 1
        if count == 0:
            return []
        fresh: list[Scored] = []
        if self._with_tail is not None and count == len(self._tail) == self._folded:
            self._final, self._with_tail = self._with_tail, None
        else:
            scored, unscored = self._tail[: self._folded][:count], self._tail[self._folded : count]
            if scored:
                self._final.fold(_flows_of(scored), self._limits)
            fresh = self._fold(self._final, unscored)
            if self._folded <= count:
                self._with_tail = None
        del self._tail[:count]
        self._folded = max(0, self._folded - count)
        return fresh

    def rewind(self, block_number: int) -> None:
        """Rows above this block are gone; those that stay are scored anew, to the same scores."""
        while self._tail and self._tail[-1].row.at.block_number > block_number:
            self._reader.take_back(self._tail.pop().given_before)
        self._with_tail = None
        self._folded = 0

    def _fold(self, state: State, entries: Sequence[_Entry], earlier: Sequence[_Entry] = ()) -> list[Scored]:
        """Fold the entries, of which `state` has seen all but those; `earlier`: what it has seen beyond the final."""
        lines = [(entry, nth) for entry in entries for nth in range(len(entry.flows))]
        if not lines:
            return []
        before = state.copy() if self._keeps_grounds and state is self._final else self._final
        flows = _flows_of(entries)
        rates, levels = state.fold(flows, self._limits)
        is_stated = np.any(levels, axis=1)
        return [
            Scored(
                entry.row,
                entry.flows[nth],
                rates[index],
                levels[index],
                bool(is_stated[index]),
                self._grounds(before, earlier, flows[:index], lines[index]) if is_stated[index] else None,
            )
            for index, (entry, nth) in enumerate(lines)
        ]

    def _grounds(
        self, before: State, earlier: Sequence[_Entry], flows: NDArray[np.int64], line: tuple[_Entry, int]
    ) -> StatisticGrounds | None:
        entry, nth = line
        if entry.part is None:
            return None
        frozen = before.copy()
        if earlier:
            frozen.fold(_flows_of(earlier), self._limits)
        frozen.fold(flows, self._limits)
        return StatisticGrounds(entry.row, nth, frozen, self._reader.numbers(entry.given_before), entry.part)


def _flows_of(entries: Sequence[_Entry]) -> NDArray[np.int64]:
    return np.array([flow for entry in entries for flow in entry.flows], dtype=np.int64).reshape(-1, WIDTH)


def warm_up() -> None:
    """Compile the fold, or load it from the cache, so that no block waits for it."""
    nothing = fused.Limits((0.0,) * LINES, (0.0,) * LINES, (0.0,) * LINES, (0.0,) * LINES, 0, 0)
    State.empty().fold(np.array([[0, 1, 2, 1, 1, 0, 1, 1, 1, 0]], dtype=np.int64), nothing)
