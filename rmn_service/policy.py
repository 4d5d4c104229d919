"""What to do about an incident: one table, pure.

Doubt withholds; only evidence curses. An exact rule shows a fact that anyone can derive again, so at posture `curse` it
stops the lanes it accuses. A statistic may be wrong: its warning withholds, and it curses only where it is critical,
beyond what the operator's budget of false curses allows on quiet traffic (decision 7). A curse goes to both ends of a
lane (spec 6.2): on the destination chain it stops commits and executions from the source, on the source chain it stops
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


#                                      observe       withhold        curse
_TABLE: dict[tuple[str, Severity], tuple[Reach, Reach, Reach]] = {
    ("exact", Severity.CRITICAL):     (Reach.WATCH, Reach.WITHHOLD, Reach.CURSE),
    ("exact", Severity.WARNING):      (Reach.WATCH, Reach.WITHHOLD, Reach.WITHHOLD),
    ("exact", Severity.INFO):         (Reach.WATCH, Reach.WATCH,    Reach.WATCH),
    # Beyond the tail that the budget of false curses buys; no statistic is critical when that budget is 0.
    ("statistic", Severity.CRITICAL): (Reach.WATCH, Reach.WITHHOLD, Reach.CURSE),
    ("statistic", Severity.WARNING):  (Reach.WATCH, Reach.WITHHOLD, Reach.WITHHOLD),
    ("statistic", Severity.INFO):     (Reach.WATCH, Reach.WATCH,    Reach.WATCH),
}  # fmt: skip
_CAPS: dict[tuple[str, Severity], Reach] = {
    # Owners change settings every month: true, but no proof. A second pair of eyes, not a curse.
    ("config_changed", Severity.CRITICAL):     Reach.WITHHOLD,
    ("config_changed", Severity.WARNING):      Reach.WATCH,
    # One of the answers is wrong, and nobody knows yet which.
    ("rpc_disagreement", Severity.CRITICAL):   Reach.WITHHOLD,
    # The rebalancer may.
    ("liquidity_drain", Severity.WARNING):     Reach.WATCH,
    # The limiter is doing its work; it stops honest messages and stolen ones alike.
    ("rate_limit_pressure", Severity.WARNING): Reach.WATCH,
    # Prices decide fees, not what is released.
    ("price_outlier", Severity.WARNING):       Reach.WATCH,
    # A blessing is what a lane that stands still may be waiting for.
    ("stalled_lane", Severity.WARNING):        Reach.WATCH,
    # Order guards no funds.
    ("nonce_order", Severity.WARNING):         Reach.WATCH,
    # About nodes, not about a lane.
    ("silent_node", Severity.WARNING):         Reach.WATCH,
}  # fmt: skip
"""What the incidents of some families call for at most: they are true, but withholding or cursing would not help."""
_COLUMN: dict[Posture, int] = {"observe": 0, "withhold": 1, "curse": 2}


def decide(incident: Incident, posture: Posture) -> Decision:
    """The furthest reach that any ground of an open incident calls for.

    A quiet incident that only statistics spoke of has lapsed: nothing was proved, and the unusual has passed.
    """
    if incident.is_closed:
        return Decision(Reach.WATCH, (), f"closed by {incident.closed_by}", None)
    if incident.state == "quiet" and not incident.is_exact:
        return Decision(Reach.WATCH, (), "only statistics spoke, and they are quiet again", None)
    reaches = {ground: _reach(incident, ground, posture) for ground in incident.grounds}
    ground = max(incident.grounds, key=lambda ground: (reaches[ground], ground.score, ground.at_s))
    reach = reaches[ground]
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


def _reach(incident: Incident, ground: Ground, posture: Posture) -> Reach:
    reach = _TABLE[_kind(ground), ground.severity][_COLUMN[posture]]
    return min(reach, _CAPS.get((incident.cause.family, ground.severity), reach))


def _kind(ground: Ground) -> str:
    return "exact" if ground.is_exact else "statistic"


def _claim(ground: Ground) -> str:
    return f"{'an' if ground.is_exact else 'a'} {_kind(ground)} {ground.severity.word} signal"
