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
