"""`rmn audit verify`: does the log still say what was written?"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rmn_service.audit_chain import EMPTY_HEAD, AuditHead, AuditRow, canonical_json, verify_chain
from rmn_service.cli.failures import NotDoneError, WrongInputError
from rmn_service.cli.node_client import Json
from rmn_service.cli.printing import print_facts, print_json

audit = typer.Typer(help="The hash-chained log of what a node meant to do and did.")


@audit.callback()
def audit_group() -> None:
    """The hash-chained log of what a node meant to do and did."""


@audit.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="A node's database, or a JSON export of GET /audit.")],
    head: Annotated[str | None, typer.Option(help="SEQUENCE:HASH noted earlier; finds a log that was cut off.")] = None,
    as_json: Json = False,
) -> None:
    """Check every link and print the head; keep the head elsewhere to notice a log that was cut off."""
    if not path.is_file():
        raise WrongInputError(f"path = {path}: no such file; name a node's database or an export")
    rows = list(_rows(path))
    broken = verify_chain(rows, None if head is None else _head(head))
    if broken is not None:
        raise NotDoneError(f"audit row {broken.sequence}: {broken.reason}; the log is not as it was written")
    last = AuditHead(rows[-1].sequence, rows[-1].hash) if rows else EMPTY_HEAD
    result = {"rows": len(rows), "head": f"{last.sequence}:0x{last.hash.hex()}", "verdict": "whole"}
    if as_json:
        print_json(result)
    else:
        print_facts(result)


def _rows(path: Path) -> Iterator[AuditRow]:
    with path.open("rb") as file:
        is_database = file.read(16).startswith(b"SQLite format 3")
    if is_database:
        from rmn_service.store import Store  # noqa: PLC0415 - slow to load; only here needed

        with Store.open(f"sqlite:///{path}", read_only=True) as store:
            yield from store.audit_rows()
        return
    try:
        export = json.loads(path.read_bytes())
        yield from (_row(item) for item in export["audit"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise WrongInputError(f"path = {path}: neither a node's database nor an export of GET /audit") from None


def _row(item: dict[str, Any]) -> AuditRow:
    at_ms = _ms(item["at"])
    previous, own = (bytes.fromhex(item[name].removeprefix("0x")) for name in ("previous_hash", "hash"))
    return AuditRow(item["sequence"], at_ms, item["kind"], canonical_json(item["body"]), previous, own)


def _ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return round(moment.timestamp() * 1000)


def _head(text: str) -> AuditHead:
    sequence, _, digest = text.partition(":")
    try:
        return AuditHead(int(sequence), bytes.fromhex(digest.removeprefix("0x")))
    except ValueError:
        raise WrongInputError(f"head = {text[:100]}: give SEQUENCE:HASH as `rmn audit verify` prints it") from None
