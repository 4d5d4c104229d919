"""A thread that does what it is handed, one thing after the other.

Handing over wakes it in half the time that an executor takes, which makes a future of every call; votes wait for that.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Errand = Callable[[], None]


class ErrandThread:
    """Starts with the first errand. `guard` runs each of them and lets nothing through that it raises."""

    def __init__(self, name: str, guard: Callable[[Errand], None]) -> None:
        self._guard = guard
        self._errands: SimpleQueue[Errand] = SimpleQueue()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._starting = threading.Lock()

    def hand_over(self, errand: Errand) -> None:
        """Have it done after everything that was handed over before. Never waits."""
        self._errands.put(errand)
        if self._thread.ident is None:
            with self._starting:
                if self._thread.ident is None:
                    self._thread.start()

    def milestone(self) -> threading.Lock:
        """A lock that can be acquired once all that was handed over so far is done."""
        passed = threading.Lock()
        passed.acquire()
        self.hand_over(passed.release)
        return passed

    def close(self) -> None:
        """Begin nothing any more; what is being done goes on."""
        self._is_closed = True
        self._errands.put(_nothing)

    def _run(self) -> None:
        while True:
            errand = self._errands.get()
            if self._is_closed:
                return
            self._guard(errand)


def _nothing() -> None:
    """Wakes the thread."""
