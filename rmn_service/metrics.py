"""What Prometheus sees. Each node has its own registry, so that several can live in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from rmn_service.service import Service


class Metrics:
    """Counters move as things happen; gauges are read off the service when somebody scrapes."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.blocks = Counter("rmn_blocks", "Blocks read", ["chain"], registry=registry)
        self.rows = Counter("rmn_rows", "Facts that blocks stated", ["chain"], registry=registry)
        self.unknown_logs = Counter("rmn_unknown_logs", "Logs of a topic we do not know", ["chain"], registry=registry)
        self.malformed_logs = Counter(
            "rmn_malformed_logs", "Logs of a known topic that do not decode", ["chain"], registry=registry
        )
        self.reorgs = Counter("rmn_reorgs", "Rewinds", ["chain"], registry=registry)
        self.blind_reads = Counter("rmn_blind_reads", "Times a chain could not be read", ["chain"], registry=registry)
        self.disagreements = Counter(
            "rmn_disagreements",
            "Contradictions about settled blocks; alarm on any",
            ["chain"],
            registry=registry,
        )
        self.endpoint_faults = Counter(
            "rmn_endpoint_faults",
            "What endpoints failed at (ccip_core.endpoint.Fault)",
            ["chain", "endpoint", "fault"],
            registry=registry,
        )
        self.signals = Counter("rmn_signals", "Signals", ["detector", "severity"], registry=registry)
        self.verdicts = Counter("rmn_verdicts", "Answers to the DON, by root", ["verdict"], registry=registry)
        self.ticks_failed = Counter("rmn_ticks_failed", "Ticks that raised; alarm on any", registry=registry)
        self.ticks_missed = Counter("rmn_ticks_missed", "Ticks that could not start in time; alarm", registry=registry)
        self.tries_failed = Counter(
            "rmn_tries_failed", "Tries to carry a vote that raised; alarm on any", registry=registry
        )
        self.deliveries = Counter(
            "rmn_deliveries",
            "Alerts handed to people: sent, failed (tried again), dead",
            ["route", "state"],
            registry=registry,
        )
        self.jobs_missed = Counter(
            "rmn_jobs_missed", "Jobs that could not start in time, by name; alarm", ["job"], registry=registry
        )
        self.drills = Counter("rmn_drills", "Fire drills: passed, failed", ["kind", "result"], registry=registry)
        self.drill_s = Histogram(
            "rmn_drill_seconds",
            "Time from readable evidence to each step",
            ["kind", "step"],
            registry=registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
        )
        self.tick_s = Histogram("rmn_tick_seconds", "Duration of a walk of the corridor", registry=registry)
        self._head = Gauge("rmn_chain_head_block", "Last block read", ["chain"], registry=registry)
        self._final = Gauge("rmn_chain_final_block", "Last final block", ["chain"], registry=registry)
        self._endpoint_head = Gauge(
            "rmn_endpoint_head_block", "Newest block that it showed", ["chain", "endpoint"], registry=registry
        )
        self._endpoint_s = Gauge(
            "rmn_endpoint_seconds", "Time to its answers, smoothed", ["chain", "endpoint"], registry=registry
        )
        self._distrusted = Gauge(
            "rmn_endpoint_distrusted",
            "1 while it is asked nothing, because enough others contradicted it; alarm",
            ["chain", "endpoint"],
            registry=registry,
        )
        self._blind = Gauge("rmn_chain_blind", "1 while fresh data is missing", ["chain"], registry=registry)
        self._incidents = Gauge("rmn_incidents", "Incidents that are not closed", ["severity"], registry=registry)
        self._curses = Gauge("rmn_curses", "Active curses on all chains", registry=registry)
        self._balance = Gauge("rmn_curser_balance_wei", "What votes are paid from", ["chain"], registry=registry)
        self._is_low = Gauge("rmn_curser_balance_low", "1 when it is short; alarm", ["chain"], registry=registry)
        self._unfinished = Gauge("rmn_actions_unfinished", "Actions not yet on their chain", registry=registry)

    def scrape(self, service: Service, now_ms: int) -> bytes:
        """The text that Prometheus reads."""
        with service.lock:
            for selector, watch in service.watches.items():
                name = watch.chain.name
                self._head.labels(name).set(watch.applied.number if watch.applied else -1)
                self._final.labels(name).set(service.messages.final.get(selector, -1))
                for standing in watch.rpc.standings():
                    place = (name, str(standing.number))
                    if standing.head is not None:
                        self._endpoint_head.labels(*place).set(standing.head)
                    self._distrusted.labels(*place).set(standing.distrusted_s is not None)
                    if standing.latency_ms is not None:
                        self._endpoint_s.labels(*place).set(standing.latency_ms / 1000)
                self._blind.labels(name).set(watch.blind_reason(now_ms) is not None)
            for severity in ("info", "warning", "critical"):
                count = sum(incident.severity.word == severity for incident, _ in service.judged())
                self._incidents.labels(severity).set(count)
            self._curses.set(sum(1 for _ in service.curses.active()))
            for selector, funds in service.voter.funds.items():
                name = service.watches[selector].chain.name
                self._balance.labels(name).set(funds.balance_wei)
                self._is_low.labels(name).set(funds.is_low)
            self._unfinished.set(sum(not action.is_finished for action in service.voter.actions()))
        return generate_latest(self._registry)
