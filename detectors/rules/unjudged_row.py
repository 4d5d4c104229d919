"""A rule broke on a row, or a log could not become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Verdict, make_signal
from detectors.state_rows import Unjudged

if TYPE_CHECKING:
    from detectors.frames import Row
    from detectors.record import Record


class UnjudgedRow(Rule):
    """Our code raised where it should have judged: a fault of this release, met by chance or looked for.

    Stated by the judge, whose other rules go on, or by the reader of logs. What the row would have been found to be is
    not known, so signatures are kept back on every lane of its chain until people have looked; nobody is accused by it.
    Assumes that the fault is ours: what strangers write wrongly does not decode, or is a matter of the rules.
    """

    name: ClassVar[str] = "unjudged_row"
    judges: ClassVar[tuple[type[Row], ...]] = (Unjudged,)

    def judge(self, record: Record, row: Unjudged) -> Verdict:
        """Pass the statement on."""
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(row.at.chain),
            subject=row.broken,
            summary=f"{row.broken} broke here, and what it would have said is not known: {row.fault}.",
            evidence={"broken": row.broken, "fault": row.fault},
        )
