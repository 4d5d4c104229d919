from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from detectors.detector import Signal

if TYPE_CHECKING:
    from conftest import Tx


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


def told(scene: ModuleType, lane: Lane, *txs: list[Tx], watch: int = 0) -> list[Signal]:
    story = scene.Story()
    story.heads(100, *lane)
    story.block(lane.source, 101, [scene.sent(lane, 1, ("BNM", 5))], [scene.sent(lane, 2, ("BNM", 5))])
    story.heads(110, lane.source)
    story.block(lane.dest, 110, *txs)
    judge = scene.Judge(scene.NETWORK, settings=scene.SETTINGS)
    judge.watch_since(lane.dest, watch)
    scene.tell(judge, story.steps)
    return [signal for signal in judge.ask(1 << 60) if signal.detector != "supply_conservation"]


def test_a_release_for_an_execution_is_fine(scene: ModuleType, lane: Lane) -> None:
    assert told(scene, lane, [*scene.moves(lane, "BNM", 5), scene.executed(lane, 1)]) == []


def test_a_caller_that_is_not_the_off_ramp_is_accused_though_a_message_was_executed(
    scene: ModuleType, lane: Lane
) -> None:
    logs = [
        scene.minted(scene.B, "BNM", 9),
        scene.released(lane, "BNM", 9, caller=scene.THIEF),
        *scene.moves(lane, "BNM", 5),
        scene.executed(lane, 1),
    ]
    (signal,) = told(scene, lane, logs)
    assert signal.detector == "unbacked_release"
    assert signal.lanes == (lane,)
    assert signal.evidence["caller"] == scene.THIEF


@pytest.mark.parametrize("is_old", [False, True])
def test_a_release_without_execution_is_accused(scene: ModuleType, lane: Lane, is_old: bool) -> None:
    logs = [scene.minted(scene.B, "BNM", 5), scene.released(lane, "BNM", 5, is_old=is_old)]
    assert [signal.detector for signal in told(scene, lane, logs)] == ["unbacked_release"]


def test_an_execution_in_another_transaction_does_not_back_it(scene: ModuleType, lane: Lane) -> None:
    loose = [scene.minted(scene.B, "BNM", 5), scene.released(lane, "BNM", 5)]
    honest = [*scene.moves(lane, "BNM", 5), scene.executed(lane, 1)]
    assert [signal.detector for signal in told(scene, lane, loose, honest)] == ["unbacked_release"]


def test_a_failed_execution_does_not_back_it(scene: ModuleType, lane: Lane) -> None:
    logs = [*scene.moves(lane, "BNM", 5), scene.executed(lane, 1, "failure")]
    assert [signal.detector for signal in told(scene, lane, logs)] == ["unbacked_release"]


def test_a_mint_without_its_pool_is_accused_on_the_lanes_that_carry_it_away(scene: ModuleType, lane: Lane) -> None:
    (signal,) = told(scene, lane, [scene.minted(scene.B, "BNM", 10**24, scene.THIEF)])
    assert signal.detector == "unbacked_release"
    assert signal.lanes == tuple(sorted((scene.LANES[1], scene.FURTHER)))


def test_a_second_mint_of_the_same_size_is_not_backed_by_one_release(scene: ModuleType, lane: Lane) -> None:
    mint = scene.minted(scene.B, "BNM", 5)
    logs = [mint, mint, scene.released(lane, "BNM", 5), scene.executed(lane, 1)]
    assert [signal.detector for signal in told(scene, lane, logs)] == ["unbacked_release"]


def test_mints_of_lock_release_tokens_are_not_ours(scene: ModuleType) -> None:
    back = scene.LANES[1]
    assert told(scene, back, [scene.minted(scene.A, "HYB", 5)]) == []


def test_mints_up_to_where_the_watch_began_are_the_opening_balance(scene: ModuleType, lane: Lane) -> None:
    logs = [scene.minted(scene.B, "BNM", 5)]
    assert told(scene, lane, logs, watch=1) == []
    assert len(told(scene, lane, logs, watch=0)) == 1


def test_what_leaves_is_not_judged(scene: ModuleType, lane: Lane) -> None:
    def locked(at: object) -> object:
        return scene.released(lane, "HYB", 5, caller=scene.THIEF)(at)._replace(side="out")

    assert told(scene, lane, [locked]) == []
