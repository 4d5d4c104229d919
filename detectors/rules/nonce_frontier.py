"""A number was executed that lies far beyond all that the lane had executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Severity, Verdict, make_signal
from detectors.frames import Executed, Row

if TYPE_CHECKING:
    from detectors.record import Record


class NonceFrontier(Rule):
    """Executed numbers rise in steps as large as messages in flight are apart; this one leaps (`detectors.reach`).

    A statement about the destination's own record, said at once, without waiting for the source or trusting our view
    of it: a warning. Critical where our index of the source has come far enough to say that the number was never sent.
    Nothing where the record holds the message: then the source leapt too. Order does not matter below the frontier, so
    neither messages executed late nor those from before the record leap.

    Says nothing before the frontier rose 100 times, and of messages without a number. Assumes a lane that counts its
    messages up; one that is numbered anew is accused 16 times, then taken as it is.
    """

    name: ClassVar[str] = "nonce_frontier"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Ask the record whether the number leapt when it came."""
        leap = record.leaps.get(row.at.row_id) if record.leaps else None
        if leap is None or record.find_sent(row) is not None:
            return None
        is_certain = record.absence(row.lane, row.sequence_number, row.at) is None
        ahead = row.sequence_number - leap.frontier
        released = record.releases_of(row)
        source = "which its source never sent" if is_certain else "which our record of its source does not hold"
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=released,
            severity=Severity.CRITICAL if is_certain else Severity.WARNING,
            score=1.0 if is_certain else _UNCERTAIN_SCORE,
            summary=f"Message {row.sequence_number}, {source}, lies {ahead} beyond the highest executed on the lane.",
            value_micro_usd=record.value_of(released),
            known_at_ms=record.head_known_at_ms(row.lane.source) if is_certain else 0,
            evidence={
                "sequence_number": str(row.sequence_number),
                "executed_frontier": str(leap.frontier),
                "gap": str(ahead),
                "gap_max": str(leap.limit),
                "usual_gap": str(leap.usual_gap),
                "source_frontier": _source_frontier(record, row),
            },
        )


_UNCERTAIN_SCORE = 0.5


def _source_frontier(record: Record, row: Executed) -> str | None:
    numbering = record.numbering.get(row.lane)
    return None if numbering is None else str(numbering.frontier)
