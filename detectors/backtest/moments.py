"""Times as people and JSON write them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np


def iso(time_s: int) -> str:
    """A second, in UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def quarters_of(times_s: list[int]) -> list[str]:
    """The calendar quarter of each second, as 2022Q3."""
    months = np.array(times_s, dtype="datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return [f"{1970 + month // 12}Q{month % 12 // 3 + 1}" for month in months.tolist()]
