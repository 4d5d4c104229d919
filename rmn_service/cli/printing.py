"""How answers are printed: a rich table for people, one JSON object with `--json`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table


def print_json(answer: Mapping[str, Any]) -> None:
    """One object on stdout."""
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """One line per row, or the sentence for none."""
    if not rows:
        typer.echo(empty)
        return
    table = Table(box=None, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    _print(table)


def print_facts(facts: Mapping[str, object]) -> None:
    """Names and values; None is left out."""
    table = Table(show_header=False, box=None)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, fact in facts.items():
        if fact is not None:
            table.add_row(name, str(fact))
    _print(table)


def plain(value: Any) -> str:
    """Whatever an answer holds, as text for people; what is empty is left out."""
    if isinstance(value, list):
        return "\n".join(plain(item) for item in value)
    if isinstance(value, dict):
        return "  ".join(f"{name}={plain(item)}" for name, item in value.items() if item not in (None, "", []))
    return str(value)


def _print(table: Table) -> None:
    console = Console(markup=False, highlight=False, emoji=False)
    console.print(table, width=None if console.is_terminal else 200)  # a pipe must not be cut at 80 columns
