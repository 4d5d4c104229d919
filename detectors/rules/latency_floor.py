"""A message was executed sooner after it was sent than it can have been final."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from detectors.detector import Rule, Severity, Signal, Verdict, make_signal
from detectors.floor import CROSSINGS_MIN
from detectors.frames import Executed, Row, Sent

if TYPE_CHECKING:
    from detectors.network import ChainFacts
    from detectors.record import Record


class LatencyFloor(Rule):
    """From sending to execution passes at least the source's finality.

    Where the network states the finality: critical, when less than half of it passed; the other half is margin for
    clocks and block times, as for all claims about a source. A root that came too early is early_commit's business, so
    this asks only of messages that no root holds.

    Where it does not (histories): a warning, when less than half of the shortest crossing of the lane so far passed,
    once 100 were seen (`detectors.floor`). What a lane did is no promise, so this never accuses for certain; and a
    message that took less is the shortest from then on, so one change is stated once.

    Assumes that the source's clock is not ahead of the destination's by more than the margin.
    """

    name: ClassVar[str] = "latency_floor"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Compare the two block times."""
        if row.lane in record.unpromised:
            return self._judge_learnt(record, row) if record.rushes else None
        source = record.facts(row.lane.source)
        return None if source is None else self._judge_promised(record, row, source)

    def _judge_promised(self, record: Record, row: Executed, source: ChainFacts) -> Verdict:
        if row.state == "in_progress":
            return None
        sent = record.find_sent(row)
        if sent is None:
            return record.absence(row.lane, row.sequence_number, row.at)
        if sent.leaf != row.leaf or sent.at.block_time_s <= record.source_needed_s(source, row.at):
            return None
        if record.commit_of(row.lane, row.sequence_number) is not None:
            return None
        evidence = {"finality_s": str(source.finality_s)}
        what = f"{source.name} is final after {source.finality_s} s"
        return self._claim(record, row, sent, what, evidence, Severity.CRITICAL)

    def _judge_learnt(self, record: Record, row: Executed) -> Verdict:
        rush = record.rushes.get(row.at.row_id)
        sent = None if rush is None else record.find_sent(row)
        if rush is None or sent is None:
            return None
        evidence = {"shortest_s": str(rush.shortest_s), "crossings_min": str(CROSSINGS_MIN)}
        what = f"the lane's shortest so far took {rush.shortest_s} s"
        return self._claim(record, row, sent, what, evidence, Severity.WARNING)

    def _claim(  # noqa: PLR0917  what it rests on, each once
        self, record: Record, row: Executed, sent: Sent, than: str, evidence: dict[str, Any], severity: Severity
    ) -> Signal:
        took_s = row.at.block_time_s - sent.at.block_time_s
        released = record.releases_of(row)
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=[*released, sent],
            severity=severity,
            score=1.0 if severity is Severity.CRITICAL else _LEARNT_SCORE,
            summary=f"Message {row.sequence_number} was executed {took_s} s after it was sent; {than}.",
            value_micro_usd=record.value_of(released),
            evidence={
                "sequence_number": str(row.sequence_number),
                "message_id": row.message_id,
                "took_s": str(took_s),
                "sent_at_s": str(sent.at.block_time_s),
                **evidence,
            },
        )


_LEARNT_SCORE = 0.5
