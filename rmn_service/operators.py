"""The people who may act through this node, known by the hash of a bearer token."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple

from rmn_service.errors import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rmn_service.config import OperatorConfig, Role


class Operator(NamedTuple):
    """Somebody who proved who they are."""

    name: str
    role: Role


class Operators:
    """Tells who holds a token."""

    def __init__(self, configs: Iterable[OperatorConfig]) -> None:
        self._known = [(config.token_digest(), Operator(config.name, config.role)) for config in configs]

    def identify(self, authorization: str | None) -> Operator:
        """The operator of an `Authorization` header. Takes the same time for every token.

        Raises:
            ForbiddenError: no token, or nobody's.
        """
        scheme, _, token = (authorization or "").partition(" ")
        digest = hashlib.sha256(token.strip().encode()).digest()
        found = None
        for known, operator in self._known:
            if hmac.compare_digest(known, digest):
                found = operator
        if found is None or scheme.lower() != "bearer":
            raise ForbiddenError("authorization: not an operator's bearer token", is_known_caller=False)
        return found
