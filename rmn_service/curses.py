"""Which subjects are cursed on which chain, as the chains' own logs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject, subject_text
from rmn_service.policy import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.frames import CurseChanged

GLOBAL = subject_text(GLOBAL_CURSE_SUBJECT)


class Curses:
    """Folds `Cursed` and `Uncursed`; a rewind forgets what the dropped blocks said."""

    def __init__(self) -> None:
        self._changes: dict[Target, list[CurseChanged]] = {}

    def apply(self, row: CurseChanged) -> None:
        """One change, in chain order."""
        self._changes.setdefault(Target(row.at.chain, row.subject), []).append(row)

    def rewind(self, chain: ChainSelector, number: int) -> None:
        """Blocks above `number` are gone."""
        for target, changes in self._changes.items():
            if target.chain == chain:
                changes[:] = [row for row in changes if row.at.block_number <= number]

    def since(self, target: Target) -> CurseChanged | None:
        """The change that put the active curse there; None when there is no curse."""
        changes = self._changes.get(target)
        return changes[-1] if changes and changes[-1].is_cursed else None

    def lifted_at_s(self, target: Target, at_s: int | None = None) -> int | None:
        """Block time of the last uncurse (until `at_s`), None when it was never lifted."""
        lifts = [
            row.at.block_time_s
            for row in self._changes.get(target, ())
            if not row.is_cursed and (at_s is None or row.at.block_time_s <= at_s)
        ]
        return lifts[-1] if lifts else None

    def turned_at_s(self, target: Target, *, is_cursed: bool, not_before_s: int) -> int | None:
        """Block time of the first curse (or lift) of the target from then on; None when there was none."""
        turns = (
            row.at.block_time_s
            for row in self._changes.get(target, ())
            if row.is_cursed is is_cursed and row.at.block_time_s >= not_before_s
        )
        return next(turns, None)

    def active(self, at_s: int | None = None) -> Iterator[tuple[Target, CurseChanged]]:
        """Every active curse, or those that were active at an earlier block time; oldest subject first."""
        for target in self._changes:
            row = self.stood(target, at_s)
            if row is not None:
                yield target, row

    def stood(self, target: Target, at_s: int | None) -> CurseChanged | None:
        """As `since`, at an earlier block time."""
        if at_s is None:
            return self.since(target)
        past = [row for row in self._changes.get(target, ()) if row.at.block_time_s <= at_s]
        return past[-1] if past and past[-1].is_cursed else None

    def on_lane(self, lane: Lane, at_s: int | None = None) -> Target | None:
        """A curse that touches the lane at either end, or one of its chains as a whole."""
        return next((target for target in ends_of(lane) if self.stood(target, at_s) is not None), None)


def ends_of(lane: Lane) -> tuple[Target, ...]:
    """The targets that stop a lane: those that stop delivery at its destination first, then those that stop sending."""
    return (
        Target(lane.dest, subject_text(chain_subject(lane.source))),
        Target(lane.dest, GLOBAL),
        Target(lane.source, subject_text(chain_subject(lane.dest))),
        Target(lane.source, GLOBAL),
    )
