"""What must hold of a run (docs/invariants.md, INV-SIM-…), checked from outside: on the chains, in the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.protocol.codec import decode_args, function_selector
from ccip_core.protocol.subjects import subject_text
from detectors.detector import Severity
from rmn_service.audit_chain import verify_chain
from rmn_service.evidence import KIND as EVIDENCE
from rmn_service.indexer import watched_addresses
from rmn_service.policy import Target, both_ends

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rmn_service.simulation.corridor import Corridor
    from rmn_service.simulation.node import SimulatedNode
    from rmn_service.simulation.oracles import Oracles

_VOTE = function_selector("voteToCurse(bytes16,bytes16[],bytes32)")


def check_curses(corridor: Corridor) -> list[str]:
    """INV-SIM-2, at every moment: nothing is cursed but what an attack that took place accuses."""
    accused = _accused(corridor)
    cursed = {Target(selector, subject_text(raw)) for selector in corridor.chains for raw in corridor.cursed(selector)}
    return [f"INV-SIM-2: {target} is cursed without an attack on it" for target in sorted(cursed - accused)]


def check_end(corridor: Corridor, nodes: Sequence[SimulatedNode], oracles: Oracles, *, is_calm: bool) -> list[str]:
    """All the others, once everything has worked again for a while."""
    return [
        *_blessings(corridor, nodes, oracles),
        *_votes(corridor, nodes),
        *_curses(corridor),
        *(fault for node in nodes for fault in _record(corridor, node)),
        *(fault for node in nodes for fault in _knowledge(corridor, node)),
        *(_progress(corridor, oracles) if is_calm and corridor.attacked is None else ()),
    ]


def _accused(corridor: Corridor) -> set[Target]:
    return set(both_ends([corridor.attacked])) if corridor.attacked is not None else set()


def _votes(corridor: Corridor, nodes: Sequence[SimulatedNode]) -> Iterator[str]:
    cursers = {node.curser.address: node.index for node in nodes}
    accused = _accused(corridor)
    for selector, chain in corridor.chains.items():
        for sent in chain.sent:
            if sent.sender in cursers and sent.content.data[:4] == _VOTE:
                _, subjects, _ = decode_args(("bytes16", "bytes16[]", "bytes32"), sent.content.data[4:])
                if not {Target(selector, subject_text(raw)) for raw in subjects} <= accused:
                    yield f"INV-SIM-2: honest node {cursers[sent.sender]} votes on {selector} without an attack there"


def _blessings(corridor: Corridor, nodes: Sequence[SimulatedNode], oracles: Oracles) -> Iterator[str]:
    for (lane, root), signers in oracles.forged.items():
        if len(signers) > corridor.deployment.rmn.f_sign:
            yield f"INV-SIM-1: forged root 0x{root.merkle_root.hex()} of {lane} has {len(signers)} blessings"
    honest = {node.signer.address for node in nodes}
    for (signer, lane, first, last), roots in oracles.signed.items():
        if signer in honest and len(roots) > 1:
            yield f"INV-SIM-6: 0x{signer.hex()} signed {len(roots)} roots for {lane} {first}..{last}"


def _curses(corridor: Corridor) -> Iterator[str]:
    if corridor.attacked is None:
        return
    for target in both_ends([corridor.attacked]):
        if target.subject not in map(subject_text, corridor.cursed(target.chain)):
            yield f"INV-SIM-3: {corridor.attacked} was attacked, and {target.subject} is not cursed on {target.chain}"


def _record(corridor: Corridor, node: SimulatedNode) -> Iterator[str]:
    name = f"node {node.index}"
    recorded = list(node.store.history())
    for chain in corridor.deployment.chains:
        rpc, addresses = corridor.chains[chain.selector], watched_addresses(chain)
        headers = [header for number in range(rpc.head.number + 1) if (header := rpc.header(number)) is not None]
        expected = [(header, tuple(rpc.logs(header.hash, addresses))) for header in headers]
        found = [(block.header, block.logs) for block in recorded if block.chain == chain.selector]
        if found != expected:
            yield f"INV-SIM-4: {name} records {len(found)} blocks of {chain.selector}, not its {len(expected)}"
    for lane, messages in corridor.sent.items():
        for number, message in enumerate(messages[: corridor.final_count(lane)], 1):
            sent = node.service.messages.sent(lane, number)
            if sent is None or sent.message_id != "0x" + message.header.message_id.hex():
                yield f"INV-SIM-4: {name} lacks message {number} of {lane}"
    fault = verify_chain(node.store.audit_rows(), node.store.audit_head())
    if fault is not None:
        yield f"INV-SIM-5: {name}'s audit log is broken: {fault}"


def _knowledge(corridor: Corridor, node: SimulatedNode) -> Iterator[str]:
    service = node.service
    if corridor.attacked is not None and not any(
        incident.severity is Severity.CRITICAL and corridor.attacked in incident.cause.lanes
        for incident in service.incidents.values()
    ):
        yield f"INV-SIM-8: node {node.index} does not know of the attack on {corridor.attacked}"
    for signal_id, address in service.evidence.items():
        if node.store.get(EVIDENCE, address) is None:
            yield f"INV-SIM-8: node {node.index} lacks the evidence of signal {signal_id}"


def _progress(corridor: Corridor, oracles: Oracles) -> Iterator[str]:
    for lane in corridor.sent:
        missing = corridor.final_count(lane) - oracles.committed[lane]
        if missing > 2 * len(corridor.sent[lane]) // 3 + 2:
            yield f"INV-SIM-7: {missing} final messages of {lane} are not committed, and nothing stands in their way"
