"""One node after another, each a process of its own that can be killed: `python lives.py`, a node.toml a line on stdin.

Everything slow is loaded once and inherited by fork, so that a life costs milliseconds and hundreds can end at random.
Says `PID` when a life began and `dead` when it has ended.
"""

import gc
import os
import signal
import sys
from pathlib import Path

import structlog

from detectors.folding import warm_up
from rmn_service.bootstrap import build_node
from rmn_service.config import load_config


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    warm_up()
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            build_node(load_config(Path(line.strip()))).start()
            signal.pause()
        say(str(pid))
        _, status = os.waitpid(pid, 0)
        say(f"dead {os.waitstatus_to_exitcode(status)}")
