"""What to do about an incident: one table, pure.

Doubt withholds; only evidence curses. A statistic may be wrong, so alone it never curses; an exact rule shows a fact
that anyone can derive again, so at posture `curse` it stops the lanes it accuses. A curse goes to both ends of a lane
(spec 6.2): on the destination chain it stops commits and executions from the source, on the source chain it stops
senders from paying into a lane that is closed.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from ccip_core.protocol.subjects import chain_subject, subject_text
from detectors.detector import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccip_core.protocol.messages import ChainSelector, Lane
    from rmn_service.config import Posture
    from rmn_service.incidents import Ground, Incident


class Reach(IntEnum):
    """How far a decision goes. Ordered."""

    WATCH = 0
    WITHHOLD = 1
    CURSE = 2

    @property
    def word(self) -> str:
        """Lower case, as the API says it."""
        return self.name.lower()


class Target(NamedTuple):
    """One subject to curse on the RMNRemote of one chain."""

    chain: ChainSelector
    subject: str
    """0x and 32 hex digits."""


class Decision(NamedTuple):
    """Policy's answer to an incident."""

    reach: Reach
    targets: tuple[Target, ...]
    """Ascending; empty unless the reach is CURSE."""
    reason: str
    ground: Ground | None
    """What it rests on; None when nothing calls for more than watching."""


SURE_SCORE = 0.99
"""From here on a statistic's warning withholds."""

#                                           observe       withhold        curse
_TABLE: dict[tuple[str, Severity], tuple[Reach, Reach, Reach]] = {
    ("exact", Severity.CRITICAL):          (Reach.WATCH, Reach.WITHHOLD, Reach.CURSE),
    ("exact", Severity.WARNING):           (Reach.WATCH, Reach.WITHHOLD, Reach.WITHHOLD),
    ("exact", Severity.INFO):              (Reach.WATCH, Reach.WATCH,    Reach.WATCH),
    ("sure statistic", Severity.CRITICAL): (Reach.WATCH, Reach.WITHHOLD, Reach.WITHHOLD),
    ("sure statistic", Severity.WARNING):  (Reach.WATCH, Reach.WITHHOLD, Reach.WITHHOLD),
    ("sure statistic", Severity.INFO):     (Reach.WATCH, Reach.WATCH,    Reach.WATCH),
    ("statistic", Severity.CRITICAL):      (Reach.WATCH, Reach.WITHHOLD, Reach.WITHHOLD),
    ("statistic", Severity.WARNING):       (Reach.WATCH, Reach.WATCH,    Reach.WATCH),
    ("statistic", Severity.INFO):          (Reach.WATCH, Reach.WATCH,    Reach.WATCH),
}  # fmt: skip
_COLUMN: dict[Posture, int] = {"observe": 0, "withhold": 1, "curse": 2}


def decide(incident: Incident, posture: Posture) -> Decision:
    """The furthest reach that any ground of an open incident calls for.

    A quiet incident that only statistics spoke of has lapsed: nothing was proved, and the unusual has passed.
    """
    if incident.is_closed:
        return Decision(Reach.WATCH, (), f"closed by {incident.closed_by}", None)
    if incident.state == "quiet" and not incident.is_exact:
        return Decision(Reach.WATCH, (), "only statistics spoke, and they are quiet again", None)
    ground = max(incident.grounds, key=lambda ground: (_reach(ground, posture), ground.score, ground.at_s))
    reach = _reach(ground, posture)
    targets = both_ends(incident.cause.lanes) if reach is Reach.CURSE else ()
    if reach is Reach.CURSE and not targets:
        return Decision(Reach.WITHHOLD, (), f"{_claim(ground)}, but it names no lane to curse", ground)
    return Decision(reach, targets, f"{_claim(ground)} at posture {posture}", ground)


def both_ends(lanes: Iterable[Lane]) -> tuple[Target, ...]:
    """The targets that close these lanes: the source's subject at the destination, and the reverse."""
    targets: set[Target] = set()
    for lane in lanes:
        targets.add(Target(lane.dest, subject_text(chain_subject(lane.source))))
        targets.add(Target(lane.source, subject_text(chain_subject(lane.dest))))
    return tuple(sorted(targets))


def stops_blessing(incident: Incident, decision: Decision) -> bool:
    """Whether this node keeps its signature from the incident's lanes.

    At every posture an open critical incident does: a signature is a statement of this node that all is well.
    """
    if incident.is_closed or (incident.state == "quiet" and not incident.is_exact):
        return False
    return decision.reach is not Reach.WATCH or incident.severity is Severity.CRITICAL


def _reach(ground: Ground, posture: Posture) -> Reach:
    return _TABLE[_kind(ground), ground.severity][_COLUMN[posture]]


def _kind(ground: Ground) -> str:
    if ground.is_exact:
        return "exact"
    return "sure statistic" if ground.score >= SURE_SCORE else "statistic"


def _claim(ground: Ground) -> str:
    return f"{'an' if ground.is_exact else 'a'} {_kind(ground)} {ground.severity.word} signal"
