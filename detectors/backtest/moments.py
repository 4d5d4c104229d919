"""Times as people and JSON write them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np

YEAR_10000_S = 253_402_300_800
"""Beyond what can be written as a date."""


def iso(time_s: int) -> str:
    """A second, in UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def second_of(text: str) -> int:
    """The second, rounded down, that ISO 8601 names; in UTC where it names no offset.

    Raises:
        ValueError: it is no such text.
    """
    moment = datetime.fromisoformat(text)
    return math.floor((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def quarters_of(times_s: list[int]) -> list[str]:
    """The calendar quarter of each second, as 2022Q3."""
    months = np.array(times_s, dtype="datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return [f"{1970 + month // 12}Q{month % 12 // 3 + 1}" for month in months.tolist()]
