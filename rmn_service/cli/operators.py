"""`rmn operators hash`: a token for a person, and what node.toml may know of it."""

from pathlib import Path
from typing import Annotated

import typer

from rmn_service.cli.failures import WrongInputError
from rmn_service.cli.node_client import Json
from rmn_service.cli.printing import print_facts, print_json

operators = typer.Typer(help="The people who may act through a node.")
_TOKEN_LENGTH_MIN = 16


@operators.callback()
def operators_group() -> None:
    """The people who may act through a node."""


@operators.command("hash")
def hash_one(
    token_file: Annotated[Path | None, typer.Option(help="Hash the token in this file instead of making one.")] = None,
    as_json: Json = False,
) -> None:
    """Make a bearer token and its Argon2 hash: the token for the person, shown once; the hash for node.toml."""
    from rmn_service.operators import hash_token, new_token  # noqa: PLC0415 - slow to load; only here needed

    token = new_token() if token_file is None else _read(token_file)
    facts = {} if token_file is not None else {"token": token}
    facts["token_argon2"] = hash_token(token)
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


def _read(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise WrongInputError(f"token-file = {file}: can't be read; name the file with the token") from None
    if len(token) < _TOKEN_LENGTH_MIN:
        raise WrongInputError(f"token-file = {file}: a token of under {_TOKEN_LENGTH_MIN} characters; leave it out")
    return token
