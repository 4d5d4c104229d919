"""What keeps a node moving: a thread per chain that walks the corridor when there may be news.

    HeadStream ──▶ wake ──▶ ChainThread ──▶ service.tick(only this chain, with the head as a hint)
    APScheduler ─▶ wake (every tick_s, for whatever was not announced)

This file holds the project's single `except Exception`: whatever a walk raises is logged and counted, and the next
walk goes on. A tick that could not start in time is counted as missed; both counters are worth an alarm.
"""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.schedulers.background import BackgroundScheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.metrics import Metrics
    from rmn_service.service import Service

log = structlog.get_logger()


class ChainThread:
    """Walks the corridor for one chain, so that no other chain's silence is in its way."""

    def __init__(self, selector: ChainSelector, service: Service, clock: Callable[[], int]) -> None:
        self._selector = selector
        self._service = service
        self._clock = clock
        self._wake = threading.Event()
        self._hint: Header | None = None
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name=f"chain-{selector}", daemon=True)

    def start(self) -> None:
        """Begin, with a first walk at once."""
        self._wake.set()
        self._thread.start()

    def wake(self, head: Header | None = None) -> None:
        """There is something to read; `head` is the block that the endpoint announced."""
        if head is not None:
            self._hint = head
        self._wake.set()

    def stop(self, timeout_s: float) -> None:
        """End after the walk that is under way."""
        self._is_stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while self._wake.wait() and not self._is_stopped:
            self._wake.clear()
            hint, self._hint = self._hint, None
            guarded(self._service.metrics, partial(self._service.tick, self._clock(), (self._selector,), hint))
            if self._service.watches[self._selector].is_catching_up:
                self._wake.set()


def guarded(metrics: Metrics, walk: Callable[[], None]) -> None:
    """One walk that may fail: doubt, so nothing was blessed or cursed by it, and the next one tries again."""
    begun = time.perf_counter()
    try:
        walk()
    except Exception:
        metrics.ticks_failed.inc()
        log.exception("tick failed")
    metrics.tick_s.observe(time.perf_counter() - begun)


def every(seconds: float, job: Callable[[], None], metrics: Metrics) -> BackgroundScheduler:
    """A started clock that calls `job`, one at a time, late rather than never. Stop it with `shutdown`."""
    scheduler = BackgroundScheduler()
    scheduler.add_listener(lambda _: metrics.ticks_missed.inc(), EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    scheduler.add_job(job, "interval", seconds=seconds, misfire_grace_time=None, coalesce=True, max_instances=1)
    scheduler.start()
    return scheduler
