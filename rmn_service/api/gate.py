"""In front of every handler: how often one client may ask, and the headers that every answer wears."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse

from rmn_service.rate_limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BURST_S = 5
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_OVER_TLS = "max-age=31536000"


class Gate:
    """ASGI middleware, the outermost: 429 for who asks too often, security headers for everybody."""

    def __init__(self, app: ASGIApp, requests_per_s: float, stopwatch: Callable[[], float]) -> None:
        self._app = app
        self._rate = RateLimit(requests_per_s, _BURST_S * requests_per_s)
        self._stopwatch = stopwatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = _OVER_TLS
            await send(message)

        client = scope.get("client")
        wait_s = self._rate.take("" if client is None else client[0], self._stopwatch())
        if wait_s > 0:
            refusal = {"as_of": {}, "error": "too many requests from this client; ask less often"}
            await JSONResponse(refusal, 429, {"Retry-After": str(math.ceil(wait_s))})(scope, receive, send_dressed)
            return
        await self._app(scope, receive, send_dressed)
