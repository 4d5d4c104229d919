"""A shadow run: what a candidate configuration would have done to every message, beside what the current one did.

Both judged one history, a node's own store if you like, on its clock; neither acts on it. A message's fate is what
stood when it was given out: its lane was cursed (either end of the lane, so both ways), the node's blessing withheld,
or nothing. A blessing that was withheld stops a message only where the lane needs blessings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Literal

from ccip_core.protocol.messages import Lane
from detectors.backtest.moments import iso

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.backtest.report import Judged
    from detectors.backtest.responder import Decided

Fate = Literal["passed", "withheld", "cursed"]


def shadow(current: Judged, candidate: Judged) -> dict[str, Any]:
    """The messages whose fate differs, one by one and summed up by how it changes.

    Raises:
        ValueError: the two judged different messages.
    """
    now, then = fates(current), fates(candidate)
    if now.keys() != then.keys():
        raise ValueError("candidate = another history: judge one and the same under both configurations")
    changes: Counter[str] = Counter()
    usd: Counter[str] = Counter()
    differ = []
    for outcome in current.outcomes:
        fate, other = now.get(outcome.event_id), then.get(outcome.event_id)
        if fate is None or other is None or fate == other:
            continue
        change = f"{fate} > {other}"
        changes[change] += 1
        usd[change] += round(outcome.usd)
        differ.append(
            {
                "event_id": outcome.event_id,
                "message_id": outcome.message_id,
                "lane": current.directions.get(outcome.lane, str(outcome.lane)),
                "at": iso(outcome.time_s),
                "usd": round(outcome.usd, 2),
                "is_attack": outcome.is_attack,
                "current": fate,
                "candidate": other,
            }
        )
    return {
        "messages": len(now),
        "unchanged": len(now) - len(differ),
        "changes": [
            {"change": change, "messages": count, "usd": usd[change]} for change, count in sorted(changes.items())
        ],
        "differ": differ,
    }


def render_shadow(found: Mapping[str, Any]) -> str:
    """For a terminal: how many messages, and what changes for how many of them."""
    lines = [f"{found['unchanged']} of {found['messages']} messages fare alike"]
    lines += [f"  {line['messages']} {line['change']}, {line['usd']:,} USD" for line in found["changes"]]
    return "\n".join(lines)


def fates(judged: Judged) -> dict[str, Fate]:
    """By event, of every message that was given out."""
    stops: dict[Lane, list[Decided]] = defaultdict(list)
    for decided in judged.decided:
        ways = {*decided.lanes, *(Lane(lane.dest, lane.source) for lane in decided.lanes if decided.is_curse)}
        for lane in ways:
            stops[lane].append(decided)
    return {
        outcome.event_id: _fate(stops.get(outcome.lane, ()), outcome.time_s * 1000)
        for outcome in judged.outcomes
        if outcome.is_release
    }


def _fate(stops: Sequence[Decided], at_ms: int) -> Fate:
    """What stands at this moment, the gravest; what is decided in the message's own second comes too late for it."""
    standing = [stop.is_curse for stop in stops if stop.at_ms < at_ms < stop.until_ms]
    return "cursed" if any(standing) else "withheld" if standing else "passed"
