"""The arithmetic of the audit log: each row's hash covers the row before it. Pure; writer and verifier share it.

Changing, removing or inserting a row breaks the chain at exactly that place. Cutting off the end does not: whoever must
notice that keeps the head (`AuditHead`) somewhere else and hands it to `verify_chain`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class AuditHead(NamedTuple):
    """The last row of a log, which stands for everything before it."""

    sequence: int
    hash: bytes


EMPTY_HEAD = AuditHead(0, bytes(32))
"""The head of a log without rows; the first row has sequence 1 and this hash as its previous one."""


class AuditRow(NamedTuple):
    """One row as it stands in the database."""

    sequence: int
    at_ms: int
    kind: str
    body_json: str
    """Exactly the text that was hashed."""
    previous_hash: bytes
    hash: bytes

    @property
    def body(self) -> dict[str, Any]:
        """What was noted."""
        body: dict[str, Any] = json.loads(self.body_json)
        return body


class BrokenLink(NamedTuple):
    """Where a log stops being the one that was written, and how it shows."""

    sequence: int
    reason: str


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical_json(body: Mapping[str, Any]) -> str:
    """The one text of a JSON body: keys sorted, no spaces, ASCII (any text from a chain has a form), no NaN.

    Raises:
        TypeError, ValueError: the body is not JSON; a mistake of the caller.
    """
    return _encode(body)


def audit_hash(previous_hash: bytes, sequence: int, at_ms: int, kind: str, body_json: str) -> bytes:
    """sha256(previous_hash ‖ sequence ‖ at_ms ‖ kind ‖ body).

    Numbers take 8 bytes and the kind stands behind its length, so no two rows share a preimage.
    """
    kind_bytes = kind.encode()
    return hashlib.sha256(
        previous_hash
        + sequence.to_bytes(8)
        + at_ms.to_bytes(8, signed=True)
        + len(kind_bytes).to_bytes(4)
        + kind_bytes
        + body_json.encode()
    ).digest()


def _is_whole(row: AuditRow) -> bool:
    try:
        return row.hash == audit_hash(row.previous_hash, row.sequence, row.at_ms, row.kind, row.body_json)
    except (TypeError, AttributeError, ValueError, OverflowError):
        return False  # a column holds what no writer of ours puts there: the row was changed


def verify_chain(
    rows: Iterable[AuditRow], head: AuditHead | None = None, *, after: AuditHead = EMPTY_HEAD
) -> BrokenLink | None:
    """The first row that is not as it was written, or None.

    With `head`, noted earlier in another place, a log that was cut off or rewritten since is found as well. The rows
    begin behind `after`.
    """
    previous = after
    for row in rows:
        if row.sequence != previous.sequence + 1:
            return BrokenLink(previous.sequence + 1, f"row {previous.sequence + 1} is missing; {row.sequence} follows")
        if row.previous_hash != previous.hash:
            return BrokenLink(row.sequence, "does not follow from the row before it")
        if not _is_whole(row):
            return BrokenLink(row.sequence, "its content is not what was hashed")
        previous = AuditHead(row.sequence, row.hash)
        if head is not None and row.sequence == head.sequence and row.hash != head.hash:
            return BrokenLink(row.sequence, "differs from the head that was noted")
    if head is not None and previous.sequence < head.sequence:
        return BrokenLink(previous.sequence + 1, f"the log ends here, but {head.sequence} rows were noted")
    return None
