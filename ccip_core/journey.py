"""Where a message is: its way from the OnRamp to `ExecutionStateChanged`, read from the two chains.

On lanes of 1.6 and of 1.5: there the CommitStore tells of the root, and the blessing is votes that come after it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ccip_core import ramps_v1_5, views
from ccip_core.deployment import NOBODY, DeploymentError
from ccip_core.protocol import events
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.messages import EVM2AnyRampMessage, Lane, MerkleRoot
from ccip_core.ramps_v1_5 import RampsV15, SentV15
from ccip_core.rpc import RpcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain
    from ccip_core.protocol.logs import RawLog
    from ccip_core.rpc import Rpc


class MessageState(StrEnum):
    """How far a message has come."""

    SENT = "sent"
    FINAL = "final"
    """The block that sent it will stay."""
    COMMITTED = "committed"
    SUCCESS = "success"
    FAILURE = "failure"
    """Tried and failed; anyone may execute it by hand."""
    DISPLACED = "displaced"
    """Something else was executed under its sequence number: it was forged over, and can't arrive."""

    @property
    def is_end(self) -> bool:
        """No further step happens by itself."""
        return self in {MessageState.SUCCESS, MessageState.FAILURE, MessageState.DISPLACED}


class Sent(NamedTuple):
    """A message as its OnRamp emitted it."""

    lane: Lane
    message: EVM2AnyRampMessage
    """Of 1.5 too, in the form of 1.6."""
    tx_hash: bytes
    block_number: int
    v1_5: SentV15 | None = None
    """None: its lane is one of 1.6."""


class Commit(NamedTuple):
    """The committed root whose interval covers a sequence number."""

    root: MerkleRoot
    is_blessed: bool
    tx_hash: bytes
    block_number: int


class Execution(NamedTuple):
    """One recorded try to execute a sequence number."""

    message_id: bytes
    state: MessageState
    return_data: bytes
    """Revert bytes of a failure. UNTRUSTED: the receiver or the token chose them."""
    tx_hash: bytes
    block_number: int


class Journey(NamedTuple):
    """Everything the chains say about one message."""

    state: MessageState
    sent: Sent
    commit: Commit | None
    executions: tuple[Execution, ...]


def find_sent(chains: Chains, message_id: bytes) -> Sent | None:
    """The message of this id, searched on every source chain from the head back; None when no OnRamp emitted it.

    A chain that can't be asked hides nothing that another one tells; its error is raised when nobody else has it.
    """
    silent: list[RpcError | DeploymentError] = []
    old: list[RampsV15] = []
    for chain in chains.deployment.chains:
        try:
            old += ramps_v1_5.ramps_into(chains, chain.selector)
        except (RpcError, DeploymentError) as error:
            silent.append(error)
    for chain in chains.deployment.chains:
        by_on_ramp = {ramps.on_ramp: ramps for ramps in old if ramps.lane.source == chain.selector}
        try:
            found = _find_on(chains, chain, by_on_ramp, message_id)
        except (RpcError, DeploymentError) as error:
            silent.append(error)
        else:
            if found is not None:
                return found
    if silent:
        raise silent[0]
    return None


def sent_between(chains: Chains, lane: Lane, first: int, last: int) -> list[Sent]:
    """The lane's messages with sequence numbers first..last that its OnRamp of 1.6 emitted, in order."""
    on_ramp = chains.chain(lane.source).contracts.on_ramp
    found = (
        _sent(log, event)
        for log, event in views.logs_before(chains.rpc(lane.source), (on_ramp,))
        if isinstance(event, events.CCIPMessageSent) and event.dest_chain_selector == lane.dest
    )
    return _between(found, first, last)


def sent_between_v1_5(chains: Chains, ramps: RampsV15, first: int, last: int) -> list[Sent]:
    """The same of a lane of 1.5."""
    found = (
        _sent_v1_5(log, event, ramps)
        for log, event in views.logs_before(chains.rpc(ramps.lane.source), (ramps.on_ramp,))
        if isinstance(event, events.CCIPSendRequested)
    )
    return _between(found, first, last)


def journey(chains: Chains, sent: Sent) -> Journey:
    """Follow a sent message to where it is now."""
    lane, number = sent.lane, sent.message.header.sequence_number
    source_rpc, dest_rpc = chains.rpc(lane.source), chains.rpc(lane.dest)
    commit: Commit | None = None
    executions: list[Execution] = []
    for log, event in views.logs_since(dest_rpc, _dest_start(source_rpc, dest_rpc, sent), _dest_ramps(chains, sent)):
        match event:
            case events.CommitReportAccepted():
                commit = _covering(log, event, lane, number) or commit
            case events.ExecutionStateChanged() if event.source_chain_selector == lane.source:
                executions += _execution(log, event, number)
            case events.ReportAccepted() if sent.v1_5 is not None:
                commit = _covering_v1_5(log, event, sent.v1_5.ramps, number) or commit
            case events.ExecutionStateChangedV15():
                executions += _execution(log, event, number)
            case _:
                continue
    if sent.v1_5 is not None and commit is not None:
        blessed = ramps_v1_5.is_blessed(dest_rpc, sent.v1_5.ramps.commit_store, commit.root.merkle_root)
        commit = commit._replace(is_blessed=blessed)
    return Journey(_state(chains, sent, commit, executions), sent, commit, tuple(executions))


