"""The one implementation that judges, live and offline.

    extend · finalise · rewind · state     what has become known, block by block, per chain
    ask(now_ms)                            what follows from it: signals not given before

A rule is asked about each row as soon as its whole block stands in the record, so that what follows depends on the
order of blocks alone, not on how often `ask` is called. A pending answer is asked again when the chain it waits for
has come far enough; a message that a reorg takes back reopens the questions that rested on it. A signal that was
given is not taken back: it was true of what was known.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from detectors.detector import Pending, Rule, Signal
from detectors.folding import Folding, Scored
from detectors.frames import Committed, FinalityViolated, Row, Sent
from detectors.record import Record
from detectors.registry import all_rules, all_statistics
from detectors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector
    from detectors.network import Network


class Undecided(NamedTuple):
    """A question that could not be answered yet."""

    detector: str
    row: Row
    reason: str


class _Question(NamedTuple):
    rule: Rule
    row: Row


class _Waiting(NamedTuple):
    question: _Question
    pending: Pending
    asked_at: int
    """`Record.extensions` when it was asked."""


class _Accused(NamedTuple):
    question: _Question
    signal: Signal
    asked_at: int


class Judge:
    """Holds the record, the questions about it and the folds over it. Not thread-safe: one thread walks."""

    def __init__(
        self,
        network: Network,
        *,
        settings: Settings | None = None,
        on_score: Callable[[str, Row, float], None] | None = None,
    ) -> None:
        """`on_score` hears every statistic's score of every row it folds (after a reorg, of the tail once more)."""
        self.settings = settings or Settings()
        self.record = Record(network, clock_skew_s=self.settings.clock_skew_s)
        self._rules = [rule() for rule in all_rules()]
        self._statistics = [statistic(self.settings) for statistic in all_statistics()]
        self._rules_for: dict[type[Row], list[Rule]] = defaultdict(list)
        for rule in self._rules:
            for kind in rule.judges:
                self._rules_for[kind].append(rule)
        self._open: list[_Question] = []
        self._waiting: dict[ChainSelector | None, list[_Waiting]] = defaultdict(list)
        self._accused: list[_Accused] = []
        self._foldings: dict[ChainSelector, list[Folding]] = {}
        self._unscored: dict[int, Folding] = {}
        self._scored: list[Scored] = []
        self._given: set[str] = set()
        self._on_score = on_score

    @property
    def detectors(self) -> list[str]:
        """The names of all detectors, rules first."""
        return [*(rule.name for rule in self._rules), *self.statistics]

    @property
    def statistics(self) -> list[str]:
        """The names of the detectors that are no rules."""
        return [statistic.name for statistic in self._statistics]

    @property
    def undecided(self) -> list[Undecided]:
        """What could not be answered when last asked, and why."""
        return [
            Undecided(waiting.question.rule.name, waiting.question.row, waiting.pending.reason)
            for waitings in self._waiting.values()
            for waiting in waitings
        ]

    # -- what has become known

    def watch_since(self, chain: ChainSelector, block_number: int, *, is_whole: bool = False) -> None:
        """Say where our record of a chain begins, if not with the first block that it is extended by.

        Mints up to `block_number` are taken as given; `is_whole`: no message was sent from the chain before.
        """
        self.record.watch_since(chain, block_number, is_whole=is_whole)

    def extend(self, chain: ChainSelector, head: Header, rows: Sequence[Row], known_at_ms: int) -> None:
        """One new block of a chain, possibly without rows.

        Raises:
            ValueError: it is not above the chain's head.
        """
        foldings = self._foldings_of(chain)
        for row in self.record.extend(chain, head, rows, known_at_ms):
            self._question(row)
            for folding in foldings:
                if isinstance(row, folding.statistic.judges):
                    measure = folding.statistic.measure(self.record, row)
                    if measure is not None:
                        folding.add(measure)
                        self._unscored[id(folding)] = folding
        self._wake(chain, head.timestamp_s)
        self._judge_open()

    def finalise(self, chain: ChainSelector, block_number: int) -> None:
        """The chain will never take back this block or an earlier one."""
        self.record.finalise(chain, block_number)
        for folding in self._foldings_of(chain):
            self._scored.extend(folding.finalise(block_number))

    def rewind(self, chain: ChainSelector, block_number: int) -> None:
        """The chain's blocks above this number are gone.

        Raises:
            ValueError: one of them was final; state a FinalityViolated instead.
        """
        gone, since = self.record.rewind(chain, block_number)
        for folding in self._foldings_of(chain):
            folding.rewind(block_number)
            self._unscored[id(folding)] = folding
        self._reopen(gone, since)
        self._judge_open()

    def state(self, row: FinalityViolated) -> None:
        """A fact that the indexer states, not a log."""
        self._question(row)

    # -- what follows

    def ask(self, now_ms: int) -> list[Signal]:
        """The signals that follow from what was known at `now_ms` and were not given before.

        Asking twice is harmless: no signal is given a second time.
        """
        self._judge_open()
        for folding in self._unscored.values():
            self._scored.extend(folding.score())
        self._unscored.clear()
        if not self._accused and not self._scored:
            return []
        signals = [accused.signal for accused in self._accused if accused.signal.known_at_ms <= now_ms]
        self._accused = [accused for accused in self._accused if accused.signal.known_at_ms > now_ms]
        for scored in self._scored:
            if self._on_score is not None:
                self._on_score(scored.statistic.name, scored.measure.row, scored.score)
            if scored.is_alarm:
                signals.append(scored.statistic.claim(self.record, scored.measure, scored.score))
        self._scored.clear()
        fresh = {signal.id: signal for signal in signals if signal.id not in self._given}
        self._given.update(fresh)
        return list(fresh.values())

    def _question(self, row: Row) -> None:
        for rule in self._rules_for.get(type(row), ()):
            self._open.append(_Question(rule, row))

    def _judge_open(self) -> None:
        if not self._open:
            return
        questions, self._open = self._open, []
        for question in questions:
            verdict = question.rule.judge(self.record, question.row)
            if isinstance(verdict, Pending):
                self._waiting[verdict.chain].append(_Waiting(question, verdict, self.record.extensions))
            elif verdict is not None:
                self._accused.append(_Accused(question, verdict, self.record.extensions))

    def _wake(self, chain: ChainSelector, head_s: int) -> None:
        waitings = self._waiting.get(chain)
        if waitings:
            self._open += [waiting.question for waiting in waitings if waiting.pending.not_before_s <= head_s]
            self._waiting[chain] = [waiting for waiting in waitings if waiting.pending.not_before_s > head_s]

    def _reopen(self, gone: Sequence[Row], since: int) -> None:
        """Ask anew what was answered, but not given, while the record held what is gone, and what rested on it."""
        questions = self._open + [accused.question for accused in self._accused if accused.asked_at > since]
        self._accused = [accused for accused in self._accused if accused.asked_at <= since]
        for chain, waitings in self._waiting.items():
            questions += [waiting.question for waiting in waitings if waiting.asked_at > since]
            self._waiting[chain] = [waiting for waiting in waitings if waiting.asked_at <= since]
        for row in gone:
            if isinstance(row, Sent):
                resting = (*self.record.executed.get((row.lane, row.sequence_number), ()), *self._roots_over(row))
                questions += [_Question(rule, other) for other in resting for rule in self._rules_for[type(other)]]
        lost = {id(row) for row in gone}
        again = {(q.rule.name, id(q.row)): q for q in questions if id(q.row) not in lost}
        self._open = list(again.values())

    def _roots_over(self, sent: Sent) -> list[Committed]:
        roots = self.record.committed.get(sent.lane, ())
        return [root for root in roots if root.min_seq_nr <= sent.sequence_number <= root.max_seq_nr]

    def _foldings_of(self, chain: ChainSelector) -> list[Folding]:
        if chain not in self._foldings:
            self._foldings[chain] = [Folding(statistic) for statistic in self._statistics]
        return self._foldings[chain]
