"""A chain is ours from its first to its last breath: its port, its clock, its end."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ccip_core.localnet import anvil as anvil_module
from ccip_core.localnet import owned_process
from ccip_core.localnet.anvil import Anvil, AnvilError
from ccip_core.rpc import RpcUnreachable

PATIENCE_S = 10


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").is_dir() else True


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_listening(url):
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_each_chain_has_a_port_of_its_own_and_answers_there_with_its_own_id():
    with Anvil.start(1337) as one, Anvil.start(31337) as two:
        assert one.http != two.http
        assert (one.rpc.chain_id(), two.rpc.chain_id()) == (1337, 31337)


def test_after_stop_nothing_is_left():
    chain = Anvil.start(31337)
    guard = chain._process._guard.pid
    assert is_listening(chain.http)
    chain.stop()
    chain.stop()
    assert not is_listening(chain.http)
    assert not is_alive(chain.pid)
    assert not is_alive(guard)
    assert not chain.is_running
    with pytest.raises(RpcUnreachable):
        chain.rpc.chain_id()


def test_a_chain_that_does_not_listen_to_sigterm_is_ended_all_the_same(monkeypatch):
    monkeypatch.setattr(owned_process, "_STOP_S_MAX", 0.2)
    chain = Anvil.start(31337)
    os.kill(chain.pid, signal.SIGSTOP)
    chain.stop()
    assert not is_alive(chain.pid)


def test_ctrl_c_in_the_terminal_does_not_reach_the_chain():
    with Anvil.start(31337) as chain:
        assert os.getsid(chain.pid) != os.getsid(0)
        assert os.getsid(chain._process._guard.pid) != os.getsid(0)


@pytest.mark.parametrize("ending", ["import os; os.kill(os.getpid(), 9)", "raise SystemExit(3)"])
def test_a_chain_does_not_outlive_its_parent(ending):
    script = f"from ccip_core.localnet.anvil import Anvil; print(Anvil.start(31337).pid, flush=True); {ending}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    pid = int(done.stdout)
    until(lambda: not is_alive(pid))


def test_an_anvil_that_ends_at_once_is_an_error_with_its_own_words(monkeypatch, tmp_path):
    broken = tmp_path / "anvil"
    broken.write_text("#!/bin/sh\necho 'error: no such flag'\nexit 2\n")
    broken.chmod(0o755)
    monkeypatch.setattr(anvil_module, "anvil_path", lambda: broken)
    with pytest.raises(AnvilError, match="chain 31337 did not start: error: no such flag"):
        Anvil.start(31337)


def test_blocks_come_by_the_clock_and_their_time_is_the_wall_clock_s():
    with Anvil.start(31337, block_time_s=0.1) as chain:
        until(lambda: chain.rpc.header("latest").number >= 5)
        chain.mine(20)
        assert abs(chain.rpc.header("latest").timestamp_s - time.time()) < 3


def test_without_a_block_time_each_transaction_is_mined_at_once():
    with Anvil.start(31337, block_time_s=0) as chain:
        assert chain.rpc.header("latest").number == 0
        chain.mine(2)
        assert chain.rpc.header("latest").number == 2
