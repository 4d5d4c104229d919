"""`rmn demo` as a newcomer has it: it gets ready, commands find it, and it leaves no process and no port behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

pytestmark = pytest.mark.journey

BIN = Path(sys.executable).parent
RECEIVER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def command(folder, *words):
    line = (BIN / words[0], *words[1:])
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_listening(url):
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_runs_and_ends_without_a_trace(tmp_path, wait_until, ending):
    demo = subprocess.Popen(
        (BIN / "rmn", "demo"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    described = tmp_path / ".demo/demo.json"
    try:
        wait_until(lambda: described.exists() or demo.poll() is not None, "demo.json", timeout_s=120)
        assert demo.poll() is None, demo.stdout.read()
        said = json.loads(described.read_text())
        deployment = json.loads((tmp_path / said["deployment"]).read_text())
        urls = [said["dashboard"], *(node["url"] for node in said["nodes"])]
        urls += [chain["http"] for chain in deployment["chains"]]
        assert all(map(is_listening, urls))
        assert len(said["nodes"]) == 4

        if ending is signal.SIGINT:
            assert httpx.get(said["dashboard"], timeout=10).status_code == httpx.codes.OK
            sent = command(
                tmp_path, "ccip", "send", "--from", "1337", "--to", "anvil-devnet", "--token", "HYB",
                "--amount", "1.25", "--receiver", RECEIVER, "--wait", "--json",
            )  # fmt: skip
            assert sent.returncode == 0, sent.stderr
            status = command(tmp_path, "rmn", "status", "--json")
            assert status.returncode == 0, status.stderr
            assert len(json.loads(status.stdout)["status"]["chains"]) == 3
    finally:
        demo.send_signal(ending)
        try:
            demo.wait(60)
        except subprocess.TimeoutExpired:
            demo.kill()
            raise
        finally:
            demo.stdout.close()
    assert demo.returncode == 0
    assert not described.exists()
    assert [pid for pid in said["pids"] if is_alive(pid)] == []
    assert [url for url in urls if is_listening(url)] == []
