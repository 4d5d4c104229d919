"""How results are printed: a rich table for people, one JSON object with `--json`.

In JSON, whatever may exceed a double (selectors, sequence numbers, amounts) is text; hashes and addresses are 0x…
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_COLUMNS = 240


def hex_text(raw: bytes) -> str:
    """0x and lower-case hex."""
    return "0x" + raw.hex()


def print_json(result: Mapping[str, Any]) -> None:
    """One object on stdout."""
    typer.echo(json.dumps(result, indent=2, ensure_ascii=False))


def print_facts(title: str, facts: Mapping[str, object]) -> None:
    """A title, then names and values; None is left out. A long value is never broken, so that it can be copied."""
    shown = {name: str(fact) for name, fact in facts.items() if fact is not None}
    width = max(map(len, shown), default=0)
    console = _console()
    if title:
        console.print(Text(title, style="bold"), soft_wrap=True)
    for name, fact in shown.items():
        console.print(Text.assemble((f"  {name:<{width}}", "dim"), f"  {fact}"), soft_wrap=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """One line per row."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    _console().print(table)


def _console() -> Console:
    """For this stdout. What goes into a file or a pipe is not cut at a terminal's usual width."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_COLUMNS
    return console
