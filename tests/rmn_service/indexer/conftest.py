"""Chains to follow, scripted and real, and the smallest service that follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from ccip_core.deployment import Chain, Contracts
from ccip_core.localnet.anvil import Anvil
from ccip_core.protocol.logs import RawLog
from ccip_core.protocol.messages import ChainSelector
from ccip_core.quorum_rpc import QuorumRpc
from ccip_core.rpc import RpcRefused, RpcUnreachable
from ccip_core.scripted_endpoint import ScriptedEndpoint
from ccip_core.scripted_rpc import ScriptedRpc
from rmn_service.indexer import REMEMBERED_FINAL_BLOCKS, Indexer
from rmn_service.steps import Block, Contradicted, Extended, Finalised, FinalityBroken, Reorged, Step
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ccip_core.protocol.logs import Header
    from ccip_core.rpc import Rpc

SELECTOR = ChainSelector(16015286601757825753)
WATCHED = bytes([0xAA]) * 20
UNWATCHED = bytes([0xBB]) * 20
TOPIC = bytes([0x2A]) * 32
FINALITY_DEPTH = 2


def chain_config(finality_depth_blocks: int = FINALITY_DEPTH) -> Chain:
    contracts = dict.fromkeys(
        ("router", "on_ramp", "off_ramp", "fee_quoter", "nonce_manager", "rmn_remote", "rmn_proxy"), WATCHED
    )
    return Chain(
        chain_id=1337,
        selector=str(SELECTOR),
        name="scripted",
        http="http://127.0.0.1:1",
        finality_depth_blocks=finality_depth_blocks,
        contracts=Contracts(**contracts, token_admin_registry=WATCHED),
    )


class Follower:
    """A node without a judge: polls, applies each step to a store, and can be killed and started again."""

    def __init__(self, rpc: Rpc, url: str, start_block: int | None = None, depth: int = FINALITY_DEPTH) -> None:
        self.rpc = rpc
        self.url = url
        self.start_block = start_block
        self.depth = depth
        self.store = Store.open(url)
        self.now_ms = 0
        self.told: list[Step] = []
        self._start()

    def _start(self) -> None:
        final = self.store.final(SELECTOR)
        self.indexer = Indexer(
            self.rpc,
            chain_config(self.depth),
            [WATCHED],
            self.store.tail(SELECTOR, REMEMBERED_FINAL_BLOCKS),
            None if final is None else final.number,
            start_block=self.start_block,
            logs=self.store.logs_above(SELECTOR, -1 if final is None else final.number),
        )

    def restart(self) -> None:
        self.store.close()
        self.store = Store.open(self.url)
        self._start()

    def poll(self, hint: Header | None = None, before_apply: Callable[[Step], None] = lambda _: None) -> list[Step]:
        """One poll, applied; the steps it told."""
        told: list[Step] = []
        for step in self.indexer.poll(hint):
            before_apply(step)
            self._apply(step)
            told.append(step)
            self.told.append(step)
        return told

    def _apply(self, step: Step) -> None:
        self.now_ms += 1
        match step:
            case Extended(blocks):
                self.store.append(SELECTOR, blocks, self.now_ms)
            case Finalised(number):
                self.store.finalise(SELECTOR, number)
            case Reorged(number):
                self.store.rewind(SELECTOR, number)
            case FinalityBroken() | Contradicted():
                pass

    def settle(self) -> None:
        """Poll until there is nothing new."""
        while self.poll():
            pass

    @property
    def blocks(self) -> list[Block]:
        return [Block(stored.header, stored.logs) for stored in self.store.history()]

    @property
    def payloads(self) -> list[bytes]:
        return [log.data for block in self.blocks for log in block.logs]

    @property
    def orphaned_payloads(self) -> list[bytes]:
        return [log.data for stored in self.store.orphans(SELECTOR) for log in stored.logs]

    @property
    def final_number(self) -> int | None:
        final = self.store.final(SELECTOR)
        return None if final is None else final.number

    def close(self) -> None:
        self.store.close()


class Gate:
    """The three questions an indexer asks, counted, and refused or altered where a test says so."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self.asked: list[str] = []
        self.calls_left: int | None = None
        """After so many answers the endpoint is gone."""
        self.range_blocks_max: int | None = None
        self.knows_finalized = True
        self.alter: Callable[[list[RawLog]], list[RawLog]] = lambda logs: logs

    def _ask(self, name: str) -> None:
        if self.calls_left is not None:
            if self.calls_left == 0:
                raise RpcUnreachable("gone")
            self.calls_left -= 1
        self.asked.append(name)

    def header(self, block: int | bytes | str) -> Header | None:
        self._ask(block if isinstance(block, str) else "header")
        if block == "finalized" and not self.knows_finalized:
            raise RpcRefused(-32602, "invalid block tag")
        return self._rpc.header(block)

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        self._ask("logs")
        return self.alter(self._rpc.logs(block_hash, addresses))

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        self._ask("logs_in")
        if self.range_blocks_max is not None and last - first + 1 > self.range_blocks_max:
            raise RpcRefused(-32005, "query exceeds max block range")
        return self.alter(self._rpc.logs_in(first, last, addresses))


