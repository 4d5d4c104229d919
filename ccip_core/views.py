"""Typed questions to CCIP's contracts: each function is one `eth_call`. Errors: `RpcError` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ccip_core.protocol import codec, events
from ccip_core.protocol.messages import Bool, SourceChainConfig, Uint32, Uint128
from ccip_core.rpc import Rpc, RpcMalformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ccip_core.protocol.logs import Header, RawLog

LOG_SPAN_BLOCKS = 2_000
"""Blocks asked for in one `eth_getLogs`: what public endpoints still answer."""


class TokenBucket(NamedTuple):
    """A pool's rate limiter as of now (spec 4.7): amounts in the pool's local token."""

    tokens: Uint128
    last_updated: Uint32
    is_enabled: Bool
    capacity: Uint128
    rate: Uint128


class OcrConfig(NamedTuple):
    """Who may commit or execute on an OffRamp."""

    config_digest: bytes
    f: int
    signers: tuple[bytes, ...]
    transmitters: tuple[bytes, ...]


def ask(rpc: Rpc, to: bytes, signature: str, *values: object, returns: Sequence[str | type]) -> tuple[Any, ...]:
    """Call a view function and decode what it returns."""
    answer = rpc.call(to, codec.encode_call(signature, *values))
    try:
        return tuple(codec.decode_args(returns, answer))
    except codec.AbiError as error:
        raise RpcMalformed(f"0x{to.hex()} does not answer {signature} as CCIP 1.6 does: {error}") from None


def balance_of(rpc: Rpc, token: bytes, owner: bytes) -> int:
    """ERC-20 balance in smallest units."""
    return int(ask(rpc, token, "balanceOf(address)", owner, returns=("uint256",))[0])


def allowance(rpc: Rpc, token: bytes, owner: bytes, spender: bytes) -> int:
    """What `spender` may still pull of `owner`'s tokens."""
    return int(ask(rpc, token, "allowance(address,address)", owner, spender, returns=("uint256",))[0])


def total_supply(rpc: Rpc, token: bytes) -> int:
    """ERC-20 supply in smallest units."""
    return int(ask(rpc, token, "totalSupply()", returns=("uint256",))[0])


def owner_of(rpc: Rpc, contract: bytes) -> bytes:
    """The account that owns this contract."""
    return bytes(ask(rpc, contract, "owner()", returns=("address",))[0])


def is_cursed(rpc: Rpc, rmn: bytes, subject: bytes) -> bool:
    """True when the subject or the whole chain is cursed there."""
    return bool(ask(rpc, rmn, "isCursed(bytes16)", subject, returns=("bool",))[0])


def is_globally_cursed(rpc: Rpc, rmn: bytes) -> bool:
    """True when the whole chain is cursed."""
    return bool(ask(rpc, rmn, "isCursed()", returns=("bool",))[0])


def source_chain_config(rpc: Rpc, off_ramp: bytes, source: int) -> SourceChainConfig:
    """How an OffRamp treats a source chain; `min_seq_nr` is the next sequence number that it will take."""
    signature = "getSourceChainConfig(uint64)"
    config: SourceChainConfig = ask(rpc, off_ramp, signature, source, returns=(SourceChainConfig,))[0]
    return config


def on_ramp(rpc: Rpc, router: bytes, dest: int) -> bytes:
    """The OnRamp that takes messages to `dest` now; zero where there is none."""
    return bytes(ask(rpc, router, "getOnRamp(uint64)", dest, returns=("address",))[0])


def next_sequence_number(rpc: Rpc, on_ramp: bytes, dest: int) -> int:
    """The sequence number that the next message to `dest` will get."""
    return int(ask(rpc, on_ramp, "getExpectedNextSequenceNumber(uint64)", dest, returns=("uint64",))[0])


