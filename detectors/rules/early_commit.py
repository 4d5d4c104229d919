"""A root was committed over a message that was not final yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core.protocol.merkle import MAX_LEAVES
from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import Committed, Row, Sent

if TYPE_CHECKING:
    from detectors.network import ChainFacts
    from detectors.record import Record


class EarlyCommit(Rule):
    """Honest oracles commit a message when its block is final on the source, no earlier.

    Accused is a root that came when less than half of the source's finality had passed since a message of its interval;
    the other half is margin for clocks that disagree and blocks that come fast, as for all claims about a source. Such
    a message can still be taken back after it was released. One that the record lacks is pending, then interval_gap's.

    Assumes that the network states the finality that the oracles wait for, and that the source's clock is not ahead of
    the destination's by more than the margin.
    """

    name: ClassVar[str] = "early_commit"
    judges: ClassVar[tuple[type[Row], ...]] = (Committed,)

    def judge(self, record: Record, row: Committed) -> Verdict:
        """Look at the youngest message of the interval."""
        source = record.facts(row.lane.source)
        if source is None or not 0 <= row.max_seq_nr - row.min_seq_nr < MAX_LEAVES:
            return None
        until_s = record.source_needed_s(source, row.at)
        sent = [
            each
            for number in range(row.min_seq_nr, row.max_seq_nr + 1)
            for each in record.sent.get((row.lane, number), ())
        ]
        early = [each for each in sent if each.at.block_time_s > until_s]
        if early:
            return self._claim(row, source, early)
        youngest = (row.lane, row.max_seq_nr)
        return None if youngest in record.sent else record.absence(*youngest, row.at)

    def _claim(self, row: Committed, source: ChainFacts, early: list[Sent]) -> Signal:
        passed_s = row.at.block_time_s - early[-1].at.block_time_s
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=early,
            subject=f"{row.lane.source}>{row.lane.dest}|{row.min_seq_nr}|{row.merkle_root}",
            summary=f"The root committed for messages {row.min_seq_nr} to {row.max_seq_nr} holds message"
            f" {early[-1].sequence_number}, sent {passed_s} s before; {source.name} is final after"
            f" {source.finality_s} s.",
            evidence={
                "committed_root": row.merkle_root,
                "min_seq_nr": str(row.min_seq_nr),
                "max_seq_nr": str(row.max_seq_nr),
                "early": [[str(each.sequence_number), str(each.at.block_time_s)] for each in early],
                "committed_at_s": str(row.at.block_time_s),
                "finality_s": str(source.finality_s),
            },
        )
