"""`rmn backup` and `rmn restore`: a node's record in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from rmn_service.config import load_config

Config = Annotated[Path, typer.Option(help="node.toml; it names the database.")]


def backup(out: Annotated[Path, typer.Argument(help="The file to write.")], config: Config) -> None:
    """Copy the record into a new file; the node may be running. The guard's file is not part of it."""
    from rmn_service.backup import back_up  # noqa: PLC0415 - slow to load; only here needed

    head = back_up(load_config(config).database, out)
    typer.echo(f"{out}: audit head {head.sequence}:0x{head.hash.hex()}")


def restore(file: Annotated[Path, typer.Argument(help="What `rmn backup` wrote.")], config: Config) -> None:
    """Put a copy into the database of node.toml, which must be empty. Keep the guard's file as it is."""
    from rmn_service.backup import restore as put_back  # noqa: PLC0415

    settings = load_config(config)
    head = put_back(file, settings.database)
    typer.echo(f"restored: audit head {head.sequence}:0x{head.hash.hex()}")
    if not settings.guard_path.exists():
        typer.echo(
            f"rmn: guard.path = {settings.guard_path}: missing, so the node will know only what this copy says that "
            "its keys have signed; bring the guard along if there is one",
            err=True,
        )
