from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.messages import Lane
from detectors.detector import Signal

if TYPE_CHECKING:
    from conftest import Story, Tx

BNM = 7 * 10**18


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


def of_rule(signals: list[Signal]) -> list[Signal]:
    return [signal for signal in signals if signal.detector == "supply_conservation"]


def burnt(scene: ModuleType, lane: Lane, symbol: str, came: int, said: int) -> list[Tx]:
    """The logs before an honest message: the Router pulls the tokens into the pool, the pool burns and says so."""
    home = scene.pool(lane.source, symbol)
    logs = [scene.moved(lane.source, symbol, scene.USER, home, came)] if came else []
    return [
        *logs,
        scene.moved(lane.source, symbol, home, scene.NOBODY, came),
        scene.pooled_out(lane, symbol, said),
    ]


def sent_told(scene: ModuleType, lane: Lane, *txs: list[Tx]) -> list[Signal]:
    story = scene.Story()
    story.heads(100, *lane)
    story.block(lane.source, 101, *txs)
    return of_rule(story.signals())


def executed_told(scene: ModuleType, lane: Lane, *txs: list[Tx], messages: int = 2) -> list[Signal]:
    story = scene.Story()
    story.heads(100, *lane)
    for number in range(1, messages + 1):
        story.block(lane.source, 100 + number, [scene.sent(lane, number, ("BNM", BNM))])
    story.heads(120, lane.source)
    story.block(lane.dest, 120, *txs)
    story.heads(130, lane.source)
    return of_rule(story.signals())


class TestSent:
    def test_what_came_to_the_pool_may_be_sent(self, scene: ModuleType, lane: Lane) -> None:
        assert sent_told(scene, lane, [*burnt(scene, lane, "BNM", 5, 5), scene.sent(lane, 1, ("BNM", 5))]) == []

    @pytest.mark.parametrize("came", [0, 4])
    def test_a_false_deposit_is_accused(self, scene: ModuleType, lane: Lane, came: int) -> None:
        logs = [*burnt(scene, lane, "BNM", came, 5), scene.sent(lane, 1, ("BNM", 5))]
        (signal,) = sent_told(scene, lane, logs)
        assert signal.lanes == (lane,)
        assert signal.evidence["residual_amount"] == str(5 - came)
        assert signal.evidence["came_to_pool_amount"] == str(came)

    def test_a_deposit_without_any_transfer_is_accused(self, scene: ModuleType, lane: Lane) -> None:
        (signal,) = sent_told(scene, lane, [scene.pooled_out(lane, "BNM", 5), scene.sent(lane, 1, ("BNM", 5))])
        assert signal.evidence["residual_amount"] == "5"

    def test_one_transfer_does_not_pay_for_two_messages(self, scene: ModuleType, lane: Lane) -> None:
        once = [*burnt(scene, lane, "BNM", 5, 5), scene.sent(lane, 1, ("BNM", 5))]
        again = [scene.pooled_out(lane, "BNM", 5), scene.sent(lane, 2, ("BNM", 5))]
        (signal,) = sent_told(scene, lane, [*once, *again])
        assert signal.evidence["sequence_number"] == "2"
        assert sent_told(scene, lane, [*once, *burnt(scene, lane, "BNM", 5, 5), scene.sent(lane, 2, ("BNM", 5))]) == []

    def test_another_transactions_transfer_pays_for_nothing(self, scene: ModuleType, lane: Lane) -> None:
        comes = [scene.moved(scene.A, "BNM", scene.USER, scene.pool(scene.A, "BNM"), 5)]
        assert (
            len(sent_told(scene, lane, comes, [scene.pooled_out(lane, "BNM", 5), scene.sent(lane, 1, ("BNM", 5))])) == 1
        )

    def test_two_amounts_of_one_token_are_added_up(self, scene: ModuleType, lane: Lane) -> None:
        twice = [scene.sent(lane, 1, ("BNM", 5), ("BNM", 5))]
        assert sent_told(scene, lane, [*burnt(scene, lane, "BNM", 10, 10), *twice]) == []
        assert len(sent_told(scene, lane, [*burnt(scene, lane, "BNM", 9, 10), *twice])) == 1

    def test_a_pool_that_we_do_not_hear_is_no_evidence(self, scene: ModuleType, lane: Lane) -> None:
        assert sent_told(scene, lane, [scene.sent(lane, 1, ("BNM", 5))]) == []


