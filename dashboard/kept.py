"""The last answer to a slow question, told at once; it is asked anew beside the page whenever somebody looks.

So a page of things that take a second to ask is there at once, says as of when it is, and follows a moment later.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Kept(Generic[T]):
    """One question for all viewers; never asked twice at a time."""

    def __init__(self, ask: Callable[[], T], *, again_after_s: float = 5.0) -> None:
        self._ask = ask
        self._again_after = timedelta(seconds=again_after_s)
        self._asker = ThreadPoolExecutor(1, "kept")
        self._lock = threading.Lock()
        self._under_way: Future[tuple[T, datetime]] | None = None
        self._last: tuple[T, datetime] | None = None

    def look(self) -> tuple[T, datetime]:
        """The last answer and when it was asked for; waits only while there is none yet.

        Raises whatever asking raised, once.
        """
        while True:
            with self._lock:
                if self._under_way is not None and self._under_way.done():
                    done, self._under_way = self._under_way, None
                    self._last = done.result()
                is_old = self._last is None or datetime.now(UTC) - self._last[1] >= self._again_after
                if is_old and self._under_way is None:
                    self._under_way = self._asker.submit(self._timed)
                if self._last is not None:
                    return self._last
                asked = self._under_way
            wait([asked] if asked is not None else [])

    def forget(self) -> None:
        """What was told is not so any more: the next look waits."""
        with self._lock:
            self._last, self._under_way = None, None

    def _timed(self) -> tuple[T, datetime]:
        at = datetime.now(UTC)
        return self._ask(), at
