"""Executing a committed message by hand: the proof, the calldata, and from when anyone may."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.journey import sent_between, sent_between_v1_5
from ccip_core.protocol import hashing, merkle
from ccip_core.protocol.messages import ExecutionReport, GasLimitOverride
from ccip_core.protocol.ocr3 import encode_manually_execute_call
from ccip_core.ramps_v1_5 import encode_manual_execution, manual_execution_from_s
from ccip_core.refusal import CcipRefusal

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.journey import Commit, Sent
    from ccip_core.protocol.messages import Any2EVMRampMessage

OVERHEAD_GAS = 700_000
"""Proof, ERC-165 questions with 30,000 gas each, and bookkeeping, generously."""


class ManualExecution(NamedTuple):
    """A transaction for anybody to send."""

    off_ramp: bytes
    call: bytes
    gas: int


def manual_execution(chains: Chains, sent: Sent, commit: Commit, gas_limit: int | None = None) -> ManualExecution:
    """What executes this message, with another gas limit for its receiver if given.

    Raises:
        CcipRefusal: the committed root is not the tree of the messages that were sent.
        RpcError: a chain can't be asked.
    """
    message = hashing.to_any2evm(sent.message)
    gas = _gas(message, gas_limit)
    override = GasLimitOverride(gas_limit or 0, (0,) * len(message.token_amounts))
    if sent.v1_5 is not None:
        call = encode_manual_execution(sent.v1_5.message, _proof(chains, sent, commit), override)
        return ManualExecution(sent.v1_5.ramps.off_ramp, call, gas)
    proof, token_data = _proof(chains, sent, commit), (b"",) * len(message.token_amounts)
    report = ExecutionReport(sent.lane.source, (message,), (token_data,), proof.proofs, proof.flag_bits)
    call = encode_manually_execute_call((report,), ((override,),))
    return ManualExecution(chains.chain(sent.lane.dest).contracts.off_ramp, call, gas)


def open_from_s(chains: Chains, sent: Sent, commit: Commit) -> int:
    """The destination's block time from which anyone may execute it, if nobody has tried. Raises RpcError."""
    rpc, root = chains.rpc(sent.lane.dest), commit.root.merkle_root
    if sent.v1_5 is not None:
        return manual_execution_from_s(rpc, sent.v1_5.ramps, root)
    off_ramp = chains.chain(sent.lane.dest).contracts.off_ramp
    committed_at_s = views.root_committed_at_s(rpc, off_ramp, sent.lane.source, root)
    return committed_at_s + views.manual_execution_delay_s(rpc, off_ramp) + 1


def _proof(chains: Chains, sent: Sent, commit: Commit) -> merkle.Proof:
    leaves, root = _leaves(chains, sent, commit), commit.root
    if len(leaves) != root.max_seq_nr - root.min_seq_nr + 1 or merkle.merkle_root(leaves) != root.merkle_root:
        names = (chains.chain(selector).name for selector in sent.lane)
        raise CcipRefusal(
            f"the committed root 0x{root.merkle_root.hex()} is not the tree of the messages sent: nothing can be "
            f"proved against it, and the lane {' → '.join(names)} may be under attack"
        )
    return merkle.prove(leaves, [sent.message.header.sequence_number - root.min_seq_nr])


def _leaves(chains: Chains, sent: Sent, commit: Commit) -> list[bytes]:
    first, last = commit.root.min_seq_nr, commit.root.max_seq_nr
    if sent.v1_5 is not None:  # where a message's id is its leaf
        return [one.message.header.message_id for one in sent_between_v1_5(chains, sent.v1_5.ramps, first, last)]
    on_ramp = chains.chain(sent.lane.source).contracts.on_ramp
    return [hashing.leaf_of_sent(one.message, on_ramp) for one in sent_between(chains, sent.lane, first, last)]


def _gas(message: Any2EVMRampMessage, gas_limit: int | None) -> int:
    """Enough for the OffRamp to hand receiver and pools what they are promised (a call keeps back 1/64).

    Given, not estimated: with too little gas the OffRamp does not revert but records a failure.
    """
    promised = (gas_limit or message.gas_limit) + sum(transfer.dest_gas_amount for transfer in message.token_amounts)
    return OVERHEAD_GAS + promised * 64 // 63
