"""`rmn backtest`: the production detectors over a history."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rmn_service.cli.failures import WrongInputError
from rmn_service.cli.printing import print_json

Since = Annotated[str | None, typer.Option(help="Only rows from this time on (ISO 8601; UTC by default).")]
Until = Annotated[str | None, typer.Option(help="Only rows before this time.")]


def backtest(
    history: Annotated[Path, typer.Argument(help="A Parquet or CSV history (data/README.md).")],
    since: Since = None,
    until: Until = None,
    out: Annotated[Path | None, typer.Option("--json", help="Write the whole result here; - for stdout.")] = None,
) -> None:
    """Replay a history through the very same detectors and tell what they would have signalled, and when."""
    from detectors.backtest import HistoryError, render_table, run_backtest  # noqa: PLC0415  pandas is slow to load; only here needed

    try:
        result = run_backtest(history, since=since, until=until)
    except HistoryError as error:
        raise WrongInputError(str(error)) from None
    if out is not None and str(out) == "-":
        print_json(result)
        return
    if out is not None:
        _write(out, result)
    typer.echo(render_table(result))


def _write(out: Path, result: dict[str, Any]) -> None:
    try:
        out.write_text(json.dumps(result, indent=2) + "\n")
    except OSError as error:
        raise WrongInputError(f"json = {out}: {error.strerror}; name a file you may write") from None
