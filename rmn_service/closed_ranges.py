"""A folder of closed ranges: what the chains said in each span of time, in one file that is never written again.

    messages-20261101T000000Z-20261102T000000Z.parquet    by block time, the end not included

The files follow each other without a gap. `rmn export --closed` adds to them, `rmn backtest` reads the folder as one
history, and a node may drop from its database what they hold (`retention`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_FORM = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"messages-(\d{8}T\d{6}Z)-(\d{8}T\d{6}Z)\.parquet")


class Span(NamedTuple):
    """A span of block time, the end not included."""

    since_s: int
    until_s: int

    @property
    def file_name(self) -> str:
        """What its file is called."""
        since, until = (datetime.fromtimestamp(time_s, UTC).strftime(_FORM) for time_s in self)
        return f"messages-{since}-{until}.parquet"


class GapError(Exception):
    """The files of a folder don't follow each other; one line."""


def spans_in(folder: Path) -> list[Span]:
    """The spans that the folder holds, in their order; none where there is no folder.

    Raises:
        GapError: two overlap, or something between them is missing.
    """
    found = sorted(Span(*map(_second, match.groups())) for match in map(_NAME.fullmatch, _names(folder)) if match)
    for before, after in pairwise(found):
        if before.until_s != after.since_s:
            raise GapError(
                f"{folder}: {after.file_name} does not follow {before.file_name}; put back the file that is missing"
            )
    return found


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _second(text: str) -> int:
    return int(datetime.strptime(text, _FORM).replace(tzinfo=UTC).timestamp())
