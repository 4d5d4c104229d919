"""A request to stop ends the block at once, and is not lost when its exception is."""

import os
import signal
import time

import pytest

from ccip_core.stop_signals import StopSignals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_block_and_runs_what_is_on_the_stack(number):
    stopped = []
    with StopSignals():
        try:
            os.kill(os.getpid(), number)
            time.sleep(10)
        finally:
            stopped.append("in order")
        pytest.fail("went on")
    assert stopped == ["in order"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_request_that_landed_in_a_destructor_is_not_lost():
    class Clumsy:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)  # the handler runs here, and what it raises is thrown away

    with StopSignals() as signals:
        Clumsy()
        went_on = True
        signals.pause(10)
        pytest.fail("waited in vain")
    assert went_on


def test_a_second_request_does_not_interrupt_the_stopping():
    stopped = []
    with StopSignals() as signals:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            signals.pause(10)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            stopped.append("to the end")
    assert stopped == ["to the end"]


def test_other_errors_pass_and_the_old_handlers_come_back():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyError), StopSignals():
        raise KeyError
    assert signal.getsignal(signal.SIGTERM) is before
