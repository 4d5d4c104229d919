"""The commit plugin's promise: an honest report is signed by every honest oracle, a false one by none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.don.commit import (
    NO_PRICES,
    ROUND_TOLERANCE_BLOCKS,
    CommitObservation,
    LaneObservation,
    objection,
    plan,
    report_of,
)
from ccip_core.protocol.codec import encode
from ccip_core.protocol.hashing import keccak
from ccip_core.protocol.merkle import MAX_LEAVES, merkle_root
from ccip_core.protocol.messages import (
    ChainSelector,
    CommitReport,
    GasPriceUpdate,
    MerkleRoot,
    PriceUpdates,
    RmnSignature,
    TokenPriceUpdate,
)

A, B, C = ChainSelector(11), ChainSelector(22), ChainSelector(33)
LINK = b"\x77" * 20
PRICES = PriceUpdates((TokenPriceUpdate(LINK, 15 * 10**18),), (GasPriceUpdate(A, 3 * 10**12),))
SIGNATURES = (RmnSignature(b"\1" * 32, b"\2" * 32),)


def leaves_of(count: int, seed: int = 0) -> tuple[bytes, ...]:
    return tuple(keccak(bytes((seed,)) + number.to_bytes(2)) for number in range(count))


def lane(source: ChainSelector, count: int, **changes: Any) -> LaneObservation:
    whole = LaneObservation(source, source.to_bytes(32), 5, True, False, False, leaves_of(count, source))
    return whole._replace(**changes)


def seen(*lanes: LaneObservation, due: PriceUpdates = NO_PRICES) -> CommitObservation:
    return CommitObservation(100, 7, tuple(lanes), PRICES, due)


def free(_source: ChainSelector, _first: int) -> bool:
    return False


def whole_report(observation: CommitObservation) -> CommitReport:
    to_report = plan(observation, free)
    report = report_of(to_report, to_report.to_bless, SIGNATURES if to_report.to_bless else ())
    assert report is not None
    return report


def refuses(
    report: CommitReport, own: CommitObservation, sequence_number: int = 100, blessed: bool = True
) -> str | None:
    return objection(encode(report), sequence_number, own, lambda _roots, _signatures: blessed)


def test_plan_takes_every_final_message_of_every_lane_sorted_by_source():
    to_report = plan(seen(lane(C, 2), lane(A, 3), lane(B, 1, is_blessing_required=True)), free)
    assert to_report.unblessed == (
        MerkleRoot(A, A.to_bytes(32), 5, 7, merkle_root(leaves_of(3, A))),
        MerkleRoot(C, C.to_bytes(32), 5, 6, merkle_root(leaves_of(2, C))),
    )
    assert [root.source_chain_selector for root in to_report.to_bless] == [B]


@pytest.mark.parametrize("change", [{"is_cursed": True}, {"is_enabled": False}, {"leaves": ()}])
def test_plan_leaves_out_lanes_that_the_off_ramp_would_refuse_and_keeps_the_others(change: dict[str, Any]):
    to_report = plan(seen(lane(A, 3, **change), lane(B, 1)), free)
    assert [root.source_chain_selector for root in (*to_report.unblessed, *to_report.to_bless)] == [B]


def test_plan_leaves_out_what_is_under_way():
    to_report = plan(seen(lane(A, 3), lane(B, 1)), lambda source, first: (source, first) == (A, 5))
    assert [root.source_chain_selector for root in to_report.unblessed] == [B]


def test_nothing_to_say_is_no_report():
    assert report_of(plan(seen(lane(A, 0)), free), (), ()) is None


def test_prices_alone_are_a_report():
    report = whole_report(seen(lane(A, 0), due=PRICES))
    assert report == CommitReport(PRICES, (), (), ())
    assert refuses(report, seen(lane(A, 0))) is None


@given(
    st.dictionaries(st.sampled_from([A, B, C]), st.tuples(st.integers(1, 40), st.booleans()), min_size=1),
    st.integers(0, 20),
    st.booleans(),
)
def test_an_honest_report_is_signed_by_everyone_who_has_seen_as_much_or_more(
    lanes: dict[ChainSelector, tuple[int, bool]], ahead: int, with_prices: bool
):
    leader = seen(
        *(lane(source, count, is_blessing_required=blessed) for source, (count, blessed) in lanes.items()),
        due=PRICES if with_prices else NO_PRICES,
    )
    follower = seen(
        *(lane(source, count + ahead, is_blessing_required=blessed) for source, (count, blessed) in lanes.items())
    )
    report = whole_report(leader)
    assert refuses(report, follower) is None
    everyone = (*report.blessed_merkle_roots, *report.unblessed_merkle_roots)
    assert {root.source_chain_selector: root.max_seq_nr for root in everyone} == {
        source: 4 + count for source, (count, _) in lanes.items()
    }


@given(st.integers(1, 40), st.integers(0, 39), st.binary(min_size=32, max_size=32))
def test_one_changed_message_and_nobody_signs(count: int, position: int, leaf: bytes):
    honest = leaves_of(count, A)
    forged = (*honest[: position % count], leaf, *honest[position % count + 1 :])
    report = whole_report(seen(lane(A, count, leaves=forged)))
    assert refuses(report, seen(lane(A, count))) == f"root of {A}: the messages hash to another root"


def test_a_message_that_is_not_final_here_is_not_signed():
    assert refuses(whole_report(seen(lane(A, 3))), seen(lane(A, 2))) == f"root of {A}: message 7 is not final here"


ROOT = MerkleRoot(A, A.to_bytes(32), 5, 7, merkle_root(leaves_of(3, A)))


@pytest.mark.parametrize(
    ("root", "own", "reason"),
    [
        (ROOT._replace(min_seq_nr=4), lane(A, 3), "does not continue at 5"),
        (ROOT._replace(min_seq_nr=6), lane(A, 3), "does not continue at 5"),
        (ROOT._replace(max_seq_nr=4), lane(A, 3), "does not continue at 5"),
        (ROOT._replace(max_seq_nr=(1 << 64) - 1), lane(A, 3), "does not continue at 5"),
        (ROOT._replace(max_seq_nr=6), lane(A, 3), "hash to another root"),
        (ROOT._replace(on_ramp_address=bytes(32)), lane(A, 3), "hash to another root"),
        (ROOT._replace(source_chain_selector=B), lane(A, 3), "no such lane"),
        (ROOT, lane(A, 3, is_enabled=False), "no such lane"),
        (ROOT, lane(A, 3, is_cursed=True), "the source is cursed"),
        (ROOT, lane(A, 3, is_blessing_required=True), "must be blessed"),
    ],
)
def test_a_root_that_the_follower_could_not_report_is_refused(root: MerkleRoot, own: LaneObservation, reason: str):
    assert reason in (refuses(CommitReport(NO_PRICES, (), (root,), ()), seen(own)) or "")


def test_blessing_can_neither_be_skipped_nor_faked_nor_added():
    blessed = CommitReport(NO_PRICES, (ROOT,), (), SIGNATURES)
    wanted = seen(lane(A, 3, is_blessing_required=True))
    assert refuses(blessed, wanted) is None
    assert refuses(blessed, wanted, blessed=False) == "the RMN signatures do not bless these roots"
    assert refuses(blessed, seen(lane(A, 3))) == f"root of {A}: must not be blessed"
    unblessed = CommitReport(NO_PRICES, (), (ROOT,), SIGNATURES)
    assert refuses(unblessed, seen(lane(A, 3))) == "RMN signatures without a blessed root"


def test_two_roots_of_one_source_are_refused():
    twice = CommitReport(NO_PRICES, (), (ROOT, ROOT), ())
    assert refuses(twice, seen(lane(A, 3))) == "two roots of one source"


@given(st.integers(0, 1 << 224).filter(lambda usd: usd < 1 << 224))
def test_a_price_is_signed_only_near_our_own(usd: int):
    report = CommitReport(PriceUpdates((TokenPriceUpdate(LINK, usd),), ()), (), (), ())
    is_near = abs(usd - 15 * 10**18) <= 15 * 10**16
    assert (refuses(report, seen()) is None) == is_near


@pytest.mark.parametrize(
    "prices",
    [
        PriceUpdates((TokenPriceUpdate(b"\x66" * 20, 10**18),), ()),
        PriceUpdates((), (GasPriceUpdate(B, 3 * 10**12),)),
        PriceUpdates((), (GasPriceUpdate(A, 4 * 10**12),)),
        PriceUpdates((TokenPriceUpdate(LINK, 15 * 10**18),) * 2, ()),
    ],
)
def test_unknown_wrong_and_repeated_prices_are_refused(prices: PriceUpdates):
    assert "price" in (refuses(CommitReport(prices, (), (), ()), seen()) or "")


@pytest.mark.parametrize(
    ("number", "is_signed"), [(100, True), (100 + ROUND_TOLERANCE_BLOCKS, True), (1 << 63, False), (1, False)]
)
def test_a_sequence_number_that_would_block_later_price_updates_is_refused(number: int, is_signed: bool):
    report = CommitReport(PRICES, (), (), ())
    assert (refuses(report, seen(), sequence_number=number) is None) == is_signed


def test_the_sequence_number_outgrows_the_last_one_used_for_prices():
    assert seen().sequence_number == 100
    assert seen()._replace(latest_price_sequence_number=500).sequence_number == 501


@given(st.binary(max_size=400))
def test_garbage_is_refused_in_words(garbage: bytes):
    assert objection(garbage, 100, seen(lane(A, 3)), lambda _r, _s: True) is not None


def test_an_empty_report_is_refused():
    assert refuses(CommitReport(NO_PRICES, (), (), ()), seen()) == "the report says nothing"


def test_a_full_tree_is_reported_and_signed():
    own = seen(lane(A, MAX_LEAVES))
    report = whole_report(own)
    assert report.unblessed_merkle_roots[0].max_seq_nr == 4 + MAX_LEAVES
    assert refuses(report, own) is None
