"""What a statistic is: a compiled fold over one chain's flows that says of each how surprising it is.

It says nothing about what its surprise is worth: `tail` turns surprises into rates, `fused` runs all statistics of a
chain in one call, `folding` keeps their state through reorgs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["value", "pace", "route"]
"""How much, how often and alike, to whom: what the combination weighs, of each kind the most surprised one."""

NOT_MINE = -1.0
"""What a step returns for a flow that its statistic has no opinion of."""


class Statistic(ABC):
    """One file of `stats/`: a class that describes, and the compiled `step` that it names."""

    name: ClassVar[str]
    kind: ClassVar[Kind | None]
    """None: it speaks for itself alone."""
    summary: ClassVar[str]
    """What a person is told; `{token}` stands for the token's symbol or address."""
    is_per_token: ClassVar[bool]
    """Its state has a line for each token (`flows.TOKEN`), the first two being the priors, which may also hold what it
    knows of the lane of that number (`flows.REMOTE`); else a fixed shape."""

    step: ClassVar[staticmethod[[NDArray[Any], NDArray[Any], float], float]]
    """`step(state, flow, ceiling) -> surprise`, compiled.

    `state` is its own array, changed in place; `flow` one line of `flows.WIDTH` integers. The surprise is at least 0
    and in bits: one more stands for half as likely, or twice as much; `NOT_MINE` for a flow that it does not judge.
    From `ceiling` on (which may be infinite) the flow is anomalous: windows count it, since it happened, but what is
    usual is not learnt from it. Time never goes back: an earlier `TIME_S` counts as the latest seen.
    """

    @staticmethod
    @abstractmethod
    def empty_state(lines: int) -> NDArray[Any]:
        """A C-contiguous array of two dimensions, int64 or float64, that has seen nothing.

        `lines` is how many tokens (with the two priors) or lanes it must hold; more are appended when new ones appear.
        A statistic that is not per token ignores it, and stays below 128 KiB.
        """
