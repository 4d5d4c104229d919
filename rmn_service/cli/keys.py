"""`rmn keys create | import | show`: encrypted key files, and keys in hardware tokens."""

import json
import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

import typer

from ccip_core.pkcs11_signer import Pkcs11Signer, TokenKey, import_token_key, make_token_key
from ccip_core.signers import LocalSigner, write_keystore
from rmn_service.cli.failures import WrongInputError
from rmn_service.cli.node_client import Json
from rmn_service.cli.printing import print_facts, print_json

keys = typer.Typer(help="Keys: encrypted JSON files that only their owner may read, or kept in a PKCS#11 token.")

_KEY_BYTES = 32
File = Annotated[Path, typer.Argument(metavar="KEY", help="The keystore's file; of a token, the key's label.")]
Kind = Annotated[Literal["keystore", "pkcs11"], typer.Option(help="Who keeps the key.")]
Module = Annotated[Path | None, typer.Option(help="pkcs11: the device's library, libsofthsm2.so for one.")]
TokenLabel = Annotated[str | None, typer.Option("--token", help="pkcs11: the token's label.")]
PinEnv = Annotated[str | None, typer.Option(help="pkcs11: name of the variable with the PIN; else it is asked for.")]
PasswordEnv = Annotated[str | None, typer.Option(help="Name of the variable with the password; else it is asked for.")]


@keys.command("create")
def create(
    file: File,
    *,
    kind: Kind = "keystore",
    password_env: PasswordEnv = None,
    module: Module = None,
    token: TokenLabel = None,
    pin_env: PinEnv = None,
    as_json: Json = False,
) -> None:
    """Make a new key: encrypted in a new file, or in a token that can never give it away."""
    if kind == "keystore":
        _write(file, secrets.token_bytes(32), _password(password_env), as_json)
        return
    where = TokenKey(*_token(module, token), str(file))
    _print_token(where, make_token_key(where, _secret(pin_env, "pin-env", "PIN")), as_json)


@keys.command("import")
def import_key(
    file: File,
    *,
    key_env: Annotated[str | None, typer.Option(help="Variable with the private key in hex; else asked for.")] = None,
    kind: Kind = "keystore",
    password_env: PasswordEnv = None,
    module: Module = None,
    token: TokenLabel = None,
    pin_env: PinEnv = None,
    as_json: Json = False,
) -> None:
    """Put an existing private key, encrypted, into a new file, or into a token that does not give it away again."""
    private_key = _private_key(_secret(key_env, "key-env", "Private key (hex)").strip().removeprefix("0x"))
    if kind == "keystore":
        _write(file, private_key, _password(password_env), as_json)
        return
    where = TokenKey(*_token(module, token), str(file))
    _print_token(where, import_token_key(where, _secret(pin_env, "pin-env", "PIN"), private_key), as_json)


@keys.command("show")
def show(
    file: File,
    *,
    kind: Kind = "keystore",
    module: Module = None,
    token: TokenLabel = None,
    pin_env: PinEnv = None,
    as_json: Json = False,
) -> None:
    """Print a key's address; the key stays where it is."""
    if kind == "pkcs11":
        where = TokenKey(*_token(module, token), str(file))
        _print_token(where, Pkcs11Signer(where, _secret(pin_env, "pin-env", "PIN")), as_json)
        return
    try:
        address = str(json.loads(file.read_text())["address"]).removeprefix("0x")
        _print(file, bytes.fromhex(address), as_json)
    except FileNotFoundError:
        raise WrongInputError(f"file = {file}: no such file; create one with `rmn keys create`") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongInputError(f"file = {file}: not a keystore; check the path") from None


def _token(module: Path | None, token: str | None) -> tuple[Path, str]:
    if module is None or token is None:
        missing = "module" if module is None else "token"
        raise WrongInputError(f"{missing} = (none): kind pkcs11 needs it; give --{missing}")
    return module, token


def _print_token(where: TokenKey, key: Pkcs11Signer, as_json: bool) -> None:
    facts = {
        "token": where.token,
        "key": where.key,
        "address": "0x" + key.address.hex(),
        "extractable": key.is_extractable,
        "made in the token": key.is_made_there,
    }
    (print_json if as_json else print_facts)(facts)


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
