"""A message's progress on the screen: a line that changes on a terminal, a line for each stage elsewhere."""

import sys
from collections.abc import Iterator

import typer
from rich.console import Console

from ccip_core.tracking import Progress


def show_progress(seen: Iterator[Progress]) -> None:
    """Show each look as it comes, until there are no more."""
    console = Console(markup=False, highlight=False, emoji=False)
    if not (console.is_terminal and sys.stdout.isatty()):
        for now in seen:
            typer.echo(str(now))
            sys.stdout.flush()
        return
    stage = None
    with console.status("asking the chains") as status:
        for now in seen:
            if now.stage is not stage:
                console.print(f"✓ {now.stage}")
                stage = now.stage
            status.update(f"waits for {now.waits_for}" if now.waits_for else "on its way")
