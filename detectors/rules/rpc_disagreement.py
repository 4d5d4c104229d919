"""Endpoints of one chain told different stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Verdict, make_signal
from detectors.state_rows import Disagreed

if TYPE_CHECKING:
    from detectors.frames import Row
    from detectors.record import Record


class RpcDisagreement(Rule):
    """Two endpoints answered one question about a final part of a chain differently: one of them lies or is broken.

    Stated by the indexer, which has both answers. Which one is right is not known here, so this is a reason to keep
    signatures back and to call people, not evidence against a lane (`rmn_service.policy`). Assumes that the question
    has one answer for good: heads and pending state differ between honest endpoints.
    """

    name: ClassVar[str] = "rpc_disagreement"
    judges: ClassVar[tuple[type[Row], ...]] = (Disagreed,)

    def judge(self, record: Record, row: Disagreed) -> Verdict:
        """Pass the statement on: the answers are the evidence."""
        told = " and ".join(f"{answer} ({endpoint})" for endpoint, answer in row.answers)
        return make_signal(
            self.name,
            row,
            lanes=record.network.lanes_of(row.at.chain),
            subject=row.what,
            summary=f"Endpoints disagree about {row.what}: {told}.",
            evidence={"what": row.what, "answers": [list(answer) for answer in row.answers]},
        )
