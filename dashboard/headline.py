"""For whoever has just been woken: is anything wrong, where, since when, how much is at risk, what was done.

Pure. The worst thing goes first; a blind chain is told before a quiet network, for nobody knows what happens there.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dashboard import words
from dashboard.at_risk import risk_of
from dashboard.names import Names, ago, counted, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.client import NodeAnswer

_RANK = {"critical": 0, "warning": 1, "info": 2}


class Headline(NamedTuple):
    """What stands at the top of the overview."""

    level: str
    """error, warning or success: how loud it is."""
    text: str


def headlines(answers: Sequence[NodeAnswer], *, is_past: bool = False) -> list[Headline]:
    """The network in as few sentences as it takes. Which chains were blind in the past nobody knows."""
    speaking = [answer for answer in answers if answer.fault is None]
    if not speaking:
        return [Headline("error", words.ALL_SILENT)]
    names = Names.of(speaking)
    told = [
        Headline("error" if one["severity"] == "critical" else "warning", text) for one, text in _wrong(speaking, names)
    ]
    blind = sorted({chain["name"] for answer in speaking for chain in answer.chains if chain.get("blind")})
    if blind:
        told.append(Headline("warning", words.BLIND_HEADLINE.format(chains=", ".join(blind))))
    told += _made_up(speaking, names)
    if told:
        return told
    lanes = len({(lane["source"], lane["dest"]) for answer in speaking for lane in answer.lanes})
    if any(answer.curses for answer in speaking):
        return [Headline("warning", words.CURSED_WITHOUT_INCIDENT)]
    return [Headline("success", (words.ALL_WAS_QUIET if is_past else words.ALL_QUIET).format(lanes=lanes))]


def _wrong(answers: Sequence[NodeAnswer], names: Names) -> list[tuple[dict[str, Any], str]]:
    """The open incidents that policy acts on, worst first: one sentence each, whichever nodes tell it."""
    found: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for answer in answers:
        for incident in answer.incidents:
            if incident["state"] in {"open", "worsening"} and incident["severity"] != "info":
                found.setdefault((incident["family"], tuple(incident["lanes"])), []).append(incident)
    told = [
        (min(same, key=lambda incident: _RANK[incident["severity"]]), _sentence(same, answers, names))
        for same in found.values()
    ]
    return sorted(told, key=lambda pair: (*_gravity(pair[0]), pair[0]["opened_at"]))


def _gravity(incident: Mapping[str, Any]) -> tuple[int, bool, int]:
    """Less is worse: by severity, then what policy would curse for, then by what is accused."""
    return (
        _RANK[incident["severity"]],
        not incident["decision"]["targets"],
        -int(incident["value_at_risk_micro_usd"] or 0),
    )


def _made_up(answers: Sequence[NodeAnswer], names: Names) -> list[Headline]:
    """The newest root on each lane that somebody wanted blessed and that can't be true."""
    found: dict[str, list[dict[str, Any]]] = {}
    for answer in answers:
        for lane, asked in {root["lane"]: root for root in reversed(answer.status.get("made_up_roots", []))}.items():
            found.setdefault(lane, []).append(asked)
    return [
        Headline(
            "warning",
            words.MADE_UP.format(
                what=_interval(same[0]),
                where=names.lane(lane),
                since=_since(min(asked["at"] for asked in same), answers, names),
                nodes=counted(len(same), "node"),
            ),
        )
        for lane, same in found.items()
    ]


def _interval(asked: Mapping[str, Any]) -> str:
    first, last = asked["min_seq"], asked["max_seq"]
    return f"message {first}" if first == last else f"messages {first} to {last}"


def _sentence(same: Sequence[Mapping[str, Any]], answers: Sequence[NodeAnswer], names: Names) -> str:
    first = min(same, key=lambda incident: incident["opened_at"])
    where = ", ".join(names.lane(lane) for lane in first["lanes"]) or words.EVERYWHERE
    facts = {
        words.WHERE: where,
        words.SINCE: _since(first["opened_at"], answers, names),
        words.AT_RISK: _risk(same, answers),
        words.DONE: _done(same, answers, names),
    }
    severity = min((incident["severity"] for incident in same), key=_RANK.__getitem__)
    said = f"{severity.capitalize()}: {shortened(first['summary']).rstrip('.')}"
    return "\n".join([f"**{said}**\n", *(f"- {what}: {told}" for what, told in facts.items())])


def _since(opened_at: str, answers: Sequence[NodeAnswer], names: Names) -> str:
    clocks = [answer.status["time"] for answer in answers if answer.status]
    if not clocks:  # a look at the past
        return names.time(opened_at)
    past = datetime.fromisoformat(max(clocks)) - datetime.fromisoformat(opened_at)
    return f"{names.time(opened_at)}, {ago(int(past.total_seconds()))}"


def _cursed_lanes(answers: Sequence[NodeAnswer]) -> set[str]:
    return {
        f"{lane['source']}:{lane['dest']}" for answer in answers for lane in answer.lanes if lane["state"] == "cursed"
    }


def _risk(same: Sequence[Mapping[str, Any]], answers: Sequence[NodeAnswer]) -> str:
    """The most that any node knows of: what the signals accuse, what could be taken, and what waits on the lanes."""
    lanes = {lane for incident in same for lane in incident["lanes"]}
    waiting = max(
        sum(lane["in_flight"] for lane in answer.lanes if f"{lane['source']}:{lane['dest']}" in lanes)
        for answer in answers
    )
    told = risk_of(same)
    return f"{told}; {words.RISK_WAITING.format(messages=counted(waiting, 'message'))}" if waiting else told


def _done(same: Sequence[Mapping[str, Any]], answers: Sequence[NodeAnswer], names: Names) -> str:
    targets = {(t["chain"], t["subject"]) for incident in same for t in incident["decision"]["targets"]}
    cursed = {(curse["chain"], curse["subject"]) for answer in answers for curse in answer.curses}
    done = []
    if targets:
        stands = targets & cursed
        where = ", ".join(sorted({names.chain(chain) for chain, _ in stands}))
        if stands:
            done.append(words.DONE_CURSED.format(chains=where, count=len(stands), of=len(targets)))
        else:
            done.append(words.DONE_VOTING.format(of=len(targets)))
    elif same[0]["lanes"] and {*same[0]["lanes"]} <= _cursed_lanes(answers):
        done.append(words.DONE_BY_ANOTHER)
    withholding = sum(bool(incident["decision"]["withholds"]) for incident in same)
    if withholding:
        done.append(words.DONE_WITHHELD.format(nodes=counted(withholding, "node")))
    return "; ".join(done) or words.DONE_NOTHING
