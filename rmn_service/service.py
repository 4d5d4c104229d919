"""The corridor: from a log on a chain to an act on a chain. Read `tick` aloud.

    chain ─▶ steps ─▶ store ─▶ rows ─▶ judge ─▶ signals ─▶ incidents ─▶ decisions ─▶ actions
              poll    append   read    extend    ask        fold         decide        intend

`bless` is the side door: it walks the corridor for the chains of the request first, so a stale tick can't bless.

Threads: every chain has its own reader (and its own voter thread), so a hung chain stops nobody; what is known is
touched under one lock, and no chain is asked while it is held. Time is passed in.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from detectors.frames import CurseChanged
from rmn_service import documents
from rmn_service.actions import DRILL_CAUSE, Action, plan
from rmn_service.alerting import Alerting
from rmn_service.alerts import LogNotifier, Notifier
from rmn_service.blast_radius import Knowledge
from rmn_service.blesser import Blessing, Claim, Standing
from rmn_service.brakes import Acted, held_back, kill_switch_of
from rmn_service.conduct import Conduct
from rmn_service.curses import Curses
from rmn_service.detection import contradiction_row, finality_row, read, signal_document, signal_of
from rmn_service.hearing import Hearing
from rmn_service.incidents import DISAGREEMENT, Cause, Incident, fold, settle
from rmn_service.ledger import Ledger
from rmn_service.maintenance import muting, window_of
from rmn_service.messages import Messages
from rmn_service.policy import Decision, Reach, Target, decide_all, stops_blessing
from rmn_service.spoken import spoken
from rmn_service.steps import Block, Contradicted, Extended, Finalised, FinalityBroken, Reorged, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ccip_core.deployment import Deployment
    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector
    from detectors.detector import Signal
    from detectors.frames import Sent
    from detectors.judge import Judge
    from detectors.network import Network
    from detectors.record import Record
    from rmn_service.audit import Audit
    from rmn_service.blesser import Blesser
    from rmn_service.config import Posture
    from rmn_service.evidence import EvidenceBook
    from rmn_service.metrics import Metrics
    from rmn_service.scratch import Scratch
    from rmn_service.store import Store
    from rmn_service.voter import Voter
    from rmn_service.watch import Watch

log = structlog.get_logger()

_HEAD_START_S = 0.02
"""What is left to write waits so long for votes to be handed over: they are in more of a hurry."""
_RECALLED_BLOCKS = 256
"""After so many recalled blocks the judge is asked, so that the grounds of all that it ever said don't pile up."""


