"""The hold explainer: why a message waits, on what evidence, until when at the earliest, and who may act.

Every cause that holds it now, or will at its next step, is named, the nearest first. Where only people can end a hold
there is no earliest time, and the answer says so instead of guessing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from ccip_core.protocol.subjects import chain_subject, subject_text
from rmn_service.curses import GLOBAL
from rmn_service.lane_state import lane_state
from rmn_service.times import time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.frames import At, Sent
    from rmn_service.blessed_by import Signatory
    from rmn_service.incidents import Incident
    from rmn_service.messages import MessageState, Usual
    from rmn_service.policy import Target
    from rmn_service.service import Service


class Usually(TypedDict):
    """How long the step takes on this lane, of late."""

    median_s: int
    p90_s: int
    samples: int


class JourneyStep(TypedDict):
    """One step of a message; `at` is null while it is not done, or where its time is not recorded."""

    step: str
    is_done: bool
    at: str | None
    chain: str
    block: int | None
    tx: str | None
    by: str | None
    took_s: int | None
    """Since the step before."""
    usual: Usually | None
    is_late: bool
    """It took, or takes by now, longer than nine of ten do."""


class Reason(TypedDict):
    """One thing that holds a message."""

    rule: str
    """finality · curse · incident · blind · commit · execution · failure"""
    why: str
    since: str | None
    incident: str | None
    signals: list[str]
    evidence: list[str]
    """Hashes of the evidence, as votes carry them."""
    earliest_release: str | None
    """Null: not before people act, or not known from this lane's past."""
    who_may: str


class Hold(TypedDict):
    """Why a message waits."""

    is_waiting: bool
    is_held: bool
    """By a curse, an incident or blindness: not by the ordinary course of things."""
    why: str
    """The nearest reason; of those that hold it, where any does."""
    reasons: list[Reason]
    earliest_release: str | None
    journey: list[JourneyStep]


def explain(service: Service, sent: Sent, now_ms: int, signatories: Sequence[Signatory] | None = None) -> Hold:
    """Everything that holds the message. The caller holds the lock. `signatories`: who blessed it, where known."""
    state = service.messages.state(sent)
    reasons = _reasons(service, sent, state, now_ms)
    holding = [reason for reason in reasons if reason["rule"] in {"curse", "incident", "blind"}]
    releases = [reason["earliest_release"] for reason in reasons]
    earliest = None if None in releases else max((text for text in releases if text is not None), default=None)
    return {
        "is_waiting": state != "success",
        "is_held": bool(holding),
        "why": next(iter(holding or reasons))["why"] if reasons else "it was delivered",
        "reasons": reasons,
        "earliest_release": earliest,
        "journey": journey(service, sent, now_ms, signatories),
    }


def journey(
    service: Service, sent: Sent, now_ms: int, signatories: Sequence[Signatory] | None = None
) -> list[JourneyStep]:
    """A message's steps: sent, final, blessed, committed, executed."""
    messages = service.messages
    commit, executions = messages.commit(sent), messages.executions(sent)
    is_final, now_s = messages.is_final(sent), now_ms // 1000
    config = service.deployment.lane(sent.lane)
    steps = [_done("sent", sent.at, f"sender {sent.sender}"), _open("final", str(sent.lane.source), is_done=is_final)]
    if config is not None and config.blessing:
        ours = service.has_blessed(sent)
        on_chain = commit is not None and commit.is_blessed
        by = ("this node" if ours else None, _quorum(signatories) if on_chain else None)
        said = " and ".join(each for each in by if each is not None) or None
        steps.append(_open("blessed", str(sent.lane.dest), is_done=ours or on_chain, by=said))
    usual = messages.usual_commit(sent.lane)
    if commit is None:
        steps.append(_open("committed", str(sent.lane.dest), usual=usual, waited_s=now_s - sent.at.block_time_s))
    else:
        took_s = commit.at.block_time_s - sent.at.block_time_s
        steps.append(_done("committed", commit.at, f"OffRamp {commit.off_ramp}", took_s, usual))
    usual = messages.usual_execution(sent.lane)
    if not executions:
        waited_s = None if commit is None else now_s - commit.at.block_time_s
        steps.append(_open("executed", str(sent.lane.dest), usual=usual, waited_s=waited_s))
    for row in executions:
        since_commit_s = None if commit is None else row.at.block_time_s - commit.at.block_time_s
        steps.append(_done(f"executed ({row.state})", row.at, f"OffRamp {row.off_ramp}", since_commit_s, usual))
    return steps


def _quorum(signatories: Sequence[Signatory] | None) -> str:
    if not signatories:
        return "the quorum, as the commit proves"
    numbers = ", ".join(str(signatory.node_index) for signatory in signatories)
    return f"RMN node{'s' if len(signatories) > 1 else ''} {numbers}, as the commit proves"


def _reasons(service: Service, sent: Sent, state: MessageState, now_ms: int) -> list[Reason]:
    if state == "success":
        return []
    reasons = [_finality(service, sent)] if state == "sent" else []
    stands = lane_state(service, sent.lane, service.judged(), now_ms)
    if stands.curse is not None:
        reasons.append(_curse(service, stands.curse))
    config = service.deployment.lane(sent.lane)
    if state in ("sent", "final"):
        if config is not None and config.blessing:
            reasons += [_incident(service, incident) for incident in stands.withheld_by]
            if stands.blind is not None:
                reasons.append(_blind(stands.blind))
        if not reasons:
            reasons.append(_commit(service, sent))
    elif state == "failure":
        reasons.append(_failure(service, sent))
    elif not reasons:
        reasons.append(_execution(service, sent))
    return reasons


