"""One statistic over one chain: final rows advance the stored state, the unfinalised tail is folded on a copy.

A reorg drops the copy; a restart folds the rows again; both give the scores that a fold from row one would give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.detector import Measure, Statistic


class Scored(NamedTuple):
    """A row's score, and whether it begins an alarm of its key."""

    statistic: Statistic
    measure: Measure
    score: float
    is_alarm: bool


class _State:
    """The array, and until when each key is in alarm."""

    __slots__ = ("alarm_until_s", "lines")

    def __init__(self, lines: NDArray[np.int64], alarm_until_s: dict[str, int]) -> None:
        self.lines = lines
        self.alarm_until_s = alarm_until_s

    def copy(self) -> _State:
        return _State(self.lines.copy(), dict(self.alarm_until_s))


class Folding:
    """The state of a statistic on one chain and the rows that may still be taken away."""

    def __init__(self, statistic: Statistic) -> None:
        self.statistic = statistic
        self._line_of: dict[str, int] = {}
        self._final = _State(statistic.empty_state(statistic.priors + 8), {})
        self._with_tail: _State | None = None
        self._tail: list[Measure] = []
        self._folded = 0
        """How many rows of the tail `_with_tail` has seen."""

    def add(self, measure: Measure) -> None:
        """The chain's next row."""
        if measure.key not in self._line_of:
            self._line_of[measure.key] = self.statistic.priors + len(self._line_of)
        self._tail.append(measure)

    def score(self) -> list[Scored]:
        """The rows that were added since the last call, scored."""
        if self._folded == len(self._tail):
            return []
        if self._with_tail is None:
            self._with_tail = self._final.copy()
        fresh = [self._fold(self._with_tail, measure) for measure in self._tail[self._folded :]]
        self._folded = len(self._tail)
        return fresh

    def finalise(self, block_number: int) -> list[Scored]:
        """Rows up to this block are final: they advance the stored state. Those not scored before are returned."""
        count = 0
        while count < len(self._tail) and self._tail[count].row.at.block_number <= block_number:
            count += 1
        if count == 0:
            return []
        if self._with_tail is not None and count == len(self._tail) == self._folded:
            self._final, self._with_tail = self._with_tail, None
            fresh: list[Scored] = []
        else:
            scored = [self._fold(self._final, measure) for measure in self._tail[:count]]
            fresh = scored[self._folded :]
            if self._folded <= count:
                self._with_tail = None
        del self._tail[:count]
        self._folded = max(0, self._folded - count)
        return fresh

    def rewind(self, block_number: int) -> None:
        """Rows above this block are gone; those that stay are scored anew, to the same scores."""
        while self._tail and self._tail[-1].row.at.block_number > block_number:
            self._tail.pop()
        self._with_tail = None
        self._folded = 0

    def _fold(self, state: _State, measure: Measure) -> Scored:
        line = self._line_of[measure.key]
        if line >= len(state.lines):
            state.lines = np.concatenate([state.lines, self.statistic.empty_state(len(state.lines))])
        score = self.statistic.step(state.lines, line, measure)
        if score < self.statistic.limit:
            return Scored(self.statistic, measure, score, is_alarm=False)
        is_alarm = measure.time_s >= state.alarm_until_s.get(measure.key, measure.time_s)
        state.alarm_until_s[measure.key] = measure.time_s + self.statistic.cooldown_s
        return Scored(self.statistic, measure, score, is_alarm=is_alarm)
