"""Everything that can go wrong in a node, in one tree.

    NodeError
    ├── ConfigError       the node can't be built: one line with field, value and remedy (CLI: exit 2)
    ├── RequestError      a request that can't be true or is not of the promised shape (HTTP 422)
    ├── NotFoundError     there is no such thing (HTTP 404)
    ├── ForbiddenError    the caller may not do this (HTTP 401 without a valid token, else 403)
    ├── InUseError        another process holds the database or the guard (CLI: exit 1)
    ├── TooManyError      asked too often, or wrong too often (HTTP 429)
    ├── ConflictError     it was done already, or its state does not allow it (HTTP 409)
    └── StoreError        the record can't be used, read or written (HTTP 503)
        ├── AuditError    nor the audit log; therefore the action did not happen
        └── ScratchError  nor what was laid down out of memory

A chain that can't be asked is `ccip_core.rpc.RpcError`: never evidence of anything.
"""

from __future__ import annotations

from detectors.archive import ArchiveError


class NodeError(Exception):
    """Any refusal of this package; its text is one line for a person."""


class ConfigError(NodeError):
    """The node can't be built; the text names the field, the value and the remedy."""


class InUseError(NodeError):
    """Another process holds what only one may hold: nothing was touched."""


class RequestError(NodeError):
    """The request is not of the promised shape, or could not be true."""


class NotFoundError(NodeError):
    """There is no such thing."""


class ForbiddenError(NodeError):
    """The caller may not do this."""

    def __init__(self, text: str, *, is_known_caller: bool = True) -> None:
        super().__init__(text)
        self.is_known_caller = is_known_caller


class TooManyError(NodeError):
    """Too often; `wait_s` tells when to come again."""

    def __init__(self, text: str, wait_s: float) -> None:
        super().__init__(text)
        self.wait_s = wait_s


class ConflictError(NodeError):
    """The thing's state does not allow it."""


class StoreError(NodeError):
    """The record can't be used, read or written. One line that names the field, its value and the remedy."""


class AuditError(StoreError):
    """The audit log could not be written: no audit write, no action."""


class ScratchError(StoreError, ArchiveError):
    """The scratch file refused something: what it holds is not known any more."""
