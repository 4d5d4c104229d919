"""The people who may act through this node, known by the hash of a bearer token.

A token's Argon2 hash costs its finder years and us 50 ms and 64 MiB, so a token that proved right is remembered for the
life of the process by a keyed digest (the key is random and never leaves it), and wrong ones are taken few at a time.
Who guesses learns nothing from the time it takes: every known hash is compared for every token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from typing import TYPE_CHECKING, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from rmn_service.errors import ForbiddenError, TooManyError
from rmn_service.rate_limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rmn_service.oidc import Provider
    from rmn_service.operator_config import OperatorConfig, Role

_FAILURES_PER_MINUTE = 6.0
_BURST = 5
_TURN_S = 2.0
"""How long one verification waits for another: never two at a time, so that guessers don't fill the memory."""
_TOKEN_BYTES = 32


class Operator(NamedTuple):
    """Somebody who proved who they are."""

    name: str
    role: Role

    @property
    def may_act(self) -> bool:
        """Whether they may do more than look."""
        return self.role != "viewer"


class Operators:
    """Tells who holds a token."""

    def __init__(
        self,
        configs: Iterable[OperatorConfig],
        failed_logins_per_minute: float = _FAILURES_PER_MINUTE,
        provider: Provider | None = None,
    ) -> None:
        """`provider`: whose ID tokens count for whoever has an OpenID identity."""
        self._digests: list[tuple[bytes, Operator]] = []
        self._hashes: list[tuple[str, Operator]] = []
        self._subjects: dict[str, Operator] = {}
        self._emails: dict[str, Operator] = {}
        self._provider = provider
        self.known: list[Operator] = []
        """Everybody with their role."""
        for config in configs:
            operator, digest = Operator(config.name, config.role), config.token_digest()
            self.known.append(operator)
            if config.oidc_subject is not None:
                self._subjects[config.oidc_subject] = operator
            if config.oidc_email is not None:
                self._emails[config.oidc_email.lower()] = operator
            if digest is not None:
                self._digests.append((digest, operator))
            elif config.token_argon2 is not None:
                self._hashes.append((config.token_argon2, operator))
        self._failures = RateLimit(failed_logins_per_minute / 60, _BURST)
        self._turn = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._proved: dict[bytes, Operator] = {}

    @property
    def names(self) -> list[str]:
        """Everybody, as configured."""
        return [operator.name for operator in self.known]

    def identify(self, authorization: str | None, client: str = "", now_s: float = 0.0) -> Operator:
        """The operator of an `Authorization` header; `client` is who is held to the rate of failures.

        Raises:
            ForbiddenError: no token, or nobody's.
            TooManyError: this client was wrong too often; a token that proved right before is still taken.
        """
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise ForbiddenError("authorization: not an operator's bearer token", is_known_caller=False)
        found = self._quick(token) or self._vouched(token, client, now_s)
        if found is None:
            wait_s = self._failures.wait_s(client, now_s)
            if wait_s > 0:
                raise TooManyError("authorization: too many wrong tokens from this client; wait and check it", wait_s)
            found = self._slow(token)
        if found is None:
            self._failures.take(client, now_s)
            raise ForbiddenError("authorization: not an operator's bearer token", is_known_caller=False)
        return found

    def _quick(self, token: str) -> Operator | None:
        digest = hashlib.sha256(token.encode()).digest()
        found = self._proved.get(hmac.digest(self._key, digest, "sha256"))
        for known, operator in self._digests:
            if hmac.compare_digest(known, digest):
                found = operator
        return found

    def _vouched(self, token: str, client: str, now_s: float) -> Operator | None:
        """Who shows an ID token; None where it is not one."""
        if self._provider is None:
            return None
        try:
            identity = self._provider.identity(token)
        except ForbiddenError:
            self._failures.take(client, now_s)
            raise
        if identity is None:
            return None
        found = self._subjects.get(identity.subject) or self._emails.get((identity.email or "").lower())
        if found is None:
            raise ForbiddenError(
                f"authorization: you are {identity.subject} to the identity provider, whom node.toml lists under no "
                "[[operators]]; ask whoever runs the node",
                is_known_caller=False,
            )
        return found

    def _slow(self, token: str) -> Operator | None:
        if not self._hashes:
            return None
        if not self._turn.acquire(timeout=_TURN_S):
            raise TooManyError("authorization: other tokens are being checked; try again", _TURN_S)
        try:
            found = None
            for known, operator in self._hashes:
                if _fits(known, token):
                    found = operator
            if found is not None:
                digest = hashlib.sha256(token.encode()).digest()
                self._proved[hmac.digest(self._key, digest, "sha256")] = found
            return found
        finally:
            self._turn.release()


def hash_token(token: str) -> str:
    """What stands in node.toml as `token_argon2`."""
    return PasswordHasher().hash(token)


def new_token() -> str:
    """A bearer token that nobody guesses."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _fits(known: str, token: str) -> bool:
    try:
        return PasswordHasher().verify(known, token)
    except VerificationError:  # a wrong token, or a hash that no token fits: nobody
        return False
