from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.messages import Lane
from detectors.detector import Severity, Signal

if TYPE_CHECKING:
    from conftest import Story

AMOUNT = 10**18
ONE, TWO, THREE = ("0x" + f"{n:02x}" * 20 for n in (0xA1, 0xA2, 0xA3))


def arrive(scene: ModuleType, story: Story, time_s: int, lane: Lane, *people: str) -> None:
    """A message from one account to another, given out to it on the other chain."""
    sender, receiver = people
    story.block(lane.source, time_s, [scene.sent(lane, 1, ("BNM", AMOUNT), sender=sender, receiver=receiver)])
    story.heads(time_s + 10, lane.source)
    logs = [*scene.moves(lane, "BNM", AMOUNT, receiver), scene.executed(lane, 1)]
    story.block(lane.dest, time_s + 20, logs)


def give(scene: ModuleType, story: Story, time_s: int, number: int, amount: int) -> None:
    """Something more is given out to TWO on B."""
    lane = scene.LANES[0]
    story.block(lane.source, time_s - 20, [scene.sent(lane, number, ("BNM", amount), sender=ONE, receiver=TWO)])
    story.block(lane.dest, time_s, [*scene.moves(lane, "BNM", amount, TWO), scene.executed(lane, number)])


def layered(story: Story) -> list[Signal]:
    return [signal for signal in story.signals() if signal.detector == "layering"]


def sends(
    scene: ModuleType, story: Story, time_s: int, amount: int, *people: str, number: int = 1, symbol: str = "BNM"
) -> None:
    """From B on to E."""
    sender, receiver = people
    logs = [scene.sent(scene.FURTHER, number, (symbol, amount), sender=sender, receiver=receiver)]
    story.block(scene.B, time_s, logs)


@pytest.fixture
def given(scene: ModuleType, story: Story) -> Story:
    """ONE sent something from A to TWO on B."""
    story.heads(900, scene.A, scene.B)
    arrive(scene, story, 1_000, scene.LANES[0], ONE, TWO)
    return story


