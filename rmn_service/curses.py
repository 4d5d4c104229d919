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

    def lifted_at_s(self, target: Target) -> int | None:
        """Block time of the last uncurse, None when it was never lifted."""
        lifts = [row.at.block_time_s for row in self._changes.get(target, ()) if not row.is_cursed]
        return lifts[-1] if lifts else None

    def active(self) -> Iterator[tuple[Target, CurseChanged]]:
        """Every active curse, oldest subject first."""
        for target in self._changes:
            row = self.since(target)
            if row is not None:
                yield target, row

    def on_lane(self, lane: Lane) -> Target | None:
        """A curse that touches the lane at either end, or one of its chains as a whole."""
        ends = (
            Target(lane.dest, subject_text(chain_subject(lane.source))),
            Target(lane.source, subject_text(chain_subject(lane.dest))),
            Target(lane.dest, GLOBAL),
            Target(lane.source, GLOBAL),
        )
        return next((target for target in ends if self.since(target) is not None), None)
