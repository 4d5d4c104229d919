"""Who decides, in a replay, what follows from signals: on the simulated clock, with the node's own words.

The node's incidents and policy stand a floor above; whoever has them hands them in as a `Responder`. `PlainResponder`
is for those who don't: it gives each signal the answer of policy's table at posture `curse`. A test of the floor above
holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from detectors.detector import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ccip_core.protocol.messages import Lane
    from detectors.detector import Signal

PEOPLE_MS = 86_400_000
"""How long people are assumed to take until they have looked at an incident, lifted its curse and closed it."""
QUIET_AFTER_MS = 900_000
"""After so long without a new signal, what only statistics said has lapsed (the node's default)."""


class Decided(NamedTuple):
    """What a node does about an incident from now on."""

    at_ms: int
    until_ms: int
    """When it ends by itself, or people are assumed to end it."""
    is_curse: bool
    """False: it only withholds its blessings."""
    lanes: tuple[Lane, ...]
    """Those that it accuses. A curse of a lane goes to both of its ends and so stops the way back as well."""
    signals: tuple[str, ...]
    """Ids of the new signals that it rests on; never empty."""


class Responder(Protocol):
    """Incidents and policy, told signals in the order in which they become known."""

    def hear(self, signal: Signal, now_ms: int) -> None:
        """One more signal."""

    def settle(self, now_ms: int) -> Sequence[Decided]:
        """Let time pass; what was decided since the last call."""


_CURSES, _WITHHOLDS, _WATCHES = 2, 1, 0
_AT_MOST = {
    ("config_changed", Severity.CRITICAL): _WITHHOLDS,
    ("config_changed", Severity.WARNING): _WATCHES,
    ("rpc_disagreement", Severity.CRITICAL): _WITHHOLDS,
    ("unjudged_row", Severity.CRITICAL): _WITHHOLDS,
    ("liquidity_withdrawal", Severity.CRITICAL): _WITHHOLDS,
    ("liquidity_withdrawal", Severity.WARNING): _WATCHES,
    ("rate_limit_pressure", Severity.WARNING): _WATCHES,
    ("price_outlier", Severity.WARNING): _WATCHES,
    ("stale_price", Severity.WARNING): _WATCHES,
    ("stalled_lane", Severity.WARNING): _WATCHES,
    ("nonce_order", Severity.WARNING): _WATCHES,
    ("layering", Severity.WARNING): _WATCHES,
    ("silent_node", Severity.WARNING): _WATCHES,
}
"""True, but no reason to do more (the reasons stand in policy's table)."""


class PlainResponder:
    """Decides by each signal alone: critical curses, a warning withholds."""

    def __init__(self) -> None:
        self._heard: list[tuple[Signal, int]] = []

    def hear(self, signal: Signal, now_ms: int) -> None:
        """One more signal."""
        self._heard.append((signal, now_ms))

    def settle(self, now_ms: int) -> Sequence[Decided]:  # noqa: ARG002  nothing lapses that has no memory
        """What was decided since the last call."""
        heard, self._heard = self._heard, []
        return [decided for signal, at_ms in heard for decided in _decide(signal, at_ms)]


def _decide(signal: Signal, now_ms: int) -> list[Decided]:
    reach = int(signal.severity)
    if signal.is_exact:
        reach = min(reach, _AT_MOST.get((signal.detector, signal.severity), reach))
    if reach == _WATCHES:
        return []
    is_curse = reach == _CURSES and bool(signal.lanes)
    until_ms = now_ms + (PEOPLE_MS if is_curse or signal.is_exact else QUIET_AFTER_MS)
    return [Decided(now_ms, until_ms, is_curse, signal.lanes, (signal.id,))]


def decide_all(responder: Responder, signals: Iterable[Signal]) -> list[Decided]:
    """What follows from signals, which are in the order of `known_at_ms`; those of one moment are heard together."""
    decided: list[Decided] = []
    now_ms: int | None = None
    for signal in signals:
        if signal.known_at_ms != now_ms:
            if now_ms is not None:
                decided += responder.settle(now_ms)
            now_ms = signal.known_at_ms
            decided += responder.settle(now_ms)
        responder.hear(signal, now_ms)
    if now_ms is not None:
        decided += responder.settle(now_ms)
    return decided
