"""A history's outcomes as columns, so that what-if questions about all of them cost microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ccip_core.protocol.messages import Lane
    from detectors.backtest.metrics import Outcome

NEVER = 1 << 62
"""A second after every other."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """One entry an outcome, by time."""

    outcomes: Sequence[Outcome]
    lanes: Sequence[Lane]
    lane: NDArray[np.int64]
    """Position in `lanes`."""
    time_s: NDArray[np.int64]
    usd: NDArray[np.float64]
    is_release: NDArray[np.bool_]
    is_attack: NDArray[np.bool_]
    executed_s: NDArray[np.int64]
    """Of what was sent, when it was honestly executed; NEVER if it was not. NEVER for releases."""

    @property
    def is_honest_release(self) -> NDArray[np.bool_]:
        """Executions that are no attack."""
        return self.is_release & ~self.is_attack

    @property
    def is_honest_send(self) -> NDArray[np.bool_]:
        """Sends that are no attack."""
        return ~self.is_release & ~self.is_attack

    def since(self, from_s: Mapping[Lane, int]) -> NDArray[np.int64]:
        """For each outcome, from when its lane stands still; NEVER if it does not."""
        return np.array([from_s.get(lane, NEVER) for lane in self.lanes], dtype=np.int64)[self.lane]


def traffic_of(outcomes: Sequence[Outcome]) -> Traffic:
    """The columns of outcomes, which are by time."""
    lanes = sorted({outcome.lane for outcome in outcomes})
    position = {lane: index for index, lane in enumerate(lanes)}
    executed: dict[tuple[Lane, str], int] = {}
    for outcome in outcomes:
        if outcome.is_release and not outcome.is_attack:
            executed.setdefault((outcome.lane, outcome.message_id), outcome.time_s)
    return Traffic(
        outcomes=outcomes,
        lanes=lanes,
        lane=np.array([position[outcome.lane] for outcome in outcomes], dtype=np.int64),
        time_s=np.array([outcome.time_s for outcome in outcomes], dtype=np.int64),
        usd=np.array([outcome.usd for outcome in outcomes], dtype=np.float64),
        is_release=np.array([outcome.is_release for outcome in outcomes], dtype=np.bool_),
        is_attack=np.array([outcome.is_attack for outcome in outcomes], dtype=np.bool_),
        executed_s=np.array(
            [
                NEVER if outcome.is_release else executed.get((outcome.lane, outcome.message_id), NEVER)
                for outcome in outcomes
            ],
            dtype=np.int64,
        ),
    )
