from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from detectors.detector import Severity

if TYPE_CHECKING:
    from conftest import Story

NODES = ["0x" + f"{n:02x}" * 20 for n in range(1, 5)]


@pytest.fixture
def seated(scene: ModuleType, story: Story) -> Story:
    story.heads(1000, scene.A, scene.B)
    story.block(scene.B, 1001, [scene.voters(*((node, 1) for node in NODES))])
    return story


def of_rule(story: Story) -> list[tuple[int, list[str]]]:
    """When the first vote was, and who kept silent."""
    signals = story.signals()
    assert {(one.detector, one.severity) for one in signals} <= {("silent_node", Severity.WARNING)}
    return [(one.at_s, one.evidence["silent"]) for one in signals]


def test_those_who_do_not_join_a_vote_are_named(scene: ModuleType, seated: Story) -> None:
    seated.block(scene.B, 2000, [scene.voted(NODES[0], scene.subject_of(scene.A))])
    seated.heads(2900, scene.B)
    assert of_rule(seated) == [(2000, NODES[1:])]


def test_they_have_a_quarter_of_an_hour(scene: ModuleType, seated: Story) -> None:
    seated.block(scene.B, 2000, [scene.voted(NODES[0], scene.subject_of(scene.A))])
    seated.heads(2899, scene.B)
    assert of_rule(seated) == []
    seated.block(scene.B, 2900, [scene.voted(node, scene.subject_of(scene.A)) for node in NODES[1:]])
    assert of_rule(seated) == []


def test_a_curse_makes_silence_pointless(scene: ModuleType, seated: Story) -> None:
    subject = scene.subject_of(scene.A)
    seated.block(scene.B, 2000, [scene.voted(NODES[0], subject)])
    seated.block(scene.B, 2002, [scene.voted(NODES[1], subject), scene.cursed(subject)])
    seated.heads(9000, scene.B)
    assert of_rule(seated) == []


def test_a_vote_for_what_is_cursed_already_calls_nobody(scene: ModuleType, seated: Story) -> None:
    subject = scene.subject_of(scene.A)
    seated.block(scene.B, 2000, [scene.cursed(subject)])
    seated.block(scene.B, 2002, [scene.voted(NODES[0], subject)])
    seated.heads(9000, scene.B)
    assert of_rule(seated) == []


def test_a_vote_that_was_taken_back_is_no_call(scene: ModuleType, seated: Story) -> None:
    subject = scene.subject_of(scene.A)
    seated.block(scene.B, 2000, [scene.voted(NODES[0], subject)])
    seated.block(scene.B, 2100, [scene.voted(NODES[0], subject, is_taken_back=True)])
    seated.heads(9000, scene.B)
    assert of_rule(seated) == []


def test_votes_from_before_a_lifted_curse_count_no_more(scene: ModuleType, seated: Story) -> None:
    subject = scene.subject_of(scene.A)
    seated.block(scene.B, 2000, [scene.voted(NODES[0], subject), scene.voted(NODES[1], subject), scene.cursed(subject)])
    seated.block(scene.B, 3000, [scene.cursed(subject, is_cursed=False)])
    seated.block(scene.B, 4000, [scene.voted(NODES[2], subject)])
    seated.heads(9000, scene.B)
    assert of_rule(seated) == [(4000, [NODES[0], NODES[1], NODES[3]])]


def test_one_vote_is_told_once(scene: ModuleType, seated: Story) -> None:
    subject = scene.subject_of(scene.A)
    seated.block(scene.B, 2000, [scene.voted(NODES[0], subject)])
    seated.block(scene.B, 2010, [scene.voted(NODES[1], subject)])
    seated.heads(9000, scene.B)
    assert of_rule(seated) == [(2000, NODES[2:])]


def test_without_the_list_of_voters_nothing_is_said(scene: ModuleType, story: Story) -> None:
    story.heads(1000, scene.B)
    story.block(scene.B, 2000, [scene.voted(NODES[0], scene.subject_of(scene.A))])
    story.heads(9000, scene.B)
    assert of_rule(story) == []


