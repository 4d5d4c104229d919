"""A chain took back what it had called final."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Verdict, make_signal
from detectors.frames import FinalityViolated, Row

if TYPE_CHECKING:
    from detectors.record import Record


class FinalityViolation(Rule):
    """A block that was final has been replaced: whatever the chain's lanes carried may be undone.

    Stated by the indexer, which saw both hashes. Assumes that finality is the chain's, not one endpoint's: an indexer
    with a single endpoint takes that endpoint's word.
    """

    name: ClassVar[str] = "finality_violation"
    judges: ClassVar[tuple[type[Row], ...]] = (FinalityViolated,)

    def judge(self, record: Record, row: FinalityViolated) -> Verdict:
        """Pass the statement on: it is evidence by itself."""
        now = "is gone" if row.new_hash is None else f"is now {row.new_hash}"
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(row.at.chain),
            summary=f"Final block {row.block_number} was {row.old_hash} and {now}.",
            evidence={"block_number": str(row.block_number), "old_hash": row.old_hash, "new_hash": row.new_hash},
        )
