"""The one implementation that judges, live and offline.

    extend · finalise · rewind · state     what has become known, block by block, per chain
    ask(now_ms)                            what follows from it: signals not given before

A rule is asked about each row as soon as its whole block stands in the record, so that what follows depends on the
order of blocks alone, not on how often `ask` is called. A pending answer is asked again when the chain it waits for
has come far enough; a message that a reorg takes back reopens the questions that rested on it. A signal that was
given is not taken back: it was true of what was known.

Where the archive can't be read or written, its error goes through and no question is lost. Whoever tells a block again
then goes on where it stood. A rule that breaks on a row does not keep the others from judging it, or its block: what it
would have said stays unknown, and that is stated (`Unjudged`).
"""

from __future__ import annotations

from collections import defaultdict
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.merkle import MAX_LEAVES
from detectors.archive import ArchiveError, places_within
from detectors.claims import NAMES, claims
from detectors.detector import Pending, Rule, Signal
from detectors.faults import unjudged
from detectors.flows import FLOWING
from detectors.folding import Folding, Scored, StatisticGrounds
from detectors.frames import Committed, Executed, FinalityViolated, Row, Sent
from detectors.fused import limits_of
from detectors.indexes import min_seq_nr
from detectors.onward import sent_on
from detectors.record import Record
from detectors.registry import all_rules
from detectors.settings import Settings
from detectors.slices import RuleGrounds, Slice, slice_of
from detectors.state_rows import Unjudged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector
    from detectors.archive import Archive
    from detectors.network import Network
    from detectors.state_rows import Disagreed


class Undecided(NamedTuple):
    """A question that could not be answered yet."""

    detector: str
    row: Row
    reason: str


_Question = tuple[Rule, Row]
_CROWD = 256
"""So many questions may wait for a chain before they are looked through."""


class _Waiting(NamedTuple):
    question: _Question
    pending: Pending
    asked_at: int
    """`Record.extensions` when it was asked."""


class _Accused(NamedTuple):
    question: _Question
    signal: Signal
    asked_at: int
    part: Slice | None
    """What the rule looked at; None unless grounds are kept."""


Grounds = RuleGrounds | StatisticGrounds


