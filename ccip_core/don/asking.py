"""Asking several others over HTTP, any of whom may be dead, slow or hostile.

Answers come as they arrive, until a deadline that nobody can stretch; an answer is bounded in size and UNTRUSTED.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ANSWER_BYTES_MAX = 1 << 20
_WORKERS = 16


class Answer(NamedTuple):
    """What one of those asked said."""

    url: str
    status: int
    body: bytes


class Asker:
    """Keeps connections and threads for asking."""

    def __init__(self, timeout_s: float, headers: Mapping[str, str] | None = None) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.Client(timeout=timeout_s, headers=headers, trust_env=False)
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="asking")

    def ask(self, urls: Sequence[str], body: Any) -> Iterator[Answer]:
        """POST the same JSON to every URL; yields answers in the order they come. Who does not answer is left out."""
        content = msgspec.json.encode(body)
        asked: list[Future[Answer | None]] = [self._threads.submit(self._post, url, content) for url in urls]
        try:
            for done in as_completed(asked, timeout=self._timeout_s):
                answer = done.result()
                if answer is not None:
                    yield answer
        except TimeoutError:
            return
        finally:
            for future in asked:
                future.cancel()

    def close(self) -> None:
        """Ask nobody any more; who is still being asked is not waited for, and connections close after that."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        threading.Thread(target=self._close_connections, name="asking ends", daemon=True).start()

    def _close_connections(self) -> None:
        self._threads.shutdown(wait=True)
        self._client.close()

    def _post(self, url: str, content: bytes) -> Answer | None:
        deadline = time.monotonic() + self._timeout_s
        body = bytearray()
        try:
            with self._client.stream(
                "POST", url, content=content, headers={"content-type": "application/json"}
            ) as response:
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX or time.monotonic() > deadline:
                        return None
                return Answer(url, response.status_code, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL):  # no answer is none
            return None
