"""A stream whose anomalies are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class LabelledStream(NamedTuple):
    """Measurements and where an alarm is right."""

    name: str
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]
    windows: Sequence[tuple[int, int]]
    """First and last row of each, in order, apart from each other."""
