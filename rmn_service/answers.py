"""What the node knows, as the API says it: JSON values; selectors, sequence numbers, amounts and hashes as text.

Every function reads the service and must be called under its lock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rmn_service.curses import GLOBAL
from rmn_service.detection import hex_text
from rmn_service.policy import both_ends, decide, stops_blessing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.endpoint import Standing
    from ccip_core.protocol.messages import Lane
    from detectors.detector import Signal
    from detectors.frames import At, Sent
    from rmn_service.actions import Action
    from rmn_service.audit_chain import AuditRow
    from rmn_service.blesser import Blessing
    from rmn_service.desk import Desk
    from rmn_service.incidents import Incident
    from rmn_service.policy import Target
    from rmn_service.proposals import Proposal
    from rmn_service.service import Service
    from rmn_service.watch import Progress

Answer = dict[str, Any]


def time_text(at_ms: int) -> str:
    """ISO 8601 in UTC; milliseconds only where there are some."""
    text = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds")
    return text.replace("+00:00", "Z")


def as_of(service: Service) -> Answer:
    """Up to which block of every chain an answer knows."""
    known = {}
    for selector, watch in service.watches.items():
        head = watch.applied
        known[str(selector)] = (
            None
            if head is None
            else {"block": head.number, "hash": hex_text(head.hash), "time": time_text(head.timestamp_s * 1000)}
        )
    return known


def chain_items(service: Service, now_ms: int) -> list[Answer]:
    """Every chain under watch: how far it was read, and why it is blind if it is."""
    items = []
    for selector, watch in service.watches.items():
        funds = service.voter.funds.get(selector)
        items.append(
            {
                "selector": str(selector),
                "name": watch.chain.name,
                "chain_id": watch.chain.chain_id,
                "block": watch.applied.number if watch.applied else None,
                "head": watch.head.number if watch.head else None,
                "final": service.messages.final.get(selector),
                "read_at": None if watch.read_at_ms is None else time_text(watch.read_at_ms),
                "blind": watch.blind_reason(now_ms),
                "endpoints": watch.endpoints,
                "curser_balance_wei": None if funds is None else str(funds.balance_wei),
                "curser_balance_low": None if funds is None else funds.is_low,
                "min_agree": watch.rpc.min_agree,
                "asked": [_endpoint(standing) for standing in watch.rpc.standings()],
                "catching_up": _progress(watch.progress(now_ms)),
            }
        )
    return items


def lane_items(service: Service) -> list[Answer]:
    """Every lane of the deployment, and what stands in its way."""
    judged = service.judged()
    items = []
    for config in service.deployment.lanes:
        sent, committed = service.messages.heights(config.lane)
        curse = service.curses.on_lane(config.lane)
        items.append(
            _lane(config.lane)
            | {
                "blessing": config.blessing,
                "sent": str(sent),
                "committed": str(committed),
                "curse": None if curse is None else {"chain": str(curse.chain), "subject": curse.subject},
                "incidents": [incident.id for incident, _ in judged if config.lane in incident.cause.lanes],
            }
        )
    return items


def message_item(service: Service, sent: Sent) -> Answer:
    """One message and the transaction of each of its steps."""
    messages = service.messages
    commit = messages.commit(sent)
    transactions: Answer = {"sent": _step(sent.at), "committed": None, "executed": []}
    if commit is not None:
        transactions["committed"] = _step(commit.at) | {"root": commit.merkle_root, "is_blessed": commit.is_blessed}
    transactions["executed"] = [_step(row.at) | {"state": row.state} for row in messages.executions(sent)]
    return _lane(sent.lane) | {
        "id": sent.message_id,
        "sequence_number": str(sent.sequence_number),
        "nonce": str(sent.nonce),
        "state": messages.state(sent),
        "sender": sent.sender,
        "receiver": sent.receiver,
        "leaf": sent.leaf,
        "tokens": [
            {"source_pool": token.source_pool, "dest_token": token.dest_token, "amount": str(token.amount)}
            for token in sent.tokens
        ],
        "transactions": transactions,
    }


def signal_item(signal: Signal, evidence: str) -> Answer:
    """One detector's claim; `evidence` is the hash that votes carry, `grounds` what it stands for."""
    return {
        "id": signal.id,
        "at": time_text(signal.at_s * 1000),
        "known_at": time_text(signal.known_at_ms),
        "detector": signal.detector,
        "is_exact": signal.is_exact,
        "severity": signal.severity.word,
        "score": signal.score,
        "subjects": _subjects(signal.lanes),
        "lanes": _lane_texts(signal.lanes),
        "chain": str(signal.chain),
        "block": signal.block_number,
        "block_hash": signal.block_hash,
        "tx": signal.tx_hash,
        "rows": list(signal.rows),
        "summary": signal.summary,
        "value_micro_usd": None if signal.value_micro_usd is None else str(signal.value_micro_usd),
        "evidence": evidence,
        "grounds": dict(signal.evidence),
    }


