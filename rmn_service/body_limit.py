"""No request body may be larger than this API has any use for; the rest is refused before anybody reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 64 * 1024


class BodyLimit:
    """ASGI middleware: 413 for a body above BODY_BYTES_MAX, whether its length was announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, up to the limit, and hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        chunks: list[bytes] = []
        size, has_more = 0, True
        while has_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            has_more = message.get("more_body", False)
            if size > BODY_BYTES_MAX:
                refusal = {"as_of": {}, "error": f"body = more than {BODY_BYTES_MAX} bytes: send less"}
                await JSONResponse(refusal, 413)(scope, receive, send)
                return
        body: Message | None = {"type": "http.request", "body": b"".join(chunks), "more_body": False}

        async def replay() -> Message:
            nonlocal body
            if body is None:
                return await receive()
            message, body = body, None
            return message

        await self._app(scope, replay, send)
