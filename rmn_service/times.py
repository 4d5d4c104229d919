"""How points in time are written and read: ISO 8601 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from rmn_service.errors import RequestError


def time_text(at_ms: int) -> str:
    """ISO 8601 in UTC; milliseconds only where there are some."""
    text = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds")
    return text.replace("+00:00", "Z")


def time_ms(field: str, text: str) -> int:
    """What `time_text` wrote, or any ISO 8601 time that says its zone.

    Raises:
        RequestError: it is none.
    """
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise RequestError(f"{field} = {text[:80]}: says no zone; write it like 2026-01-31T12:00:00Z")
        return round(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise RequestError(f"{field} = {text[:80]}: not a time; write it like 2026-01-31T12:00:00Z") from None
