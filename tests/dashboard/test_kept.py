"""A slow question is told at once from what was last answered, and asked anew beside."""

from __future__ import annotations

import threading

import pytest

from dashboard.kept import Kept


class Slow:
    """Answers when it is let, and counts."""

    def __init__(self):
        self.asked = 0
        self.may_answer = threading.Semaphore(0)
        self.answered = threading.Semaphore(0)
        self.fault = None

    def __call__(self):
        assert self.may_answer.acquire(timeout=10)
        self.asked += 1
        self.answered.release()
        if self.fault is not None:
            raise self.fault
        return self.asked


def seen(kept, wanted):
    """Look until it is told."""
    until = threading.Event()
    for _ in range(1000):
        told = kept.look()[0]
        if told == wanted:
            return told
        until.wait(0.01)  # the asker's thread ends a moment after the answer
    raise AssertionError(told)


def test_only_the_first_look_waits_and_the_next_ones_follow():
    slow = Slow()
    kept = Kept(slow, again_after_s=0)
    slow.may_answer.release()
    first, at = kept.look()
    assert first == 1
    assert kept.look() == (1, at)
    assert kept.look() == (1, at)  # while it is asked anew
    slow.may_answer.release()
    assert seen(kept, 2) == 2
    slow.may_answer.release(5)


def test_what_is_forgotten_is_asked_before_it_is_told():
    slow = Slow()
    slow.may_answer.release(5)
    kept = Kept(slow)
    assert kept.look()[0] == 1
    kept.forget()
    assert kept.look()[0] == 2


def test_a_fault_is_told_once_and_then_asked_again():
    slow = Slow()
    slow.may_answer.release(5)
    slow.fault = ValueError("no chain")
    kept = Kept(slow)
    with pytest.raises(ValueError, match="no chain"):
        kept.look()
    slow.fault = None
    assert kept.look()[0] == 2


def test_a_fresh_answer_is_not_asked_for_again():
    slow = Slow()
    slow.may_answer.release(5)
    kept = Kept(slow, again_after_s=3600)
    assert [kept.look()[0] for _ in range(5)] == [1] * 5
    assert slow.asked == 1
