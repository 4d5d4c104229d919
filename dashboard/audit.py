"""Whether an audit log, as a node tells it, is a chain: each row's hash covers the row before it. Pure.

The node's own arithmetic (`rmn audit verify`), written again on purpose: who looks must not have to believe the node.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def broken_link(rows: Sequence[Mapping[str, Any]]) -> int | None:
    """The number of the first row (oldest first, from the log's beginning) that is not as written; None if all are."""
    previous = bytes(32)
    for number, row in enumerate(rows, 1):
        said = bytes.fromhex(row["hash"][2:])
        if row["sequence"] != number or row["previous_hash"] != "0x" + previous.hex() or said != _hash(previous, row):
            return number
        previous = said
    return None


def _hash(previous: bytes, row: Mapping[str, Any]) -> bytes:
    kind = row["kind"].encode()
    at_ms = (datetime.fromisoformat(row["at"]) - _EPOCH) // timedelta(milliseconds=1)
    body = json.dumps(row["body"], sort_keys=True, separators=(",", ":"), allow_nan=False)
    head = previous + row["sequence"].to_bytes(8) + at_ms.to_bytes(8, signed=True) + len(kind).to_bytes(4)
    return hashlib.sha256(head + kind + body.encode()).digest()
