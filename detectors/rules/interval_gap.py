"""A root was committed over numbers that it can't be over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core.protocol.merkle import MAX_LEAVES
from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import Committed, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.record import Record


class IntervalGap(Rule):
    """The intervals of a lane's roots are dense and ordered, hold 1 to 256 numbers, and only such as were sent.

    A root begins where an earlier one of the same OnRamp ended, and claims nothing that an earlier one claimed. What a
    forged root skipped may so be committed afterwards, as honest oracles would, without being accused for it. That
    needs the destination's record alone, and is said at once. Whether every number was sent is said once our index of
    the source has come as far as the commit; numbers from before the record, or in a gap of it, are pending. Whether
    the root is that of its messages is root_mismatch's question.

    Assumes that our index of the destination is complete since its first root, and that of the source up to its head.
    """

    name: ClassVar[str] = "interval_gap"
    judges: ClassVar[tuple[type[Row], ...]] = (Committed,)

    def judge(self, record: Record, row: Committed) -> Verdict:
        """Look at the interval itself, at the earlier ones, then at the source."""
        if not _is_interval(row):
            return self._claim(row, f"claims {row.max_seq_nr - row.min_seq_nr + 1} messages; a tree has 1 to 256", [])
        out_of_order = _out_of_order(record, row)
        if out_of_order is not None:
            wrong, why = out_of_order
            return self._claim(row, why, wrong)
        missing = [n for n in range(row.min_seq_nr, row.max_seq_nr + 1) if (row.lane, n) not in record.sent]
        if not missing:
            return None
        doubt = record.source_lag(row.lane, row.at)
        if doubt is not None:
            return doubt
        doubts = {number: record.absence(row.lane, number, row.at) for number in missing}
        never_sent = [number for number, pending in doubts.items() if pending is None]
        if not never_sent:
            return doubts[missing[-1]]
        why = f"claims message {never_sent[0]}, which was never sent"
        return self._claim(row, why, never_sent, known_at_ms=record.head_known_at_ms(row.lane.source))

    def _claim(self, row: Committed, why: str, wrong: Sequence[int], *, known_at_ms: int = 0) -> Signal:
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            subject=f"{row.lane.source}>{row.lane.dest}|{row.min_seq_nr}|{row.merkle_root}",
            summary=f"The root committed for messages {row.min_seq_nr} to {row.max_seq_nr} {why}.",
            known_at_ms=known_at_ms,
            evidence={
                "min_seq_nr": str(row.min_seq_nr),
                "max_seq_nr": str(row.max_seq_nr),
                "wrong_numbers": [str(number) for number in wrong],
                "committed_root": row.merkle_root,
                "is_blessed": row.is_blessed,
            },
        )


def _is_interval(row: Committed) -> bool:
    return 0 <= row.max_seq_nr - row.min_seq_nr < MAX_LEAVES


def _out_of_order(record: Record, row: Committed) -> tuple[list[int], str] | None:
    """The first number that earlier roots leave no place for, and why; None: the row continues one of them."""
    commits = record.committed.get(row.lane, ())
    place = next((n for n in reversed(range(len(commits))) if commits[n] == row), 0)
    if place and _continues(row, commits[place - 1]):
        return None
    earlier = [commit for commit in commits[:place] if commit.on_ramp == row.on_ramp and _is_interval(commit)]
    if not earlier:
        return None
    for commit in earlier:
        if commit.min_seq_nr <= row.max_seq_nr and row.min_seq_nr <= commit.max_seq_nr:
            again = max(commit.min_seq_nr, row.min_seq_nr)
            return [again], f"claims message {again} a second time"
    if any(_continues(row, commit) for commit in earlier):
        return None
    due = earlier[-1].max_seq_nr + 1
    return [row.min_seq_nr], f"begins at {row.min_seq_nr}, but {due} is next"


def _continues(row: Committed, commit: Committed) -> bool:
    return _is_interval(commit) and commit.on_ramp == row.on_ramp and commit.max_seq_nr + 1 == row.min_seq_nr
