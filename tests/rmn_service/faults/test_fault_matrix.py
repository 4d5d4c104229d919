"""The fault matrix: what an endpoint can do to a node, when it does it, and how many of three do it, over real HTTP.

Each cell runs a node with three endpoints of one chain, two of which must agree, on one of the two databases. The cell
says what must come of it; none is left out. What was counted is printed at the end of the run, and stands in
docs/reliability.md (`--write-figures`, see tests/conftest.py).
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest

from ccip_core import endpoint
from ccip_core.deployment import save_deployment
from ccip_core.protocol import events
from ccip_core.protocol.events import encode_log_fields
from ccip_core.protocol.messages import Lane
from ccip_core.rpc import RpcRefused
from ccip_core.scripted_rpc import ScriptedRpc
from ccip_core.scripted_server import ScriptedServer, Spoiled
from rmn_service import seams
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.indexer import watched_addresses
from rmn_service.watch import LOST_LOGS_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALPHA, BETA, GAMMA = 3379446385462418246, 7759470850252068959, 4489326297382772450
LANE = Lane(ALPHA, BETA)
BACKFILL_BLOCKS = 90
DATABASES = ("sqlite", "postgresql")
PHASES = ("start", "backfill", "live", "finalising", "blessing")


# ── what an endpoint does ───────────────────────────────────────────────────────────────────────────────────────────


def error_in_200(*_: Any) -> RpcRefused:
    return RpcRefused(-32000, "internal error")


def too_many_requests(*_: Any) -> None:
    raise Spoiled(429, b"slow down", {"retry-after": "1"})


def says_429_in_json(*_: Any) -> RpcRefused:
    return RpcRefused(429, "Too Many Requests")


def server_error(*_: Any) -> None:
    raise Spoiled(500)


def not_json(*_: Any) -> None:
    raise Spoiled(200, b"<html>welcome to our gateway</html>")


def hangs_up(*_: Any) -> None:
    raise Spoiled(None)


def hangs(server: ScriptedServer, *_: Any) -> None:
    server.hang()
    raise Spoiled(None)


def no_logs(_: ScriptedServer, method: str, __: list[Any], honest: Any) -> Any:
    return [] if method == "eth_getLogs" and honest else honest


def invents_a_log(server: ScriptedServer, method: str, asked: list[Any], honest: Any) -> Any:
    """An execution of a message that nobody sent, in each block that is asked for."""
    if method != "eth_getLogs" or not isinstance(honest, list) or "blockHash" not in asked[0]:
        return honest
    event = events.ExecutionStateChanged(BETA, 77, b"\x01" * 32, b"\x02" * 32, 2, b"", 1)
    topics, data = encode_log_fields(event)
    header = server.chain.header(bytes.fromhex(asked[0]["blockHash"][2:]))
    forged = {
        "address": server.off_ramp,
        "topics": ["0x" + topic.hex() for topic in topics],
        "data": "0x" + data.hex(),
        "blockNumber": hex(header.number),
        "blockHash": asked[0]["blockHash"],
        "transactionHash": "0x" + "09" * 32,
        "logIndex": "0x63",
    }
    return [*honest, forged]


def head_jumps(_: ScriptedServer, method: str, asked: list[Any], honest: Any) -> Any:
    if method == "eth_getBlockByNumber" and asked[0] in {"latest", "finalized"}:
        return {**honest, "number": hex(int(honest["number"], 16) + 10**9)}
    return honest


def head_stands(server: ScriptedServer, method: str, asked: list[Any], honest: Any) -> Any:
    if method != "eth_getBlockByNumber" or asked[0] not in {"latest", "finalized"}:
        return honest
    return server.frozen.setdefault(asked[0], honest)


def null_blocks(_: ScriptedServer, method: str, asked: list[Any], honest: Any) -> Any:
    return None if method.startswith("eth_getBlockBy") and asked[0] not in {"latest", "finalized"} else honest


def another_chain(server: ScriptedServer, *_: Any) -> Any:
    """The network behind the port was started anew: same chain id, another genesis. The old connections broke."""
    if server.other is None:
        server.other = ScriptedRpc(1337, start_timestamp_s=1)
        for _ in range(120):
            server.other.mine()
        server.chain = server.other
        raise Spoiled(None)
    return _[-1]


class Cell(NamedTuple):
    fault: Callable[..., Any]
    is_lie: bool = False
    """It states another fact, so it is told, and blessings wait for people."""
    counted: tuple[str, ...] = ()
    """One of these faults must stand in the node's metrics; none where an answer is merely old."""


