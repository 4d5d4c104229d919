"""A running sum over what one chain stated, by its block time: one entry a block, however many messages it holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.frames import At


class Tally:
    """Counts and sums up to each block that added anything."""

    __slots__ = ("_blocks", "_counts", "_sums", "_times_s")

    def __init__(self) -> None:
        self._times_s: list[int] = []
        self._blocks: list[int] = []
        self._counts: list[int] = []
        self._sums: list[int] = []

    @property
    def first_s(self) -> int | None:
        """The time of the first block."""
        return self._times_s[0] if self._times_s else None

    def add(self, at: At, amount: int) -> None:
        """In the order of time; where the source was read late that is not the order of telling."""
        place = self._place(at.block_number, at.block_time_s)
        if place is None:
            place = bisect_right(self._times_s, at.block_time_s)
            self._times_s.insert(place, at.block_time_s)
            self._blocks.insert(place, at.block_number)
            self._counts.insert(place, self._counts[place - 1] if place else 0)
            self._sums.insert(place, self._sums[place - 1] if place else 0)
        self._shift(place, 1, amount)

    def take_back(self, block: int, time_s: int, amount: int) -> None:
        """One of what was added there was never there."""
        place = self._place(block, time_s)
        if place is None:
            return  # its block is gone, and all of it
        self._shift(place, -1, -amount)
        if self._counts[place] == (self._counts[place - 1] if place else 0):
            for values in (self._times_s, self._blocks, self._counts, self._sums):
                del values[place]

    def undo(self, number: int) -> None:
        """The blocks above `number` are gone."""
        while self._blocks and self._blocks[-1] > number:
            for values in (self._times_s, self._blocks, self._counts, self._sums):
                values.pop()

    def between(self, since_s: int, until_s: int) -> tuple[int, int]:
        """How many after `since_s` up to `until_s`, and their sum."""
        after, upto = bisect_right(self._times_s, since_s), bisect_right(self._times_s, until_s)
        if upto <= after:
            return 0, 0
        count, sum_ = self._counts[upto - 1], self._sums[upto - 1]
        return (count - self._counts[after - 1], sum_ - self._sums[after - 1]) if after else (count, sum_)

    def _place(self, block: int, time_s: int) -> int | None:
        place = bisect_left(self._times_s, time_s)
        while place < len(self._times_s) and self._times_s[place] == time_s:
            if self._blocks[place] == block:
                return place
            place += 1
        return None

    def _shift(self, place: int, count: int, amount: int) -> None:
        for later in range(place, len(self._sums)):
            self._counts[later] += count
            self._sums[later] += amount
