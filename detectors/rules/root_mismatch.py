"""A root was committed that the lane's messages do not hash to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core.protocol.merkle import MAX_LEAVES, merkle_root
from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import Committed, Row, Sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.record import Record


class RootMismatch(Rule):
    """A committed root must be the root over exactly the messages min..max that the lane's OnRamp emitted.

    It is not when the record holds the whole interval and hashes to something else, or when it names an OnRamp that is
    not the lane's. While our index of the source has not come as far as the commit, or lacks a message that was sent,
    the answer is pending. Numbers that can't be in a root, or were never sent, are interval_gap's business.

    Assumes that the network names the OnRamp in use: a ramp that was replaced since accuses its lane.
    """

    name: ClassVar[str] = "root_mismatch"
    judges: ClassVar[tuple[type[Row], ...]] = (Committed,)

    def judge(self, record: Record, row: Committed) -> Verdict:
        """Recompute the root from the messages of the interval."""
        source = record.facts(row.lane.source)
        if source is not None and row.lane in record.network.lanes and row.on_ramp != source.on_ramp:
            return self._claim(row, f"names the OnRamp {row.on_ramp}, the lane's is {source.on_ramp}")
        if not 0 <= row.max_seq_nr - row.min_seq_nr < MAX_LEAVES:
            return None
        sent: list[Sent] = []
        missing: list[int] = []
        for number in range(row.min_seq_nr, row.max_seq_nr + 1):
            found = record.sent.get((row.lane, number))
            if found:
                sent.append(found[0])
            else:
                missing.append(number)
        if missing:
            return record.absence(row.lane, missing[-1], row.at)
        recomputed = "0x" + merkle_root([bytes.fromhex(message.leaf[2:]) for message in sent]).hex()
        if recomputed == row.merkle_root:
            return None
        return self._claim(row, "hashes to another root than its messages", recomputed=recomputed, sent=sent)

    def _claim(self, row: Committed, why: str, *, recomputed: str | None = None, sent: Sequence[Sent] = ()) -> Signal:
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=sent,
            subject=f"{row.lane.source}>{row.lane.dest}|{row.min_seq_nr}|{row.merkle_root}",
            summary=f"The root committed for messages {row.min_seq_nr} to {row.max_seq_nr} {why}.",
            evidence={
                "committed_root": row.merkle_root,
                "recomputed_root": recomputed,
                "min_seq_nr": str(row.min_seq_nr),
                "max_seq_nr": str(row.max_seq_nr),
                "on_ramp": row.on_ramp,
                "is_blessed": row.is_blessed,
                "leaves": [message.leaf for message in sent],
            },
        )