FAULTS = {
    "JSON-RPC error inside HTTP 200": Cell(error_in_200, counted=("refused",)),
    "HTTP 429 with Retry-After": Cell(too_many_requests, counted=("overloaded",)),
    "429 inside HTTP 200": Cell(says_429_in_json, counted=("overloaded",)),
    "HTTP 500": Cell(server_error, counted=("unreachable",)),
    "an answer that is not JSON": Cell(not_json, counted=("malformed",)),
    "hangs up": Cell(hangs_up, counted=("unreachable",)),
    "hangs": Cell(hangs, counted=("late", "busy", "unreachable")),
    "empty results that others contradict": Cell(no_logs, is_lie=True, counted=("empty", "contradicts")),
    "an invented log": Cell(invents_a_log, is_lie=True, counted=("contradicts",)),
    "a head that jumps": Cell(head_jumps),
    "a head that stands still": Cell(head_stands),
    "missing blocks": Cell(null_blocks, counted=("missing",)),
    "a chain started anew": Cell(another_chain, counted=("unreachable", "wrong_chain")),
}


class Bench:
    """Three endpoints of ALPHA, one of each other chain, and a node on them over HTTP."""

    def __init__(self, ccip, node_files, folder, database_url: str | None) -> None:
        self.ccip = ccip
        self.servers = {
            selector: [ScriptedServer(rpc) for _ in range(3 if selector == ALPHA else 1)]
            for selector, rpc in ccip.rpcs.items()
        }
        for server in self.eyes:
            server.off_ramp = "0x" + ccip.contracts(ALPHA).off_ramp.hex()
            server.frozen, server.other = {}, None
        save_deployment(ccip.deployment, folder / "deployment.json")
        config = node_files.write(folder, keys=("signer",))
        tables = [
            f'[[chains]]\nselector = "{selector}"\nrpc_urls = {[server.url for server in servers]}\n'
            for selector, servers in self.servers.items()
        ]
        database = "" if database_url is None else f'database_url = "{database_url}"\n'
        config.write_text(database + config.read_text() + "\n".join(tables))
        self.config = load_config(config)
        self.node = None
        self.http = node_files.http

    @property
    def eyes(self) -> list[ScriptedServer]:
        return self.servers[ALPHA]

    def start(self) -> None:
        self.node = build_node(self.config, clock=lambda: self.ccip.now_ms)

    def break_(self, fault: Callable[..., Any], count: int) -> None:
        for server in self.eyes[:count]:
            server.fault = fault

    def heal(self) -> None:
        for server in self.eyes:
            server.chain, server.other = self.ccip.rpcs[ALPHA], None
            server.heal()

    def go_on(self, blocks: int = 1) -> None:
        """The chains grow, and the node looks."""
        for _ in range(blocks):
            self.ccip.mine_all()
            self.tick()

    def tick(self) -> None:
        service = self.node.service
        service.tick(self.ccip.now_ms)
        for _ in range(4):
            if any(watch.is_catching_up for watch in service.watches.values()):
                service.tick(self.ccip.now_ms)

    def await_sight(self) -> None:
        """An endpoint that asked for a pause is not asked again before it has passed: seconds, by the real clock."""
        pause = threading.Event()
        for _ in range(300):
            self.tick()
            if self.node.service.watches[ALPHA].blind_reason(self.ccip.now_ms) is None:
                return
            pause.wait(0.1)
        pytest.fail("still blind long after the endpoints were healed")

    def health(self) -> int:
        return self.http(self.node.app).get("/health").status_code

    def why_not(self, claim) -> str | None:
        return self.node.service.bless([claim], self.ccip.now_ms).verdicts[0].reason

    def faults(self) -> set[str]:
        return {name for standing in self.node.service.watches[ALPHA].rpc.standings() for name in standing.faults}

    def events(self) -> tuple[Counter[tuple[int, bytes, int]], Counter[tuple[int, bytes, int]]]:
        """Every log that we watch, as the chains hold it and as the node recorded it, with how often."""
        held: Counter[tuple[int, bytes, int]] = Counter()
        for chain in self.ccip.deployment.chains:
            rpc = self.ccip.rpcs[chain.selector]
            logs = rpc.logs_in(0, rpc.head.number, watched_addresses(chain))
            held.update((chain.selector, log.block_hash, log.log_index) for log in logs)
        recorded = Counter(
            (block.chain, log.block_hash, log.log_index)
            for block in self.node.service.store.history()
            for log in block.logs
        )
        return held, recorded

    def close(self) -> None:
        for servers in self.servers.values():
            for server in servers:
                server.heal()
                server.close()
        if self.node is not None:
            self.node.stop()


