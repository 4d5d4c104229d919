"""How a lane numbers its messages, as far as its Sent rows show, and so whether a number that is missing was ever sent.

CCIP's OnRamp counts 1, 2, 3 … for each lane. Other bridges' histories don't say what they do: their lanes may share one
counter, count for each sender, draw numbers at random, or begin anew. What that looks like is learnt here.
"""

from __future__ import annotations

from typing import NamedTuple

_DENSE_SHARE = 0.9
"""A lane where this share of the messages comes right after its predecessor, or of the range is known, has no gaps."""
_REPEATED_ONE_IN = 100
"""Numbers that so few share may be a fault of the data; more, and the lane gives one to several messages."""
_FALL = 1024
"""A message so far below all before it is no matter of order within a second: the lane does not count up."""


class Numbering(NamedTuple):
    """What the Sent rows of a lane show, in their order."""

    lowest: int
    frontier: int
    """The highest number sent."""
    known: int = 1
    """How many different numbers the record holds."""
    followed: int = 0
    """How many came right after the frontier of their time."""
    repeated: int = 0
    """How many messages bear a number that an earlier one bears."""
    disordered: int = 0
    """How many different numbers came below the frontier of their time."""
    falls: int = 0
    """How many of those came far below all before."""

    @property
    def tells_apart(self) -> bool:
        """Whether a number stands for one message."""
        return self.repeated * _REPEATED_ONE_IN <= self.known

    @property
    def counts_up(self) -> bool:
        """Whether every message's number is its own, and rises with time: what is above all that were sent is not."""
        _, _, known, _, repeated, disordered, falls = self
        return falls == 0 and 2 * disordered <= known and repeated * _REPEATED_ONE_IN <= known

    @property
    def is_dense(self) -> bool:
        """Whether the lane leaves no number out: a gap in the record is the record's."""
        span = self.frontier - self.lowest + 1
        return self.known >= _DENSE_SHARE * span or self.followed + 1 >= _DENSE_SHARE * self.known


def numbering_after(before: Numbering | None, number: int, *, is_new: bool) -> Numbering:
    """What one more message shows; `is_new`: none before it bears its number."""
    if before is None:
        return Numbering(number, number)
    lowest, frontier, known, followed, repeated, disordered, falls = before
    if number > frontier:
        return Numbering(lowest, number, known + 1, followed + (number == frontier + 1), repeated, disordered, falls)
    if not is_new:
        return Numbering(lowest, frontier, known, followed, repeated + 1, disordered, falls)
    fell = lowest - number > _FALL
    return Numbering(min(lowest, number), frontier, known + 1, followed, repeated, disordered + 1, falls + fell)
