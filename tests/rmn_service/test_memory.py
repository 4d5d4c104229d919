"""A node's memory does not grow with the messages it has followed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HALF = 20_000


@pytest.mark.slow
def test_twice_the_messages_take_no_more_memory() -> None:
    command = [sys.executable, "-m", "benchmarks.node_memory", str(2 * HALF), str(HALF)]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout  # a process that holds nothing else
    half, whole, end = (json.loads(line) for line in told.splitlines() if line.startswith("{"))
    grown_kb_a_message = 1024 * (whole["rss_mb"] - half["rss_mb"]) / (whole["messages"] - half["messages"])
    assert grown_kb_a_message < 0.5, "all rows in memory would be 4"
    assert end["rss_mb"] < 400
    assert end["signals"] == 0
    assert end["cpu_s"] < whole["messages"] / 100, "under one core at 100 a second"
