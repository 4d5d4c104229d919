"""How fast a log becomes a message: `decode_log` against web3.py's `process_log`, in one run on the same logs.

Small, medium and large messages (0 to 2 tokens, up to 500 bytes of data) in equal parts. The rival's event object is
built once, outside the measurement. Both answers are compared field by field before anything is timed.
"""

from __future__ import annotations

import random
import statistics
import time
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode as eth_abi_encode
from web3 import Web3

from ccip_core.protocol import extra_args
from ccip_core.protocol.abi import Array, Struct, struct_of
from ccip_core.protocol.events import CCIPMessageSent, decode_log, encode_log_fields
from ccip_core.protocol.logs import RawLog
from ccip_core.protocol.messages import (
    ChainSelector,
    EVM2AnyRampMessage,
    EVM2AnyTokenTransfer,
    RampMessageHeader,
)
from ccip_core.protocol.selectors import KNOWN_CHAINS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LOGS = 300
_REPEATS = 7
_TIMES_OURS = 20
"""Our share of a repeat, so that both sides are timed over a similar span."""


def run() -> list[tuple[str, float, float, str]]:
    """What was measured: name, ours, the rival's, unit. The ratio is ours / rival's."""
    logs = message_logs(_LOGS)
    receipts = [_receipt(log) for log in logs]
    process_log = Web3().eth.contract(abi=[event_abi()]).events.CCIPMessageSent().process_log
    for log, receipt in zip(logs, receipts, strict=True):
        ours, rival = decode_log(log), process_log(receipt)["args"]
        assert _plain(ours) == _plain(tuple(rival.values())), "the two decoders disagree"
    ours_s: list[float] = []
    rival_s: list[float] = []
    for _ in range(_REPEATS):  # in turns, so that a noisy neighbour hurts both
        ours_s.append(_seconds(decode_log, logs, _TIMES_OURS))
        rival_s.append(_seconds(process_log, receipts, 1))
    return [
        (
            "decode CCIPMessageSent (rival: web3.py process_log)",
            _LOGS * _TIMES_OURS / statistics.median(ours_s),
            _LOGS / statistics.median(rival_s),
            "logs/s",
        )
    ]


def _seconds(decode: Callable[[Any], object], logs: Sequence[object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        for log in logs:
            decode(log)
    return time.perf_counter() - start


def message_logs(count: int) -> list[RawLog]:
    """`CCIPMessageSent` logs as an OnRamp emits them; eth_abi vouches for the bytes."""
    rng = random.Random(1_6_0)  # noqa: S311 - reproducible, not secret
    logs = []
    for number in range(count):
        event = CCIPMessageSent(KNOWN_CHAINS[0].selector, number + 1, _message(rng, number))
        topics, data = encode_log_fields(event)
        assert data == eth_abi_encode([struct_of(EVM2AnyRampMessage).text], [_hex_addresses(event.message)])
        logs.append(RawLog(rng.randbytes(20), topics, data, number, rng.randbytes(32), rng.randbytes(32), 0))
    return logs


def _message(rng: random.Random, number: int) -> EVM2AnyRampMessage:
    source, dest = ChainSelector(KNOWN_CHAINS[1].selector), ChainSelector(KNOWN_CHAINS[0].selector)
    return EVM2AnyRampMessage(
        header=RampMessageHeader(rng.randbytes(32), source, dest, number + 1, 0),
        sender=rng.randbytes(20),
        data=rng.randbytes(rng.randrange(501)),
        receiver=bytes(12) + rng.randbytes(20),
        extra_args=extra_args.encode_v2(200_000, allow_out_of_order_execution=True),
        fee_token=rng.randbytes(20),
        fee_token_amount=rng.randrange(10**18),
        fee_value_juels=rng.randrange(10**18),
        token_amounts=tuple(
            EVM2AnyTokenTransfer(
                source_pool_address=rng.randbytes(20),
                dest_token_address=bytes(12) + rng.randbytes(20),
                extra_data=(18).to_bytes(32),
                amount=rng.randrange(10**24),
                dest_exec_data=(90_000).to_bytes(32),
            )
            for _ in range(number % 3)
        ),
    )


def _hex_addresses(message: EVM2AnyRampMessage) -> tuple[Any, ...]:
    """The message with addresses as text, which eth_abi wants."""
    transfers = tuple(
        item._replace(source_pool_address=_hex(item.source_pool_address)) for item in message.token_amounts
    )
    return message._replace(sender=_hex(message.sender), fee_token=_hex(message.fee_token), token_amounts=transfers)


def _hex(address: bytes) -> Any:
    return f"0x{address.hex()}"


def _receipt(log: RawLog) -> Any:
    """The log as web3.py hands it to `process_log`."""
    return {
        "address": Web3.to_checksum_address(log.address),
        "topics": list(log.topics),
        "data": log.data,
        "blockNumber": log.block_number,
        "blockHash": log.block_hash,
        "transactionHash": log.tx_hash,
        "transactionIndex": 0,
        "logIndex": log.log_index,
    }


def event_abi() -> Any:
    """The event's JSON ABI."""
    inputs = _inputs(struct_of(CCIPMessageSent))
    for item in inputs:
        item["indexed"] = item["name"] != "message"
    return {"type": "event", "name": "CCIPMessageSent", "anonymous": False, "inputs": inputs}


def _inputs(struct: Struct) -> list[dict[str, Any]]:
    inputs = []
    for name, field in struct.fields:
        item = field.item if isinstance(field, Array) else field
        if isinstance(item, Struct):
            suffix = "[]" if isinstance(field, Array) else ""
            inputs.append({"name": name, "type": f"tuple{suffix}", "components": _inputs(item)})
        else:
            inputs.append({"name": name, "type": field.text})
    return inputs


def _plain(value: Any) -> Any:
    """Either decoder's answer as tuples of int and bytes."""
    if isinstance(value, str):
        return bytes.fromhex(value.removeprefix("0x"))
    if isinstance(value, (tuple, list)):
        return tuple(map(_plain, value))
    if hasattr(value, "values"):
        return tuple(map(_plain, value.values()))
    return value


if __name__ == "__main__":
    for name, ours, rival, unit in run():
        print(f"{name}: {ours:,.0f} {unit} against {rival:,.0f}, {ours / rival:.0f}x")  # noqa: T201 - its purpose
