"""The wires that alerts leave by: Apprise for everything it knows, and a signed webhook. One call is one try.

What a try failed of is said by kind and status alone: URLs carry tokens, and libraries like to repeat them.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from rmn_service.audit_chain import canonical_json
from rmn_service.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from rmn_service.notify_config import RouteConfig

_TIMEOUT_S = 10.0
_TYPES = {"info": "info", "warning": "warning", "critical": "failure"}
"""Our severities in Apprise's words."""
TIMESTAMP, SIGNATURE = "X-RMN-Timestamp", "X-RMN-Signature"
"""Headers of a signed webhook."""

logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it writes URLs, with their tokens, into logs


class DeliveryError(Exception):
    """One try failed; the text holds no secret."""


class Channel(Protocol):
    """One place that a message can be handed to."""

    def send(self, message: dict[str, Any], now_s: int) -> None:
        """Hand it over, once. Raises DeliveryError."""


class AppriseChannel:
    """Whatever Apprise knows."""

    def __init__(self, name: str, url: str) -> None:
        """Raises ConfigError: Apprise does not know such a URL."""
        import apprise  # noqa: PLC0415  slow to load; only a node with such a route needs it

        self._apprise = apprise.Apprise()
        if not self._apprise.add(url):
            raise ConfigError(f"notifications.routes.{name}.url = (not shown): no URL that Apprise knows; mend it")

    def send(self, message: dict[str, Any], now_s: int) -> None:  # noqa: ARG002  # a Channel
        """A short text: title, then what is known."""
        title = f"[{message['severity']}] {message['node']}: {message['title']}"
        kind, body = _TYPES[message["severity"]], message["text"] or message["title"]
        if not self._apprise.notify(body=body, title=title, notify_type=kind):
            raise DeliveryError("the service did not take it")


class WebhookChannel:
    """POSTs the message as JSON, signed: HMAC-SHA256 over "timestamp.body" with the shared secret."""

    def __init__(self, name: str, url: str, secret: bytes) -> None:
        """Raises ConfigError: no http(s) URL."""
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"notifications.routes.{name}.url = (not shown): must start with http:// or https://")
        self._url = url
        self._secret = secret

    def send(self, message: dict[str, Any], now_s: int) -> None:
        """The receiver answers 2xx, or it is tried again. `message["id"]` stays the same over all tries."""
        body = canonical_json(message).encode()
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: str(now_s),
            SIGNATURE: "sha256=" + signature(self._secret, now_s, body),
        }
        try:
            response = httpx.post(self._url, content=body, headers=headers, timeout=_TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryError(type(error).__name__) from None
        if not response.is_success:
            raise DeliveryError(f"HTTP {response.status_code}")


def signature(secret: bytes, timestamp_s: int, body: bytes) -> str:
    """What a receiver computes to know that a webhook is ours and fresh."""
    return hmac.new(secret, f"{timestamp_s}.".encode() + body, hashlib.sha256).hexdigest()


def open_channel(route: RouteConfig, folder: Path) -> Channel:
    """The wire of a route. Raises ConfigError."""
    if route.kind == "webhook":
        return WebhookChannel(route.name, route.url(folder), route.secret(folder))
    return AppriseChannel(route.name, route.url(folder))
