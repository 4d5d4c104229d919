"""Whatever a chain does, the follower's logs are the chain's logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.don import chain_follower
from ccip_core.don.chain_follower import ChainFollower
from ccip_core.protocol.events import Transfer
from ccip_core.rpc import RpcUnreachable
from ccip_core.scripted_rpc import ScriptedRpc

if TYPE_CHECKING:
    from ccip_core.protocol.logs import RawLog

OURS, FOREIGN = b"\x01" * 20, b"\x02" * 20


class Ledger:
    """What somebody knows who believes every step of a follower."""

    def __init__(self, rpc: ScriptedRpc, lookback_blocks: int = 10_000) -> None:
        self.rpc = rpc
        self.follower = ChainFollower(rpc, [OURS], lookback_blocks)
        self.logs: list[RawLog] = []

    def follow(self) -> None:
        step = self.follower.follow(self.rpc.head)
        if step.rewound_to is not None:
            self.logs = [log for log in self.logs if log.block_number <= step.rewound_to]
        self.logs += step.logs

    def check(self) -> None:
        assert self.logs == self.rpc.logs_in(0, self.rpc.head.number, [OURS])


def mine(rpc: ScriptedRpc, blocks: int = 1) -> None:
    for _ in range(blocks):
        rpc.mine([(OURS, Transfer(OURS, OURS, rpc.head.number)), (FOREIGN, Transfer(OURS, OURS, 1))])


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6), st.booleans()), max_size=25))
def test_after_any_history_of_blocks_and_reorgs_the_logs_are_the_chains(history: list[tuple[int, int, bool]]):
    ledger = Ledger(ScriptedRpc(1))
    for fork, blocks, is_followed in history:
        ledger.rpc.fork(min(fork, ledger.rpc.head.number))
        mine(ledger.rpc, blocks + fork)
        if is_followed:
            ledger.follow()
            ledger.check()
    mine(ledger.rpc)
    ledger.follow()
    ledger.check()


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 45), st.integers(1, 45))
def test_gaps_and_forks_deeper_than_memory_are_read_again(first: int, gap: int, fork: int, after: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain_follower, "MEMORY_BLOCKS", 8)
        patch.setattr(chain_follower, "LINKED_BLOCKS", 3)
        patch.setattr(chain_follower, "SPAN_BLOCKS", 5)
        ledger = Ledger(ScriptedRpc(1))
        mine(ledger.rpc, first)
        ledger.follow()
        mine(ledger.rpc, gap)
        ledger.rpc.fork(min(fork, ledger.rpc.head.number))
        mine(ledger.rpc, after)
        ledger.follow()
        ledger.check()


def test_one_question_a_block_when_nothing_unusual_happens():
    rpc = ScriptedRpc(1)
    mine(rpc, 3)
    ledger = Ledger(rpc)
    ledger.follow()
    asked = []
    logs = rpc.logs
    rpc.logs = lambda *args: asked.append(args) or logs(*args)  # type: ignore[method-assign]
    rpc.header = lambda block: pytest.fail(f"asked for header {block!r}")  # type: ignore[method-assign]
    for _ in range(5):
        mine(rpc)
        ledger.follow()
    assert len(asked) == 5


def test_a_chain_that_fails_half_way_is_read_whole_later():
    rpc = ScriptedRpc(1)
    mine(rpc, 5)
    ledger = Ledger(rpc)
    ledger.follow()
    rpc.fork(2)
    mine(rpc, 6)
    logs, count = rpc.logs, 0

    def failing(block_hash: bytes, addresses: object = None) -> list[RawLog]:
        nonlocal count
        count += 1
        if count == 3:
            raise RpcUnreachable("gone")
        return logs(block_hash, addresses)  # type: ignore[arg-type]

    rpc.logs = failing  # type: ignore[method-assign]
    with pytest.raises(RpcUnreachable):
        ledger.follow()
    ledger.follow()
    ledger.check()


def test_what_lies_before_the_lookback_is_not_read():
    rpc = ScriptedRpc(1)
    mine(rpc, 100)
    ledger = Ledger(rpc, lookback_blocks=40)
    ledger.follow()
    assert [log.block_number for log in ledger.logs] == list(range(60, 101))
