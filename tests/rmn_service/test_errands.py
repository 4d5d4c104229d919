"""Errands are done in order, and one that fails is noticed and keeps no other from being done."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from rmn_service.errands import ErrandThread
from rmn_service.errors import StoreError
from rmn_service.metrics import Metrics
from rmn_service.scheduler import attempt

PATIENCE_S = 10


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def thread(metrics: Metrics) -> ErrandThread:
    return ErrandThread("errands", partial(attempt, "failed", metrics.tries_failed))


def failed(metrics: Metrics) -> float:
    return sum(sample.value for family in metrics.tries_failed.collect() for sample in family.samples[:1])


def test_errands_are_done_in_the_order_in_which_they_were_handed_over(thread: ErrandThread) -> None:
    done: list[int] = []
    for number in range(100):
        thread.hand_over(partial(done.append, number))
    assert thread.milestone().acquire(timeout=PATIENCE_S)
    assert done == list(range(100))
    thread.close()


def test_a_failed_errand_is_counted_and_the_next_one_is_done(thread: ErrandThread, metrics: Metrics) -> None:
    def fail() -> None:
        raise StoreError("the disk is full")

    done: list[str] = []
    thread.hand_over(fail)
    thread.hand_over(partial(done.append, "next"))
    assert thread.milestone().acquire(timeout=PATIENCE_S)
    assert done == ["next"]
    assert failed(metrics) == 1
    thread.close()


def test_a_milestone_is_not_passed_before_what_was_handed_over(thread: ErrandThread) -> None:
    gate = threading.Event()
    thread.hand_over(partial(gate.wait, PATIENCE_S))
    milestone = thread.milestone()
    assert not milestone.acquire(blocking=False)
    gate.set()
    assert milestone.acquire(timeout=PATIENCE_S)
    thread.close()


def test_a_closed_thread_begins_nothing_any_more(thread: ErrandThread) -> None:
    begun, gate, done = threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        gate.wait(PATIENCE_S)

    thread.hand_over(first)
    thread.hand_over(partial(done.append, "never"))
    assert begun.wait(PATIENCE_S)
    thread.close()
    gate.set()
    assert not thread.milestone().acquire(timeout=0.1)
    assert done == []
