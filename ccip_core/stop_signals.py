"""Ctrl-C and SIGTERM as one orderly stop.

The handler raises `Stopped` wherever the main thread is, so that a start that takes long is left at once and everything
on the stack is stopped on the way out. But an exception out of a signal handler is lost when it happens to land in a
destructor, so the request is remembered as well and `pause` raises it again: whoever waits, waits with `pause`.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOOK_S = 0.5


class Stopped(BaseException):
    """Somebody asked this process to end."""


class StopSignals:
    """A `with` block that ends quietly when it is asked to stop; further requests don't interrupt the stopping."""

    def __init__(self) -> None:
        self._is_asked = False
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._ask) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        return kind is not None and issubclass(kind, Stopped)

    def pause(self, seconds: float) -> None:
        """Let time pass. Raises Stopped as soon as somebody has asked, even if that was long ago."""
        end_s = time.monotonic() + seconds
        while not self._is_asked and (left_s := end_s - time.monotonic()) > 0:
            time.sleep(min(left_s, _LOOK_S))
        if self._is_asked:
            raise Stopped

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self._is_asked:
            self._is_asked = True
            raise Stopped