def _finality(service: Service, sent: Sent) -> Reason:
    facts = service.network.chains.get(sent.lane.source)
    final_s = sent.at.block_time_s + (0 if facts is None else facts.finality_s)
    return _reason(
        "finality",
        f"block {sent.at.block_number} of {_name(service, sent)} is not final yet",
        "nobody: it is the chain's time",
        since_s=sent.at.block_time_s,
        earliest_s=final_s,
    )


def _curse(service: Service, target: Target) -> Reason:
    row = service.curses.since(target)
    causes = [action.cause for action in service.voter.actions() if action.kind == "curse" and target in action.targets]
    incident = next((service.incidents[cause] for cause in reversed(causes) if cause in service.incidents), None)
    chain = service.watches[target.chain].chain.name
    about = "" if incident is None else f": {incident.summary}"
    return _reason(
        "curse",
        f"{_subject(service, target.subject)} is cursed on {chain}{about}",
        "the council lifts, after two operators agreed: rmn uncurse propose, rmn uncurse approve",
        since_s=None if row is None else row.at.block_time_s,
        incident=incident,
        service=service,
    )


def _subject(service: Service, subject: str) -> str:
    if subject == GLOBAL:
        return "everything"
    names = {subject_text(chain_subject(chain.selector)): chain.name for chain in service.deployment.chains}
    return f"traffic with {names[subject]}" if subject in names else f"subject {subject}"


def _incident(service: Service, incident: Incident) -> Reason:
    who_may = f"an operator of each node, by closing incident {incident.id} (POST /incidents/{incident.id}/label)"
    earliest_s = None
    if incident.lapses_when_quiet:
        who_may = f"nobody has to: it lapses when nothing more is said; sooner, {who_may}"
        earliest_s = (incident.changed_at_ms + service.conduct.quiet_after_ms) // 1000
    return _reason(
        "incident",
        f"this node withholds its blessing: {incident.summary}",
        who_may,
        since_s=incident.opened_at_ms // 1000,
        earliest_s=earliest_s,
        incident=incident,
        service=service,
    )


def _blind(reason: str) -> Reason:
    who = "whoever runs this node: its endpoints of that chain"
    return _reason("blind", f"this node does not see enough to bless: {reason}", who)


def _commit(service: Service, sent: Sent) -> Reason:
    usual = service.messages.usual_commit(sent.lane)
    earliest_s = None if usual is None else sent.at.block_time_s + usual.median_s
    why = "final; the oracles have not committed it yet"
    return _reason("commit", why, "the commit oracles", since_s=sent.at.block_time_s, earliest_s=earliest_s)


def _execution(service: Service, sent: Sent) -> Reason:
    commit, usual = service.messages.commit(sent), service.messages.usual_execution(sent.lane)
    since_s = None if commit is None else commit.at.block_time_s
    earliest_s = None if since_s is None or usual is None else since_s + usual.median_s
    return _reason(
        "execution",
        "committed; the oracles have not executed it yet",
        f"the executing oracles; after the manual execution delay anybody: ccip execute {sent.message_id}",
        since_s=since_s,
        earliest_s=earliest_s,
    )


def _failure(service: Service, sent: Sent) -> Reason:
    row = service.messages.executions(sent)[-1]
    return _reason(
        "failure",
        f"its execution failed in {row.at.tx_hash}; oracles try once",
        f"anybody, by hand: ccip execute {sent.message_id}",
        since_s=row.at.block_time_s,
    )


def _reason(
    rule: str,
    why: str,
    who_may: str,
    *,
    since_s: int | None = None,
    earliest_s: int | None = None,
    incident: Incident | None = None,
    service: Service | None = None,
) -> Reason:
    signals = [] if incident is None else list(incident.signals[-20:])
    evidence = [] if service is None else [service.evidence[id_] for id_ in signals if id_ in service.evidence]
    return {
        "rule": rule,
        "why": why,
        "since": None if since_s is None else time_text(1000 * since_s),
        "incident": None if incident is None else incident.id,
        "signals": signals,
        "evidence": evidence,
        "earliest_release": None if earliest_s is None else time_text(1000 * earliest_s),
        "who_may": who_may,
    }


def _done(step: str, at: At, by: str, took_s: int | None = None, usual: Usual | None = None) -> JourneyStep:
    return {
        "step": step,
        "is_done": True,
        "at": time_text(1000 * at.block_time_s),
        "chain": str(at.chain),
        "block": at.block_number,
        "tx": at.tx_hash,
        "by": by,
        "took_s": took_s,
        "usual": usually(usual),
        "is_late": usual is not None and took_s is not None and took_s > usual.p90_s,
    }


def _open(
    step: str,
    chain: str,
    *,
    is_done: bool = False,
    by: str | None = None,
    usual: Usual | None = None,
    waited_s: int | None = None,
) -> JourneyStep:
    return {
        "step": step,
        "is_done": is_done,
        "at": None,
        "chain": chain,
        "block": None,
        "tx": None,
        "by": by,
        "took_s": None,
        "usual": usually(usual),
        "is_late": usual is not None and waited_s is not None and waited_s > usual.p90_s,
    }


def usually(usual: Usual | None) -> Usually | None:
    """A lane's usual time as answers say it."""
    return None if usual is None else {"median_s": usual.median_s, "p90_s": usual.p90_s, "samples": usual.samples}


def _name(service: Service, sent: Sent) -> str:
    facts = service.network.chains.get(sent.lane.source)
    return str(sent.lane.source) if facts is None else facts.name
