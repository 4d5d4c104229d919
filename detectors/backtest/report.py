"""A backtest's result: the JSON that interfaces.md promises, and a short table of it."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors.backtest.metrics import (
    CURSE_S,
    REACTIONS_S,
    Attack,
    Outcome,
    attack_of,
    average_precision,
    benign_days,
    event_ids,
    false_curses,
    upper_95,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ccip_core.protocol.messages import Lane
    from detectors.detector import Signal
    from detectors.judge import Undecided


class Judged(NamedTuple):
    """A history with what was said of it and what is true."""

    outcomes: Sequence[Outcome]
    attacks: Sequence[Attack]
    detectors: Sequence[str]
    signals: Sequence[Signal]
    undecided: Sequence[Undecided]
    scores: Mapping[str, Mapping[str, float]]
    """Of each statistic, by event."""
    directions: Mapping[Lane, str]


def code_version() -> str:
    """The version of this package; "unknown" when it runs from a bare checkout."""
    try:
        return metadata.version("ccip-rmn")
    except metadata.PackageNotFoundError:
        return "unknown"


def build_report(judged: Judged) -> dict[str, Any]:
    """What interfaces.md promises under "Backtest JSON", from `attacks` to `signals`."""
    of_attack = [(signal, attack_of(signal, judged.attacks)) for signal in judged.signals]
    wrong = [signal for signal, attack in of_attack if attack is None]
    days = benign_days(judged.outcomes)
    curses = false_curses(wrong, judged.outcomes)
    return {
        "attacks": [
            _attack(judged, attack, [signal for signal, about in of_attack if about is attack])
            for attack in judged.attacks
        ],
        "false_signals": {
            "count": len(wrong),
            "per_day": _rate(len(wrong), days),
            "upper_95_per_day": upper_95(len(wrong), days),
            "benign_days": days,
        },
        "false_curses": {
            "count": len(curses),
            "per_day": _rate(len(curses), days),
            "benign_value_delayed_usd": round(sum(curse.delayed_usd for curse in curses), 2),
            "assumed_curse_s": CURSE_S,
        },
        "undecided": {"rows": len({undecided.row.at.row_id for undecided in judged.undecided})},
        "detectors": [_detector(judged, name, of_attack, days) for name in judged.detectors],
        "signals": [_signal(judged, signal) for signal in judged.signals],
    }


def render_table(result: Mapping[str, Any]) -> str:
    """A few lines for a terminal."""
    wrong, curses = result["false_signals"], result["false_curses"]
    lines = [f"{result['history']}: {result['rows']} rows, {result['events_per_s']:.0f} a second"]
    for attack in result["attacks"]:
        lines.append(f"attack {attack['name']} from {attack['first_malicious']}, loss {attack['loss_usd']:,.0f} USD")
        signal, curse = attack["first_signal"], attack["first_curse"]
        lines.append(
            "  never signalled"
            if signal is None
            else f"  first signal after {signal['delay_s']:.0f} s by {signal['detector']}; "
            f"{attack['rows_signalled_by_rules']} of {attack['rows']} rows signalled by exact rules"
        )
        if curse is not None and attack["ceiling_share"] is not None:
            averted = attack["averted_share_by_reaction_s"]
            shares = ", ".join(f"{averted[str(reaction)]:.1%} at {reaction} s" for reaction in REACTIONS_S)
            lines.append(f"  a curse would avert {shares} (ceiling {attack['ceiling_share']:.1%})")
    lines.append(
        f"false signals {wrong['count']} in {wrong['benign_days']:.0f} days with traffic"
        + ("" if wrong["upper_95_per_day"] is None else f" (95 %: below {wrong['upper_95_per_day']:.3f} a day)")
        + f", false curses {curses['count']}; {result['undecided']['rows']} rows could not be decided"
    )
    lines.append(f"{'detector':<22}{'kind':<11}{'signals':>8}{'true':>7}{'false':>7}{'a day':>9}{'delay s':>9}")
    for line in result["detectors"]:
        delay = "" if line["first_delay_s"] is None else f"{line['first_delay_s']:.0f}"
        per_day = "" if line["false_per_day"] is None else f"{line['false_per_day']:.4f}"
        lines.append(
            f"{line['name']:<22}{line['kind']:<11}{line['signals']:>8}{line['true']:>7}{line['false']:>7}"
            f"{per_day:>9}{delay:>9}"
        )
    return "\n".join(lines)


def iso(time_s: int) -> str:
    """A second as people and JSON write it, in UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _attack(judged: Judged, attack: Attack, signals: Sequence[Signal]) -> dict[str, Any]:
    ordered = sorted(signals, key=lambda signal: signal.known_at_ms)
    first = ordered[0] if ordered else None
    # Here an exact signal is a curse: the policy curses on every one that is critical.
    curse = next((signal for signal in ordered if signal.is_exact), None)
    curse_s = None if curse is None else curse.known_at_ms // 1000
    by_rules = {event_id for signal in signals if signal.is_exact for event_id in event_ids(signal)[:1]}
    return {
        "name": attack.name,
        "first_malicious": iso(attack.first_s),
        "last_malicious": iso(attack.last_s),
        "rows": len(attack.event_ids),
        "rows_signalled_by_rules": len(by_rules & attack.event_ids),
        "loss_usd": round(attack.loss, 2),
        "ceiling_share": attack.averted_share(attack.first_s),
        "first_signal": None
        if first is None
        else {"at": iso(first.known_at_ms // 1000), "detector": first.detector, "delay_s": _delay_s(attack, first)},
        "first_curse": None
        if curse is None
        else {
            "at": iso(curse.known_at_ms // 1000),
            "delay_s": _delay_s(attack, curse),
            "subjects": _subjects(judged, curse),
        },
        "averted_share_by_reaction_s": {
            str(reaction_s): attack.averted_share(None if curse_s is None else curse_s + reaction_s)
            for reaction_s in REACTIONS_S
        },
    }


def _detector(
    judged: Judged, name: str, of_attack: Sequence[tuple[Signal, Attack | None]], days: float
) -> dict[str, Any]:
    own = [(signal, attack) for signal, attack in of_attack if signal.detector == name]
    right = [(signal, attack) for signal, attack in own if attack is not None]
    return {
        "name": name,
        "kind": "statistic" if name in judged.scores else "rule",
        "signals": len(own),
        "true": len(right),
        "false": len(own) - len(right),
        "false_per_day": _rate(len(own) - len(right), days),
        "first_delay_s": min((_delay_s(attack, signal) for signal, attack in right), default=None),
        "pr_auc": _pr_auc(judged, name),
    }


def _pr_auc(judged: Judged, name: str) -> float | None:
    """Over all releases; a rule scores 1 where it accuses. None when the detector had nothing to say of any."""
    scores = judged.scores.get(name)
    if scores is None:
        scores = {event_ids(signal)[0]: 1.0 for signal in judged.signals if signal.detector == name}
    if not scores:
        return None
    releases = [outcome for outcome in judged.outcomes if outcome.is_release]
    return average_precision(
        np.array([scores.get(outcome.event_id, 0.0) for outcome in releases]),
        np.array([outcome.is_attack for outcome in releases], dtype=np.bool_),
    )


def _signal(judged: Judged, signal: Signal) -> dict[str, Any]:
    return {
        "id": signal.id,
        "at": iso(signal.at_s),
        "known_at": iso(signal.known_at_ms // 1000),
        "detector": signal.detector,
        "score": signal.score,
        "severity": signal.severity.word,
        "rows": event_ids(signal),
        "subjects": _subjects(judged, signal),
        "summary": signal.summary,
        "evidence": dict(signal.evidence),
    }


def _subjects(judged: Judged, signal: Signal) -> list[str]:
    return [judged.directions[lane] for lane in signal.lanes]


def _delay_s(attack: Attack, signal: Signal) -> float:
    return signal.known_at_ms / 1000 - attack.first_s


def _rate(count: int, days: float) -> float | None:
    return count / days if days > 0 else None
