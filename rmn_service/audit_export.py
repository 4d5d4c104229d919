"""Audit rows as `GET /audit` writes them, read back with the very text that was hashed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from rmn_service.audit_chain import AuditRow, canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def rows_of(export: Mapping[str, Any]) -> list[AuditRow]:
    """The rows of an answer or an export.

    Raises:
        ValueError: it holds anything else.
    """
    try:
        return [_row(item) for item in export["audit"]]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no export of GET /audit: {error}") from None


def _row(item: Mapping[str, Any]) -> AuditRow:
    at_ms = round(datetime.fromisoformat(item["at"]).timestamp() * 1000)
    previous, own = (bytes.fromhex(item[name].removeprefix("0x")) for name in ("previous_hash", "hash"))
    return AuditRow(item["sequence"], at_ms, item["kind"], canonical_json(item["body"]), previous, own)
