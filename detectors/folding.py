"""The statistics of one chain: final rows advance the stored state, the unfinalised tail is folded on a copy.

A reorg drops the copy; a restart folds the rows again; both give what a fold from row one would give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors import fused, tail
from detectors.flows import TOKEN, WIDTH, FlowReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import ChainSelector
    from detectors.frames import Row
    from detectors.fused import Limits
    from detectors.record import Record

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
        return cls(fused.empty_states(2), tail.empty_tails(LINES), fused.empty_together(), fused.empty_account())

    def copy(self) -> State:
        """Its own arrays, the same numbers."""
        return State(
            tuple(state.copy() for state in self.states), self.tails.copy(), self.together.copy(), self.account.copy()
        )

    def make_room(self, token_lines: int) -> None:
        """Let every statistic that is per token have so many lines; they grow by doubling."""
        if token_lines > max(
            len(state) for state, of in zip(self.states, fused.STATISTICS, strict=True) if of.is_per_token
        ):
            self.states = tuple(
                np.concatenate([state, of.empty_state(2 * token_lines)[len(state) :]]) if of.is_per_token else state
                for state, of in zip(self.states, fused.STATISTICS, strict=True)
            )

    def fold(self, flows: NDArray[np.int64], limits: Limits) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Fold flows, in order; their rates and levels, a line each."""
        rates = np.empty((len(flows), LINES))
        levels = np.empty((len(flows), LINES), dtype=np.int8)
        if len(flows):
            self.make_room(int(flows[:, TOKEN].max()) + 1)
            fused.fold(self.states, self.tails, self.together, self.account, flows, *limits, rates, levels)
        return rates, levels


class _Entry(NamedTuple):
    row: Row
    flows: tuple[tuple[int, ...], ...]
    given_before: tuple[int, int]


class Folding:
    """The state of one chain's statistics and the rows that may still be taken away."""

    def __init__(self, chain: ChainSelector, limits: Limits) -> None:
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
        flows = tuple(self._reader.read(record, row))
        if flows:
            self._tail.append(_Entry(row, flows, before))
        return bool(flows)

    def score(self) -> list[Scored]:
        """The rows that were added since the last call, scored."""
        if self._folded == len(self._tail):
            return []
        if self._with_tail is None:
            self._with_tail = self._final.copy()
        fresh = self._fold(self._with_tail, self._tail[self._folded :])
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
            self._fold(self._final, self._tail[: self._folded][:count])
            fresh = self._fold(self._final, self._tail[self._folded : count])
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

    def _fold(self, state: State, entries: Sequence[_Entry]) -> list[Scored]:
        lines = [(entry.row, flow) for entry in entries for flow in entry.flows]
        if not lines:
            return []
        flows = np.array([flow for _, flow in lines], dtype=np.int64).reshape(-1, WIDTH)
        rates, levels = state.fold(flows, self._limits)
        is_stated = np.any(levels, axis=1)
        return [
            Scored(row, flow, rates[index], levels[index], bool(is_stated[index]))
            for index, (row, flow) in enumerate(lines)
        ]


def warm_up() -> None:
    """Compile the fold, or load it from the cache, so that no block waits for it."""
    nothing = fused.Limits((0.0,) * LINES, (0.0,) * LINES, 0, 0)
    State.empty().fold(np.array([[0, 1, 2, 1, 1, 0, 1, 1, 1]], dtype=np.int64), nothing)
