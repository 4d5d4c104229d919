"""Nothing is sent twice while it may be mined, and nobody can hold a lane up by announcing."""

from __future__ import annotations

from ccip_core.don.pacing import MINED_WITHIN_BLOCKS, RETRY_S_FIRST, RETRY_S_MAX, Key, Pacing
from ccip_core.protocol.messages import ChainSelector

KEY, OTHER = Key(ChainSelector(1), 5), Key(ChainSelector(2), 5)


def test_what_was_sent_is_held_until_it_should_be_mined():
    pacing = Pacing()
    pacing.sent(KEY, 10)
    assert [pacing.is_held(KEY, round_, 0.0) for round_ in (10, 11, 12)] == [True, True, False]
    assert MINED_WITHIN_BLOCKS == 2
    assert not pacing.is_held(OTHER, 10, 0.0)


def test_a_reorg_to_below_the_round_frees_it():
    pacing = Pacing()
    pacing.sent(KEY, 10)
    assert not pacing.is_held(KEY, 8, 0.0)


def test_a_peer_that_announces_for_ever_holds_us_up_once():
    pacing = Pacing()
    held = []
    for round_ in range(10, 20):
        pacing.announced(KEY, b"liar", round_)
        held.append(pacing.is_held(KEY, round_, 0.0))
    assert held == [True, True] + [False] * 8


def test_refusals_are_retried_ever_more_slowly():
    pacing = Pacing()
    now_s, pauses = 100.0, []
    for _ in range(8):
        pacing.failed(KEY, now_s)
        pause_s = pacing.next_try_s(now_s)
        assert pause_s is not None
        pauses.append(pause_s)
        assert pacing.is_held(KEY, 1, now_s + pause_s - 0.01)
        now_s += pause_s
        assert not pacing.is_held(KEY, 1, now_s)
    assert pauses[0] == RETRY_S_FIRST
    assert pauses == sorted(pauses)
    assert pauses[-1] == RETRY_S_MAX


def test_success_ends_the_slowness_and_settled_things_are_forgotten():
    pacing = Pacing()
    pacing.failed(KEY, 0.0)
    pacing.failed(OTHER, 0.0)
    pacing.sent(KEY, 1)
    pacing.keep_only({KEY})
    assert pacing.next_try_s(0.0) is None
    assert not pacing.is_held(OTHER, 1, 0.0)
    assert pacing.is_held(KEY, 1, 0.0)