def past(scene: ModuleType, story: Story, calls: int, *, after_s: int, absent: frozenset[str] = frozenset()) -> int:
    """So many calls, once a day, that the others answer after so long; when the next one may be. Taken back later."""
    subject, time_s = scene.subject_of(scene.A), 10_000
    for _ in range(calls):
        story.block(scene.B, time_s, [scene.voted(NODES[0], subject)])
        joining = [node for node in NODES[1:] if node not in absent]
        story.block(scene.B, time_s + after_s, [scene.voted(node, subject) for node in joining])
        back = [scene.voted(node, subject, is_taken_back=True) for node in (NODES[0], *joining)]
        story.block(scene.B, time_s + 10_000, back)
        time_s += 86_400
    return time_s


def test_a_node_that_always_joined_at_once_is_missed_soon(scene: ModuleType, seated: Story) -> None:
    time_s = past(scene, seated, 25, after_s=30)
    seated.block(scene.B, time_s, [scene.voted(NODES[0], scene.subject_of(scene.A))])
    seated.heads(time_s + 899, scene.B)
    (signal,) = seated.signals()
    assert signal.evidence["silent"] == NODES[1:]
    waited_s = int(signal.evidence["waited_s"])
    assert 60 <= waited_s < 900
    for habit in signal.evidence["habits"].values():
        assert (habit["joined"], habit["called"]) == (25, 25)
        assert int(habit["usual_s_max"]) == waited_s
        assert 0 < habit["chance"] <= 0.001


def test_a_node_that_takes_its_time_is_given_it(scene: ModuleType, seated: Story) -> None:
    time_s, subject = past(scene, seated, 25, after_s=600), scene.subject_of(scene.A)
    seated.block(scene.B, time_s, [scene.voted(NODES[0], subject)])
    seated.heads(time_s + 1_000, scene.B)
    seated.block(scene.B, time_s + 1_200, [scene.voted(node, subject) for node in NODES[1:]])
    seated.heads(time_s + 9_000, scene.B)
    assert of_rule(seated) == []


def test_nobody_is_waited_for_longer_than_an_hour(scene: ModuleType, seated: Story) -> None:
    time_s = past(scene, seated, 25, after_s=600)
    seated.block(scene.B, time_s, [scene.voted(NODES[0], scene.subject_of(scene.A))])
    seated.heads(time_s + 3_599, scene.B)
    assert of_rule(seated) == []
    seated.heads(time_s + 3_600, scene.B)
    assert of_rule(seated) == [(time_s, NODES[1:])]


def test_nineteen_calls_are_too_few_to_know_a_node(scene: ModuleType, seated: Story) -> None:
    time_s = past(scene, seated, 19, after_s=30)
    seated.block(scene.B, time_s, [scene.voted(NODES[0], scene.subject_of(scene.A))])
    seated.heads(time_s + 899, scene.B)
    assert of_rule(seated) == []
    seated.heads(time_s + 900, scene.B)
    (signal,) = seated.signals()
    assert signal.evidence["waited_s"] == "900"
    habit = {"usual_s_max": "900", "joined": 19, "called": 19, "chance": None}
    assert signal.evidence["habits"][NODES[1]] == habit


def test_a_node_that_never_joins_is_told_from_one_that_always_did(scene: ModuleType, seated: Story) -> None:
    time_s = past(scene, seated, 25, after_s=30, absent=frozenset({NODES[3]}))
    seated.block(scene.B, time_s, [scene.voted(node, scene.subject_of(scene.A)) for node in NODES[:2]])
    seated.heads(time_s + 900, scene.B)
    last = seated.signals()[-1]
    assert last.at_s == time_s
    habits = last.evidence["habits"]
    assert (habits[NODES[2]]["joined"], habits[NODES[2]]["called"]) == (25, 25)
    assert (habits[NODES[3]]["joined"], habits[NODES[3]]["called"]) == (0, 25)


def test_a_call_that_ended_in_a_curse_without_a_node_says_nothing_about_it(scene: ModuleType, seated: Story) -> None:
    subject = scene.subject_of(scene.A)
    for time_s in (10_000, 90_000):
        seated.block(scene.B, time_s, [scene.voted(NODES[0], subject)])
        seated.block(scene.B, time_s + 10, [scene.voted(NODES[1], subject), scene.cursed(subject)])
        seated.block(scene.B, time_s + 5_000, [scene.cursed(subject, is_cursed=False)])
    seated.block(scene.B, 200_000, [scene.voted(NODES[0], subject)])
    seated.heads(209_000, scene.B)
    (signal,) = seated.signals()
    habits = signal.evidence["habits"]
    assert [(habits[node]["joined"], habits[node]["called"]) for node in NODES[1:]] == [(2, 2), (0, 0), (0, 0)]
