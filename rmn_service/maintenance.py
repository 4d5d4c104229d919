"""Maintenance windows: a time in which somebody expects the unusual on some lanes, and says so beforehand.

What statistics say of these lanes in that time is kept and shown, and decides nothing. Exact rules are never muted: a
message that nobody sent is a theft during maintenance as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol.messages import ChainSelector, Lane

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.detector import Signal


class Window(NamedTuple):
    """One maintenance: which lanes, from when to when, why and by whom."""

    id: str
    lanes: tuple[Lane, ...]
    """Ascending; empty: all."""
    start_ms: int
    end_ms: int
    reason: str
    by: str

    def mutes(self, signal: Signal) -> bool:
        """Whether this signal is expected: a statistic's, of a row in the window, about its lanes alone."""
        if signal.is_exact or not self.start_ms <= 1000 * signal.at_s < self.end_ms:
            return False
        return not self.lanes or (bool(signal.lanes) and {*signal.lanes} <= {*self.lanes})

    def document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return self._asdict() | {"lanes": [[str(lane.source), str(lane.dest)] for lane in self.lanes]}


def window_of(document: Mapping[str, Any]) -> Window:
    """The stored window, typed again."""
    lanes = tuple(Lane(ChainSelector(int(source)), ChainSelector(int(dest))) for source, dest in document["lanes"])
    return Window(**{**document, "lanes": lanes})


def muting(windows: Iterable[Window], signal: Signal) -> str | None:
    """The id of the window that mutes the signal; None when it is heard."""
    return next((window.id for window in windows if window.mutes(signal)), None)