class Service:
    """One RMN node without its threads: everything happens because somebody calls with the time."""

    def __init__(
        self,
        *,
        deployment: Deployment,
        watches: Mapping[ChainSelector, Watch],
        network: Network,
        judge: Judge,
        store: Store,
        audit: Audit,
        evidence_book: EvidenceBook,
        scratch: Scratch,
        blesser: Blesser,
        voter: Voter,
        metrics: Metrics,
        posture: Posture,
        conduct: Conduct = Conduct(),  # noqa: B008  # a frozen value
        notifier: Notifier | None = None,
    ) -> None:
        self.deployment = deployment
        self.watches = watches
        self.store = store
        self.audit = audit
        self.voter = voter
        self.metrics = metrics
        self.posture = posture
        self.past_postures: list[tuple[int, Posture]] = []
        """What people changed it from, each with when (ms); oldest first."""
        self.lock = threading.RLock()
        """Held while anything below is read or changed; never while a chain is asked."""
        self.messages = Messages(judge.record)
        self.scratch = scratch
        self.ledger = Ledger(network, judge.record, scratch)
        self.curses = Curses()
        self.conduct = conduct
        self.alerting = Alerting(notifier or LogNotifier(), conduct.alert_from)
        self.kill_switch = kill_switch_of(store.get("setting", "kill-switch"))
        self.windows = {window.id: window for window in map(window_of, store.all("maintenance"))}
        self.held_back: dict[str, str] = {}
        """Why an incident's automatic curse waits, by incident id."""
        self.signals: dict[str, Signal] = {}
        self.evidence: dict[str, str] = {}
        """The address of each signal's evidence bundle, by signal id: what votes carry."""
        self.incidents: dict[str, Incident] = {}
        self._network = network
        self._judge = judge
        self._evidence_book = evidence_book
        self._hearing = Hearing(judge, evidence_book, store)
        self._blesser = blesser
        self._open: dict[Cause, Incident] = {}
        self._unsaved_signals: dict[str, str] = {}
        self._unsaved_incidents: set[str] = set()
        self._recall()

    def tick(self, now_ms: int, only: Iterable[ChainSelector] | None = None, hint: Header | None = None) -> None:
        """One walk of the corridor: read every chain (or those of `only`), and after each block judge and act.

        Raises:
            StoreError: the record can't be read or written. What was decided before is seen through all the same.
        """
        try:
            self._walk(self.watches if only is None else only, now_ms, hint)
        finally:
            with self.lock:
                self.voter.press(self._is_cursed, self._is_read_up, now_ms, self._is_stopped)
        with self.lock:
            self._judge.settle()

    def bless(self, claims: Sequence[Claim], now_ms: int) -> Blessing:
        """Answer the commit DON.

        Raises:
            RequestError: no honest oracle asks that.
            AuditError, StoreError: nothing could be written, so nothing was signed.
        """
        self._blesser.check(claims)
        involved = {selector for claim in claims for selector in claim.lane}
        self._walk([selector for selector in self.watches if selector in involved], now_ms)
        with self.lock:
            return self._blesser.answer(claims, self._standing(now_ms), now_ms)

    # Doors one to five: a chain's words become rows

    def _walk(self, chains: Iterable[ChainSelector], now_ms: int, hint: Header | None = None) -> None:
        self.scratch.check()
        for selector in chains:
            self._read(self.watches[selector], now_ms, hint)
        self._judge_and_act(now_ms)

    def _read(self, watch: Watch, now_ms: int, hint: Header | None) -> None:
        # Whoever brings a head is the chain's own thread, which may wait for it; everybody else has more to do.
        own = None if hint is None else watch.chain.selector
        before = watch.blind_reason(now_ms)
        try:
            if not watch.steps(hint, now_ms, partial(self._apply, watch, now_ms, own)):
                self.metrics.blind_reads.labels(watch.chain.name).inc()
        finally:
            after = watch.blind_reason(now_ms)
            if (before is None) != (after is None):
                log.warning("blind" if after else "sighted", chain=watch.chain.name, reason=after)
                if after is not None:
                    self.alerting.blind(watch.chain.selector, watch.chain.name, after, now_ms)

    def _apply(self, watch: Watch, now_ms: int, own: ChainSelector | None, step: Step) -> None:
        """The store first: what is concluded must rest on what is recorded."""
        chain = watch.chain.selector
        match step:
            case Extended(blocks):
                self._judge_and_act(now_ms, partial(self._record, watch, blocks, now_ms), own)
            case Finalised(number):
                with self.lock:
                    self.store.finalise(chain, number)
                    self._finalise(chain, number)
            case Reorged(number, is_struck):
                with self.lock:
                    self.store.rewind(chain, number, strikes_logs=is_struck)
                    self._rewind(watch, number)
                self.metrics.reorgs.labels(watch.chain.name).inc()
                log.info("reorg", chain=watch.chain.name, back_to=number)
            case FinalityBroken(number, old_hash, new_hash):
                broken = finality_row(chain, number, old_hash, new_hash, now_ms)
                log.error("finality broken", chain=watch.chain.name, block=number)
                self._judge_and_act(now_ms, partial(self._judge.state, broken))
            case Contradicted():
                said = contradiction_row(chain, step, now_ms)
                log.error("endpoints disagree", chain=watch.chain.name, what=step.what, answers=step.answers)
                self.metrics.disagreements.labels(watch.chain.name).inc()
                self._judge_and_act(now_ms, partial(self._judge.state, said))

    def _record(self, watch: Watch, blocks: Sequence[Block], now_ms: int) -> None:
        if watch.applied is None:
            self._begin(watch, now_ms)
        self.store.append(watch.chain.selector, blocks, now_ms)
        for block in blocks:
            self._extend(watch, block, now_ms)

    def _begin(self, watch: Watch, now_ms: int) -> None:
        """The first block of a new record: what the chain held when we first looked at it is its opening balance."""
        opening_block, is_whole = watch.head.number if watch.head else 0, watch.first_block <= 1
        begin = {"opening_block": opening_block, "is_whole": is_whole}
        self.store.put("setting", f"begin-{watch.chain.selector}", begin, now_ms)
        self._judge.watch_since(watch.chain.selector, opening_block, is_whole=is_whole)

    def _extend(self, watch: Watch, block: Block, known_at_ms: int) -> None:
        chain = watch.chain.selector
        if not self._is_next(watch, block.header):
            return
        reading = read(block, chain, known_at_ms, self._network)
        self._evidence_book.remember(chain, block)
        self._judge.extend(chain, block.header, reading.rows, known_at_ms)
        for unread in reading.unreadable:
            self._judge.state(unread)
        for row in reading.rows:
            if isinstance(row, CurseChanged):
                self.curses.apply(row)
            else:
                self.ledger.apply(row)
        watch.apply(block.header)
        self.metrics.blocks.labels(watch.chain.name).inc()
        self.metrics.rows.labels(watch.chain.name).inc(len(reading.rows))
        self.metrics.unknown_logs.labels(watch.chain.name).inc(reading.unknown)
        self.metrics.malformed_logs.labels(watch.chain.name).inc(reading.malformed)

    def _is_next(self, watch: Watch, header: Header) -> bool:
        """Whether this block is still to be judged. A step is told again when it could not be recorded."""
        heard = self._judge.record.head(watch.chain.selector)
        if heard is None or header.number > heard.number:
            return True
        if watch.has_applied(header):
            return False
        if heard != header:
            self._rewind(watch, header.number - 1)  # another branch, which was never recorded
        return True

    def _rewind(self, watch: Watch, number: int) -> None:
        self.curses.rewind(watch.chain.selector, number)
        self.ledger.rewind(watch.chain.selector, number)
        watch.rewind(number)
        self._judge.rewind(watch.chain.selector, number)

    def _finalise(self, chain: ChainSelector, number: int) -> None:
        self._judge.finalise(chain, number)
        self.messages.final[chain] = number

    # Doors six to ten: rows become signals, incidents, decisions, actions

    def _judge_and_act(
        self, now_ms: int, record: Callable[[], None] = lambda: None, own: ChainSelector | None = None
    ) -> None:
        """One transaction holds what was read and what is meant to be done about it; once it is durable, it is done.

        Votes on the chain `own` go out on this thread, which waits for that chain, so without the lock.
        """
        with self.lock:
            with self.store.together():
                record()
                self._hear(now_ms)
                intended = self._intend_all(now_ms)
            self._hearing.written()
            errands = self.voter.launch(intended, now_ms, own)
        for errand in errands:
            errand()
        with self.lock:
            if intended:
                self.voter.settle(_HEAD_START_S, {action.chain for action in intended})
                for cause in dict.fromkeys(action.cause for action in intended):
                    acts = [action for action in intended if action.cause == cause]
                    self.alerting.cursed(self.incidents[cause], acts, now_ms)
            self._save(now_ms)

    def _hear(self, now_ms: int) -> None:
        for signal, address in self._hearing.listen(now_ms, self.signals):
            self._fold(signal, address, now_ms)
        self._hearing.write(now_ms)

    def _fold(self, signal: Signal, address: str, now_ms: int) -> None:
        self.signals[signal.id] = signal
        self.evidence[signal.id] = address
        muted_by = muting(self.windows.values(), signal)
        said = replace(signal, summary=spoken(signal, self._network))
        incident = fold(self._open, said, address, now_ms, muted_by)
        self._keep(incident)
        self._unsaved_signals[signal.id] = incident.id

    def _still_open(self, now_ms: int) -> list[tuple[Incident, Decision]]:
        conduct, judged, is_changed = self.conduct, self.judged(), False
        for incident, decision in judged:
            is_held = incident.state != "quiet" or self._is_held(incident, decision)
            settled = settle(
                incident,
                now_ms,
                conduct.quiet_after_ms,
                conduct.close_after_ms,
                is_held=is_held,
                disputed_at_ms=self._disputed_at_ms(incident, now_ms),
            )
            if settled is not incident:
                self._keep(settled)
                is_changed = True
        return self.judged() if is_changed else judged

    def _disputed_at_ms(self, incident: Incident, now_ms: int) -> int:
        """Until when its chain's endpoints contradicted each other so that nothing was known; `now_ms` while blind."""
        if incident.cause.family != DISAGREEMENT:
            return 0
        watch = self.watches.get(self.signals[incident.signals[-1]].chain)
        if watch is None:
            return 0
        return now_ms if watch.blind_reason(now_ms) is not None else watch.disputed_at_ms or 0

    def _is_held(self, incident: Incident, decision: Decision) -> bool:
        """Whether anything is withheld or cursed on its account."""
        if decision.reach is not Reach.WATCH or stops_blessing(incident, decision):
            return True
        targets = (target for action in self.voter.actions(incident.id) for target in action.targets)
        return any(self.curses.since(target) is not None for target in targets)

    def _intend_all(self, now_ms: int) -> list[Action]:
        intended: list[Action] = []
        for incident, decision in self._still_open(now_ms):
            intended += self._intend(incident, decision, intended, now_ms)
        return intended

    def _intend(
        self, incident: Incident, decision: Decision, before: Sequence[Action], now_ms: int
    ) -> Sequence[Action]:
        """The curse that an incident calls for, unless it stands, or the brakes hold it back."""
        ground = decision.ground
        self.held_back.pop(incident.id, None)
        if decision.reach < Reach.CURSE or ground is None:
            return []
        targets = [target for target in decision.targets if self._is_outstanding(target, decision)]
        if not targets:
            return []
        acted = self._acted(before)
        reason = held_back(ground.is_exact, acted, self.kill_switch, self.conduct.limits, now_ms)
        if reason is not None:
            self.held_back[incident.id] = reason
            self.alerting.held_back(incident, reason, now_ms)
            return []
        actions = plan(
            "curse", incident.id, targets, evidence=ground.evidence, evidence_at_s=ground.at_s, now_ms=now_ms
        )
        return self.voter.intend(actions, now_ms)

    def _acted(self, before: Sequence[Action]) -> set[Acted]:
        """What this node did by itself so far; `before` is about to be done."""
        return {
            Acted(action.cause, action.intended_at_ms, self.incidents[action.cause].is_exact)
            for action in (*self.voter.actions(), *before)
            if action.kind == "curse" and action.cause in self.incidents
        }

    def _is_stopped(self, action: Action) -> bool:
        """Whether the kill switch keeps it from being tried (again): what people approved goes on."""
        return self.kill_switch.is_on and action.cause in self.incidents

    def _is_outstanding(self, target: Target, decision: Decision) -> bool:
        """Neither cursed nor voted for; and when people lifted it, only evidence from after that counts."""
        if self.curses.since(target) is not None or decision.ground is None:
            return False
        lifted_at_s = self.curses.lifted_at_s(target)
        if lifted_at_s is not None and decision.ground.at_s <= lifted_at_s:
            return False
        answered_at_s = self.voter.answered_at_s(target)
        return answered_at_s is None or (lifted_at_s is not None and answered_at_s <= lifted_at_s)

    def _is_cursed(self, action: Action) -> bool:
        """Whether the chain has, or had until people lifted it, all that the action wanted."""
        return action.cause.startswith(DRILL_CAUSE) or all(
            self.curses.since(target) is not None
            or (self.curses.lifted_at_s(target) or 0) >= action.evidence_at_s
            for target in action.targets
        )  # fmt: skip

    def _is_read_up(self, chain: ChainSelector) -> bool:
        """Whether this process has read the chain up to its head."""
        watch = self.watches[chain]
        return watch.read_at_ms is not None and not watch.is_catching_up

    # What is known, for the blesser, the API and the desk

    def judged(self) -> list[tuple[Incident, Decision]]:
        """Every incident that is not closed, with policy's answer."""
        return decide_all([*self._open.values()], self.posture, self.conduct.table)

    def has_blessed(self, sent: Sent) -> bool:
        """Whether this node signed a root with this message in it."""
        return self._blesser.has_signed(sent.lane, sent.sequence_number, sent.leaf)

    @property
    def network(self) -> Network:
        """Who is who on each chain."""
        return self._network

    def made_up_roots(self) -> list[tuple[Claim, int]]:
        """Roots that can't be true and were put before this node, with when (ms), newest first."""
        return self._blesser.made_up(self._judge.record)

    @property
    def record(self) -> Record:
        """The rows that were judged. Read under the lock, changed by nobody but the judge."""
        return self._judge.record

    @property
    def known(self) -> Knowledge:
        """What previews are read off."""
        return Knowledge(self.ledger, self.messages, self.curses, self.deployment, self._network)

    def posture_at(self, at_s: int | None) -> Posture:
        """How far this node might act at an earlier time; None: now."""
        if at_s is None:
            return self.posture
        return next((before for until_ms, before in self.past_postures if until_ms // 1000 > at_s), self.posture)

    def replace_incident(self, incident: Incident, now_ms: int) -> None:
        """What people said about an incident. The caller holds the lock."""
        self._keep(incident)
        self._save(now_ms)

    def _standing(self, now_ms: int) -> Standing:
        return Standing(
            self.messages, self.curses, self.judged(), lambda selector: self.watches[selector].blind_reason(now_ms)
        )

    def _keep(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident
        if incident.is_closed:
            self._open.pop(incident.cause, None)
            self.held_back.pop(incident.id, None)
        else:
            self._open[incident.cause] = incident
        self._unsaved_incidents.add(incident.id)

    def _save(self, now_ms: int) -> None:
        """After the acts, as it can all be concluded again. What can't be written now waits for the next time."""
        changed = [self.incidents[id_] for id_ in self._unsaved_incidents]
        new = [(self.signals[id_], of) for id_, of in self._unsaved_signals.items()]
        if not changed and not new:
            return
        with self.store.together():  # an incident names its signals
            self.store.put_many("incident", [(each.id, documents.of_incident(each)) for each in changed], now_ms)
            said = [(signal.id, signal_document(signal, self.evidence[signal.id], of)) for signal, of in new]
            self.store.put_many("signal", said, now_ms)
        self._unsaved_incidents.clear()
        self._unsaved_signals.clear()
        for incident in changed:
            self.alerting.incident(incident, now_ms)
        for signal, of in new:
            self.metrics.signals.labels(signal.detector, signal.severity.word).inc()
            log.warning(
                "signal",
                detector=signal.detector,
                severity=signal.severity.word,
                incident=of,
                chain=str(signal.chain),
                lanes=[f"{lane.source}:{lane.dest}" for lane in signal.lanes],
                evidence=self.evidence[signal.id],
            )

    def _recall(self) -> None:
        """Rebuild everything from the record: incidents and signals as concluded, the judge by judging again."""
        self._recall_conclusions()
        for selector in self.watches:
            begin = self.store.get("setting", f"begin-{selector}")
            if begin is not None:
                self._judge.watch_since(selector, begin["opening_block"], is_whole=begin["is_whole"])
        for count, block in enumerate(self.store.history(), 1):
            if count % _RECALLED_BLOCKS == 0:
                self._hear(block.known_at_ms)
                self._hearing.written()
            watch = self.watches.get(block.chain)
            if watch is not None:
                self._extend(watch, Block(block.header, block.logs), block.known_at_ms)
                if block.is_final:
                    self._finalise(block.chain, block.header.number)
                    self._judge.settle()

    def _recall_conclusions(self) -> None:
        for document in self.store.all("signal"):
            signal = signal_of(document)
            self.signals[signal.id] = signal
            self.evidence[signal.id] = document["evidence_hash"]
        for document in self.store.all("incident"):
            incident = documents.incident_of(document)
            self.incidents[incident.id] = incident
            self.alerting.recall(incident)
            if not incident.is_closed:
                self._open[incident.cause] = incident