class Eyes:
    """Three endpoints of a scripted chain, two of which must agree."""

    def __init__(self) -> None:
        self.scripted = ScriptedRpc(1337)
        self.scripted.finality_depth = FINALITY_DEPTH
        self.endpoints = [ScriptedEndpoint(self.scripted) for _ in range(3)]
        self.rpc = QuorumRpc(self.endpoints, 1337, 2, is_inline=True)
        self.watched = [WATCHED]

    def mine(self, payload: bytes | None) -> None:
        self.scripted.mine([] if payload is None else [(WATCHED, ((TOPIC,), payload))])

    @property
    def winning_chain(self) -> list[Block]:
        """Read directly, block by block."""
        headers = [self.scripted.header(number) for number in range(self.scripted.head.number + 1)]
        return [Block(header, tuple(self.scripted.logs(header.hash, self.watched))) for header in headers]

    def invent(self, header: Header, logs: list[RawLog]) -> list[RawLog]:
        """What a lying endpoint says that a block holds."""
        return [*logs, RawLog(WATCHED, (TOPIC,), b"forged", header.number, header.hash, b"\x09" * 32, 99)]


@pytest.fixture
def new_eyes() -> type[Eyes]:
    return Eyes


class Playground(Protocol):
    """A chain under a test's control. Each payload becomes a block with one log of the watched address."""

    rpc: Gate

    def mine(self, *payloads: bytes | None) -> None: ...

    def reorg(self, depth: int) -> None:
        """Replace the last `depth` blocks by empty ones; the height stays."""

    def rollback(self, depth: int) -> None:
        """Drop the last `depth` blocks."""


class ScriptedPlayground:
    def __init__(self) -> None:
        self.scripted = ScriptedRpc(1337)
        self.scripted.finality_depth = FINALITY_DEPTH
        self.rpc = Gate(self.scripted)

    def mine(self, *payloads: bytes | None) -> None:
        for payload in payloads:
            noise = (UNWATCHED, ((TOPIC,), b"noise"))
            self.scripted.mine([noise] if payload is None else [noise, (WATCHED, ((TOPIC,), payload))])

    def reorg(self, depth: int) -> None:
        self.scripted.fork(depth)
        self.mine(*[None] * depth)

    def rollback(self, depth: int) -> None:
        self.scripted.fork(depth)


# copies its call data to memory and logs it under TOPIC
LOGGER = "0x365f5f377f" + TOPIC.hex() + "365fa100"


class AnvilPlayground:
    def __init__(self, anvil: Anvil) -> None:
        self.anvil = anvil
        self.rpc = Gate(anvil.rpc)
        anvil.rpc.request("evm_setAutomine", [False])
        for address in (WATCHED, UNWATCHED):
            anvil.rpc.request("anvil_setCode", ["0x" + address.hex(), LOGGER])
        [self.sender] = anvil.rpc.request("eth_accounts", [])

    def mine(self, *payloads: bytes | None) -> None:
        for payload in payloads:
            self._send(UNWATCHED, b"noise")
            if payload is not None:
                self._send(WATCHED, payload)
            self.anvil.rpc.request("evm_mine", [])

    def _send(self, to: bytes, data: bytes) -> None:
        call = {"from": self.sender, "to": "0x" + to.hex(), "data": "0x" + data.hex(), "gas": "0x186a0"}
        self.anvil.rpc.request("eth_sendTransaction", [call])

    def reorg(self, depth: int) -> None:
        self.anvil.rpc.request("anvil_reorg", [depth, []])

    def rollback(self, depth: int) -> None:
        self.anvil.rpc.request("anvil_rollback", [depth])


@pytest.fixture(params=["scripted", "anvil"])
def playground(request: pytest.FixtureRequest) -> Iterator[Playground]:
    if request.param == "scripted":
        yield ScriptedPlayground()
    else:
        with Anvil.start(1337, block_time_s=0) as anvil:
            yield AnvilPlayground(anvil)


@pytest.fixture
def follower(playground: Playground, tmp_path: Path) -> Iterator[Follower]:
    followed = Follower(playground.rpc, f"sqlite:///{tmp_path / 'node.db'}")
    yield followed
    followed.close()


@pytest.fixture
def chain() -> Chain:
    return chain_config()


@pytest.fixture
def scripted() -> ScriptedPlayground:
    return ScriptedPlayground()


@pytest.fixture
def new_scripted() -> type[ScriptedPlayground]:
    return ScriptedPlayground


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Callable[..., Follower]]:
    """Starts a follower with a record of its own: `follow(rpc, start_block=None, depth=2)`."""
    started: list[Follower] = []

    def start(rpc: Rpc, **how: int) -> Follower:
        started.append(Follower(rpc, f"sqlite:///{tmp_path / f'node-{len(started)}.db'}", **how))
        return started[-1]

    yield start
    for follower in started:
        follower.close()