def test_what_was_given_and_sent_on_over_three_chains_is_a_warning_that_names_the_path(
    scene: ModuleType, given: Story
) -> None:
    sends(scene, given, 5_000, AMOUNT * 991 // 1000, TWO, THREE)
    (signal,) = layered(given)
    assert (signal.severity, signal.lanes, signal.at_s) == (Severity.WARNING, (scene.FURTHER,), 5_000)
    assert signal.evidence["chains"] == [str(chain) for chain in (scene.A, scene.B, scene.E)]
    (step,) = signal.evidence["path"]
    assert (step["source"], step["dest"], step["receiver"]) == (str(scene.A), str(scene.B), TWO)
    assert step["released_amount"] == str(AMOUNT)


def test_a_longer_path_is_followed_to_its_beginning(scene: ModuleType, story: Story) -> None:
    story.heads(900, scene.A, scene.B)
    arrive(scene, story, 1_000, scene.LANES[1], ONE, TWO)
    arrive(scene, story, 2_000, scene.LANES[0], TWO, THREE)
    sends(scene, story, 3_000, AMOUNT, THREE, ONE)
    (signal,) = layered(story)
    assert signal.evidence["chains"] == [str(chain) for chain in (scene.B, scene.A, scene.B, scene.E)]
    assert signal.evidence["people"] == [TWO, THREE, ONE]
    assert len(signal.rows) > 5


def test_several_messages_that_add_up_are_one_sum(scene: ModuleType, given: Story) -> None:
    for number, part in enumerate((50, 30, 20), start=1):
        sends(scene, given, 2_000 + number, AMOUNT * part // 100, TWO, THREE, number=number)
    (signal,) = layered(given)
    assert signal.at_s == 2_003
    assert len(signal.evidence["path"][0]["sent_on"]) == 3


@pytest.mark.parametrize(
    ("time_s", "percent", "who", "symbol"),
    [
        (5_000, 98, TWO, "BNM"),
        (5_000, 102, TWO, "BNM"),
        (1_020 + 86_401, 100, TWO, "BNM"),
        (5_000, 100, THREE, "BNM"),
        (5_000, 100, TWO, "HYB"),
    ],
    ids=["too little", "too much", "a day later", "somebody else", "another token"],
)
def test_near_misses(  # noqa: PLR0917  what is missed, each once
    scene: ModuleType, given: Story, time_s: int, percent: int, who: str, symbol: str
) -> None:
    sends(scene, given, time_s, AMOUNT * percent // 100, who, ONE, symbol=symbol)
    assert layered(given) == []


def test_back_to_where_it_came_from_is_two_chains(scene: ModuleType, given: Story) -> None:
    logs = [scene.sent(scene.LANES[1], 1, ("BNM", AMOUNT), sender=TWO, receiver=THREE)]
    given.block(scene.B, 5_000, logs)
    assert layered(given) == []


@pytest.mark.parametrize("people", [(ONE, ONE, ONE), (ONE, ONE, TWO), (ONE, TWO, TWO)])
def test_ones_own_value_moved_around_is_no_layering(
    scene: ModuleType, story: Story, people: tuple[str, str, str]
) -> None:
    story.heads(900, scene.A, scene.B)
    arrive(scene, story, 1_000, scene.LANES[0], *people[:2])
    sends(scene, story, 5_000, AMOUNT, *people[1:])
    assert layered(story) == []


def test_parts_of_what_was_given_before_something_else_are_not_added_up(scene: ModuleType, given: Story) -> None:
    """Of many who come and go daily, some sums are alike: only what came since the latest release is one sum."""
    sends(scene, given, 2_001, AMOUNT // 2, TWO, THREE, number=1)
    give(scene, given, 2_002, 2, AMOUNT // 3)
    sends(scene, given, 2_003, AMOUNT // 2, TWO, THREE, number=2)
    assert layered(given) == []


@pytest.mark.parametrize(("amount", "is_layering"), [(AMOUNT // 2, False), (AMOUNT // 11, True)])
def test_who_is_given_much_all_day_is_a_business_but_dust_makes_nobody_one(
    scene: ModuleType, given: Story, amount: int, is_layering: bool
) -> None:
    for number in range(2, 5):
        give(scene, given, 1_000 + 100 * number, number, amount)
    sends(scene, given, 5_000, AMOUNT, TWO, THREE)
    assert bool(layered(given)) == is_layering


def test_a_forgery_does_not_hide_behind_the_message_whose_number_it_bears(scene: ModuleType, story: Story) -> None:
    """ONE sent number 1 to itself; what was executed under it gave TWO something."""
    lane = scene.LANES[0]
    story.heads(900, scene.A, scene.B)
    story.block(scene.A, 1_000, [scene.sent(lane, 1, ("BNM", 5), sender=ONE, receiver=ONE)])
    story.heads(1_100, scene.A)
    story.block(scene.B, 1_020, [*scene.moves(lane, "BNM", AMOUNT, TWO), scene.executed(lane, 1, salt="forged")])
    sends(scene, story, 5_000, AMOUNT, TWO, THREE)
    (signal,) = layered(story)
    assert signal.evidence["people"] == [TWO, THREE]


def test_that_the_beginning_was_forged_is_known_when_its_chain_says_no_more(scene: ModuleType, story: Story) -> None:
    story.heads(900, scene.A, scene.B)
    forged = [*scene.moves(scene.LANES[0], "BNM", AMOUNT, TWO), scene.executed(scene.LANES[0], 1)]
    story.block(scene.B, 1_020, forged)
    sends(scene, story, 1_030, AMOUNT, TWO, THREE)
    assert layered(story) == []
    story.heads(1_100, scene.A)
    (signal,) = layered(story)
    assert (signal.at_s, signal.known_at_ms) == (1_030, 1_100_000)


def test_what_was_sent_before_it_was_given_is_not_sent_on(scene: ModuleType, story: Story) -> None:
    story.heads(900, scene.A, scene.B)
    sends(scene, story, 950, AMOUNT, TWO, THREE)
    arrive(scene, story, 1_000, scene.LANES[0], ONE, TWO)
    assert layered(story) == []


def test_the_beginning_is_awaited_while_its_chain_is_behind(scene: ModuleType, story: Story) -> None:
    """That the value changed hands on A is known when A's message is."""
    whole = scene.Story()
    whole.heads(900, scene.A, scene.B)
    arrive(scene, whole, 1_000, scene.LANES[0], ONE, TWO)
    sends(scene, whole, 5_000, AMOUNT, TWO, THREE)
    whole.heads(1_100, scene.A)
    late = [step for step in whole.steps if step.chain == scene.A]
    story.steps += [step for step in whole.steps if step.chain == scene.B]
    assert layered(story) == []
    story.steps += late
    (signal,) = layered(story)
    assert signal.evidence["people"] == [TWO, THREE]


def test_a_message_that_a_reorg_takes_back_is_asked_for_again(scene: ModuleType, story: Story) -> None:
    """A's lost branch said that ONE sent it to itself; the one that stays, that somebody else did."""
    lost, stays = scene.Story("lost"), story
    for branch, sender in ((lost, TWO), (stays, ONE)):
        branch.heads(900, scene.A, scene.B)
        arrive(scene, branch, 1_000, scene.LANES[0], sender, TWO)
        sends(scene, branch, 5_000, AMOUNT, TWO, THREE)
        branch.heads(1_100, scene.A)
    judge = scene.Judge(scene.NETWORK, settings=scene.SETTINGS)
    of_b = [step for step in stays.steps if step.chain == scene.B]
    scene.tell(judge, [step for step in lost.steps if step.chain == scene.A])
    scene.tell(judge, of_b)
    assert [signal for signal in judge.ask(1 << 60) if signal.detector == "layering"] == []
    judge.rewind(scene.A, 0)
    scene.tell(judge, [step for step in stays.steps if step.chain == scene.A][1:])
    assert [signal.detector for signal in judge.ask(1 << 60)] == ["layering"]