class TestExecuted:
    def test_what_was_in_flight_may_arrive(self, scene: ModuleType, lane: Lane) -> None:
        logs = [*scene.moves(lane, "BNM", BNM), scene.executed(lane, 1)]
        assert executed_told(scene, lane, [*logs, *scene.moves(lane, "BNM", BNM), scene.executed(lane, 2)]) == []

    def test_a_mint_larger_than_what_the_pool_says_is_accused(self, scene: ModuleType, lane: Lane) -> None:
        logs = [scene.minted(scene.B, "BNM", BNM + 1), scene.released(lane, "BNM", BNM), scene.executed(lane, 1)]
        (signal,) = executed_told(scene, lane, logs)
        assert signal.evidence["residual_amount"] == "1"
        assert signal.evidence["in_flight_amount"] == str(BNM)

    def test_a_release_before_a_failure_of_the_same_transaction_is_not_forgotten(
        self, scene: ModuleType, lane: Lane
    ) -> None:
        honest = [*scene.moves(lane, "BNM", BNM), scene.executed(lane, 2)]
        logs = [*scene.moves(lane, "BNM", BNM), scene.executed(lane, 1, "failure"), *honest]
        (signal,) = executed_told(scene, lane, logs)
        assert signal.evidence["given_amount"] == str(2 * BNM)
        assert executed_told(scene, lane, [scene.executed(lane, 1, "failure"), *honest]) == []

    def test_a_message_is_in_flight_once(self, scene: ModuleType, lane: Lane) -> None:
        logs = [*scene.moves(lane, "BNM", BNM), scene.executed(lane, 1)]
        (signal,) = executed_told(scene, lane, logs, logs)
        assert signal.evidence["in_flight_amount"] == "0"

    def test_more_than_was_sent_over_several_messages_is_accused(self, scene: ModuleType, lane: Lane) -> None:
        over = [
            log for number in (1, 2, 3) for log in [*scene.moves(lane, "BNM", BNM + 1), scene.executed(lane, number)]
        ]
        assert len(executed_told(scene, lane, over, messages=3)) == 3

    def test_a_lock_release_pool_may_give_no_more_than_was_sent(self, scene: ModuleType, story: Story) -> None:
        home = scene.LANES[1]  # HYB goes from 18 decimals to 6
        gone = scene.moved(scene.A, "HYB", scene.pool(scene.A, "HYB"), scene.USER, 4)
        story.heads(100, *home)
        story.block(scene.B, 101, [scene.sent(home, 1, ("HYB", 3 * 10**12 + 10**12 - 1))])
        story.heads(120, scene.B)
        story.block(scene.A, 120, [gone, scene.released(home, "HYB", 3), scene.executed(home, 1)])
        (signal,) = of_rule(story.signals())
        assert (signal.evidence["given_amount"], signal.evidence["in_flight_amount"]) == ("4", "3")

    def test_what_the_rebalancer_takes_in_the_same_transaction_is_not_the_messages(
        self, scene: ModuleType, story: Story
    ) -> None:
        home = scene.LANES[1]
        gone = scene.moved(scene.A, "HYB", scene.pool(scene.A, "HYB"), scene.USER, 9)
        story.heads(100, *home)
        story.block(scene.B, 101, [scene.sent(home, 1, ("HYB", 10**12))])
        story.heads(120, scene.B)
        withdrawn = scene.liquidity(scene.A, "HYB", "out", 8)
        story.block(scene.A, 120, [gone, withdrawn, scene.released(home, "HYB", 1), scene.executed(home, 1)])
        assert of_rule(story.signals()) == []

    def test_a_receiver_may_send_on_what_it_gets(self, scene: ModuleType, lane: Lane) -> None:
        onward = [*burnt(scene, scene.LANES[1], "BNM", BNM, BNM), scene.sent(scene.LANES[1], 1, ("BNM", BNM))]
        assert executed_told(scene, lane, [*scene.moves(lane, "BNM", BNM), *onward, scene.executed(lane, 1)]) == []

    def test_a_message_that_the_record_lacks_is_doubt(self, scene: ModuleType, story: Story, lane: Lane) -> None:
        story.heads(100, *lane)
        story.block(scene.B, 120, [*scene.moves(lane, "BNM", BNM), scene.executed(lane, 1)])
        judge = story.judge()
        assert judge.ask(1 << 60) == []
        assert "supply_conservation" in {one.detector for one in judge.undecided}

    def test_messages_from_before_the_record_are_not_judged(self, scene: ModuleType, story: Story, lane: Lane) -> None:
        story.heads(100, *lane)
        story.block(scene.A, 101, [scene.sent(lane, 9, ("BNM", BNM))])
        story.heads(120, scene.A)
        story.block(scene.B, 120, [*scene.moves(lane, "BNM", BNM), scene.executed(lane, 8)])
        story.heads(130, scene.A)
        assert story.signals(whole=False) == []


@given(amounts=st.lists(st.integers(1, 10**30), min_size=1, max_size=6), by=st.integers(0, 10**30), data=st.data())
def test_the_residual_is_what_came_from_nowhere(
    scene: ModuleType, amounts: list[int], by: int, data: st.DataObject
) -> None:
    lane = scene.LANES[0]
    forged = data.draw(st.integers(0, len(amounts) - 1))
    story = scene.Story()
    story.heads(100, *lane)
    for number, amount in enumerate(amounts, start=1):
        story.block(lane.source, 100 + number, [scene.sent(lane, number, ("BNM", amount))])
    story.heads(200, lane.source)
    for place, number in enumerate(data.draw(st.permutations(range(1, len(amounts) + 1)))):
        amount = amounts[number - 1] + (by if number - 1 == forged else 0)
        story.block(lane.dest, 200 + place, [*scene.moves(lane, "BNM", amount), scene.executed(lane, number)])
    story.heads(300, lane.source)
    residuals = [(one.evidence["sequence_number"], one.evidence["residual_amount"]) for one in of_rule(story.signals())]
    assert residuals == ([(str(forged + 1), str(by))] if by else [])
