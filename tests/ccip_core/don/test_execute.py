"""What the execution plugin sends is provable, in order, once, and within limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ccip_core.don.execute import (
    BATCH_GAS_MAX,
    CommittedRoot,
    SeenMessage,
    SenderLane,
    batch_gas,
    executable,
    message_gas,
    senders,
)
from ccip_core.protocol.hashing import leaf
from ccip_core.protocol.merkle import Proof, compute_root, merkle_root
from ccip_core.protocol.messages import (
    Any2EVMRampMessage,
    Any2EVMTokenTransfer,
    ChainSelector,
    MerkleRoot,
    RampMessageHeader,
)

SOURCE, DEST = ChainSelector(11), ChainSelector(22)
ON_RAMP = bytes(12) + b"\x11" * 20
ALICE, BOB = bytes(12) + b"\xaa" * 20, bytes(12) + b"\xbb" * 20


def message(number: int, nonce: int = 0, sender: bytes = ALICE, gas_limit: int = 200_000) -> SeenMessage:
    header = RampMessageHeader(number.to_bytes(32), SOURCE, DEST, number, nonce)
    token = Any2EVMTokenTransfer(ON_RAMP, b"\x44" * 20, 125_000, bytes(32), 10**18)
    whole = Any2EVMRampMessage(header, sender, b"hello", b"\x55" * 20, gas_limit, (token,))
    return SeenMessage(whole, leaf(whole, ON_RAMP))


def committed(*messages: SeenMessage) -> CommittedRoot:
    numbers = [seen.message.header.sequence_number for seen in messages]
    root = merkle_root([seen.leaf for seen in messages])
    return CommittedRoot(MerkleRoot(SOURCE, ON_RAMP, min(numbers), max(numbers), root), messages)


def free(_source: ChainSelector, _number: int) -> bool:
    return False


def numbers_of(reports: list) -> list[int]:
    return [message.header.sequence_number for report in reports for message in report.messages]


@given(st.integers(1, 30), st.sets(st.integers(1, 30)))
def test_every_report_proves_its_messages_against_the_committed_root(count: int, attempted: set[int]):
    root = committed(*(message(number, gas_limit=0) for number in range(1, count + 1)))
    reports = executable([root], {}, lambda _source, number: number in attempted)
    assert numbers_of(reports) == [number for number in range(1, count + 1) if number not in attempted]
    for report in reports:
        leaves = [leaf(each, ON_RAMP) for each in report.messages]
        assert compute_root(leaves, Proof(report.proofs, report.proof_flag_bits)) == root.root.merkle_root
        assert [len(data) for data in report.offchain_token_data] == [1] * len(report.messages)


def test_a_root_that_our_messages_do_not_hash_to_is_not_executed():
    honest = committed(message(1), message(2))
    forged = honest._replace(root=honest.root._replace(merkle_root=b"\x66" * 32))
    assert not forged.is_rebuilt
    assert executable([forged], {}, free) == []


def test_a_root_with_a_message_that_we_have_not_seen_is_not_executed():
    missing = committed(message(1), message(2))._replace(messages=())
    assert executable([missing], {}, free) == []


@given(st.lists(st.sampled_from([ALICE, BOB]), min_size=1, max_size=12), st.integers(0, 3), st.integers(0, 3))
def test_each_senders_messages_go_in_the_order_of_nonces_from_the_next_one(order: list[bytes], alice: int, bob: int):
    nonces = {ALICE: 0, BOB: 0}
    messages = []
    for number, sender in enumerate(order, 1):
        nonces[sender] += 1
        messages.append(message(number, nonces[sender], sender))
    done = {SenderLane(SOURCE, ALICE): alice, SenderLane(SOURCE, BOB): bob}
    reports = executable([committed(*messages)], done, free)
    sent = [(each.sender, each.header.nonce) for report in reports for each in report.messages]
    for sender, first in ((ALICE, alice), (BOB, bob)):
        assert [nonce for who, nonce in sent if who == sender] == list(range(first + 1, nonces[sender] + 1))


def test_a_nonce_gap_holds_back_the_later_ones_and_nobody_else():
    root = committed(message(1, 2), message(2, 3), message(3), message(4, 1, BOB))
    assert numbers_of(executable([root], {SenderLane(SOURCE, ALICE): 0}, free)) == [3, 4]


def test_an_ordered_message_waits_for_one_that_is_under_way():
    root = committed(message(1, 1), message(2, 2))
    taken = {1}
    assert executable([root], {SenderLane(SOURCE, ALICE): 0}, lambda _s, number: number in taken) == []
    assert numbers_of(executable([root], {SenderLane(SOURCE, ALICE): 1}, lambda _s, number: number in taken)) == [2]


def test_nonces_run_on_across_roots():
    roots = [committed(message(1, 1)), committed(message(2, 2), message(3))]
    assert numbers_of(executable(roots, {}, free)) == [1, 2, 3]


def test_senders_are_those_of_ordered_messages_still_to_do():
    root = committed(message(1, 1), message(2, 1, BOB), message(3, 0, b"\xcc" * 32))
    assert senders([root], lambda _s, number: number == 1) == {SenderLane(SOURCE, BOB)}


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=60), st.integers(1, 70))
def test_a_batch_keeps_its_limits_and_the_next_ones_take_the_rest(limits: list[int], messages_max: int):
    root = committed(*(message(number, gas_limit=gas) for number, gas in enumerate(limits, 1)))
    done: set[int] = set()
    for _ in limits:
        reports = executable([root], {}, lambda _source, number: number in done, messages_max)
        batch = [each for report in reports for each in report.messages]
        assert len(batch) <= messages_max
        assert len(batch) == 1 or sum(map(message_gas, batch)) <= BATCH_GAS_MAX
        assert len(batch) == 1 or batch_gas(reports) < 1 << 24
        assert not batch or batch_gas(reports) > sum(each.gas_limit for each in batch)
        done.update(numbers_of(reports))
    assert done == set(range(1, len(limits) + 1))


def test_a_message_bigger_than_a_batch_goes_alone():
    root = committed(message(1, gas_limit=2 * BATCH_GAS_MAX), message(2))
    assert numbers_of(executable([root], {}, free)) == [1]
    assert numbers_of(executable([root], {}, lambda _s, number: number == 1)) == [2]
