"""What an endpoint may do to us: fall silent, refuse, lag, contradict itself. Nothing is lost, nothing comes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.logs import Header
from ccip_core.rpc import RpcMalformed, RpcRefused, RpcUnreachable
from rmn_service.indexer import BLOCKS_PER_POLL, EndpointBehindError, Indexer
from rmn_service.steps import Finalised, Reorged

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Follower, ScriptedPlayground

    from ccip_core.deployment import Chain
    from ccip_core.protocol.logs import RawLog
    from rmn_service.steps import Step


class CrashError(Exception):
    pass


def test_a_pushed_block_costs_one_call_before_it_is_judged(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.mine(b"one")
    scripted.rpc.asked.clear()
    asked_before_apply: list[list[str]] = []
    follower.poll(scripted.scripted.head, lambda _: asked_before_apply.append(list(scripted.rpc.asked)))
    assert asked_before_apply == [["logs"]]  # finality is asked for after the judge had its turn
    scripted.mine(b"two", b"three")
    scripted.rpc.asked.clear()
    follower.poll(scripted.scripted.head)
    assert sorted(scripted.rpc.asked) == ["finalized", "header", "latest", "logs", "logs", "logs"]  # the last one again


@pytest.mark.parametrize("answers", range(12))
def test_losing_the_endpoint_at_any_call_loses_nothing(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], answers: int
) -> None:
    scripted.mine(b"one", b"two", b"three", b"four")
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.reorg(2)
    scripted.mine(b"five", b"six")
    scripted.rpc.calls_left = answers
    before = follower.indexer.tip
    try:
        follower.poll()
    except RpcUnreachable:
        if answers < 4:  # latest, the header above our tip, two headers down to the fork
            assert follower.indexer.tip == before
    scripted.rpc.calls_left = None
    follower.settle()
    assert follower.payloads == [b"one", b"two", b"five", b"six"]
    assert follower.orphaned_payloads == [b"three", b"four"]
    assert [step.number for step in follower.told if isinstance(step, Reorged)] == [2]


@pytest.mark.parametrize("crash_at", range(4))
@pytest.mark.parametrize("is_restarted", [True, False])
def test_a_crash_between_steps_loses_nothing(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], crash_at: int, is_restarted: bool
) -> None:
    scripted.mine(b"one", b"two", b"three", b"four")
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.reorg(2)
    scripted.mine(*[b"%d" % number for number in range(40)])  # Reorged, Extended twice, Finalised
    countdown = iter(range(crash_at, -1, -1))

    def crash(_: Step) -> None:
        if next(countdown) == 0:
            raise CrashError

    with pytest.raises(CrashError):
        follower.poll(before_apply=crash)
    if is_restarted:
        follower.restart()
    follower.settle()
    assert follower.payloads == [b"one", b"two", *[b"%d" % number for number in range(40)]]
    assert follower.orphaned_payloads == [b"three", b"four"]
    assert follower.final_number == scripted.scripted.head.number - 2


def test_a_cut_off_chain_is_an_error_and_goes_on_afterwards(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    follower = follow(scripted.rpc)
    scripted.mine(b"one")
    scripted.scripted.cut_off()
    with pytest.raises(RpcUnreachable):
        follower.poll()
    assert follower.blocks == []
    scripted.mine(b"two")
    scripted.scripted.restore()
    follower.settle()
    assert follower.payloads == [b"one", b"two"]


def test_one_poll_is_bounded_and_says_how_far_it_is(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    follower = follow(scripted.rpc, depth=10_000)
    scripted.rpc.knows_finalized = False  # nothing is final: every block must be linked
    scripted.mine(*[b"x"] * (2 * BLOCKS_PER_POLL))
    follower.poll()
    assert follower.indexer.head == scripted.scripted.head
    assert follower.indexer.lag_blocks == BLOCKS_PER_POLL + 1
    follower.poll()
    assert follower.indexer.lag_blocks == 1
    follower.poll()
    assert follower.indexer.lag_blocks == 0
    assert len(follower.payloads) == 2 * BLOCKS_PER_POLL


def test_without_the_finalized_tag_depth_decides(scripted: ScriptedPlayground, follow: Callable[..., Follower]) -> None:
    scripted.rpc.knows_finalized = False
    follower = follow(scripted.rpc, depth=3)
    scripted.mine(b"one", b"two")
    follower.settle()
    assert follower.final_number is None  # three blocks must stand on it
    scripted.mine(b"three", b"four")
    follower.settle()
    assert follower.final_number == 1


def test_a_node_that_knew_the_tag_may_not_forget_it(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    """The configured depth may be far weaker than the chain's finality: doubt must not weaken what is final."""
    scripted.scripted.finality_depth = 5
    follower = follow(scripted.rpc, depth=0)
    scripted.mine(*[b"x"] * 8)
    follower.settle()
    scripted.rpc.knows_finalized = False
    scripted.mine(b"y")
    with pytest.raises(RpcRefused):
        follower.poll()
    assert follower.payloads[-1] == b"y"  # the block itself is recorded
    assert follower.final_number == 3


