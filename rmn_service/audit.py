"""The log of what this node meant to do and what came of it: hash-chained, durable before the act.

`intend` writes first and raises when it can't: no audit write, no action. `conclude` says how it ended; when that
write fails the act stands, and the missing conclusion is what a reader finds after the restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rmn_service.errors import AuditError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rmn_service.store import Store


class Audit:
    """Writes to the store's audit chain."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def intend(self, act: str, body: Mapping[str, Any], now_ms: int) -> int:
        """Announce an act. It is durable when this returns; the answer is the number that the conclusion refers to.

        Raises:
            AuditError: it is not written, so the caller must not act.
        """
        return self._append(f"intend {act}", dict(body), now_ms)

    def conclude(self, act: str, intent: int | None, outcome: Mapping[str, Any], now_ms: int) -> None:
        """What became of the act that row `intent` announced."""
        self._append(f"conclude {act}", {"intent": intent, **outcome}, now_ms)

    def note(self, what: str, body: Mapping[str, Any], now_ms: int) -> int:
        """A fact worth keeping that is no act on a chain: a blessing withheld, a posture changed."""
        return self._append(what, dict(body), now_ms)

    def _append(self, kind: str, body: dict[str, Any], now_ms: int) -> int:
        try:
            return self._store.audit_append(kind, body, now_ms)
        except StoreError as error:
            raise AuditError(f"the audit log can't be written, so nothing was done: {error}") from error
