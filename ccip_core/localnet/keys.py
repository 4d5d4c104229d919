"""Every key of the local network, derived from anvil's public test mnemonic.

These keys are known to the whole world. They own nothing outside a local chain: never fund them on a real one.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from typing import Literal, get_args

from coincurve import PrivateKey
from coincurve.utils import GROUP_ORDER_INT

from ccip_core.signers import LocalSigner

MNEMONIC = "test test test test test test test test test test test junk"

Role = Literal[
    "user",  # anvil's own accounts; see `users`
    "deployer",  # index = the chain's position; owner and token issuer of everything on that chain
    "oracle_signer",
    "oracle_transmitter",
    "rmn_signer",
    "rmn_curser",
    "council",
    "attacker",
    "receiver",
]

_ACCOUNT = {role: account for account, role in enumerate(get_args(Role))}


_HARDENED = 1 << 31


def _child(key: bytes, chain_code: bytes, index: int) -> tuple[bytes, bytes]:
    """BIP-32: the private child key and its chain code."""
    parent = b"\0" + key if index >= _HARDENED else PrivateKey(key).public_key.format()
    digest = hmac.digest(chain_code, parent + index.to_bytes(4), "sha512")
    child = (int.from_bytes(digest[:32]) + int.from_bytes(key)) % GROUP_ORDER_INT
    return child.to_bytes(32), digest[32:]


@cache
def _branch(role: Role) -> tuple[bytes, bytes]:
    """The node m/44'/60'/role'/0 that a role's keys are children of."""
    seed = hashlib.pbkdf2_hmac("sha512", MNEMONIC.encode(), b"mnemonic", 2048)  # BIP-39, no passphrase
    digest = hmac.digest(b"Bitcoin seed", seed, "sha512")
    key, chain_code = digest[:32], digest[32:]
    for index in (44 + _HARDENED, 60 + _HARDENED, _ACCOUNT[role] + _HARDENED, 0):
        key, chain_code = _child(key, chain_code, index)
    return key, chain_code


@cache
def dev_private_key(role: Role, index: int = 0) -> bytes:
    """The 32 secret bytes, for keystores and tools that want the key itself."""
    if not 0 <= index < _HARDENED:
        raise ValueError(f"index = {index}: keys are counted from 0")
    return _child(*_branch(role), index)[0]


@cache
def dev_key(role: Role, index: int = 0) -> LocalSigner:
    """The same key for the same role and index, on every machine and in every run.

    A role has a BIP-44 account of its own (m/44'/60'/role'/0/index), so no two roles ever meet.
    """
    return LocalSigner(dev_private_key(role, index))


def users() -> tuple[LocalSigner, LocalSigner]:
    """Who holds native, LINK and every token on every chain: an account for people, and one for traffic beside them.

    Two senders with one key would take each other's nonces.
    """
    return dev_key("user", 0), dev_key("user", 1)
