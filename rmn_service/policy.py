"""What to do about an incident: one table, pure. `docs/policy.md` is its manual.

Doubt withholds; only evidence curses. An exact rule shows a fact that anyone can derive again, so at posture `curse` it
stops the lanes it accuses. A statistic may be wrong: its warning withholds, and it curses only where it is critical,
beyond what the operator's budget of false curses allows on quiet traffic (decision 7). A curse goes to both ends of a
lane (spec 6.2): on the destination chain it stops commits and executions from the source, on the source chain it stops
senders from paying into a lane that is closed.

The table says what evidence calls for. What a node then does by itself can be held back (`brakes`), never widened: the
one thing wider than a lane curse, the global subject, is called for only where the operator allowed it and facts prove
that every lane into a chain is hit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject, subject_text
from detectors.detector import Severity
from rmn_service.incidents import INTEGRITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ccip_core.protocol.messages import ChainSelector, Lane
    from rmn_service.config import Posture
    from rmn_service.incidents import Ground, Incident


class Reach(IntEnum):
    """How far a decision goes. Ordered."""

    WATCH = 0
    WITHHOLD = 1
    CURSE = 2
    CURSE_GLOBAL = 3

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
    """Ascending; empty below CURSE."""
    reason: str
    ground: Ground | None
    """What it rests on; None when nothing calls for more than watching."""


Evidence = Literal["exact", "statistic"]
Row = tuple[Reach, Reach, Reach]
"""Reach at posture observe, withhold and curse."""

_ROWS: dict[tuple[Evidence, Severity], Row] = {
    #                                 observe      withhold        curse
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
    # A fault of ours: doubt withholds, only evidence curses.
    ("unjudged_row", Severity.CRITICAL):       Reach.WITHHOLD,
    # The rebalancer may; people know whether it was meant, and a curse keeps no key from taking the rest.
    ("liquidity_withdrawal", Severity.CRITICAL): Reach.WITHHOLD,
    ("liquidity_withdrawal", Severity.WARNING): Reach.WATCH,
    # The limiter is doing its work; it stops honest messages and stolen ones alike.
    ("rate_limit_pressure", Severity.WARNING): Reach.WATCH,
    # Prices decide fees, not what is released.
    ("price_outlier", Severity.WARNING):       Reach.WATCH,
    ("stale_price", Severity.WARNING):         Reach.WATCH,
    # A blessing is what a lane that stands still may be waiting for.
    ("stalled_lane", Severity.WARNING):        Reach.WATCH,
    # Order guards no funds.
    ("nonce_order", Severity.WARNING):         Reach.WATCH,
    # True of rare honest people too.
    ("layering", Severity.WARNING):            Reach.WATCH,
    # About nodes, not about a lane.
    ("silent_node", Severity.WARNING):         Reach.WATCH,
}  # fmt: skip
"""What the incidents of some families call for at most: they are true, but withholding or cursing would not help."""
POSTURES: tuple[Posture, ...] = ("observe", "withhold", "curse")
_COLUMN: dict[Posture, int] = {posture: column for column, posture in enumerate(POSTURES)}
_GLOBAL = subject_text(GLOBAL_CURSE_SUBJECT)
_HIT_LANES_MIN = 2
"""One forged lane may be one stolen ramp; a second one with the same destination shows that its oracles lie."""


@dataclass(frozen=True, slots=True)
class Table:
    """What kind and confidence of a signal call for, at each posture. An operator may lower every cell of it."""

    rows: Mapping[tuple[Evidence, Severity], Row] = field(default_factory=lambda: dict(_ROWS))
    caps: Mapping[tuple[str, Severity], Reach] = field(default_factory=lambda: dict(_CAPS))
    """By incident family."""
    withhold_score_min: float = 0.0
    """A statistic that scores less is only watched."""
    curse_score_min: float = 0.0
    """A statistic that scores less never curses; at least the one above."""
    is_global_allowed: bool = False
    """Whether facts that prove every lane into a chain hit may call for that chain's global subject."""

    def reach(self, family: str, ground: Ground, posture: Posture) -> Reach:
        """What one ground calls for."""
        reach = self.rows[kind_of(ground), ground.severity][_COLUMN[posture]]
        if not ground.is_exact and ground.score < self.curse_score_min:
            reach = min(reach, Reach.WITHHOLD)
        if not ground.is_exact and ground.score < self.withhold_score_min:
            reach = Reach.WATCH
        return min(reach, self.caps.get((family, ground.severity), reach))


