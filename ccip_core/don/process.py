"""One oracle in a process of its own: what runs there, and how its parent holds it."""

from __future__ import annotations

import logging
import re
import signal
import sys
import threading
from typing import TYPE_CHECKING, Self

from ccip_core.don.config import load_oracle_config
from ccip_core.don.oracle import Oracle
from ccip_core.localnet.owned_process import OwnedProcess

if TYPE_CHECKING:
    from pathlib import Path

_READY = re.compile(r"oracle \d+ at (http://127\.0\.0\.1:\d+)")
_START_S_MAX = 60.0


def run_oracle(config_path: Path) -> None:
    """Run one oracle until SIGTERM or Ctrl-C; prints its URL when it is ready. For the main thread of a process.

    Raises:
        OracleConfigError, DeploymentError: the file or its deployment can't be used.
        OSError: its port is taken.
    """
    config = load_oracle_config(config_path)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s oracle-{config.index} %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    oracle = Oracle(config)
    oracle.start()
    sys.stdout.write(f"oracle {config.index} at {oracle.url}\n")
    sys.stdout.flush()
    ended.wait()
    oracle.stop()


class OracleProcess:
    """An oracle that runs elsewhere. `launch` several first, then `wait_ready` for each: they start side by side."""

    def __init__(self, index: int, process: OwnedProcess) -> None:
        self.index = index
        self.url = ""
        """Its door; known after `wait_ready`."""
        self._process = process

    @classmethod
    def launch(cls, index: int, config_path: Path) -> Self:
        """Start the process. It reads the file before it is ready."""
        command = (sys.executable, "-m", "ccip_core.don", str(config_path))
        return cls(index, OwnedProcess(f"oracle-{index}", command))

    @property
    def pid(self) -> int:
        """Of the operating system."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """False after it was stopped or ended by itself."""
        return self._process.is_running

    def wait_ready(self) -> None:
        """Wait until its door is open. Raises ProcessFailedError."""
        self.url = self._process.wait_for(_READY, _START_S_MAX).group(1)

    def ask_to_stop(self) -> None:
        """Without waiting: several end side by side."""
        self._process.ask_to_stop()

    def stop(self) -> None:
        """End it."""
        self._process.stop()