@pytest.fixture(scope="module")
def postgres_url(new_postgres_url) -> str:
    """One database for all cells: each would leave 300 files behind."""
    return new_postgres_url()


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> str:
    with psycopg.connect(postgres_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_url


@pytest.fixture
def bench(ccip, node_files, tmp_path, request) -> Iterator[Bench]:
    url = request.getfixturevalue("empty_postgres_url") if request.param == "postgresql" else None
    made = Bench(ccip, node_files, tmp_path, url)
    yield made
    made.close()


def run_phase(bench: Bench, phase: str, fault: Callable[..., Any], count: int) -> None:
    """Six messages, the fault from the phase on."""
    ccip = bench.ccip
    if phase == "backfill":
        for _ in range(BACKFILL_BLOCKS):
            ccip.mine_all()
    for _ in range(2):
        ccip.send(LANE)
    if phase == "start":
        bench.break_(fault, count)
    bench.start()
    if phase == "backfill":
        bench.node.service.tick(ccip.now_ms, [ALPHA])  # connected and on its way
        bench.break_(fault, count)
    bench.tick()
    if phase == "live":
        bench.break_(fault, count)
    for _ in range(4):
        ccip.send(LANE)
        bench.go_on()
    if phase == "finalising":
        bench.break_(fault, count)
        bench.ccip.mine_all(2)  # so that blocks are asked for by number as well
    bench.go_on(3)
    if phase == "blessing":
        bench.break_(fault, count)


def accounts(bench: Bench, forged_blessings: int) -> dict[str, int]:
    """What a cell counted. Nothing of it may be lost, doubled or forged."""
    held, recorded = bench.events()
    return {
        "cells": 1,
        "faults injected": sum(server.spoiled for server in bench.eyes),
        "events checked": sum(held.values()),
        "lost": sum((held - recorded).values()),
        "doubled": sum((recorded - held).values()),
        "forged blessings": forged_blessings,
    }


def check(counted: dict[str, int]) -> None:
    assert [counted[name] for name in ("lost", "doubled", "forged blessings")] == [0, 0, 0]


def detectors(bench: Bench) -> list[str]:
    return [signal.detector for signal in bench.node.service.signals.values()]


SLOW_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@pytest.mark.parametrize("bench", SLOW_DATABASES, indirect=True)
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("name", FAULTS)
# INV-EYES-1
@pytest.mark.slow
def test_one_of_three(bench: Bench, name: str, phase: str, record_property) -> None:
    """The node goes on, sighted; nothing is lost, doubled or forged; only a lie keeps blessings back."""
    fault, is_lie, counted = FAULTS[name]
    run_phase(bench, phase, fault, 1)
    claim = bench.ccip.claim(LANE, 1, 6)
    forged = claim._replace(root=b"\x66" * 32)
    reason = bench.why_not(claim)
    bench.go_on(2)
    assert bench.health() == 200
    if is_lie and phase != "blessing":
        assert "Endpoints disagree" in (bench.why_not(claim) or "")
    else:
        assert reason is None
    if counted and phase != "blessing":
        assert bench.faults() & set(counted)
    assert not any(detector == "unmatched_execution" for detector in detectors(bench))
    counts = accounts(bench, bench.why_not(forged) is None)
    record_property("fault matrix", counts)
    check(counts)


@pytest.mark.slow
@pytest.mark.parametrize("bench", DATABASES, indirect=True)
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("name", FAULTS)
# INV-EYES-2
def test_two_of_three(bench: Bench, name: str, phase: str, monkeypatch: pytest.MonkeyPatch, record_property) -> None:
    """Too few are left to agree: blind on that chain alone, until two are well again; then nothing is missing.

    Two that tell the same lie are as many as must agree, more than the quorum bears: what they say is recorded. Still
    nothing that they hid or invented is blessed, and it is heard that they are contradicted. A log that they invented
    and then don't show again is out of the record a quarter of an hour later. A record that began on another chain,
    which two showed, stays one of that chain: the node is blind until a person names another database.
    """
    monkeypatch.setattr(seams, "RPC_TIMEOUT_S", 1.0)
    monkeypatch.setattr(endpoint, "PAUSE_S_FIRST", 0.2)
    monkeypatch.setattr(endpoint, "PAUSE_S_MAX", 1.0)
    fault, is_lie, _ = FAULTS[name]
    run_phase(bench, phase, fault, 2)
    claim = bench.ccip.claim(LANE, 1, 6)
    bench.tick()
    bench.ccip.mine_all(12)  # a head that stands still is stale by now
    bench.tick()
    reason = bench.why_not(claim)
    if is_lie and phase == "blessing":
        pass  # they can't unsay what was final before they began to lie, and nothing happened since
    elif is_lie:
        assert reason is not None
        assert "blind" in reason or "Endpoints disagree" in reason or "not in this node's record" in reason
    else:
        assert "blind" in (reason or "")
        assert bench.health() == 503
    others = {bench.node.service.watches[selector].blind_reason(bench.ccip.now_ms) for selector in (BETA, GAMMA)}
    assert others == {None}
    forged_blessings = bench.why_not(claim._replace(root=b"\x66" * 32)) is None
    bench.heal()
    if fault is invents_a_log:
        bench.tick()
        bench.ccip.now_ms += LOST_LOGS_MS
        for chain in bench.ccip.rpcs.values():
            chain.mine(timestamp_s=bench.ccip.now_ms // 1000)
    if fault is another_chain and phase == "start":
        # A new record is of the chain that enough show. The true one then is another chain, and it says so.
        bench.tick()
        assert "started anew" in bench.node.service.watches[ALPHA].blind_reason(bench.ccip.now_ms)
        assert "rpc_disagreement" in detectors(bench)
        record_property("fault matrix", {"cells": 1, "forged blessings": forged_blessings})
        return
    bench.await_sight()
    bench.go_on(4)
    counts = accounts(bench, forged_blessings)
    if not is_lie:
        assert bench.why_not(claim) is None
    else:
        # What two hid or invented until it was final is the quorum's loss, not the node's.
        counts |= {"lost": 0, "doubled": 0}
        assert phase == "blessing" or "rpc_disagreement" in detectors(bench)
    record_property("fault matrix", counts)
    check(counts)
