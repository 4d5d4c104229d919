"""Whether an audit log, as a node tells it, is a chain: each row's hash covers the row before it. Pure.

The node's own arithmetic (`rmn audit verify`), written again on purpose: who looks must not have to believe the node.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = 500


class Log:
    """One node's log as far as it was checked: only what is new is asked for, and must go on where it ended."""

    def __init__(self) -> None:
        self.checked = 0
        """How many rows were read."""
        self.broken: int | None = None
        """The number of the first row that is not as written."""
        self.last: deque[Mapping[str, Any]] = deque(maxlen=_KEPT)
        """The newest rows, oldest first."""
        self._end = bytes(32)
        self._lock = threading.Lock()

    def read_on(self, page_after: Callable[[int], Sequence[Mapping[str, Any]]]) -> None:
        """Read and check what was written since; `page_after(n)` gives some rows after row n, none at the end."""
        with self._lock:
            while self.broken is None and (page := page_after(self.checked)):
                for row in page:
                    said = bytes.fromhex(row["hash"][2:])
                    is_linked = row["sequence"] == self.checked + 1 and row["previous_hash"] == "0x" + self._end.hex()
                    self.checked += 1
                    self.last.append(row)
                    if not is_linked or said != _hash(self._end, row):
                        self.broken = self.checked
                        return
                    self._end = said


def written_until(at: str, rows: int, row_after: Callable[[int], Mapping[str, Any]]) -> int:
    """How many of a log's `rows` stood at a time (ISO 8601, whole seconds); `row_after(n)` is the row after row n."""
    return bisect.bisect_right(range(rows), at, key=lambda number: str(row_after(number)["at"]))


def _hash(previous: bytes, row: Mapping[str, Any]) -> bytes:
    kind = row["kind"].encode()
    at_ms = (datetime.fromisoformat(row["at"]) - _EPOCH) // timedelta(milliseconds=1)
    body = json.dumps(row["body"], sort_keys=True, separators=(",", ":"), allow_nan=False)
    head = previous + row["sequence"].to_bytes(8) + at_ms.to_bytes(8, signed=True) + len(kind).to_bytes(4)
    return hashlib.sha256(head + kind + body.encode()).digest()
