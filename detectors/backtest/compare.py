"""A candidate configuration beside the current one, signal by signal: what appears, what disappears, what moves.

Works on two results of `run_backtest` over one history, so two kept JSON files will do.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NEAR_S = 86_400
"""Signals of one detector about the same lanes that are further apart than a day are not one that moved."""
_SHOWN_MAX = 20

Signal = dict[str, Any]
"""As in the backtest's JSON."""


def compare(current: Mapping[str, Any], candidate: Mapping[str, Any]) -> dict[str, Any]:
    """What changes if the candidate replaces the current configuration.

    `signals` holds what `appeared`, `disappeared`, `moved` (with `later_s`, negative if earlier) and was `regraded`
    (the same signal at another severity); `attacks` holds each attack's first signal and first curse under both.

    Raises:
        ValueError: the results are of different histories.
    """
    for name in ("history", "rows"):
        if current[name] != candidate[name]:
            raise ValueError(f"{name} = {candidate[name]}: the current result has {current[name]}; compare one history")
    before, after = ({signal["id"]: signal for signal in result["signals"]} for result in (current, candidate))
    gone = [signal for id_, signal in before.items() if id_ not in after]
    new = [signal for id_, signal in after.items() if id_ not in before]
    pairs = _pairs(gone, new)
    paired = {signal["id"] for pair in pairs for signal in pair}
    kept = [(signal, after[id_]) for id_, signal in before.items() if id_ in after]
    both = [*kept, *pairs]
    return {
        "history": current["history"],
        "config_hash": {"current": current["config_hash"], "candidate": candidate["config_hash"]},
        "signals": {
            "unchanged": sum(_later_s(*pair) == 0 and pair[0]["severity"] == pair[1]["severity"] for pair in both),
            "appeared": [_brief(signal) for signal in new if signal["id"] not in paired],
            "disappeared": [_brief(signal) for signal in gone if signal["id"] not in paired],
            "moved": [_brief(was) | {"later_s": _later_s(was, now)} for was, now in both if _later_s(was, now)],
            "regraded": [
                _brief(was) | {"now": now["severity"]} for was, now in both if was["severity"] != now["severity"]
            ],
        },
        "attacks": [
            {"name": was["name"]}
            | {name: {"current": was[name], "candidate": now[name]} for name in ("first_signal", "first_curse")}
            for was, now in zip(current["attacks"], candidate["attacks"], strict=True)
        ],
        "false_signals": _counts(current, candidate, "false_signals"),
        "false_curses": _counts(current, candidate, "false_curses"),
    }


def render_comparison(comparison: Mapping[str, Any]) -> str:
    """For a terminal: the counts, then the changes, the first of each kind."""
    signals, false, curses = (comparison[name] for name in ("signals", "false_signals", "false_curses"))
    counts = f"false signals {false['current']} now, {false['candidate']} then"
    counts += f"; false curses {curses['current']} now, {curses['candidate']} then"
    lines = [f"{signals['unchanged']} signals unchanged; {counts}"]
    for attack in comparison["attacks"]:
        for name in ("first_signal", "first_curse"):
            was, then = attack[name]["current"], attack[name]["candidate"]
            if was != then:
                lines.append(
                    f"attack {attack['name']}: {name.replace('_', ' ')} {_moment(was)} now, {_moment(then)} then"
                )
    for change in ("appeared", "disappeared", "moved", "regraded"):
        listed: Sequence[Mapping[str, Any]] = signals[change]
        if listed:
            lines.append(f"{len(listed)} {change}")
            lines += [f"  {_line(signal)}" for signal in listed[:_SHOWN_MAX]]
            if len(listed) > _SHOWN_MAX:
                lines.append(f"  and {len(listed) - _SHOWN_MAX} more")
    return "\n".join(lines)


def _pairs(gone: Sequence[Signal], new: Sequence[Signal]) -> list[tuple[Signal, Signal]]:
    """What disappeared and what appeared in its stead: of one detector and the same lanes, nearest first."""
    waiting: dict[tuple[str, tuple[str, ...]], list[Signal]] = defaultdict(list)
    for signal in new:
        waiting[signal["detector"], tuple(signal["subjects"])].append(signal)
    pairs = []
    for was in gone:
        near = waiting[was["detector"], tuple(was["subjects"])]
        now = min(near, key=lambda signal: abs(_later_s(was, signal)), default=None)
        if now is not None and abs(_later_s(was, now)) <= _NEAR_S:
            near.remove(now)
            pairs.append((was, now))
    return pairs


def _later_s(was: Signal, now: Signal) -> int:
    first, second = (datetime.fromisoformat(signal["known_at"]) for signal in (was, now))
    return int((second - first).total_seconds())


def _brief(signal: Signal) -> dict[str, Any]:
    return {name: signal[name] for name in ("id", "known_at", "detector", "severity", "rows", "subjects")}


def _counts(current: Mapping[str, Any], candidate: Mapping[str, Any], name: str) -> dict[str, int]:
    return {"current": current[name]["count"], "candidate": candidate[name]["count"]}


def _moment(first: Mapping[str, Any] | None) -> str:
    return "never" if first is None else f"after {first['delay_s']:.0f} s"


def _line(signal: Mapping[str, Any]) -> str:
    told = f"{signal['known_at']} {signal['detector']} {signal['severity']} {', '.join(signal['subjects'])}"
    if "later_s" in signal:
        return f"{told} ({abs(signal['later_s'])} s {'later' if signal['later_s'] > 0 else 'earlier'})"
    return f"{told} (now {signal['now']})" if "now" in signal else told
