"""`[[operators]]` and `[oidc]`: who may act through a node, and how it knows them."""

from __future__ import annotations

import hashlib
import os
from typing import Literal, Self
from urllib.parse import urlsplit

from argon2 import Type, extract_parameters
from argon2.exceptions import InvalidHashError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ccip_core.listening import is_loopback
from rmn_service.errors import ConfigError

Role = Literal["viewer", "operator", "approver"]
"""viewer: reads · operator: also proposes and speaks about incidents · approver: also approves what others propose."""
RESERVED_NAMES = ("watchdog", "time", "external")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OidcConfig(_Part):
    """The OpenID provider whose word on who somebody is counts here; what they may do, `[[operators]]` says."""

    issuer: str
    """Exactly as the provider spells it: the `iss` of its tokens."""
    audience: str = Field(min_length=1)
    """The dashboard's client id at the provider: the `aud` of its tokens."""
    max_age_s: int = Field(default=8 * 3600, ge=60)
    """A token that was issued longer ago is refused, even if the provider lets it live on."""

    @field_validator("issuer")
    @classmethod
    def _is_private(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ValueError("must start with https:// (http:// on this machine alone)")
        return issuer


class OperatorConfig(_Part):
    """A person who may act through this node, known by a token, by an OpenID provider's word, or by both."""

    name: str = Field(min_length=1, max_length=100)
    role: Role
    token_argon2: str | None = None
    """What `rmn operators hash` prints."""
    token_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    token_env: str | None = None
    oidc_subject: str | None = Field(default=None, min_length=1, max_length=255)
    """The `sub` of their ID tokens: the provider never gives it to anybody else."""
    oidc_email: str | None = Field(default=None, pattern="^[^@ ]+@[^@ ]+$")
    """An address that the provider says it checked; a subject is safer, for addresses change hands."""

    @field_validator("name")
    @classmethod
    def _is_a_person(cls, name: str) -> str:
        if name in RESERVED_NAMES:
            raise ValueError(f"{name} is what the node calls itself in its log; choose another name")
        return name

    @field_validator("token_argon2")
    @classmethod
    def _is_argon2id(cls, text: str | None) -> str | None:
        try:
            is_hash = text is None or extract_parameters(text).type is Type.ID
        except InvalidHashError:
            is_hash = False
        if not is_hash:
            raise ValueError("not an argon2id hash; make one with `rmn operators hash`")
        return text

    @model_validator(mode="after")
    def _can_be_known(self) -> Self:
        tokens = sum(given is not None for given in (self.token_argon2, self.token_sha256, self.token_env))
        identities = sum(given is not None for given in (self.oidc_subject, self.oidc_email))
        if tokens > 1 or identities > 1 or not tokens + identities:
            raise ValueError(
                "give exactly one of token_argon2, token_sha256 and token_env, or one of oidc_subject and oidc_email "
                "(beside a token or alone)"
            )
        return self

    def token_digest(self) -> bytes | None:
        """SHA-256 of the operator's bearer token; None where only its Argon2 hash is known, or there is none.

        Raises:
            ConfigError: the variable of `token_env` is not set or empty.
        """
        if self.token_sha256 is not None:
            return bytes.fromhex(self.token_sha256)
        if self.token_env is None:
            return None
        token = os.environ.get(self.token_env, "")
        if not token:
            raise ConfigError(
                f"operators.{self.name}.token_env = {self.token_env}: not set; export the operator's token"
            )
        return hashlib.sha256(token.encode()).digest()
