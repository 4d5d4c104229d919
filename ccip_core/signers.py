"""Who signs: a key behind one narrow door. Blessings, votes and oracle reports all go through `Signer`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol

from coincurve import PrivateKey
from eth_hash.auto import keccak

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eth_account import Account


_KDF_MOST = {"n": 1 << 20, "r": 32, "p": 16, "c": 10_000_000, "dklen": 64}
"""Work that unlocking may cost: four times what geth and eth_account ask for."""


class Signature(NamedTuple):
    """An ECDSA signature over a 32-byte digest: low s, v 27 or 28."""

    v: int
    r: int
    s: int


class Signer(Protocol):
    """A key that never leaves its keeper."""

    @property
    def address(self) -> bytes:
        """The 20 bytes that the chain knows this key by."""

    def sign_digest(self, digest: bytes) -> Signature:
        """Sign exactly these 32 bytes, without any prefix."""


class SignerError(Exception):
    """A key can't be had or does not sign now; one line that names what to mend, never a secret."""


class KeystoreError(SignerError):
    """A keystore could not be opened; the message names the file and the remedy, never the password."""


class LocalSigner:
    """A key in this process's memory: localnet accounts, and keystores once they are unlocked."""

    __slots__ = ("_address", "_key")

    def __init__(self, private_key: bytes) -> None:
        self._key = PrivateKey(private_key)
        self._address: bytes = keccak(self._key.public_key.format(compressed=False)[1:])[-20:]

    def __repr__(self) -> str:
        return f"LocalSigner(0x{self._address.hex()})"

    @property
    def address(self) -> bytes:
        """The 20 bytes that the chain knows this key by."""
        return self._address

    def sign_digest(self, digest: bytes) -> Signature:
        """Sign exactly these 32 bytes, without any prefix."""
        raw = self._key.sign_recoverable(digest, hasher=None)  # libsecp256k1 answers with low s
        return Signature(raw[64] + 27, int.from_bytes(raw[:32]), int.from_bytes(raw[32:64]))


def _keystores() -> type[Account]:
    """eth_account's keystore functions, imported when they are needed.

    The import costs half a second, and py_ecc beneath it raises the recursion limit to 100,000: in a process that reads
    JSON from strangers, deep nesting would then end in a crash instead of a RecursionError. So the limit is put back.
    """
    limit = sys.getrecursionlimit()
    from eth_account import Account  # noqa: PLC0415 - see above

    sys.setrecursionlimit(limit)
    return Account


def open_keystore(path: Path, password: str) -> LocalSigner:
    """Unlock an encrypted JSON key (Web3 Secret Storage).

    Raises:
        KeystoreError: the file is missing, is not a keystore, or the password is wrong.
    """
    try:
        keystore = json.loads(path.read_text())
        _check_cost(path, keystore["crypto"]["kdfparams"])
        return LocalSigner(bytes(_keystores().decrypt(keystore, password)))
    except FileNotFoundError:
        raise KeystoreError(f"signer.path = {path}: no such file; create one with `rmn keys create`") from None
    except OSError as error:
        raise KeystoreError(f"signer.path = {path}: {error.strerror}; check the file") from None
    except (ValueError, KeyError, TypeError, NotImplementedError, RecursionError) as error:
        reason = "wrong password" if "MAC" in str(error) else "not a keystore"
        raise KeystoreError(f"signer.path = {path}: {reason}; check the file and the password") from None


def _check_cost(path: Path, parameters: Mapping[str, int]) -> None:
    """A made-up keystore may ask for a key derivation that takes for ever: refuse what no wallet writes."""
    for name, most in _KDF_MOST.items():
        if int(parameters.get(name, 0)) > most:
            raise KeystoreError(f"signer.path = {path}: kdfparams.{name} is above {most}; no wallet writes that")


def write_keystore(path: Path, private_key: bytes, password: str, *, iterations: int | None = None) -> None:
    """Encrypt a key into a new file that only its owner may read. Refuses to overwrite (FileExistsError)."""
    keystore = _keystores().encrypt(private_key, password, iterations=iterations)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(json.dumps(keystore))
