"""What the record holds of the chains: byte for byte, once, in order, with the orphans."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccip_core.protocol.logs import Header, RawLog
from ccip_core.protocol.messages import ChainSelector
from rmn_service.errors import StoreError
from rmn_service.steps import Block
from rmn_service.store import Store

if TYPE_CHECKING:
    from pathlib import Path

LARGE = ChainSelector(16015286601757825753)  # above 2^63: fits no SQLite integer
SMALL = ChainSelector(3379446385462418246)


def hash_of(number: int, branch: int = 0) -> bytes:
    return bytes([branch]) * 16 + number.to_bytes(16)


def block(number: int, branch: int = 0, parent_branch: int | None = None, logs: int = 2) -> Block:
    parent = branch if parent_branch is None else parent_branch
    header = Header(number, hash_of(number, branch), hash_of(number - 1, parent), 1_000 + number)
    return Block(
        header,
        tuple(
            RawLog(
                bytes([index]) * 20, (b"\x01" * 32,) * index, b"\x00\xff" * index, number, header.hash, b"t" * 32, index
            )
            for index in range(logs)
        ),
    )


def canonical(store: Store, chain: ChainSelector = LARGE) -> list[Block]:
    return [Block(stored.header, stored.logs) for stored in store.history() if stored.chain == chain]


def test_blocks_come_back_byte_for_byte(store: Store) -> None:
    blocks = [block(number, logs=5) for number in range(1, 4)]
    store.append(LARGE, blocks, known_at_ms=77)
    assert canonical(store) == blocks
    assert store.cursor(LARGE) == blocks[-1].header
    assert {stored.known_at_ms for stored in store.history()} == {77}
    assert store.cursor(SMALL) is None


log_bytes = st.builds(
    RawLog,
    st.binary(min_size=20, max_size=20),
    st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple),
    st.binary(max_size=200),
    st.just(5),
    st.just(hash_of(5)),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**63 - 1),
)


@pytest.mark.hypothesis
def test_any_log_survives(store: Store) -> None:
    chains = map(ChainSelector, itertools.count(1 << 63))

    @settings(max_examples=settings.default.max_examples // 2)
    @given(st.lists(log_bytes, max_size=6, unique_by=lambda log: log.log_index))
    def survives(logs: list[RawLog]) -> None:
        chain = next(chains)
        logs.sort(key=lambda log: log.log_index)
        stated = Block(Header(5, hash_of(5), hash_of(4), 2**63 - 1), tuple(logs))
        store.append(chain, [stated], 1)
        assert canonical(store, chain) == [stated]

    survives()


# INV-REC-3
def test_saying_a_block_twice_changes_nothing(store: Store) -> None:
    blocks = [block(number) for number in range(1, 4)]
    store.append(LARGE, blocks, 10)
    store.append(LARGE, blocks, 20)
    store.append(LARGE, blocks[1:2], 30)
    assert canonical(store) == blocks
    assert {stored.known_at_ms for stored in store.history()} == {10}


# INV-REC-2
def test_a_rewind_keeps_the_orphans_as_evidence(store: Store) -> None:
    first = [block(number) for number in range(1, 5)]
    store.append(LARGE, first, 10)
    store.rewind(LARGE, 2)
    assert store.cursor(LARGE) == first[1].header
    second = [block(3, branch=1, parent_branch=0), block(4, branch=1)]
    store.append(LARGE, second, 20)
    assert canonical(store) == first[:2] + second
    assert [Block(stored.header, stored.logs) for stored in store.orphans(LARGE)] == first[2:]
    assert list(store.orphans(SMALL)) == []


def test_an_orphan_that_comes_back_is_canonical_again(store: Store) -> None:
    first = [block(number) for number in range(1, 4)]
    store.append(LARGE, first, 10)
    store.rewind(LARGE, 2)
    other = block(3, branch=1, parent_branch=0)
    store.append(LARGE, [other], 20)
    store.rewind(LARGE, 2)
    store.append(LARGE, first[2:], 30)
    assert canonical(store) == first
    assert [stored.header for stored in store.orphans(LARGE)] == [other.header]
    assert [stored.known_at_ms for stored in store.history()] == [10, 10, 10]  # we knew it since then


@pytest.mark.parametrize(
    "wrong",
    [
        [block(4, branch=1)],  # its parent is not our block 3
        [block(3, branch=1, parent_branch=0)],  # there is a block 3 already
        [block(4), block(5, branch=1)],  # the second does not follow from the first
    ],
)
def test_a_chain_can_not_be_forked_by_accident(store: Store, wrong: list[Block]) -> None:
    blocks = [block(number) for number in range(1, 4)]
    store.append(LARGE, blocks, 10)
    with pytest.raises(StoreError):
        store.append(LARGE, wrong, 20)
    assert canonical(store) == blocks  # the whole transaction is gone


def test_finality_grows_and_stands_in_the_way_of_a_rewind(store: Store) -> None:
    blocks = [block(number) for number in range(1, 6)]
    store.append(LARGE, blocks, 10)
    assert store.final(LARGE) is None
    store.finalise(LARGE, 3)
    store.finalise(LARGE, 2)
    assert store.final(LARGE) == blocks[2].header
    assert [stored.is_final for stored in store.history()] == [True, True, True, False, False]
    with pytest.raises(StoreError, match="block 3 is final"):
        store.rewind(LARGE, 2)
    store.rewind(LARGE, 3)
    assert store.cursor(LARGE) == blocks[2].header


def test_the_tail_reaches_back_to_the_last_final_block(store: Store) -> None:
    headers = [block(number).header for number in range(1, 11)]
    store.append(LARGE, [block(number) for number in range(1, 11)], 10)
    assert store.tail(LARGE, 3) == headers  # nothing is final: a reorg could reach everything
    store.finalise(LARGE, 4)
    assert store.tail(LARGE, 3) == headers[3:]
    assert store.tail(LARGE, 9) == headers[1:]
    assert store.tail(LARGE, 99) == headers
    assert store.tail(SMALL, 3) == []


def test_history_is_told_in_the_order_of_arrival_over_all_chains(store: Store) -> None:
    for number in range(1, 4):
        store.append(LARGE, [block(number)], 10 * number)
        store.append(SMALL, [block(number, branch=7)], 10 * number + 5)
    told = [(stored.known_at_ms, stored.chain, stored.header.number) for stored in store.history()]
    assert told == [(10, LARGE, 1), (15, SMALL, 1), (20, LARGE, 2), (25, SMALL, 2), (30, LARGE, 3), (35, SMALL, 3)]


def test_history_keeps_parents_before_children_when_the_clock_is_set_back(store: Store) -> None:
    for number, known_at_ms in enumerate([50, 40, 30], start=1):
        store.append(LARGE, [block(number)], known_at_ms)
    assert [stored.header.number for stored in store.history()] == [1, 2, 3]


def test_a_long_history_is_told_whole(store: Store) -> None:
    blocks = [block(number, logs=number % 3) for number in range(1, 2_502)]
    store.append(LARGE, blocks, 10)
    assert canonical(store) == blocks


def test_the_api_reads_while_the_corridor_writes(store: Store) -> None:
    """A reader sees whole blocks only, and neither waits for the other."""
    stop, torn, reads = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            told = [(stored.header.number, len(stored.logs)) for stored in store.history()]
            reads.append(len(told))
            if told != [(number, 3) for number in range(1, len(told) + 1)]:
                torn.append(told)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 101):
        store.append(LARGE, [block(number, logs=3)], number)
        store.put("incident", str(number % 3), {"number": number}, number)
        store.audit_append("note", {"number": number}, number)
    stop.set()
    for reader in readers:
        reader.join(20)
    assert not torn
    assert reads
    assert len(canonical(store)) == 100


def test_restart_finds_everything(store_url: str, tmp_path: Path) -> None:
    blocks = [block(number) for number in range(1, 6)]
    with Store.open(store_url) as store:
        store.append(LARGE, blocks, 10)
        store.finalise(LARGE, 2)
    with Store.open(store_url) as store:
        assert canonical(store) == blocks
        assert store.final(LARGE) == blocks[1].header
    with Store.open(store_url, read_only=True) as store:
        assert canonical(store) == blocks
        with pytest.raises(StoreError, match="read-only"):
            store.append(LARGE, [block(6)], 20)
    assert {path.name for path in tmp_path.iterdir()} <= {"node.db", "node.db-wal", "node.db-shm", "node.db-lock"}
