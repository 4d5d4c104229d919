from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.protocol.messages import Lane
from detectors.detector import Severity, Signal

if TYPE_CHECKING:
    from conftest import Story, Tx

CAPACITY, RATE = 100_000, 10


@pytest.fixture
def lane(scene: ModuleType) -> Lane:
    return scene.LANES[0]


@pytest.fixture
def limited(scene: ModuleType, story: Story, lane: Lane) -> Story:
    story.heads(1000, *lane)
    story.block(scene.A, 1001, [scene.limit_set(lane, "BNM", CAPACITY, RATE, is_new=True)])
    return story


def of_rule(story: Story) -> list[Signal]:
    signals = story.signals()
    assert {signal.detector for signal in signals} <= {"rate_limit_pressure"}
    return signals


def test_little_headroom_is_a_warning_with_what_is_left(scene: ModuleType, limited: Story, lane: Lane) -> None:
    limited.block(scene.A, 2000, [scene.drawn(lane, "BNM", 90_001)])
    (signal,) = of_rule(limited)
    assert signal.severity is Severity.WARNING
    assert signal.lanes == tuple(sorted(scene.LANES[:2]))
    assert signal.evidence["tokens_left"] == "9999"
    assert signal.evidence["time_to_empty_s"] is None, "one message is no pace"


def test_enough_headroom_at_a_slow_pace_is_fine(scene: ModuleType, limited: Story, lane: Lane) -> None:
    for turn in range(20):
        limited.block(scene.A, 2000 + 4500 * turn, [scene.drawn(lane, "BNM", 40_000)])
    assert of_rule(limited) == []


def test_a_fast_pace_is_a_warning_before_headroom_is_low(scene: ModuleType, limited: Story, lane: Lane) -> None:
    for turn in range(3):
        limited.block(scene.A, 2000 + 60 * turn, [scene.drawn(lane, "BNM", 20_000)])
    (signal,) = of_rule(limited)
    assert int(signal.evidence["tokens_left"]) > CAPACITY // 10
    assert int(signal.evidence["time_to_empty_s"]) < 600


def test_it_is_stated_once_and_again_after_it_recovered(scene: ModuleType, limited: Story, lane: Lane) -> None:
    for time_s in (2000, 2010, 2020, 50_000):
        limited.block(scene.A, time_s, [scene.drawn(lane, "BNM", 91_000 if time_s in {2000, 50_000} else 10)])
    assert [signal.at_s for signal in of_rule(limited)] == [2000, 50_000]


def test_two_draws_of_one_block_are_two_steps(scene: ModuleType, limited: Story, lane: Lane) -> None:
    limited.block(scene.A, 9000, [scene.drawn(lane, "BNM", 30_000)], [scene.drawn(lane, "BNM", 65_000)])
    (signal,) = of_rule(limited)
    assert signal.evidence["tokens_left"] == "5000"
    assert signal.rows[0].endswith(":1")


def test_a_disabled_limit_is_not_drawn_on(scene: ModuleType, limited: Story, lane: Lane) -> None:
    limited.block(scene.A, 1500, [scene.limit_set(lane, "BNM", 0, 0)])
    limited.block(scene.A, 2000, [scene.drawn(lane, "BNM", 10**9)])
    assert of_rule(limited) == []


def test_a_limit_from_before_the_record_is_unknown(scene: ModuleType, story: Story, lane: Lane) -> None:
    story.heads(1000, *lane)
    story.block(scene.A, 2000, [scene.drawn(lane, "BNM", 10**9)])
    assert of_rule(story) == []


def test_the_other_directions_bucket_is_another(scene: ModuleType, limited: Story, lane: Lane) -> None:
    limited.block(scene.A, 1500, [scene.limit_set(scene.LANES[1], "BNM", CAPACITY, RATE, side="in", is_new=True)])
    limited.block(scene.A, 2000, [scene.drawn(lane, "BNM", 45_000)])
    limited.block(scene.A, 2001, [scene.drawn(scene.LANES[1], "BNM", 45_000, side="in")])
    assert of_rule(limited) == []


