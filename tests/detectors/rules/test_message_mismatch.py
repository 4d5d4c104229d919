from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane

if TYPE_CHECKING:
    from conftest import Story


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


BNM, HYB = 10**18, 10**6


@pytest.fixture
def one_sent(scene: ModuleType, story: Story, lane: Lane) -> Story:
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 101, [scene.sent(lane, 1, ("BNM", BNM))])
    story.heads(120, scene.A)
    return story


def differs(story: Story) -> list[list[str]]:
    signals = [signal for signal in story.signals() if signal.detector != "supply_conservation"]
    assert {signal.detector for signal in signals} <= {"message_mismatch"}
    return [signal.evidence["differs"] for signal in signals]


@pytest.mark.parametrize("states", [["success"], ["failure"], ["failure", "success"], ["in_progress", "success"]])
def test_the_message_as_it_was_sent_is_fine(scene: ModuleType, one_sent: Story, lane: Lane, states: list[str]) -> None:
    for count, state in enumerate(states):
        logs = scene.moves(lane, "BNM", BNM) if state == "success" else []
        one_sent.block(scene.B, 110 + count, [*logs, scene.executed(lane, 1, state)])
    assert one_sent.signals() == []


def test_another_leaf_is_accused_with_both_as_evidence(scene: ModuleType, one_sent: Story, lane: Lane) -> None:
    own_id = scene.digest("id", lane, 1, "")
    forged = scene.executed(lane, 1, salt="forged", message_id=own_id)
    one_sent.block(scene.B, 110, [*scene.moves(lane, "BNM", BNM), forged])
    (signal,) = one_sent.signals()
    assert (signal.detector, signal.lanes, signal.value_micro_usd) == ("message_mismatch", (lane,), None)
    assert signal.evidence["sent_leaf"] == scene.leaf(lane, 1)
    assert signal.evidence["leaf"] == scene.leaf(lane, 1, "forged")
    assert signal.evidence["differs"] == ["data, sender or gas"]


@pytest.mark.parametrize("state", ["success", "failure"])
def test_a_forged_message_counts_even_if_it_failed(scene: ModuleType, one_sent: Story, lane: Lane, state: str) -> None:
    one_sent.block(scene.B, 110, [scene.executed(lane, 1, state, salt="forged")])
    assert differs(one_sent) == [["id", "data, sender or gas"]]


def test_the_fields_that_releases_tell_are_named(scene: ModuleType, one_sent: Story, lane: Lane) -> None:
    thief = [
        scene.minted(scene.B, "BNM", 2 * BNM, scene.THIEF),
        scene.released(lane, "BNM", 2 * BNM, recipient=scene.THIEF),
    ]
    own_id = scene.digest("id", lane, 1, "")
    one_sent.block(scene.B, 110, [*thief, scene.executed(lane, 1, salt="forged", message_id=own_id)])
    assert differs(one_sent) == [["amount", "receiver"]]


def test_another_token_is_named(scene: ModuleType, one_sent: Story, lane: Lane) -> None:
    own_id = scene.digest("id", lane, 1, "")
    one_sent.block(scene.B, 110, [*scene.moves(lane, "HYB", BNM), scene.executed(lane, 1, salt="x", message_id=own_id)])
    assert differs(one_sent) == [["token"]]


def test_amounts_are_compared_after_decimals(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 101, [scene.sent(lane, 1, ("HYB", 5 * HYB))])
    story.heads(120, scene.A)
    own_id = scene.digest("id", lane, 1, "")
    story.block(
        scene.B, 110, [*scene.moves(lane, "HYB", 5 * 10**18), scene.executed(lane, 1, salt="x", message_id=own_id)]
    )
    assert differs(story) == [["data, sender or gas"]]


def test_another_id_with_the_right_leaf_is_accused(scene: ModuleType, one_sent: Story, lane: Lane) -> None:
    logs = scene.moves(lane, "BNM", BNM)
    one_sent.block(scene.B, 110, [*logs, scene.executed(lane, 1, message_id=scene.digest("other"))])
    assert differs(one_sent) == [["id"]]


def test_a_message_that_was_never_sent_is_another_rules_business(
    scene: ModuleType, one_sent: Story, lane: Lane
) -> None:
    one_sent.block(scene.B, 110, [scene.executed(lane, 2)])
    assert [signal.detector for signal in one_sent.signals()] == ["unmatched_execution"]


@pytest.mark.parametrize("is_losing_first", [True, False])
def test_a_branch_of_the_source_that_loses_accuses_nobody(
    scene: ModuleType, one_sent: Story, lane: Lane, is_losing_first: bool
) -> None:
    """The execution is of the message on the winning branch, which we have not seen yet."""
    losing = one_sent.block(scene.A, 190, [scene.sent(lane, 2, salt="losing")])
    one_sent.block(scene.B, 200, [scene.executed(lane, 2, salt="winning")])
    if not is_losing_first:
        one_sent.steps[-2:] = one_sent.steps[:-3:-1]
    judge = one_sent.judge()
    assert judge.ask(1 << 60) == []
    assert "message_mismatch" in {one.detector for one in judge.undecided}
    judge.rewind(scene.A, losing.header.number - 1)
    winning = [one_sent.block(scene.A, 191, [scene.sent(lane, 2, salt="winning")]), one_sent.block(scene.A, 230)]
    scene.tell(judge, winning)
    assert judge.ask(1 << 60) == []
    assert judge.undecided == []


def test_the_branch_that_stays_does_accuse(scene: ModuleType, one_sent: Story, lane: Lane) -> None:
    one_sent.block(scene.B, 200, [scene.executed(lane, 2, salt="forged")])
    one_sent.block(scene.A, 190, [scene.sent(lane, 2)])
    one_sent.heads(230, scene.A)
    assert differs(one_sent) == [["id", "data, sender or gas"]]
