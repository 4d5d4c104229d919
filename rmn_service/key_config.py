"""`[signer]` and `[curser]`: a key, who keeps it, and where the secret that unlocks it is found (docs/keys.md)."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003  # pydantic reads annotations at run time
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from ccip_core.kms_signer import KmsKey, KmsSigner
from ccip_core.pkcs11_signer import Pkcs11Signer, TokenKey
from ccip_core.signers import SignerError, open_keystore
from rmn_service.errors import ConfigError

if TYPE_CHECKING:
    from ccip_core.signers import Signer

KeyKind = Literal["keystore", "pkcs11", "kms"]
_OF_KIND: dict[KeyKind, tuple[set[str], set[str]]] = {
    "keystore": ({"path"}, {"password_env", "password_file"}),
    "pkcs11": ({"module", "token", "key"}, {"pin_env", "pin_file"}),
    "kms": ({"key_id"}, set()),
}
"""What each kind of key must be told, and of which of its secret's places exactly one."""


class KeyConfig(BaseModel):
    """A key, who keeps it, and where the secret that unlocks it is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: KeyKind = "keystore"
    path: Path | None = None
    """keystore: the encrypted JSON file."""
    password_env: str | None = None
    password_file: Path | None = None
    module: Path | None = None
    """pkcs11: the device's library."""
    token: str | None = None
    key: str | None = None
    """pkcs11: labels of the token and of the key in it."""
    pin_env: str | None = None
    pin_file: Path | None = None
    key_id: str | None = None
    """kms: id, ARN or alias. Credentials are the machine's own."""
    region: str | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        needed, secrets = _OF_KIND[self.kind]
        given = {name for name in self.model_fields_set - {"kind"} if getattr(self, name) is not None}
        missing = sorted(needed - given)
        if missing:
            raise ValueError(f"kind = {self.kind} needs {', '.join(missing)}")
        foreign = sorted(given - needed - secrets - ({"region"} if self.kind == "kms" else set()))
        if foreign:
            raise ValueError(f"kind = {self.kind} has no {', '.join(foreign)}")
        if secrets and len(given & secrets) != 1:
            what = "password" if self.kind == "keystore" else "pin"
            raise ValueError(f"give the {what} by exactly one of {' and '.join(sorted(secrets))}")
        return self

    def open(self, field: str, folder: Path) -> Signer:
        """Unlock the key of config section `field`.

        Raises:
            ConfigError: no secret, no key, or they don't fit each other; never says the secret.
        """
        try:
            if self.path is not None:
                secret = _secret(f"{field}.password", self.password_env, self.password_file, folder)
                return open_keystore(folder / self.path, secret)
            if self.module is not None:
                where = TokenKey(folder / self.module, self.token or "", self.key or "")
                return Pkcs11Signer(where, _secret(f"{field}.pin", self.pin_env, self.pin_file, folder))
            return KmsSigner(KmsKey(self.key_id or "", self.region))
        except SignerError as error:
            raise ConfigError(f"{field}.{str(error).removeprefix('signer.')}") from None

    def explained(self, folder: Path) -> str:
        """Who keeps the key, for a person; no secret."""
        if self.kind == "kms":
            return f"kms {self.key_id}, credentials of this machine"
        env, file = (self.password_env, self.password_file) if self.path is not None else (self.pin_env, self.pin_file)
        secret = f"${env}" if env is not None else str(file)
        if self.path is not None:
            return f"keystore {folder / self.path}, password from {secret}"
        return f"pkcs11 token {self.token}, key {self.key}, PIN from {secret}"


def _secret(field: str, env: str | None, file: Path | None, folder: Path) -> str:
    if env is not None:
        secret = os.environ.get(env)
        if secret is None:
            raise ConfigError(f"{field}_env = {env}: not set; export it before `rmn run`")
        return secret
    assert file is not None
    try:
        return (folder / file).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{field}_file = {folder / file}: can't be read; check path and rights") from None