def incident_item(service: Service, incident: Incident) -> Answer:
    """One incident with policy's answer and what was done."""
    decision = decide(incident, service.posture)
    note = "" if service.voter.is_able or not decision.targets else "; this node holds no curser key, so it only alerts"
    return {
        "id": incident.id,
        "state": incident.state,
        "severity": incident.severity.word,
        "family": incident.cause.family,
        "subjects": _subjects(incident.cause.lanes),
        "lanes": _lane_texts(incident.cause.lanes),
        "summary": incident.summary,
        "opened_at": time_text(incident.opened_at_ms),
        "changed_at": time_text(incident.changed_at_ms),
        "signals": list(incident.signals),
        "decision": {
            "reach": decision.reach.word,
            "reason": decision.reason + note,
            "targets": [_target(target) for target in decision.targets],
            "withholds": stops_blessing(incident, decision),
        },
        "actions": [action_item(action) for action in service.voter.actions(incident.id)],
        "acknowledged_by": incident.acknowledged_by,
        "snoozed_until": None if incident.snoozed_until_ms is None else time_text(incident.snoozed_until_ms),
        "label": incident.label,
        "closed_by": incident.closed_by,
    }


def action_item(action: Action) -> Answer:
    """One transaction's purpose and fate."""
    return {
        "id": action.id,
        "kind": action.kind,
        "chain": str(action.chain),
        "subjects": list(action.subjects),
        "state": action.state,
        "tx": action.tx,
        "note": action.note,
        "evidence": action.evidence,
        "intended_at": time_text(action.intended_at_ms),
        "changed_at": time_text(action.changed_at_ms),
    }


def curse_items(service: Service) -> list[Answer]:
    """Every active curse, and whether this node had a hand in it."""
    actions = service.voter.actions()
    items = []
    for target, row in service.curses.active():
        lifted_at_s = service.curses.lifted_at_s(target) or 0
        ours = [
            action.cause
            for action in actions
            if action.kind == "curse" and target in action.targets and action.evidence_at_s >= lifted_at_s
        ]
        item = _target(target) | {
            "since": time_text(row.at.block_time_s * 1000),
            "by": ours[-1] if ours else "external",
        }
        items.append(item | {"is_global": target.subject == GLOBAL, "tx": row.at.tx_hash, "block": row.at.block_number})
    return items


def proposal_item(desk: Desk, proposal: Proposal, actions: list[Action]) -> Answer:
    """What somebody wants, who agreed, what became of it, and the calldata for whoever else must send it."""
    return {
        "id": proposal.id,
        "kind": proposal.kind,
        "state": proposal.state,
        "subjects": list(proposal.subjects),
        "targets": [_target(target) for target in proposal.targets],
        "reason": proposal.reason,
        "proposed_by": proposal.proposed_by,
        "proposed_at": time_text(proposal.proposed_at_ms),
        "approved_by": proposal.approved_by,
        "approved_at": None if proposal.approved_at_ms is None else time_text(proposal.approved_at_ms),
        "actions": [action_item(action) for action in actions],
        "council_calldata": desk.calldata(proposal),
        "note": "a node's vote never lifts a curse: the council sends council_calldata" if _is_lift(proposal) else "",
    }


def audit_item(row: AuditRow) -> Answer:
    """One audit row, its links included."""
    return {
        "sequence": row.sequence,
        "at": time_text(row.at_ms),
        "kind": row.kind,
        "body": row.body,
        "previous_hash": hex_text(row.previous_hash),
        "hash": hex_text(row.hash),
    }


def blessing_answer(blessing: Blessing) -> Answer:
    """The answer to the DON."""
    signature = None
    if blessing.signature is not None and blessing.signer is not None and blessing.digest is not None:
        signature = {
            "signer": hex_text(blessing.signer),
            "r": hex_text(blessing.signature.r),
            "s": hex_text(blessing.signature.s),
            "digest": hex_text(blessing.digest),
        }
    results = [
        {
            "root": hex_text(verdict.root),
            "verdict": "blessed" if verdict.reason is None else "withheld",
            "reason": verdict.reason,
        }
        for verdict in blessing.verdicts
    ]
    return {"results": results, "signature": signature}


def _endpoint(standing: Standing) -> Answer:
    """One endpoint by its place in the configuration; its URL may hold a key."""
    latency_ms = None if standing.latency_ms is None else round(standing.latency_ms, 2)
    return standing._asdict() | {"latency_ms": latency_ms}


def _progress(progress: Progress | None) -> Answer | None:
    if progress is None:
        return None
    left_s = None if progress.left_s is None else round(progress.left_s)
    return {"block": progress.block, "head": progress.head, "blocks_per_s": progress.blocks_per_s, "left_s": left_s}


def _is_lift(proposal: Proposal) -> bool:
    return proposal.kind == "uncurse"


def _subjects(lanes: Sequence[Lane]) -> list[str]:
    """The curse subjects that would stop these lanes, each of which belongs on the other chain of its lane."""
    return sorted({target.subject for target in both_ends(lanes)})


def _lane_texts(lanes: Sequence[Lane]) -> list[str]:
    return [f"{lane.source}:{lane.dest}" for lane in lanes]


def _lane(lane: Lane) -> Answer:
    return {"source": str(lane.source), "dest": str(lane.dest)}


def _target(target: Target) -> Answer:
    return {"chain": str(target.chain), "subject": target.subject}


def _step(at: At) -> Answer:
    return {"chain": str(at.chain), "block": at.block_number, "tx": at.tx_hash, "at": time_text(at.block_time_s * 1000)}
