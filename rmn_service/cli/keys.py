"""`rmn keys create | import | show`: encrypted key files."""

import json
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from ccip_core.signers import LocalSigner, write_keystore
from rmn_service.cli.failures import WrongInputError
from rmn_service.cli.node_client import Json
from rmn_service.cli.printing import print_facts, print_json

keys = typer.Typer(help="Keystores: encrypted JSON key files that only their owner may read.")

_KEY_BYTES = 32
File = Annotated[Path, typer.Argument(metavar="FILE", help="The keystore.")]
PasswordEnv = Annotated[str | None, typer.Option(help="Name of the variable with the password; else it is asked for.")]


@keys.command("create")
def create(file: File, password_env: PasswordEnv = None, as_json: Json = False) -> None:
    """Make a new key and write it, encrypted, into a new file."""
    _write(file, secrets.token_bytes(32), _password(password_env), as_json)


@keys.command("import")
def import_key(
    file: File,
    key_env: Annotated[str | None, typer.Option(help="Variable with the private key in hex; else asked for.")] = None,
    password_env: PasswordEnv = None,
    as_json: Json = False,
) -> None:
    """Write an existing private key, encrypted, into a new file."""
    text = _secret(key_env, "key-env", "Private key (hex)")
    _write(file, _private_key(text.strip().removeprefix("0x")), _password(password_env), as_json)


@keys.command("show")
def show(file: File, as_json: Json = False) -> None:
    """Print a keystore's address; the key stays encrypted."""
    try:
        address = str(json.loads(file.read_text())["address"]).removeprefix("0x")
        _print(file, bytes.fromhex(address), as_json)
    except FileNotFoundError:
        raise WrongInputError(f"file = {file}: no such file; create one with `rmn keys create`") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongInputError(f"file = {file}: not a keystore; check the path") from None


def _private_key(digits: str) -> bytes:
    try:
        private_key = bytes.fromhex(digits)
        LocalSigner(private_key)  # not every number is a key
    except ValueError:
        private_key = b""
    if len(private_key) != _KEY_BYTES:
        raise WrongInputError("key-env = (not shown): not a private key; give 32 bytes in hex")
    return private_key


def _write(file: Path, private_key: bytes, password: str, as_json: bool) -> None:
    try:
        write_keystore(file, private_key, password)
    except FileExistsError:
        raise WrongInputError(f"file = {file}: exists; a key is never overwritten, name another file") from None
    except OSError as error:
        raise WrongInputError(f"file = {file}: {error.strerror}; name a file in a folder you may write") from None
    _print(file, LocalSigner(private_key).address, as_json)


def _print(file: Path, address: bytes, as_json: bool) -> None:
    facts = {"file": str(file), "address": "0x" + address.hex()}
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


def _password(env: str | None) -> str:
    password = _secret(env, "password-env", "Password", confirm=True)
    if not password:
        raise WrongInputError("password-env = (not shown): empty; choose a password")
    return password


def _secret(env: str | None, option: str, question: str, *, confirm: bool = False) -> str:
    if env is None:
        return str(typer.prompt(question, hide_input=True, confirmation_prompt=confirm))
    secret = os.environ.get(env)
    if secret is None:
        raise WrongInputError(f"{option} = {env}: not set; export it first")
    return secret
