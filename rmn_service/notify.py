"""Carries alerts to people: each is stored before anything is sent, and tried until it arrives or is a dead letter.

    notify ──▶ route by severity ──▶ told lately? ──▶ digest
                                        │ no
                                        ▼
                                     delivery (stored) ──▶ thread ──▶ channel ──▶ sent, or again later, or dead

One alert is one story per route: the same kind and key is told once, again only when it became graver or long after.
What is held back, and what people snoozed, is counted in the digest. A restart goes on with what was not delivered.
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog

from detectors.detector import Severity
from rmn_service.errors import ConflictError, StoreError
from rmn_service.notify_channels import Channel, DeliveryError, open_channel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from rmn_service.alerts import Alert
    from rmn_service.metrics import Metrics
    from rmn_service.notify_config import NotificationConfig
    from rmn_service.store import Store

log = structlog.get_logger()

KIND = "delivery"
"""Under which deliveries stand in the store's documents."""
_BACKOFF_MS, _BACKOFF_MS_MAX = 1_000, 600_000
_IDLE_S = 1.0
_STOP_S = 15.0


class Route(NamedTuple):
    """A place, and from which severity on it is told."""

    name: str
    least: Severity
    channel: Channel


class _Told(NamedTuple):
    severity: Severity
    at_ms: int


