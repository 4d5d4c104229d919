"""`rmn audit verify`: does the log still say what was written?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from rmn_service.audit_chain import EMPTY_HEAD, AuditHead, AuditRow, verify_chain
from rmn_service.audit_export import rows_of
from rmn_service.audit_heads import HeadError, SignedHead, contradiction, head_of
from rmn_service.cli.failures import NotDoneError, WrongInputError
from rmn_service.cli.node_client import Json, ask
from rmn_service.cli.printing import print_facts, print_json

audit = typer.Typer(help="The hash-chained log of what a node meant to do and did.")


@audit.callback()
def audit_group() -> None:
    """The hash-chained log of what a node meant to do and did."""


@audit.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="A node's database, or a JSON export of GET /audit.")],
    head: Annotated[str | None, typer.Option(help="SEQUENCE:HASH noted earlier; finds a log that was cut off.")] = None,
    heads: Annotated[Path | None, typer.Option(help="Saved answer of another node's GET /audit/heads.")] = None,
    peer: Annotated[str | None, typer.Option(help="API of another node that keeps this one's signed heads.")] = None,
    as_json: Json = False,
) -> None:
    """Check every link and print the head; compare with what the node signed, so that a cut shows."""
    if not path.is_file():
        raise WrongInputError(f"path = {path}: no such file; name a node's database or an export")
    rows = list(_rows(path))
    broken = verify_chain(rows, None if head is None else _head(head))
    if broken is not None:
        raise NotDoneError(f"audit row {broken.sequence}: {broken.reason}; the log is not as it was written")
    signed = _signed_heads(rows, heads, peer)
    fork = contradiction(rows, signed or [])
    if fork is not None:
        raise NotDoneError(f"audit row {fork.sequence}: {fork.reason}")
    last = AuditHead(rows[-1].sequence, rows[-1].hash) if rows else EMPTY_HEAD
    result = {"rows": len(rows), "head": f"{last.sequence}:0x{last.hash.hex()}", "verdict": "whole"}
    if signed is not None:
        result["signed heads compared"] = len(signed)
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
        yield from rows_of(json.loads(path.read_bytes()))
    except ValueError:
        raise WrongInputError(f"path = {path}: neither a node's database nor an export of GET /audit") from None


def _signed_heads(rows: list[AuditRow], file: Path | None, peer: str | None) -> list[SignedHead] | None:
    """What others keep of this log's node, which its own first row names; None: nobody was to be asked."""
    if file is None and peer is None:
        return None
    signers = {row.body.get("signer") for row in rows if row.kind == "start"} - {None}
    try:
        answer = ask(peer, "/audit/heads") if file is None else json.loads(file.read_bytes())
        found = [head_of(item) for item in answer["heads"] if item["signer"] in signers]
    except (OSError, ValueError, TypeError, KeyError, HeadError) as error:
        where = f"heads = {file}" if file is not None else f"peer = {peer}"
        raise WrongInputError(f"{where}: no signed heads ({error}); save a node's GET /audit/heads") from None
    if not found:
        where = "the file" if file is not None else "that node"
        raise NotDoneError(f"{where} keeps no head of this log's node; nothing was compared")
    return found


def _head(text: str) -> AuditHead:
    sequence, _, digest = text.partition(":")
    try:
        return AuditHead(int(sequence), bytes.fromhex(digest.removeprefix("0x")))
    except ValueError:
        raise WrongInputError(f"head = {text[:100]}: give SEQUENCE:HASH as `rmn audit verify` prints it") from None
