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
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prometheus_client import Counter

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.metrics import Metrics
    from rmn_service.service import Service

log = structlog.get_logger()

_AGAIN_S, _AGAIN_MAX = 0.02, 50
"""A head that was announced before enough endpoints have its block is looked for again this soon, and so often."""
_PROGRESS_MS = 5_000
_PATIENT: dict[str, Any] = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
"""One at a time, late rather than never, once for several that are late: what every job of a node is scheduled with."""


class ChainThread:
    """Walks the corridor for one chain, so that no other chain's silence is in its way."""

    def __init__(self, selector: ChainSelector, service: Service, clock: Callable[[], int]) -> None:
        self.selector = selector
        self._service = service
        self._clock = clock
        self._news: SimpleQueue[Header | None] = SimpleQueue()
        self._is_stopped = False
        self._told_ms = clock()
        self._thread = threading.Thread(target=self._run, name=f"chain-{selector}", daemon=True)

    def start(self) -> None:
        """Begin, with a first walk at once."""
        self.wake()
        self._thread.start()

    def wake(self, head: Header | None = None) -> None:
        """There is something to read; `head` is the block that the endpoint announced."""
        self._news.put(head)

    def stop(self, timeout_s: float) -> None:
        """End after the walk that is under way."""
        self._is_stopped = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        watch = self._service.watches[self.selector]
        unread: Header | None = None
        tries = 0
        while True:
            hint = self._wait(unread)
            if self._is_stopped:
                return
            tries = tries + 1 if hint is unread else 0
            guarded(self._service.metrics, partial(self._service.tick, self._clock(), (self.selector,), hint))
            unread = hint if hint is not None and tries < _AGAIN_MAX and watch.is_news(hint) else None
            if watch.is_catching_up:
                self._tell_progress()
                self.wake()

    def _wait(self, unread: Header | None) -> Header | None:
        try:
            hint = self._news.get(timeout=None if unread is None else _AGAIN_S)
        except Empty:
            return unread
        while not self._news.empty():  # one walk for all of it; the newest head is the best hint
            hint = self._news.get() or hint
        return hint

    def _tell_progress(self) -> None:
        now_ms = self._clock()
        watch = self._service.watches[self.selector]
        progress = watch.progress(now_ms)
        if progress is None or now_ms - self._told_ms < _PROGRESS_MS:
            return
        self._told_ms = now_ms
        log.info(
            "catching up",
            chain=watch.chain.name,
            block=progress.block,
            head=progress.head,
            blocks_per_s=round(progress.blocks_per_s),
            left_s=None if progress.left_s is None else round(progress.left_s),
        )


def guarded(metrics: Metrics, walk: Callable[[], None]) -> None:
    """One walk that may fail: doubt, so nothing was blessed or cursed by it, and the next one tries again."""
    begun = time.perf_counter()
    attempt("tick failed", metrics.ticks_failed, walk)
    metrics.tick_s.observe(time.perf_counter() - begun)


def attempt(complaint: str, failures: Counter, job: Callable[[], None]) -> None:
    """Do a job that is done again if it failed, so all that a failure needs is to be noticed."""
    try:
        job()
    except Exception:
        failures.inc()
        log.exception(complaint)


class Job(NamedTuple):
    """Something that is done again and again."""

    name: str
    seconds: float
    do: Callable[[], None]


def every(jobs: Sequence[Job], metrics: Metrics, on_missed: Callable[[str], None]) -> BackgroundScheduler:
    """A started clock that calls each job, one at a time, late rather than never. Stop it with `shutdown`.

    A job that could not start in time, since the one before it still ran, is counted, logged and told by its name.
    """
    scheduler = BackgroundScheduler()

    def missed(event: JobEvent) -> None:
        metrics.ticks_missed.inc()
        metrics.jobs_missed.labels(event.job_id).inc()
        log.error("job missed", job=event.job_id)
        on_missed(event.job_id)

    scheduler.add_listener(missed, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    for job in jobs:
        failing = partial(attempt, f"job {job.name} failed", metrics.ticks_failed, job.do)
        scheduler.add_job(failing, "interval", seconds=job.seconds, id=job.name, **_PATIENT)
    scheduler.start()
    return scheduler
