"""Lanes of CCIP 1.5: an OnRamp, a CommitStore and an OffRamp of their own, and what this client asks of them.

They are found through the destinations' Routers, which let an OffRamp deliver as long as old messages are under way, so
a lane that has moved to 1.6 is still followed to the end of its last message. A message of 1.5 is turned into the form
that 1.6 would have given it, so that whoever shows one shows both; its id is also its leaf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.lane_versions import off_ramps, type_and_version
from ccip_core.protocol import codec, extra_args
from ccip_core.protocol.messages import (
    Bytes,
    Bytes32,
    ChainSelector,
    EVM2AnyRampMessage,
    EVM2AnyTokenTransfer,
    GasLimitOverride,
    Lane,
    RampMessageHeader,
    Uint256,
)
from ccip_core.protocol.structs_v1_5 import (
    EVM2EVMMessage,
    EVM2EVMOffRampDynamicConfig,
    EVM2EVMOffRampStaticConfig,
    SourceTokenData,
)
from ccip_core.rpc import RpcMalformed, RpcRefused

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.protocol.merkle import Proof
    from ccip_core.rpc import Rpc

OFF_RAMP = "EVM2EVMOffRamp 1.5."
"""How `typeAndVersion` of such an OffRamp begins."""


class RampsV15(NamedTuple):
    """The contracts of one lane: the first stands on its source, the others on its destination."""

    lane: Lane
    on_ramp: bytes
    commit_store: bytes
    off_ramp: bytes
    rmn: bytes
    """Whom the OffRamp asks for curses: the destination's RMNProxy."""


class SentV15(NamedTuple):
    """What is particular to a message of 1.5."""

    ramps: RampsV15
    message: EVM2EVMMessage


class ExecutionReportV15(NamedTuple):
    """What an OffRamp of 1.5 executes."""

    messages: tuple[EVM2EVMMessage, ...]
    offchain_token_data: tuple[tuple[Bytes, ...], ...]
    proofs: tuple[Bytes32, ...]
    proof_flag_bits: Uint256


def ramps_into(chains: Chains, dest: ChainSelector) -> list[RampsV15]:
    """The lanes of 1.5 into one chain, from chains of the deployment. Raises RpcError when it can't be asked."""
    known, rpc = {chain.selector for chain in chains.deployment.chains}, chains.rpc(dest)
    found = []
    for source, off_ramp in off_ramps(chains, dest):
        if source in known and type_and_version(rpc, off_ramp).startswith(OFF_RAMP):
            config = _static_config(rpc, off_ramp)
            lane = Lane(source, dest)
            found.append(RampsV15(lane, config.on_ramp, config.commit_store, off_ramp, config.rmn_proxy))
    return found


def in_form_of_1_6(message: EVM2EVMMessage, lane: Lane) -> EVM2AnyRampMessage:
    """The message as an OnRamp of 1.6 would have told it; 1.5 does not tell what its fee is worth in juels: 0.

    Raises:
        RpcMalformed: it holds token data that no OnRamp of 1.5 writes.
    """
    try:
        said = [codec.decode(SourceTokenData, data) for data in message.source_token_data]
    except codec.AbiError as error:
        raise RpcMalformed(f"message 0x{message.message_id.hex()}: token data of no OnRamp 1.5: {error}") from None
    if len(said) != len(message.token_amounts):
        raise RpcMalformed(f"message 0x{message.message_id.hex()}: not one piece of token data for each token")
    return EVM2AnyRampMessage(
        header=RampMessageHeader(message.message_id, lane.source, lane.dest, message.sequence_number, message.nonce),
        sender=message.sender,
        data=message.data,
        receiver=codec.encode_address(message.receiver),
        extra_args=extra_args.encode_v2(message.gas_limit, message.nonce == 0),
        fee_token=message.fee_token,
        fee_token_amount=message.fee_token_amount,
        fee_value_juels=0,
        token_amounts=tuple(
            EVM2AnyTokenTransfer(
                token.source_pool_address[-20:],
                token.dest_token_address,
                token.extra_data,
                transfer.amount,
                token.dest_gas_amount.to_bytes(32),
            )
            for transfer, token in zip(message.token_amounts, said, strict=True)
        ),
    )


def last_number(rpc: Rpc, ramp: bytes) -> int:
    """The last sequence number that an OnRamp sent, or a CommitStore committed."""
    return int(views.ask(rpc, ramp, "getExpectedNextSequenceNumber()", returns=("uint64",))[0]) - 1


def is_paused(rpc: Rpc, commit_store: bytes) -> bool:
    """Whether its owner has stopped the CommitStore."""
    return bool(views.ask(rpc, commit_store, "paused()", returns=("bool",))[0])


def is_blessed(rpc: Rpc, commit_store: bytes, root: bytes) -> bool:
    """Whether the RMN nodes have voted for the root; never under an RMN that no longer blesses (2.0)."""
    try:
        return bool(views.ask(rpc, commit_store, "isBlessed(bytes32)", root, returns=("bool",))[0])
    except RpcRefused:
        return False


def execution_state(rpc: Rpc, off_ramp: bytes, sequence_number: int) -> int:
    """0 untouched, 1 in progress, 2 success, 3 failure."""
    return int(views.ask(rpc, off_ramp, "getExecutionState(uint64)", sequence_number, returns=("uint8",))[0])


def manual_execution_from_s(rpc: Rpc, ramps: RampsV15, root: bytes) -> int:
    """The block time from which anyone may execute what nobody has tried."""
    (committed_at_s,) = views.ask(rpc, ramps.commit_store, "getMerkleRoot(bytes32)", root, returns=("uint256",))
    returns = (EVM2EVMOffRampDynamicConfig,)
    config: EVM2EVMOffRampDynamicConfig = views.ask(rpc, ramps.off_ramp, "getDynamicConfig()", returns=returns)[0]
    return int(committed_at_s) + config.permission_less_execution_threshold_seconds + 1


def encode_manual_execution(message: EVM2EVMMessage, proof: Proof, override: GasLimitOverride) -> bytes:
    """Calldata that executes one message by hand."""
    report = ExecutionReportV15((message,), ((b"",) * len(message.token_amounts),), proof.proofs, proof.flag_bits)
    return codec.encode_call(_MANUALLY_EXECUTE, report, (override,))


_MESSAGE = (
    "(uint64,address,address,uint64,uint256,bool,uint64,address,uint256,bytes,(address,uint256)[],bytes[],bytes32)"
)
_MANUALLY_EXECUTE = f"manuallyExecute(({_MESSAGE}[],bytes[][],bytes32[],uint256),(uint256,uint32[])[])"


def _static_config(rpc: Rpc, off_ramp: bytes) -> EVM2EVMOffRampStaticConfig:
    config: EVM2EVMOffRampStaticConfig = views.ask(
        rpc, off_ramp, "getStaticConfig()", returns=(EVM2EVMOffRampStaticConfig,)
    )[0]
    return config