class Notifications:
    """A `Notifier` that delivers on a thread of its own."""

    def __init__(
        self,
        *,
        node: str,
        routes: Sequence[Route],
        config: NotificationConfig,
        store: Store,
        metrics: Metrics,
        clock: Callable[[], int],
    ) -> None:
        self._node = node
        self._routes = routes
        self._config = config
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._is_stopped = False
        self._told: dict[tuple[str, str, str], _Told] = {}
        self._held: dict[str, dict[str, int]] = {route.name: {} for route in routes}
        """By route: how often each title was held back since the last digest."""
        self._digest_ms = clock()
        self._queue = {delivery["id"]: delivery for delivery in store.all(KIND) if delivery["state"] == "queued"}
        self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)

    def start(self) -> None:
        """Begin to deliver, first what an earlier process left."""
        self._thread.start()

    def stop(self) -> None:
        """End after the try that is under way; the rest is stored."""
        self._is_stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def notify(self, alert: Alert) -> None:
        """Take one alert: never waits for a network, never raises."""
        write = log.error if alert.severity is Severity.CRITICAL else log.warning
        lanes = [f"{lane.source}:{lane.dest}" for lane in alert.lanes]
        chain = None if alert.chain is None else str(alert.chain)
        write("alert", kind=alert.kind, key=alert.key, title=alert.title, text=alert.text, lanes=lanes, chain=chain)
        message = {
            "node": self._node,
            "kind": alert.kind,
            "key": alert.key,
            "severity": alert.severity.word,
            "title": alert.title,
            "text": alert.text,
            "at_ms": alert.at_ms,
            "lanes": lanes,
            "chain": chain,
        }
        for route in self._routes:
            if alert.severity >= route.least:
                with self._lock:
                    is_due = not alert.is_snoozed and self._is_news(route.name, alert)
                    if not is_due:
                        held = self._held[route.name]
                        held[alert.title] = held.get(alert.title, 0) + 1
                if is_due:
                    self._enqueue(route.name, message, alert.at_ms)
        self._wake.set()

    def test(self, by: str, now_ms: int) -> list[str]:
        """Send a test message on every route, whatever its severity; the routes. `deliveries` tells what became of it.

        Raises:
            ConflictError: there is no route.
        """
        if not self._routes:
            raise ConflictError("notifications.routes = []: this node tells nobody; add [[notifications.routes]]")
        message = {
            "node": self._node,
            "kind": "test",
            "key": "test",
            "severity": Severity.INFO.word,
            "title": "test message",
            "text": f"{by} asked for it; nothing happened.",
            "at_ms": now_ms,
            "lanes": [],
            "chain": None,
        }
        for route in self._routes:
            self._enqueue(route.name, message, now_ms)
        self._wake.set()
        return [route.name for route in self._routes]

    def deliveries(self, limit: int) -> list[dict[str, Any]]:
        """The last ones, oldest first: what became of each; no URL is part of it."""
        return self._store.all(KIND, limit)

    def _is_news(self, route: str, alert: Alert) -> bool:
        key = route, alert.kind, alert.key
        told = self._told.get(key)
        is_repeat = (
            told is not None
            and alert.severity <= told.severity
            and alert.at_ms - told.at_ms < 1000 * self._config.repeat_after_s
        )
        if not is_repeat:
            self._told[key] = _Told(alert.severity, alert.at_ms)
        return not is_repeat

    def _enqueue(self, route: str, message: dict[str, Any], now_ms: int) -> None:
        name = f"{route}|{message['kind']}|{message['key']}|{message['severity']}|{now_ms}"
        id_ = hashlib.sha256(name.encode()).hexdigest()[:24]
        delivery = {
            "id": id_,
            "route": route,
            "state": "queued",
            "tries": 0,
            "next_ms": now_ms,
            "error": None,
            "message": {"id": id_, **message},
        }
        with self._lock:
            self._queue[id_] = delivery
        self._keep(delivery, now_ms)

    def _keep(self, delivery: dict[str, Any], now_ms: int) -> None:
        try:
            self._store.put(KIND, delivery["id"], delivery, now_ms)
        except StoreError:  # it is delivered all the same, and lost only if this process ends before
            log.exception("a delivery can't be stored", route=delivery["route"])

    def _run(self) -> None:
        while not self._is_stopped:
            self.deliver(self._clock())
            self._wake.wait(_IDLE_S)
            self._wake.clear()

    def deliver(self, now_ms: int) -> None:
        """Try everything that is due, once."""
        if now_ms - self._digest_ms >= 1000 * self._config.digest_s:
            self._digest(now_ms)
        channels = {route.name: route.channel for route in self._routes}
        with self._lock:
            due = [delivery for delivery in self._queue.values() if delivery["next_ms"] <= now_ms]
        for delivery in due:
            if self._is_stopped:
                return
            self._try(delivery, channels, now_ms)

    def _try(self, delivery: dict[str, Any], channels: Mapping[str, Channel], now_ms: int) -> None:
        route, tries = delivery["route"], delivery["tries"] + 1
        channel = channels.get(route)
        change: dict[str, Any] = {"state": "dead", "error": "the route is no longer configured"}
        if channel is not None:
            try:
                channel.send(delivery["message"], now_ms // 1000)
                change = {"state": "sent", "error": None}
            except DeliveryError as error:
                wait_ms = min(_BACKOFF_MS << min(tries - 1, 20), _BACKOFF_MS_MAX)
                state = "dead" if tries >= self._config.tries_max else "queued"
                change = {"state": state, "error": str(error), "next_ms": now_ms + wait_ms}
        done = delivery | change | {"tries": tries}
        with self._lock:
            if done["state"] == "queued":
                self._queue[done["id"]] = done
            else:
                self._queue.pop(done["id"], None)
        self._metrics.deliveries.labels(route, "failed" if done["state"] == "queued" else done["state"]).inc()
        if done["state"] == "dead":
            log.error("alert undeliverable", route=route, tries=tries, error=done["error"], key=done["message"]["key"])
        self._keep(done, now_ms)

    def _digest(self, now_ms: int) -> None:
        self._digest_ms = now_ms
        with self._lock:
            held, self._held = self._held, {route.name: {} for route in self._routes}
        for route, counts in held.items():
            if counts:
                lines = [f"{count} x {title}" for title, count in sorted(counts.items(), key=lambda line: -line[1])]
                message = {
                    "node": self._node,
                    "kind": "digest",
                    "key": "digest",
                    "severity": Severity.INFO.word,
                    "title": f"{sum(counts.values())} alerts were held back",
                    "text": "\n".join(lines),
                    "at_ms": now_ms,
                    "lanes": [],
                    "chain": None,
                }
                self._enqueue(route, message, now_ms)


def open_routes(config: NotificationConfig, folder: Path) -> list[Route]:
    """Every route with its wire. Raises ConfigError: a secret is missing or a URL is none."""
    return [Route(route.name, route.least_severity, open_channel(route, folder)) for route in config.routes]
