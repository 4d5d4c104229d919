from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from ccip_core.protocol.logs import Header
from ccip_core.protocol.messages import Lane
from detectors.detector import Signal
from detectors.frames import At, Executed, Row, Sent
from detectors.judge import Judge
from detectors.network import ChainFacts, Network

if TYPE_CHECKING:
    from conftest import Story


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


@pytest.fixture
def one_sent(scene: ModuleType, story: Story, lane: Lane) -> Story:
    """Finality is 2 s."""
    story.heads(100, scene.A, scene.B)
    story.block(scene.A, 120, [scene.sent(lane, 1)])
    story.heads(1000, scene.A)
    return story


@pytest.mark.parametrize("time_s", [121, 122, 500])
def test_an_execution_after_half_of_the_finality_is_fine(
    scene: ModuleType, one_sent: Story, lane: Lane, time_s: int
) -> None:
    one_sent.block(scene.B, time_s, [scene.executed(lane, 1)])
    assert one_sent.signals() == []


@pytest.mark.parametrize("time_s", [115, 120])
def test_an_execution_before_that_is_accused(scene: ModuleType, one_sent: Story, lane: Lane, time_s: int) -> None:
    one_sent.block(scene.B, time_s, [scene.executed(lane, 1)])
    (signal,) = one_sent.signals()
    assert (signal.detector, signal.severity.word, signal.lanes) == ("latency_floor", "critical", (lane,))
    assert signal.evidence["took_s"] == str(time_s - 120)
    assert signal.evidence["finality_s"] == "2"


def test_where_a_root_came_too_early_that_is_what_is_said(scene: ModuleType, one_sent: Story, lane: Lane) -> None:
    one_sent.block(scene.B, 120, [scene.committed(lane, 1, 1)], [scene.executed(lane, 1)])
    assert [signal.detector for signal in one_sent.signals()] == ["early_commit"]


def learnt(lane: Lane, crossings_s: list[int]) -> list[Signal]:
    """Judge messages that took so long each, on a network that states no finality; one every hour."""
    chains = {end: ChainFacts(end, f"chain-{end}", "ramp", "ramp") for end in lane}
    judge = Judge(Network(chains, frozenset([lane])))
    rows: list[tuple[int, Row]] = []
    for number, took_s in enumerate(crossings_s):
        start_s, ids = 10_000 + number * 3600, (f"0xid{number}", f"0xleaf{number}")
        there = At(lane.source, start_s, f"0xs{number}", start_s, f"0xst{number}", 0, start_s * 1000)
        end_s = start_s + took_s
        here = At(lane.dest, end_s, f"0xe{number}", end_s, f"0xet{number}", 0, end_s * 1000)
        rows.append((start_s, Sent(there, lane, "ramp", number, *ids, 0, "me", "me", ())))
        rows.append((end_s, Executed(here, lane, "ramp", number, *ids, "success")))
    for time_s, row in sorted(rows, key=lambda each: each[0]):
        judge.extend(row.at.chain, Header(time_s, b"", b"", time_s), [row], time_s * 1000)
    return judge.ask(1 << 60)


USUAL_S = [1800 + 7 * (n % 50) for n in range(150)]


def test_half_of_the_shortest_crossing_so_far_is_the_floor(lane: Lane) -> None:
    (signal,) = learnt(lane, [*USUAL_S, 120])
    assert (signal.detector, signal.severity.word, signal.is_exact) == ("latency_floor", "warning", True)
    assert (signal.evidence["took_s"], signal.evidence["shortest_s"]) == ("120", "1800")


@pytest.mark.parametrize("took_s", [900, 1799, 90_000])
def test_a_bit_faster_than_ever_is_fine(lane: Lane, took_s: int) -> None:
    assert learnt(lane, [*USUAL_S, took_s]) == []


def test_a_bridge_that_shortens_its_waiting_is_stated_once(lane: Lane) -> None:
    assert len(learnt(lane, [*USUAL_S, *([120, 106, 235, 156, 87] * 10)])) == 1


def test_nothing_is_learnt_from_later_crossings(lane: Lane) -> None:
    assert learnt(lane, [*USUAL_S[:99], 120, *USUAL_S]) == [], "the 100th crossing may be what shows the floor"
    assert len(learnt(lane, [*USUAL_S[:100], 120, *USUAL_S])) == 1


def test_a_lane_of_seconds_shows_no_finality(lane: Lane) -> None:
    assert learnt(lane, [*([14] * 150), 3]) == []