DEFAULT = Table()


def decide(incident: Incident, posture: Posture, table: Table = DEFAULT) -> Decision:
    """The furthest reach that any ground of an open incident calls for.

    A quiet incident that only statistics spoke of has lapsed: nothing was proved, and the unusual has passed. So has a
    quiet one about endpoints: enough of them agree again, and have for a while. What was said of a lane during its
    maintenance was muted when it was said, and is no ground.
    """
    if incident.is_closed:
        return Decision(Reach.WATCH, (), f"closed by {incident.closed_by}", None)
    grounds = incident.loud_grounds
    if not grounds:
        return Decision(Reach.WATCH, (), "only statistics spoke, during maintenance", None)
    if incident.has_lapsed:
        spoke = (
            "enough endpoints agree again" if incident.is_exact else "only statistics spoke, and they are quiet again"
        )
        return Decision(Reach.WATCH, (), spoke, None)
    reaches = {ground: table.reach(incident.cause.family, ground, posture) for ground in grounds}
    ground = max(grounds, key=lambda ground: (reaches[ground], ground.score, ground.at_s))
    reach = reaches[ground]
    targets = both_ends(incident.cause.lanes) if reach is Reach.CURSE else ()
    if reach is Reach.CURSE and not targets:
        return Decision(Reach.WITHHOLD, (), f"{_claim(ground)}, but it names no lane to curse", ground)
    return Decision(reach, targets, f"{_claim(ground)} at posture {posture}", ground)


def decide_all(
    incidents: Sequence[Incident], posture: Posture, table: Table = DEFAULT
) -> list[tuple[Incident, Decision]]:
    """The same for all incidents together: what several of them prove is more than what each of them does."""
    decided = [(incident, decide(incident, posture, table)) for incident in incidents]
    if not table.is_global_allowed:
        return decided
    hit: dict[ChainSelector, set[Lane]] = defaultdict(set)
    for incident, decision in decided:
        if _is_proof(incident, decision):
            for lane in incident.cause.lanes:
                hit[lane.dest].add(lane)
    whole = {chain for chain, lanes in hit.items() if len(lanes) >= _HIT_LANES_MIN}
    return [(incident, _widened(incident, decision, whole)) for incident, decision in decided]


def _is_proof(incident: Incident, decision: Decision) -> bool:
    return decision.reach is Reach.CURSE and incident.cause.family == INTEGRITY and _is_exact(decision)


def _widened(incident: Incident, decision: Decision, whole: set[ChainSelector]) -> Decision:
    """With the global subject of every chain that its proof has a share in."""
    chains = {lane.dest for lane in incident.cause.lanes} & whole
    if not chains or not _is_proof(incident, decision):
        return decision
    targets = tuple(sorted({*decision.targets, *(Target(chain, _GLOBAL) for chain in chains)}))
    reason = f"{decision.reason}; forgeries on several lanes into one chain: its oracles' keys are not theirs any more"
    return Decision(Reach.CURSE_GLOBAL, targets, reason, decision.ground)


def _is_exact(decision: Decision) -> bool:
    return decision.ground is not None and decision.ground.is_exact


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
    if incident.is_closed or incident.has_lapsed:
        return False
    is_critical = any(ground.severity is Severity.CRITICAL for ground in incident.loud_grounds)
    return decision.reach is not Reach.WATCH or is_critical


def kind_of(ground: Ground) -> Evidence:
    """Of which kind of evidence a ground is."""
    return "exact" if ground.is_exact else "statistic"


def _claim(ground: Ground) -> str:
    return f"{'an' if ground.is_exact else 'a'} {kind_of(ground)} {ground.severity.word} signal"