def execution_state(rpc: Rpc, off_ramp: bytes, source: int, sequence_number: int) -> int:
    """0 untouched, 1 in progress, 2 success, 3 failure."""
    signature = "getExecutionState(uint64,uint64)"
    return int(ask(rpc, off_ramp, signature, source, sequence_number, returns=("uint8",))[0])


def root_committed_at_s(rpc: Rpc, off_ramp: bytes, source: int, root: bytes) -> int:
    """The block time at which this root was committed, 0 if it never was."""
    return int(ask(rpc, off_ramp, "getMerkleRoot(uint64,bytes32)", source, root, returns=("uint256",))[0])


def manual_execution_delay_s(rpc: Rpc, off_ramp: bytes) -> int:
    """Seconds after the commit from which anyone may execute an untouched message."""
    config = ask(rpc, off_ramp, "getDynamicConfig()", returns=("address", "uint32", "address"))
    return int(config[1])


def rate_limit(rpc: Rpc, pool: bytes, direction: Literal["Inbound", "Outbound"], remote: int) -> TokenBucket:
    """A pool's bucket towards or from a remote chain, refilled to now."""
    signature = f"getCurrent{direction}RateLimiterState(uint64)"
    bucket: TokenBucket = ask(rpc, pool, signature, remote, returns=(TokenBucket,))[0]
    return bucket


def ocr_config(rpc: Rpc, off_ramp: bytes, plugin: Literal[0, 1]) -> OcrConfig:
    """The oracles of an OffRamp: plugin 0 commits, plugin 1 executes."""
    signature = "latestConfigDetails(uint8)"
    returned = ask(rpc, off_ramp, signature, plugin, returns=("((bytes32,uint8,uint8,bool),address[],address[])",))
    (digest, f, _, _), signers, transmitters = returned[0]
    return OcrConfig(digest, f, signers, transmitters)


def final_block(rpc: Rpc, finality_depth_blocks: int) -> int:
    """The newest block that will stay: by the node's `finalized` tag, else by depth under the head."""
    header = rpc.header("finalized")
    return header.number if header is not None else max(0, latest(rpc).number - finality_depth_blocks)


def latest(rpc: Rpc) -> Header:
    """The head of the chain."""
    header = rpc.header("latest")
    if header is None:
        raise RpcMalformed("the node has no latest block")
    return header


def first_block_since(rpc: Rpc, timestamp_s: int) -> int:
    """The first block that is not older than this, by bisection; the head if all are older."""
    low, high = 0, latest(rpc).number
    while low < high:
        middle = (low + high) // 2
        header = rpc.header(middle)
        if header is None or header.timestamp_s < timestamp_s:  # pruned blocks are old ones
            low = middle + 1
        else:
            high = middle
    return low


def logs_since(rpc: Rpc, first: int, addresses: Sequence[bytes]) -> Iterator[tuple[RawLog, Any]]:
    """Decoded logs of these contracts from block `first` to the head, oldest first. Unknown topics are left out."""
    last = latest(rpc).number
    for start in range(first, last + 1, LOG_SPAN_BLOCKS):
        yield from _decoded(rpc, start, min(start + LOG_SPAN_BLOCKS - 1, last), addresses)


def logs_before(rpc: Rpc, addresses: Sequence[bytes]) -> Iterator[tuple[RawLog, Any]]:
    """Decoded logs of these contracts from the head back to the first block, newest first."""
    last = latest(rpc).number
    while last >= 0:
        start = max(0, last - LOG_SPAN_BLOCKS + 1)
        yield from reversed(_decoded(rpc, start, last, addresses))
        last = start - 1


def _decoded(rpc: Rpc, first: int, last: int, addresses: Sequence[bytes]) -> list[tuple[RawLog, Any]]:
    try:
        decoded = [(log, events.decode_log(log)) for log in rpc.logs_in(first, last, addresses)]
    except codec.AbiError as error:
        raise RpcMalformed(f"a contract of the deployment emits events that CCIP 1.6 does not have: {error}") from None
    return [(log, event) for log, event in decoded if event is not None]
