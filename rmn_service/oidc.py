"""Whom an OpenID provider vouches for: ID tokens, checked by the provider's own published keys.

    browser ── signs in ──▶ provider ── ID token ──▶ dashboard ── Authorization: Bearer ──▶ node: this file

The dashboard is not believed: it passes the token on, and every node checks it again. A token says who somebody is;
what they may do stands in node.toml under `[[operators]]`, by `oidc_subject` or `oidc_email`.

Refused are tokens of another issuer or for another client, with another algorithm than a provider's key pair gives
(`none` and shared secrets among them), that have run out, or that are older than `max_age_s`. While the provider does
not answer and its keys are not known, nobody is recognised by it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from rmn_service.errors import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rmn_service.operator_config import OidcConfig

_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Of key pairs only: with a shared secret the public key would do to forge."""
_LEEWAY_S = 30
_KEYS_S_MAX = 3600
"""After this the keys are asked for again, so that one which the provider withdrew stops to count."""
_ASK_AGAIN_S = 60
"""An unknown key may be a new one; a guesser must not make us ask at every try."""
_TIMEOUT_S = 5.0
_TOKEN_CHARS_MAX = 16_384


class Identity(NamedTuple):
    """Who somebody is, as the provider says."""

    subject: str
    email: str | None
    """Only where the provider checked that it is theirs."""


class _Published(NamedTuple):
    keys: KeySet
    at_s: int


class Provider:
    """One OpenID provider, as far as a node needs it."""

    def __init__(self, config: OidcConfig, clock: Callable[[], int]) -> None:
        """`clock`: Unix time in ms."""
        self._config = config
        self._clock = clock
        self._published: _Published | None = None
        self._asked_at_s = -_ASK_AGAIN_S
        self._lock = threading.Lock()

    def identity(self, token: str) -> Identity | None:
        """Who shows this ID token; None where it is not one at all.

        Raises:
            ForbiddenError: it is none of this provider's for us, it has run out, or the provider does not answer.
        """
        if token.count(".") != 2 or len(token) > _TOKEN_CHARS_MAX:
            return None
        now_s = self._clock() // 1000
        try:
            claims = self._decode(token, now_s)
            self._check(claims, now_s)
        except (JoseError, ValueError) as error:  # in doubt nobody; the text names a claim, never the token
            raise _refused(f"not an ID token that counts here ({_text(error)}); sign in again") from None
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Identity(str(claims["sub"]), email if isinstance(email, str) else None)

    def _decode(self, token: str, now_s: int) -> dict[str, Any]:
        keys = self._keys(now_s)
        try:
            return jwt.decode(token, keys, _ALGORITHMS).claims
        except (InvalidKeyIdError, BadSignatureError):  # keys may have been changed since
            again = self._keys(now_s, after=keys)
            if again is keys:
                raise
            return jwt.decode(token, again, _ALGORITHMS).claims

    def _check(self, claims: dict[str, Any], now_s: int) -> None:
        audience = self._config.audience
        registry = jwt.JWTClaimsRegistry(
            now=now_s,
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._config.issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        registry.validate(claims)
        if claims.get("azp", audience) != audience:
            raise ValueError("azp: made for another client")
        if now_s - int(claims["iat"]) > self._config.max_age_s:
            raise ValueError(f"iat: older than max_age_s = {self._config.max_age_s}")

    def _keys(self, now_s: int, after: KeySet | None = None) -> KeySet:
        """The provider's keys; newer ones than `after`, where it may be asked again already."""
        with self._lock:
            known = self._published
            is_old = known is None or now_s - known.at_s > _KEYS_S_MAX or known.keys is after
            if is_old and now_s - self._asked_at_s >= _ASK_AGAIN_S:
                self._asked_at_s = now_s
                said = self._ask()
                if said is not None:
                    known = self._published = _Published(said, now_s)
            if known is None or now_s - known.at_s > 2 * _KEYS_S_MAX:
                raise _refused("the identity provider does not say its keys; take an operator's token, or try later")
            return known.keys

    def _ask(self) -> KeySet | None:
        issuer = self._config.issuer
        try:
            with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as http:
                described = http.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration").raise_for_status().json()
                url = httpx.URL(described["jwks_uri"])
                if described["issuer"] != issuer or url.scheme != httpx.URL(issuer).scheme:
                    return None
                return KeySet.import_key_set(http.get(url).raise_for_status().json())
        except (httpx.HTTPError, httpx.InvalidURL, JoseError, ValueError, TypeError, KeyError):  # nobody is recognised
            return None


def _text(error: Exception) -> str:
    return error.description or error.error if isinstance(error, JoseError) else str(error)[:100]


def _refused(text: str) -> ForbiddenError:
    return ForbiddenError(f"authorization: {text}", is_known_caller=False)
