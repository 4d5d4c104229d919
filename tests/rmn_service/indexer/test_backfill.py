"""Catching up: where a record begins, and how a long gap behind finality is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ccip_core.deployment import NOBODY, Chain, Token
from ccip_core.rpc import RpcMalformed, RpcRefused
from rmn_service import indexer
from rmn_service.indexer import FRESH_BLOCKS, RANGE_MAX_HEADERS, RANGES_PER_POLL, watched_addresses
from rmn_service.steps import FinalityBroken, Reorged

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Follower, ScriptedPlayground


def mine_sparsely(scripted: ScriptedPlayground, blocks: int, every: int) -> list[bytes]:
    """Blocks of which every so-manieth has a log; the payloads."""
    payloads = [None if number % every else b"%d" % number for number in range(blocks)]
    scripted.mine(*payloads)
    return [payload for payload in payloads if payload is not None]


def test_a_long_gap_is_closed_in_ranges(scripted: ScriptedPlayground, follow: Callable[..., Follower]) -> None:
    payloads = mine_sparsely(scripted, 3_000, every=100)
    follower = follow(scripted.rpc)
    follower.settle()
    assert follower.payloads == payloads
    assert follower.indexer.tip == scripted.scripted.head
    assert follower.final_number == scripted.scripted.head.number - 2
    assert len(scripted.rpc.asked) < 100
    assert len(follower.blocks) < 60  # only blocks with logs, the ends of the ranges, and what is linked


def test_nothing_is_missing_where_every_block_has_logs(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    payloads = mine_sparsely(scripted, 700, every=1)
    follower = follow(scripted.rpc)
    follower.poll()
    assert len(scripted.rpc.asked) <= 2 + RANGES_PER_POLL * (1 + RANGE_MAX_HEADERS)  # one poll is bounded
    follower.settle()
    assert follower.payloads == payloads
    numbers = [block.header.number for block in follower.blocks]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("range_blocks_max", [1, 10, 500])
def test_a_provider_that_caps_ranges_gets_smaller_ones(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], range_blocks_max: int
) -> None:
    payloads = mine_sparsely(scripted, 120 if range_blocks_max < 100 else 3_000, every=10)
    scripted.rpc.range_blocks_max = range_blocks_max
    follower = follow(scripted.rpc)
    while follower.indexer.lag_blocks != 0:
        follower.poll()
    assert follower.payloads == payloads


def test_a_provider_without_ranges_is_an_error(scripted: ScriptedPlayground, follow: Callable[..., Follower]) -> None:
    mine_sparsely(scripted, 300, every=10)
    scripted.rpc.range_blocks_max = 0
    follower = follow(scripted.rpc)
    for _ in range(2):
        follower.poll()  # asks for less and less
    with pytest.raises(RpcRefused, match="max block range"):
        follower.poll()
    assert follower.blocks == []


@pytest.mark.parametrize("answers", [0, 1, 2, 3, 10, 50, 75])
def test_losing_the_endpoint_during_backfill_loses_nothing(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], answers: int
) -> None:
    payloads = mine_sparsely(scripted, 2_000, every=30)
    follower = follow(scripted.rpc)
    scripted.rpc.calls_left = answers
    with pytest.raises(Exception, match="gone"):
        follower.settle()
    scripted.rpc.calls_left = None
    follower.restart()
    follower.settle()
    assert follower.payloads == payloads


def test_a_log_that_contradicts_its_header_is_refused(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    mine_sparsely(scripted, 300, every=10)
    follower = follow(scripted.rpc)
    scripted.rpc.alter = lambda logs: [log._replace(block_hash=bytes(32)) for log in logs]
    with pytest.raises(RpcMalformed, match="a log of another block"):
        follower.poll()
    scripted.rpc.alter = lambda logs: [log._replace(block_number=5_000) for log in logs]
    with pytest.raises(RpcMalformed, match="got a log of block 5000"):
        follower.poll()
    assert follower.blocks == []


def test_a_node_that_was_away_checks_its_branch_before_it_catches_up(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    scripted.mine(b"one", b"two", b"three", b"four")
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.reorg(2)
    payloads = mine_sparsely(scripted, 500, every=50)
    assert follower.poll()[0] == Reorged(2)
    follower.settle()
    assert follower.payloads == [b"one", b"two", *payloads]
    assert follower.orphaned_payloads == [b"three", b"four"]


def test_finality_broken_while_away_is_found_on_return(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    scripted.mine(*[b"x"] * 10)
    follower = follow(scripted.rpc)
    follower.settle()
    scripted.reorg(5)
    mine_sparsely(scripted, 500, every=50)
    follower.restart()
    [broken] = follower.poll()
    assert isinstance(broken, FinalityBroken)
    assert broken.block_number == 6  # of 6, 7 and 8, which were final
    assert follower.indexer.is_stopped


def test_a_fresh_record_of_a_young_chain_begins_at_genesis(
    scripted: ScriptedPlayground, follow: Callable[..., Follower]
) -> None:
    scripted.mine(b"one")
    follower = follow(scripted.rpc)
    follower.settle()
    assert [block.header.number for block in follower.blocks] == [0, 1]


def test_a_fresh_record_of_an_old_chain_begins_a_while_ago(
    scripted: ScriptedPlayground, follow: Callable[..., Follower], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FRESH_BLOCKS == 20_000
    monkeypatch.setattr(indexer, "FRESH_BLOCKS", 50)
    payloads = mine_sparsely(scripted, 200, every=1)
    follower = follow(scripted.rpc)
    assert follower.indexer.lag_blocks is None
    follower.poll()
    assert follower.blocks[0].header.number == 150
    assert follower.payloads == payloads[149:]


def test_a_start_block_is_obeyed(scripted: ScriptedPlayground, follow: Callable[..., Follower]) -> None:
    payloads = mine_sparsely(scripted, 200, every=1)
    follower = follow(scripted.rpc, start_block=20)
    follower.settle()
    assert follower.payloads == payloads[19:]
    later = follow(scripted.rpc, start_block=205)
    assert later.poll() == []
    assert later.indexer.lag_blocks == 0
    scripted.mine(*[b"x"] * 6)
    later.settle()
    assert [block.header.number for block in later.blocks] == [205, 206]


def test_everything_that_the_deployment_names_is_watched(chain: Chain) -> None:
    token = Token(symbol="BNM", address=b"\x01" * 20, pool=b"\x02" * 20, pool_type="burn_mint", decimals=18)
    voting = chain.contracts.model_copy(update={"curse_voting": b"\x03" * 20, "on_ramp": b"\x04" * 20})
    watched = watched_addresses(chain.model_copy(update={"tokens": (token,), "contracts": voting}))
    assert sorted(watched) == [b"\x01" * 20, b"\x02" * 20, b"\x03" * 20, b"\x04" * 20, chain.contracts.router]
    of_1_5 = chain.model_copy(update={"contracts": chain.contracts.model_copy(update={"on_ramp": NOBODY})})
    assert NOBODY not in watched_addresses(of_1_5)
