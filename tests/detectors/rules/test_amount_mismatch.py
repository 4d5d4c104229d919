from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.messages import Lane
from detectors.detector import Signal
from detectors.rules.amount_mismatch import convert_down

if TYPE_CHECKING:
    from conftest import Story, Tx

BNM, HYB = 7 * 10**18, 5 * 10**6


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]  # from A, where HYB has 6 decimals, to B, where it has 18


def told(scene: ModuleType, lane: Lane, tokens: list[tuple[str, int]], *txs: list[Tx]) -> list[Signal]:
    story = scene.Story()
    story.heads(100, *lane)
    story.block(lane.source, 101, [scene.sent(lane, 1, *tokens)], [scene.sent(lane, 2, *tokens)])
    story.heads(110, lane.source)
    story.block(lane.dest, 110, *txs)
    story.heads(120, lane.source)
    return story.signals(without="supply_conservation")


def test_what_was_sent_is_released_after_decimals(scene: ModuleType, lane: Lane) -> None:
    logs = [*scene.moves(lane, "BNM", BNM), *scene.moves(lane, "HYB", HYB * 10**12), scene.executed(lane, 1)]
    assert told(scene, lane, [("BNM", BNM), ("HYB", HYB)], logs) == []


@pytest.mark.parametrize("by", [1, -1, BNM])
def test_another_amount_is_accused(scene: ModuleType, lane: Lane, by: int) -> None:
    logs = [*scene.moves(lane, "BNM", BNM + by), scene.executed(lane, 1)]
    (signal,) = told(scene, lane, [("BNM", BNM)], logs)
    assert signal.detector == "amount_mismatch"
    assert signal.evidence["released_amount"] == str(BNM + by)
    assert signal.evidence["sent_tokens"] == [[scene.token(scene.B, "BNM"), str(BNM)]]


def test_rounding_goes_down(scene: ModuleType) -> None:
    back = scene.LANES[1]  # HYB from 18 decimals to 6
    sent = 3 * 10**12 + 999_999_999_999
    assert told(scene, back, [("HYB", sent)], [*scene.moves(back, "HYB", 3), scene.executed(back, 1)]) == []
    (signal,) = told(scene, back, [("HYB", sent)], [*scene.moves(back, "HYB", 4), scene.executed(back, 1)])
    assert signal.detector == "amount_mismatch"


def test_the_networks_decimals_count_not_the_pools_word(scene: ModuleType, lane: Lane, story: Story) -> None:
    def lying(at: object) -> object:
        row = scene.sent(lane, 1, ("HYB", HYB))(at)
        (token,) = row.tokens
        return row._replace(tokens=(token._replace(source_decimals=0, source_pool=scene.address("new pool")),))

    story.heads(100, *lane)
    story.block(scene.A, 101, [lying])
    story.heads(110, scene.A)
    story.block(scene.B, 110, [*scene.moves(lane, "HYB", HYB * 10**18), scene.executed(lane, 1)])
    assert [signal.detector for signal in story.signals(without="supply_conservation")] == ["amount_mismatch"]


def test_another_receiver_is_accused(scene: ModuleType, lane: Lane) -> None:
    mint = scene.minted(scene.B, "BNM", BNM, scene.THIEF)
    logs = [mint, scene.released(lane, "BNM", BNM, recipient=scene.THIEF), scene.executed(lane, 1)]
    (signal,) = told(scene, lane, [("BNM", BNM)], logs)
    assert signal.evidence["recipient"] == scene.THIEF


def test_a_release_too_many_is_accused(scene: ModuleType, lane: Lane) -> None:
    logs = [*scene.moves(lane, "BNM", BNM), *scene.moves(lane, "BNM", BNM), scene.executed(lane, 1)]
    assert [signal.detector for signal in told(scene, lane, [("BNM", BNM)], logs)] == ["amount_mismatch"]


def test_another_token_is_accused(scene: ModuleType, lane: Lane) -> None:
    logs = [*scene.moves(lane, "HYB", BNM), scene.executed(lane, 1)]
    assert [signal.detector for signal in told(scene, lane, [("BNM", BNM)], logs)] == ["amount_mismatch"]


def test_messages_of_one_transaction_are_told_apart_by_log_order(scene: ModuleType, lane: Lane) -> None:
    batch = [
        *scene.moves(lane, "BNM", BNM),
        scene.executed(lane, 1),
        *scene.moves(lane, "BNM", BNM),
        scene.executed(lane, 2),
    ]
    assert told(scene, lane, [("BNM", BNM)], batch) == []


def test_pools_of_1_5_1_are_judged_alike(scene: ModuleType, lane: Lane) -> None:
    mint = scene.minted(scene.B, "BNM", BNM)
    good = [mint, scene.released(lane, "BNM", BNM, is_old=True), scene.executed(lane, 1)]
    assert told(scene, lane, [("BNM", BNM)], good) == []
    bad = [mint, scene.released(lane, "BNM", BNM, is_old=True), scene.executed(lane, 1)]
    assert [signal.detector for signal in told(scene, lane, [("BNM", BNM - 1)], bad)] == ["amount_mismatch"]


def test_a_failure_releases_nothing_and_is_fine(scene: ModuleType, lane: Lane) -> None:
    assert told(scene, lane, [("BNM", BNM)], [scene.executed(lane, 1, "failure")]) == []


def test_a_missing_release_is_doubt(scene: ModuleType, lane: Lane, story: Story) -> None:
    story.heads(100, *lane)
    story.block(scene.A, 101, [scene.sent(lane, 1, ("BNM", BNM))])
    story.heads(110, scene.A)
    story.block(scene.B, 110, [scene.executed(lane, 1)])
    judge = story.judge()
    assert judge.ask(1 << 60) == []
    assert [one.detector for one in judge.undecided] == ["amount_mismatch"]


@given(st.integers(0, 2**128), st.integers(0, 36), st.integers(0, 36))
def test_conversion_there_and_back_never_gains(amount: int, here: int, there: int) -> None:
    over = convert_down(amount, here, there)
    assert convert_down(over, there, here) <= amount
    assert amount - convert_down(over, there, here) < 10 ** max(0, here - there)
