"""How fast the record takes what a chain says, and how near its durable commits come to what the disk can do.

index     one `eth_getLogs` answer of many messages, as JSON bytes, becomes decoded rows in a database; the rival is
the loop that most teams would write: web3.py, `process_log`, sqlite3
durable   blocks of ten events, each on the disk before the next; the rival appends the same bytes to a file and
calls fdatasync, in turns with us: no database can be faster
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import tempfile
import time
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from web3 import Web3
from web3.providers.base import JSONBaseProvider

from benchmarks.decode import event_abi, message_logs
from ccip_core.http_rpc import HttpRpc
from ccip_core.protocol.events import decode_log
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.protocol.messages import ChainSelector
from rmn_service.steps import Block
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CHAIN = ChainSelector(3379446385462418246)
_LOGS, _LOGS_A_BLOCK = 2_000, 10
_REPEATS = 5
_COMMITS = 150


def run() -> Iterator[tuple[str, float, float, str]]:
    """Name, ours, the rival's, unit."""
    with tempfile.TemporaryDirectory(
        dir=Path.cwd(), prefix=".bench-"
    ) as folder:  # not in memory, where no disk would be waited for
        yield _index(Path(folder))
        yield _durable(Path(folder))


def _index(folder: Path) -> tuple[str, float, float, str]:
    logs = _logs(_LOGS)
    answer = json.dumps({"jsonrpc": "2.0", "id": 1, "result": [_json_log(log) for log in logs]}).encode()
    ours_s, rival_s = [], []
    for turn in range(_REPEATS):
        with Store.open(f"sqlite:///{folder}/ours-{turn}.db") as store:
            start = time.perf_counter()
            _index_ours(answer, store)
            ours_s.append(time.perf_counter() - start)
        start = time.perf_counter()
        _index_rival(answer, folder / f"rival-{turn}.db")
        rival_s.append(time.perf_counter() - start)
    name = f"index {_LOGS:,} messages from JSON to stored rows (rival: web3.py and sqlite3)"
    return name, _LOGS / statistics.median(ours_s), _LOGS / statistics.median(rival_s), "logs/s"


class _Canned(HttpRpc):
    """A node that has answered already."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("http://127.0.0.1:9", 1.0)
        self._answer = answer

    def _result(self, method: str, parameters: tuple[Any, ...]) -> msgspec.Raw:  # noqa: ARG002 - it has one answer
        return msgspec.json.decode(self._answer, type=_Reply).result


class _Reply(msgspec.Struct):
    result: msgspec.Raw


def _index_ours(answer: bytes, store: Store) -> None:
    blocks = _blocks(_Canned(answer).logs_in(0, _LOGS))
    decoded = [decode_log(log) for block in blocks for log in block.logs]
    assert len(decoded) == _LOGS
    store.append(_CHAIN, blocks, 1)


class _CannedProvider(JSONBaseProvider):
    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self._answer = answer

    def make_request(self, method: Any, params: Any) -> Any:  # noqa: ARG002
        return self.decode_rpc_response(self._answer)


def _index_rival(answer: bytes, path: Path) -> None:
    web3 = Web3(_CannedProvider(answer))
    process_log = web3.eth.contract(abi=[event_abi()]).events.CCIPMessageSent().process_log
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE messages (block INTEGER, log INTEGER, tx BLOB, id BLOB, number TEXT, message TEXT)")
    rows = []
    for log in web3.eth.get_logs({"fromBlock": 0, "toBlock": _LOGS}):
        event = process_log(log)
        header = event["args"]["message"]["header"]
        rows.append(
            (
                event["blockNumber"],
                event["logIndex"],
                event["transactionHash"],
                header["message_id"],
                str(header["sequence_number"]),
                Web3.to_json(event["args"]["message"]),
            )
        )
    with database:
        database.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", rows)
    database.close()


def _durable(folder: Path) -> tuple[str, float, float, str]:
    blocks = _blocks(_logs(_COMMITS * _LOGS_A_BLOCK))
    raw = [b"".join(log.data + b"".join(log.topics) + log.tx_hash for log in block.logs) for block in blocks]
    ours_s, floor_s = [], []
    with Store.open(f"sqlite:///{folder}/durable.db") as store, (folder / "floor").open("wb", buffering=0) as floor:
        for block, content in zip(blocks, raw, strict=True):
            start = time.perf_counter()
            store.append(_CHAIN, [block], 1)
            between = time.perf_counter()
            floor.write(content)
            os.fdatasync(floor.fileno())
            ours_s.append(between - start)
            floor_s.append(time.perf_counter() - between)
    name = "durable blocks of 10 events (rival: append and fdatasync of the same bytes)"
    return name, 1 / statistics.median(ours_s), 1 / statistics.median(floor_s), "blocks/s"


def _logs(count: int) -> list[RawLog]:
    """Messages in blocks of ten, each block's hash following from its number."""
    placed = []
    for index, log in enumerate(message_logs(count)):
        number = index // _LOGS_A_BLOCK
        placed.append(log._replace(block_number=number, block_hash=_hash(number), log_index=index % _LOGS_A_BLOCK))
    return placed


def _blocks(logs: Sequence[RawLog]) -> list[Block]:
    return [
        Block(Header(number, _hash(number), _hash(number - 1), number), tuple(of_block))
        for number, of_block in groupby(logs, attrgetter("block_number"))
    ]


_hash = partial(int.to_bytes, length=32, byteorder="big", signed=True)


def _json_log(log: RawLog) -> dict[str, Any]:
    return {
        "address": "0x" + log.address.hex(),
        "topics": ["0x" + topic.hex() for topic in log.topics],
        "data": "0x" + log.data.hex(),
        "blockNumber": hex(log.block_number),
        "blockHash": "0x" + log.block_hash.hex(),
        "transactionHash": "0x" + log.tx_hash.hex(),
        "transactionIndex": "0x0",
        "logIndex": hex(log.log_index),
        "removed": False,
    }


if __name__ == "__main__":
    for name, ours, rival, unit in run():
        print(f"{name}: {ours:,.0f} {unit} against {rival:,.0f}, {ours / rival:.2f}x")  # noqa: T201 - its purpose
