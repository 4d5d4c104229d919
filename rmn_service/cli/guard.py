"""`rmn guard export` and `rmn guard import`: what a node's keys have signed, to go where the keys go."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rmn_service.cli.failures import WrongInputError

if TYPE_CHECKING:
    from rmn_service.guard_history import History

guard = typer.Typer(help="What a node's keys have signed: the history that keeps them from contradicting themselves.")

File = Annotated[Path, typer.Argument(help="The guard's file (node.toml: guard.path); the node must be stopped.")]


@guard.callback()
def guard_group() -> None:
    """What a node's keys have signed: the history that keeps them from contradicting themselves."""


@guard.command("export")
def export(path: File, out: Annotated[Path, typer.Option(help="The file to write, JSON.")]) -> None:
    """Write the whole history down, for the machine that will hold the keys next. Never run both."""
    from rmn_service.guard import Guard  # noqa: PLC0415 - slow to load; only here needed
    from rmn_service.guard_history import history_of  # noqa: PLC0415

    if not path.is_file():
        raise WrongInputError(f"path = {path}: no such file; name a guard's file")
    with Guard(path) as opened:
        history = history_of(opened)
    try:
        with out.open("x") as file:
            file.write(history.model_dump_json(indent=1) + "\n")
    except OSError as error:
        raise WrongInputError(f"out = {out}: {error.strerror}; name a new file in a folder you may write") from None
    typer.echo(f"{_counts(history)} in {out}")


@guard.command("import")
def import_(
    path: File, history: Annotated[Path, typer.Argument(help="What `rmn guard export` wrote, on any machine.")]
) -> None:
    """Make the guard remember a history as well: all of it, or nothing where the two contradict each other."""
    from rmn_service.guard import Guard  # noqa: PLC0415
    from rmn_service.guard_history import add_history, read_history  # noqa: PLC0415

    try:
        content = history.read_bytes()
    except OSError as error:
        raise WrongInputError(f"history = {history}: {error.strerror}; name an export") from None
    read = read_history(content)
    with Guard(path) as opened:
        add_history(opened, read)
    typer.echo(f"{_counts(read)} now in {path}")


def _counts(history: "History") -> str:
    blessed = sum(len(run.leaves) for run in history.blessings)
    return f"{blessed} blessed messages and {len(history.votes)} votes"
