"""The indexer on a scripted chain and on a real one: the same questions, the same answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ccip_core.rpc import RpcError
from rmn_service.steps import Extended, Finalised, FinalityBroken, Reorged

if TYPE_CHECKING:
    from conftest import Follower, Playground


def numbers_of(steps: list[object]) -> list[int]:
    return [block.header.number for step in steps if isinstance(step, Extended) for block in step.blocks]


def test_it_follows_a_quiet_chain(playground: Playground, follower: Follower) -> None:
    playground.mine(b"one", None, b"two", b"three")
    follower.settle()
    assert follower.payloads == [b"one", b"two", b"three"]
    playground.mine(b"four")
    [extended, finalised] = follower.poll()
    assert isinstance(extended, Extended)
    assert [log.data for log in extended.blocks[0].logs] == [b"four"]
    assert finalised == Finalised(extended.blocks[0].header.number - 2)
    assert follower.final_number == finalised.number
    assert follower.indexer.lag_blocks == 0
    assert follower.poll() == []
    headers = [block.header for block in follower.blocks]
    assert [header.parent_hash for header in headers[1:]] == [header.hash for header in headers[:-1]]


def test_a_pushed_head_is_taken_as_it_comes(playground: Playground, follower: Follower) -> None:
    playground.mine(b"one")
    follower.settle()
    playground.mine(b"two")
    head = playground.rpc.header("latest")
    assert numbers_of(follower.poll(head)) == [head.number]
    assert follower.poll(head) == []  # pushed twice
    playground.mine(b"three", b"four")
    assert numbers_of(follower.poll(head)) == [head.number + 1, head.number + 2]  # late, and two were never pushed
    assert follower.payloads == [b"one", b"two", b"three", b"four"]


def test_a_reorg_that_keeps_the_height_is_noticed(playground: Playground, follower: Follower) -> None:
    playground.mine(b"one", b"two", b"three", b"four")
    follower.settle()
    height = follower.indexer.tip.number
    playground.reorg(1)
    [reorged, extended] = follower.poll()
    assert reorged == Reorged(height - 1)
    assert numbers_of([extended]) == [height]
    assert follower.payloads == [b"one", b"two", b"three"]
    assert follower.orphaned_payloads == [b"four"]


def test_a_longer_branch_replaces_ours(playground: Playground, follower: Follower) -> None:
    playground.mine(b"one", b"two", b"three", b"four")
    follower.settle()
    height = follower.indexer.tip.number
    playground.reorg(2)
    playground.mine(b"five", b"six")
    assert follower.poll()[0] == Reorged(height - 2)
    assert follower.payloads == [b"one", b"two", b"five", b"six"]
    assert follower.orphaned_payloads == [b"three", b"four"]


def test_a_shortened_chain_is_noticed(playground: Playground, follower: Follower) -> None:
    playground.mine(b"one", b"two", b"three", b"four")
    follower.settle()
    height = follower.indexer.tip.number
    playground.rollback(2)
    assert follower.poll() == [Reorged(height - 2)]
    assert follower.payloads == [b"one", b"two"]
    playground.mine(b"five")
    follower.settle()
    assert follower.payloads == [b"one", b"two", b"five"]
    assert follower.orphaned_payloads == [b"three", b"four"]


@pytest.mark.parametrize("depth", [3, 4])
# INV-REC-4
def test_a_reorg_past_finality_stops_the_indexer_once(playground: Playground, follower: Follower, depth: int) -> None:
    playground.mine(*[b"%d" % number for number in range(8)])
    follower.settle()
    before = follower.blocks
    playground.reorg(depth)
    [broken] = follower.poll()
    first = follower.final_number - (depth - 3)  # two blocks of the reorg were not final yet
    assert isinstance(broken, FinalityBroken)
    assert broken.block_number == first
    assert broken.old_hash == next(block.header.hash for block in before if block.header.number == first)
    assert broken.new_hash == playground.rpc.header(first).hash
    assert follower.indexer.is_stopped
    playground.mine(b"more")
    assert follower.poll() == []
    assert follower.blocks == before  # what was final stays in the record
    follower.restart()  # forgetting is no way out
    assert [type(step) for step in follower.poll()] == [FinalityBroken]


def test_a_chain_cut_below_finality_is_an_error_until_it_has_grown_again(
    playground: Playground, follower: Follower
) -> None:
    """Missing blocks prove nothing: the endpoint may be another, slower one."""
    playground.mine(*[b"%d" % number for number in range(8)])
    follower.settle()
    before = follower.blocks
    playground.rollback(5)
    with pytest.raises(RpcError):
        follower.poll()
    assert not follower.indexer.is_stopped
    assert follower.blocks == before
    playground.mine(*[b"other"] * 6)
    assert [type(step) for step in follower.poll()] == [FinalityBroken]


def test_a_restart_goes_on_where_the_record_ends(playground: Playground, follower: Follower) -> None:
    playground.mine(b"one", b"two", b"three", b"four")
    follower.settle()
    follower.restart()
    assert follower.poll() == []
    playground.mine(b"five")
    playground.reorg(2)  # four and five, while we were away
    playground.mine(b"six")
    follower.restart()
    follower.settle()
    assert follower.payloads == [b"one", b"two", b"three", b"six"]
    assert follower.orphaned_payloads == [b"four"]
