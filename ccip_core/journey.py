"""Where a message is: its way from `CCIPMessageSent` to `ExecutionStateChanged`, read from the two chains."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.protocol import events
from ccip_core.protocol.messages import EVM2AnyRampMessage, Lane, MerkleRoot

if TYPE_CHECKING:
    from ccip_core.chains import Chains
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
    tx_hash: bytes
    block_number: int


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
    """The message of this id, searched on every source chain from the head back; None when no OnRamp emitted it."""
    for chain in chains.deployment.chains:
        for log, event in views.logs_before(chains.rpc(chain.selector), (chain.contracts.on_ramp,)):
            if isinstance(event, events.CCIPMessageSent) and event.message.header.message_id == message_id:
                return _sent(log, event)
    return None


def sent_between(chains: Chains, lane: Lane, first: int, last: int) -> list[Sent]:
    """The lane's messages with sequence numbers first..last that its OnRamp emitted, in order."""
    found: list[Sent] = []
    on_ramp = chains.chain(lane.source).contracts.on_ramp
    for log, event in views.logs_before(chains.rpc(lane.source), (on_ramp,)):
        if isinstance(event, events.CCIPMessageSent) and event.dest_chain_selector == lane.dest:
            if event.sequence_number < first:
                break
            if event.sequence_number <= last:
                found.append(_sent(log, event))
    return found[::-1]


def journey(chains: Chains, sent: Sent) -> Journey:
    """Follow a sent message to where it is now."""
    lane, sequence_number = sent.lane, sent.message.header.sequence_number
    source_rpc, dest_rpc = chains.rpc(lane.source), chains.rpc(lane.dest)
    commit: Commit | None = None
    executions: list[Execution] = []
    for log, event in views.logs_since(dest_rpc, _dest_start(source_rpc, dest_rpc, sent), _off_ramp(chains, lane)):
        if isinstance(event, events.CommitReportAccepted):
            commit = _covering(log, event, lane, sequence_number) or commit
        elif isinstance(event, events.ExecutionStateChanged):
            executions += _execution(log, event, lane, sequence_number)
    return Journey(_state(chains, sent, commit, executions), sent, commit, tuple(executions))


def _sent(log: RawLog, event: events.CCIPMessageSent) -> Sent:
    lane = Lane(event.message.header.source_chain_selector, event.dest_chain_selector)
    return Sent(lane, event.message, log.tx_hash, log.block_number)


def _off_ramp(chains: Chains, lane: Lane) -> tuple[bytes]:
    return (chains.chain(lane.dest).contracts.off_ramp,)


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


def _execution(log: RawLog, event: events.ExecutionStateChanged, lane: Lane, sequence_number: int) -> list[Execution]:
    if (event.source_chain_selector, event.sequence_number) != (lane.source, sequence_number):
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