def has_run(chains: Chains, sent: Sent) -> bool:
    """Whether it was executed, well or not: one question."""
    rpc, number = chains.rpc(sent.lane.dest), sent.message.header.sequence_number
    if sent.v1_5 is not None:
        return ramps_v1_5.execution_state(rpc, sent.v1_5.ramps.off_ramp, number) >= 2
    off_ramp = chains.chain(sent.lane.dest).contracts.off_ramp
    return views.execution_state(rpc, off_ramp, sent.lane.source, number) >= 2


def _find_on(chains: Chains, chain: Chain, by_on_ramp: Mapping[bytes, RampsV15], message_id: bytes) -> Sent | None:
    """Searched on one chain: `by_on_ramp` are the lanes of 1.5 that begin there."""
    on_ramps = tuple(ramp for ramp in (chain.contracts.on_ramp, *by_on_ramp) if ramp != NOBODY)
    for log, event in views.logs_before(chains.rpc(chain.selector), on_ramps) if on_ramps else ():
        if isinstance(event, events.CCIPMessageSent) and event.message.header.message_id == message_id:
            return _sent(log, event)
        ramps = by_on_ramp.get(log.address)
        if isinstance(event, events.CCIPSendRequested) and event.message.message_id == message_id and ramps:
            return _sent_v1_5(log, event, ramps)
    return None


def _sent(log: RawLog, event: events.CCIPMessageSent) -> Sent:
    lane = Lane(event.message.header.source_chain_selector, event.dest_chain_selector)
    return Sent(lane, event.message, log.tx_hash, log.block_number)


def _sent_v1_5(log: RawLog, event: events.CCIPSendRequested, ramps: RampsV15) -> Sent:
    message = ramps_v1_5.in_form_of_1_6(event.message, ramps.lane)
    return Sent(ramps.lane, message, log.tx_hash, log.block_number, SentV15(ramps, event.message))


def _between(newest_first: Iterable[Sent], first: int, last: int) -> list[Sent]:
    found: list[Sent] = []
    for sent in newest_first:
        if sent.message.header.sequence_number < first:
            break
        if sent.message.header.sequence_number <= last:
            found.append(sent)
    return found[::-1]


def _dest_ramps(chains: Chains, sent: Sent) -> tuple[bytes, ...]:
    if sent.v1_5 is not None:
        return sent.v1_5.ramps.commit_store, sent.v1_5.ramps.off_ramp
    return (chains.chain(sent.lane.dest).contracts.off_ramp,)


CLOCK_SKEW_S = 900
"""How far a destination's block times may lag behind its source's."""


def _dest_start(source_rpc: Rpc, dest_rpc: Rpc, sent: Sent) -> int:
    header = source_rpc.header(sent.block_number)
    return 0 if header is None else views.first_block_since(dest_rpc, header.timestamp_s - CLOCK_SKEW_S)


def _covering(log: RawLog, event: events.CommitReportAccepted, lane: Lane, sequence_number: int) -> Commit | None:
    for is_blessed, roots in ((True, event.blessed_merkle_roots), (False, event.unblessed_merkle_roots)):
        for root in roots:
            if root.source_chain_selector == lane.source and root.min_seq_nr <= sequence_number <= root.max_seq_nr:
                return Commit(root, is_blessed, log.tx_hash, log.block_number)
    return None


def _covering_v1_5(log: RawLog, event: events.ReportAccepted, ramps: RampsV15, sequence_number: int) -> Commit | None:
    (first, last), tree = event.report.interval, event.report.merkle_root
    if not first <= sequence_number <= last:
        return None
    root = MerkleRoot(ramps.lane.source, encode_address(ramps.on_ramp), first, last, tree)
    return Commit(root, False, log.tx_hash, log.block_number)  # the votes that bless it come later


def _execution(
    log: RawLog, event: events.ExecutionStateChanged | events.ExecutionStateChangedV15, sequence_number: int
) -> list[Execution]:
    if event.sequence_number != sequence_number:
        return []
    state = MessageState.SUCCESS if event.state == 2 else MessageState.FAILURE
    return [Execution(event.message_id, state, event.return_data, log.tx_hash, log.block_number)]


def _state(chains: Chains, sent: Sent, commit: Commit | None, executions: list[Execution]) -> MessageState:
    if executions:
        last = executions[-1]
        return last.state if last.message_id == sent.message.header.message_id else MessageState.DISPLACED
    if commit is not None:
        return MessageState.COMMITTED
    source = chains.chain(sent.lane.source)
    final = views.final_block(chains.rpc(source.selector), source.finality_depth_blocks)
    return MessageState.FINAL if sent.block_number <= final else MessageState.SENT