def test_the_message_of_the_transaction_tells_what_a_1_5_1_pool_drew_on(
    scene: ModuleType, limited: Story, lane: Lane
) -> None:
    other = scene.LANES[1]
    limited.block(scene.A, 1002, [scene.limit_set(other, "BNM", CAPACITY, RATE, side="in", is_new=True)])
    limited.block(scene.B, 1900, scene.departure(other, 1, "BNM", 95_000))
    limited.heads(1990, scene.B)
    limited.block(scene.A, 2000, scene.departure(lane, 1, "BNM", 40_000), scene.arrival(other, 1, "BNM", 95_000))
    limited.block(scene.A, 2010, scene.departure(lane, 2, "BNM", 55_000))
    inbound, outbound = of_rule(limited)
    assert (inbound.evidence["side"], inbound.evidence["remote"], inbound.evidence["tokens_left"]) == (
        "in",
        str(scene.B),
        "5000",
    )
    assert (outbound.at_s, outbound.evidence["side"], outbound.evidence["tokens_left"]) == (2010, "out", "5100")
    assert outbound.lanes == tuple(sorted(scene.LANES[:2]))


def test_what_a_receiver_sends_on_is_drawn_from_its_own_bucket(scene: ModuleType, limited: Story, lane: Lane) -> None:
    """It sends while its message is being executed, so both draws stand before either message."""
    other = scene.LANES[1]
    limited.block(scene.A, 1002, [scene.limit_set(other, "BNM", CAPACITY, RATE, side="in", is_new=True)])
    limited.block(scene.B, 1900, scene.departure(other, 1, "BNM", 91_000))
    limited.heads(1990, scene.B)
    *came, done = scene.arrival(other, 1, "BNM", 91_000)
    limited.block(scene.A, 2000, [*came, *scene.departure(lane, 1, "BNM", 30_000), done])
    (signal,) = of_rule(limited)
    assert (signal.evidence["side"], signal.evidence["tokens_left"]) == ("in", "9000")
    levels = limited.judge().record.books.limits
    assert levels[scene.A, scene.pool(scene.A, "BNM"), scene.B, "out"][-1].tokens == 70_000


def test_two_messages_of_one_transaction_draw_on_their_own_buckets(scene: ModuleType, lane: Lane) -> None:
    story = scene.Story()
    further = Lane(scene.B, scene.C)
    home = scene.LANES[1]
    story.heads(1000, *lane)
    for each in (home, further):
        story.block(scene.B, 1001, [scene.limit_set(each, "BNM", CAPACITY, RATE, is_new=True)])
    story.block(scene.B, 2000, [*scene.departure(home, 1, "BNM", 5), *scene.departure(further, 1, "BNM", 7)])
    levels = story.judge().record.books.limits
    pool = scene.pool(scene.B, "BNM")
    assert [levels[scene.B, pool, to, "out"][-1].tokens for to in (scene.A, scene.C)] == [CAPACITY - 5, CAPACITY - 7]


def test_a_draw_that_no_message_tells_is_on_no_bucket(scene: ModuleType, limited: Story, lane: Lane) -> None:
    limited.block(scene.A, 2000, [scene.consumed(scene.A, "BNM", 99_000)])
    *without_message, _ = scene.departure(lane, 1, "BNM", 99_000)
    limited.block(scene.A, 2001, without_message)
    assert of_rule(limited) == []
    ((_, levels),) = limited.judge().record.books.limits.items()
    assert levels[-1].tokens == CAPACITY


@given(
    st.lists(
        st.tuples(st.sampled_from(["draw", "set"]), st.integers(0, 500), st.integers(0, 2000), st.integers(0, 20)),
        max_size=30,
    )
)
def test_the_bucket_is_the_contracts(scene: ModuleType, steps: list[tuple[str, int, int, int]]) -> None:
    """Against spec 4.7 written as the contract does it: one state, changed in place, no draw that it refuses."""
    lane, time_s = scene.LANES[0], 1001
    story = scene.Story()
    story.heads(1000, *lane)
    story.block(scene.A, time_s, [scene.limit_set(lane, "BNM", 1000, 5, is_new=True)])
    tokens, capacity, rate, updated_s = 1000, 1000, 5, time_s
    logs: list[tuple[int, Tx]] = []
    for what, wait_s, amount, new_rate in steps:
        time_s += wait_s
        tokens, updated_s = min(capacity, tokens + (time_s - updated_s) * rate), time_s
        if what == "set" and amount > 0:
            capacity, rate = amount, new_rate
            tokens = min(capacity, tokens)
            logs.append((time_s, scene.limit_set(lane, "BNM", capacity, rate)))
        elif what == "draw" and amount <= tokens:
            tokens -= amount
            logs.append((time_s, scene.drawn(lane, "BNM", amount)))
    for at_s, log in logs:
        story.block(scene.A, at_s, [log])
    ((_, levels),) = story.judge().record.books.limits.items()
    assert levels[-1].tokens_at(time_s) == tokens
