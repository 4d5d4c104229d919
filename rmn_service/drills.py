"""Fire drills: does this node still stop an attack, and how fast? Measured on a schedule, kept as a distribution.

| kind | what is done | effect |
|---|---|---|
| shadow | an attack on a copy of this node on chains in memory | none outside the process |
| onchain | a real vote on every chain to curse a subject that names no chain | a transaction that stops nothing |

A subject of a drill begins with eight bytes 0xfd and ends with the drill's own number: no chain's subject does, and
each drill is a vote of its own. Votes only go out at posture `curse`, as always.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Literal

import structlog

from ccip_core.protocol.subjects import drill_subject, subject_text
from detectors.detector import Severity
from rmn_service.actions import DRILL_CAUSE as CAUSE
from rmn_service.actions import plan
from rmn_service.alerts import Alert
from rmn_service.drill_shadow import Steps, attack_shadow
from rmn_service.errors import ConflictError
from rmn_service.evidence import KIND as EVIDENCE
from rmn_service.evidence import statement
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.deployment import Deployment
    from rmn_service.alerts import Notifier
    from rmn_service.config import NodeConfig
    from rmn_service.drill_shadow import Build
    from rmn_service.metrics import Metrics
    from rmn_service.service import Service

log = structlog.get_logger()

DrillKind = Literal["shadow", "onchain"]
KIND = "drill"
"""Under which drills stand in the store's documents."""
_MINED_S = 60.0
_LOOK_S = 0.05
_STEPS = ("detect_ms", "decide_ms", "sign_ms", "effect_ms")


class Drills:
    """Runs drills, one at a time."""

    def __init__(  # noqa: PLR0917  # what it practises with, each once
        self,
        config: NodeConfig,
        deployment: Deployment,
        service: Service,
        build: Build,
        metrics: Metrics,
        notifier: Notifier,
        clock: Callable[[], int],
    ) -> None:
        self._config = config
        self._deployment = deployment
        self._service = service
        self._build = build
        self._metrics = metrics
        self._notifier = notifier
        self._clock = clock
        self._turn = threading.Lock()

    def run(self, kind: DrillKind, by: str, reason: str = "") -> dict[str, Any]:
        """One drill and its result, which is kept.

        Raises:
            ConflictError: another one is under way, there is no lane, or this node may not vote.
        """
        if not self._turn.acquire(blocking=False):
            raise ConflictError("another drill is under way; wait for it")
        try:
            now_ms = self._clock()
            steps, note = self._on_shadow() if kind == "shadow" else self._on_chain(now_ms)
            return self._keep(kind, steps, note, now_ms, by=by, reason=reason)
        finally:
            self._turn.release()

    def on_schedule(self) -> None:
        """What the node's clock calls."""
        self.run(self._config.drills.kind, "schedule")

    def document(self, limit: int) -> dict[str, Any]:
        """The last drills, oldest first, and of those of each kind that were complete how the steps are distributed."""
        drills = self._service.store.all(KIND, limit)
        kinds = sorted({drill["kind"] for drill in drills})
        return {"drills": drills, "distribution": {kind: _distribution(drills, kind) for kind in kinds}}

    def _on_shadow(self) -> tuple[Steps, str]:
        if not self._deployment.lanes:
            raise ConflictError("the deployment has no lane to attack")
        lane = self._deployment.lanes[0].lane
        steps = attack_shadow(self._config, self._deployment, lane, self._build)
        return steps, f"a message forged on lane {lane.source}:{lane.dest} of a shadow"

    def _on_chain(self, now_ms: int) -> tuple[Steps, str]:
        service = self._service
        if service.posture != "curse" or not service.voter.is_able:
            raise ConflictError("this node votes on no chain: it needs posture curse and a curser key")
        subject = subject_text(drill_subject(now_ms))
        cause = f"{CAUSE}{now_ms}"
        targets = [Target(chain.selector, subject) for chain in self._deployment.chains]
        bundle = statement("drill", {"subject": subject, "at_ms": now_ms, "node": self._config.name})
        begun = time.perf_counter()
        with service.lock:
            actions = plan(
                "curse", cause, targets, evidence=bundle.address, evidence_at_s=now_ms // 1000, now_ms=now_ms
            )
            with service.store.together():
                service.store.put(EVIDENCE, bundle.address, bundle.body, now_ms)
                intended = service.voter.intend(actions, now_ms)
            decided = _ms_since(begun)
            service.voter.launch(intended, now_ms)
        service.voter.settle(_MINED_S)
        sent = _ms_since(begun)
        deadline_s = time.monotonic() + _MINED_S
        while not all(action.is_finished for action in service.voter.actions(cause)):
            if time.monotonic() > deadline_s:
                break
            time.sleep(_LOOK_S)  # what is waited for is a block of another machine
        states = {action.state for action in service.voter.actions(cause)}
        is_mined = bool(states) and states <= {"mined", "moot"}
        is_sent = is_mined or (bool(states) and states <= {"sent", "mined", "moot"})
        steps = Steps(0.0, decided, sent if is_sent else None, _ms_since(begun) if is_mined else None)
        return steps, f"votes on subject {subject}: {', '.join(sorted(states)) or 'none'}"

    def _keep(self, kind: DrillKind, steps: Steps, note: str, now_ms: int, *, by: str, reason: str) -> dict[str, Any]:
        limit_ms = self._config.drills.limit_ms
        passed = steps.is_complete and (kind == "onchain" or (steps.effect_ms or 0) <= limit_ms)
        drill = {"id": f"{kind}-{now_ms}", "kind": kind, "at_ms": now_ms, "by": by, "reason": reason}
        drill |= {"passed": passed, "note": note, **steps._asdict()}
        self._service.audit.note("drill", drill, now_ms)
        self._service.store.put(KIND, f"{kind}-{now_ms}", drill, now_ms)
        self._metrics.drills.labels(kind, "passed" if passed else "failed").inc()
        for step, took_ms in steps._asdict().items():
            if took_ms is not None:
                self._metrics.drill_s.labels(kind, step.removesuffix("_ms")).observe(took_ms / 1000)
        log.info("drill", **drill)
        if not passed:
            text = f"{note}: {steps}; the limit is {limit_ms} ms. See rmn drill and docs/runbook.md."
            alert = Alert("drill", kind, Severity.CRITICAL, f"a {kind} drill fell short", text, now_ms)
            self._notifier.notify(alert)
        return drill


def _ms_since(begun_s: float) -> float:
    return round((time.perf_counter() - begun_s) * 1000, 3)


def _distribution(drills: Sequence[dict[str, Any]], kind: str) -> dict[str, Any]:
    complete = [drill for drill in drills if drill["kind"] == kind and drill["effect_ms"] is not None]
    found: dict[str, Any] = {
        "count": len(complete),
        "failed": sum(d["kind"] == kind and not d["passed"] for d in drills),
    }
    for step in _STEPS:
        ordered = sorted(drill[step] for drill in complete)
        if ordered:
            found[step] = {
                "median": ordered[len(ordered) // 2],
                "p95": ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)],
                "max": ordered[-1],
            }
    return found