def test_finality_only_grows(scripted: ScriptedPlayground, follow: Callable[..., Follower]) -> None:
    scripted.mine(*[b"x"] * 8)
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.scripted.finality_depth = 6
    scripted.mine(b"y")
    assert [step for step in follower.poll() if isinstance(step, Finalised)] == []
    assert follower.final_number == 6


def test_an_endpoint_that_is_behind_is_not_believed(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    scripted.mine(*[b"x"] * 8)
    follower = follow(scripted.rpc)
    follower.settle()
    before = follower.blocks
    scripted.rollback(4)
    with pytest.raises(EndpointBehindError, match="block 6 was final"):
        follower.poll()
    assert follower.blocks == before


@pytest.mark.parametrize(
    "change",
    [
        {"block_hash": bytes(32)},
        {"block_number": 3},
        {"log_index": -1},
        {"log_index": 1 << 63},
    ],
)
def test_a_log_that_can_not_be_is_refused(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], change: dict[str, object]
) -> None:
    follower = follow(scripted.rpc)
    follower.settle()
    before = follower.blocks
    scripted.mine(b"one")
    scripted.rpc.alter = lambda logs: [log._replace(**change) for log in logs]
    with pytest.raises(RpcMalformed):
        follower.poll()
    scripted.rpc.alter = lambda logs: logs * 2
    with pytest.raises(RpcMalformed, match="two logs with index"):
        follower.poll()
    assert follower.blocks == before
    scripted.rpc.alter = lambda logs: [log._replace(address=bytes(20)) for log in logs]
    follower.poll()
    assert len(follower.blocks) == len(before) + 1
    assert follower.payloads == []  # a stranger's log is not ours


@pytest.mark.parametrize("number", [2, 1 << 63])
def test_a_header_that_does_not_link_is_not_recorded(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], number: int
) -> None:
    scripted.mine(b"one", b"two")
    follower = follow(scripted.rpc)
    follower.settle()
    told = follower.poll(Header(number, b"\x01" * 32, b"\x02" * 32, 0))
    assert told == []
    assert follower.payloads == [b"one", b"two"]


def test_an_absurd_header_is_refused(scripted: ScriptedPlayground, follow: Callable[..., Follower]) -> None:
    follower = follow(scripted.rpc)
    follower.settle()
    tip = follower.indexer.tip
    with pytest.raises(RpcMalformed, match="no such number or time"):
        follower.poll(Header(tip.number + 1, b"\x01" * 32, tip.hash, 1 << 63))
    assert follower.indexer.tip == tip


def test_a_tail_that_does_not_reach_the_final_block_is_a_mistake(scripted: ScriptedPlayground, chain: Chain) -> None:
    headers = [scripted.scripted.mine() for _ in range(4)]
    with pytest.raises(ValueError, match="above the final block 2"):
        Indexer(scripted.rpc, chain, [], headers[2:], 2)


def after_logs(scripted: ScriptedPlayground, questions: int, act: Callable[[], None]) -> None:
    """Do something to the chain right after so many questions for logs."""
    countdown = iter(range(questions - 1, -1, -1))

    def alter(logs: list[RawLog]) -> list[RawLog]:
        if next(countdown, None) == 0:
            act()
        return logs

    scripted.rpc.alter = alter


def test_a_chain_that_moves_while_it_is_read_is_read_again(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.mine(b"one", b"two", b"three", b"four")

    def move() -> None:
        scripted.rollback(3)
        scripted.mine(b"other two", b"other three", b"other four")

    after_logs(scripted, 2, move)
    follower.poll()
    assert follower.payloads == [b"one", b"two"]  # block three is of another branch than our block two
    follower.settle()
    assert follower.payloads == [b"one", b"other two", b"other three", b"other four"]
    assert follower.orphaned_payloads == [b"two"]


def test_nothing_becomes_final_on_a_branch_that_has_just_died(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    scripted.mine(*[b"x"] * 9)
    follower = follow(scripted.rpc)
    follower.settle()
    assert follower.final_number == 7
    scripted.mine(b"old")

    def move() -> None:
        scripted.rollback(3)
        scripted.mine(b"new", b"new", b"new", b"new")

    after_logs(scripted, 1, move)
    with pytest.raises(RpcMalformed, match="final block 9 is not the block"):
        follower.poll(scripted.scripted.head)
    assert follower.final_number == 7
    follower.settle()
    assert follower.payloads == [b"x"] * 7 + [b"new"] * 4
    assert follower.final_number == 9


def test_an_endpoint_that_contradicts_itself_is_not_believed(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its block 4 is not the child of its block 3, poll after poll: no reorg, no progress, an error."""
    scripted.mine(b"one", b"two", b"three")
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.mine(b"four")
    honest = scripted.scripted.header

    def lie(block: object) -> Header | None:
        header = honest(block)
        return header._replace(parent_hash=bytes(32)) if header is not None and header.number == 4 else header

    monkeypatch.setattr(scripted.scripted, "header", lie)
    for _ in range(2):
        with pytest.raises(RpcMalformed, match="block 4 does not follow from block 3"):
            follower.poll()
    assert follower.payloads == [b"one", b"two", b"three"]
    monkeypatch.undo()
    follower.settle()
    assert follower.payloads == [b"one", b"two", b"three", b"four"]