class Judge:
    """Holds the record, the questions about it and the folds over it. Not thread-safe: one thread walks."""

    def __init__(
        self,
        network: Network,
        *,
        settings: Settings | None = None,
        on_score: Callable[[Scored], None] | None = None,
        keeps_grounds: bool = False,
        archive: Archive | None = None,
    ) -> None:
        """`on_score` hears what the statistics say of every flow they fold (after a reorg, of the tail once more).

        `keeps_grounds`: of every signal that is given, what it rests on can be had from `take_grounds`.
        `archive`: where old rows are laid down, with `settle`, so that memory does not grow with them.
        """
        self.settings = settings or Settings()
        self.record = Record(network, clock_skew_s=self.settings.clock_skew_s, archive=archive)
        self._rules = [
            rule() for rule in all_rules() if rule.name not in self.settings.left_out or Unjudged in rule.judges
        ]
        self._limits = limits_of(self.settings, len(network.chains))
        self._rules_for: dict[type[Row], list[Rule]] = defaultdict(list)
        for rule in self._rules:
            for kind in rule.judges:
                self._rules_for[kind].append(rule)
        self._open: list[_Question] = []
        self._gone: list[Row] = []
        """What reorgs took away, until the questions are reopened that rested on it."""
        self._gone_since = 0
        """How many blocks the record held before the first of that."""
        self._waiting: dict[ChainSelector | None, list[_Waiting]] = defaultdict(list)
        self._accused: list[_Accused] = []
        self._foldings: dict[ChainSelector, Folding] = {}
        self._unscored: set[ChainSelector] = set()
        self._unsettled: set[ChainSelector] = set()
        """Chains of which more has become final since `settle`."""
        self._scored: list[Scored] = []
        self._given: set[str] = set()
        self._on_score = on_score
        self._keeps_grounds = keeps_grounds
        self._grounds: dict[str, Grounds] = {}

    @property
    def detectors(self) -> list[str]:
        """The names of all detectors that may speak or are folded, rules first."""
        return [*(rule.name for rule in self._rules), *NAMES]

    @property
    def statistics(self) -> list[str]:
        """The names of the detectors that are no rules: the statistics, then their combination."""
        return [*NAMES]

    @property
    def undecided(self) -> list[Undecided]:
        """What could not be answered when last asked, and why."""
        return [
            Undecided(rule.name, row, pending.reason)
            for waitings in self._waiting.values()
            for (rule, row), pending, _ in waitings
            if pending.is_doubt
        ]

    def awaits(self, chain: ChainSelector, head_s: int) -> bool:
        """Whether a question would be asked again if the chain's head came this far."""
        return any(waiting.pending.not_before_s <= head_s for waiting in self._waiting.get(chain, ()))

    # -- what has become known

    def watch_since(self, chain: ChainSelector, block_number: int, *, is_whole: bool = False) -> None:
        """Say where our record of a chain begins, if not with the first block that it is extended by.

        Mints up to `block_number` are taken as given; `is_whole`: no message was sent from the chain before.
        """
        self.record.watch_since(chain, block_number, is_whole=is_whole)

    def extend(self, chain: ChainSelector, head: Header, rows: Sequence[Row], known_at_ms: int) -> None:
        """One new block of a chain, possibly without rows; or the last one again, if the archive failed meanwhile.

        Raises:
            ValueError: it is not above the chain's head.
        """
        if self.record.head(chain) != head:
            self._hear(chain, head, rows, known_at_ms)
        if self._open or self._gone:
            self._judge_open()

    def _hear(self, chain: ChainSelector, head: Header, rows: Sequence[Row], known_at_ms: int) -> None:
        for row in self.record.extend(chain, head, rows, known_at_ms):
            if isinstance(row, FLOWING) and self._folding_of(chain).add(self.record, row):
                self._unscored.add(chain)
            self._open += zip(self._rules_about(row), repeat(row))
        if self._waiting.get(chain):
            self._wake(chain, head.timestamp_s)

    def finalise(self, chain: ChainSelector, block_number: int) -> None:
        """The chain will never take back this block or an earlier one."""
        self.record.finalise(chain, block_number)
        self._scored += self._folding_of(chain).finalise(block_number)
        self._unsettled.add(chain)

    def settle(self) -> None:
        """Let go, in memory, of some of what is final: no answer depends on it. To be called when there is time."""
        self.record.lay_down()
        for chain in self._unsettled:
            waitings = self._waiting.get(chain, ())
            if len(waitings) >= _CROWD:
                self._waiting[chain] = self._still_open(waitings)
        self._unsettled.clear()

    def rewind(self, chain: ChainSelector, block_number: int) -> None:
        """The chain's blocks above this number are gone.

        Raises:
            ValueError: one of them was final; state a FinalityViolated instead.
        """
        gone, since = self.record.rewind(chain, block_number)
        self._gone_since = min(since, self._gone_since) if self._gone else since
        self._gone += gone
        self._folding_of(chain).rewind(block_number)
        self._unscored.add(chain)
        self._reopen()
        self._judge_open()

    def state(self, row: FinalityViolated | Disagreed | Unjudged) -> None:
        """A fact that stands in no log."""
        self._open += [(rule, row) for rule in self._rules_about(row)]

    # -- what follows

    def ask(self, now_ms: int) -> list[Signal]:
        """The signals that follow from what was known at `now_ms` and were not given before.

        Asking twice is harmless: no signal is given a second time.
        """
        self._judge_open()
        for chain in sorted(self._unscored):
            self._scored += self._foldings[chain].score()
        self._unscored.clear()
        if not self._accused and not self._scored:
            return []
        left_out = self.settings.left_out
        due = [accused for accused in self._accused if accused.signal.known_at_ms <= now_ms]
        signals = [accused.signal for accused in due]
        grounds: dict[str, Grounds] = {
            accused.signal.id: RuleGrounds(accused.question[1], accused.part)
            for accused in due
            if accused.part is not None
        }
        for scored in self._scored:
            if scored.is_stated:
                claimed = [one for one in claims(self.record, scored, self._limits) if one.detector not in left_out]
                signals += claimed
                if scored.grounds is not None:
                    grounds |= dict.fromkeys((signal.id for signal in claimed), scored.grounds)
        self._accused = [accused for accused in self._accused if accused.signal.known_at_ms > now_ms]
        if self._on_score is not None:
            for scored in self._scored:
                self._on_score(scored)
        self._scored.clear()
        fresh = {signal.id: signal for signal in signals if signal.id not in self._given}
        self._given.update(fresh)
        self._grounds |= {id_: found for id_, found in grounds.items() if id_ in fresh}
        return list(fresh.values())

    def take_grounds(self, signal_id: str) -> Grounds:
        """What a signal that was given rests on; can be taken once. KeyError unless grounds are kept."""
        return self._grounds.pop(signal_id)

    def _rules_about(self, row: Row) -> Sequence[Rule]:
        """The rules that are asked about a row."""
        return self._rules_for[type(row)]

    def _judge_open(self) -> None:
        if self._gone:
            self._reopen()
        answered, record = 0, self.record
        try:
            for question in self._open:
                rule, row = question
                try:
                    verdict = rule.judge(record, row)
                    if verdict is not None:
                        self._keep(question, verdict)
                except (ArchiveError, MemoryError):
                    raise
                except Exception as error:  # noqa: BLE001  whatever it is, it is stated
                    self._give_up(question, error)
                answered += 1
        finally:
            del self._open[:answered]

    def _keep(self, question: _Question, verdict: Pending | Signal) -> None:
        asked_at = self.record.extensions
        if isinstance(verdict, Pending):
            self._waiting[verdict.chain].append(_Waiting(question, verdict, asked_at))
        else:
            part = slice_of(question[0], self.record, question[1]) if self._keeps_grounds else None
            self._accused.append(_Accused(question, verdict, asked_at, part))

    def _give_up(self, question: _Question, error: Exception) -> None:
        rule, row = question
        if isinstance(row, Unjudged):
            raise error
        self.state(unjudged(row.at, rule.name, error))

    def _still_open(self, waitings: Sequence[_Waiting]) -> list[_Waiting]:
        """Without the questions whose answer can only be that nothing is wrong."""
        rows_of: dict[str, tuple[Rule, list[Row]]] = {}
        for (rule, row), _, _ in waitings:
            rows_of.setdefault(rule.name, (rule, []))[1].append(row)
        open_ = {
            (name, id(row)) for name, (rule, rows) in rows_of.items() for row in rule.may_accuse(self.record, rows)
        }
        return [waiting for waiting in waitings if (waiting.question[0].name, id(waiting.question[1])) in open_]

    def _wake(self, chain: ChainSelector, head_s: int) -> None:
        waitings = self._waiting[chain]
        self._open += [waiting.question for waiting in waitings if waiting.pending.not_before_s <= head_s]
        self._waiting[chain] = [waiting for waiting in waitings if waiting.pending.not_before_s > head_s]

    def _reopen(self) -> None:
        """Ask anew what was answered, but not given, while the record held what is gone, and what rested on it."""
        gone, since = self._gone, self._gone_since
        resting = [
            (rule, other) for row in gone for other in self._resting_on(row) for rule in self._rules_for[type(other)]
        ]
        questions = self._open + [accused.question for accused in self._accused if accused.asked_at > since]
        self._accused = [accused for accused in self._accused if accused.asked_at <= since]
        for chain, waitings in self._waiting.items():
            questions += [waiting.question for waiting in waitings if waiting.asked_at > since]
            self._waiting[chain] = [waiting for waiting in waitings if waiting.asked_at <= since]
        lost = {id(row) for row in gone}
        again = {(rule.name, id(row)): (rule, row) for rule, row in questions + resting if id(row) not in lost}
        self._open, self._gone = list(again.values()), []

    def _resting_on(self, row: Row) -> Sequence[Row]:
        """The rows, of those that stay, about which something else may be true without this one."""
        record = self.record
        match row:
            case Sent():
                executed = record.executed.get((row.lane, row.sequence_number), ())
                return [*executed, *self._roots_over(row), *sent_on(record, row)]
            case Committed() if row.max_seq_nr - row.min_seq_nr < MAX_LEAVES:
                numbers = range(row.min_seq_nr, row.max_seq_nr + 1)
                return [sent for number in numbers for sent in record.sent.get((row.lane, number), ())]
            case Executed():
                root = record.commit_of(row.lane, row.sequence_number)
                return [] if root is None else [root]
            case _:
                return []

    def _roots_over(self, sent: Sent) -> list[Committed]:
        """But for roots that are too wide to be any: no message makes them better."""
        roots, number = self.record.committed.get(sent.lane, ()), sent.sequence_number
        near = places_within(roots, number - MAX_LEAVES + 1, number, min_seq_nr)
        return [root for root in map(roots.__getitem__, near) if root.max_seq_nr >= number]

    def _folding_of(self, chain: ChainSelector) -> Folding:
        folding = self._foldings.get(chain)
        if folding is None:
            folding = self._foldings[chain] = self._new_folding(chain)
        return folding

    def _new_folding(self, chain: ChainSelector) -> Folding:
        return Folding(chain, self._limits, keeps_grounds=self._keeps_grounds)
