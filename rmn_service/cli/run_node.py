"""`rmn run` and `rmn demo`: processes that live until they are told to stop."""

import gc
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console

from ccip_core.rpc import RpcError
from rmn_service.cli.catching_up import show_catching_up
from rmn_service.cli.failures import NotDoneError
from rmn_service.config import load_config

_SWITCH_S = 0.0005
"""A thread that writes an API answer keeps a vote waiting for no longer; Python's default is ten times as long."""

DEMO_FAILURES = (RuntimeError, RpcError, OSError)
"""What keeps a part of the demo from starting: tools, contract set, anvil, deployment or a process of it."""


def run_node(
    config: Annotated[Path, typer.Option(help="node.toml; see `rmn config check`.")],
) -> None:
    """Run one node until SIGTERM or Ctrl-C. Logs are JSON lines on stderr."""
    from rmn_service.bootstrap import build_node, wall_clock_ms  # noqa: PLC0415 - slow to load; other verbs do without

    settings = load_config(config)
    _log_to_stderr()
    sys.setswitchinterval(_SWITCH_S)
    node = build_node(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    node.start()
    gc.collect()
    gc.freeze()  # what lives as long as the process need not be looked through while a vote is on its way
    typer.echo(node.url)
    if sys.stderr.isatty():
        show_catching_up(node.service, wall_clock_ms, stopping, Console(stderr=True))
    stopping.wait()
    node.stop()


def demo() -> None:
    """Run a whole network here: three chains, CCIP, the DON, four nodes, traffic and the dashboard."""
    from rmn_service.demo.run import run_demo  # noqa: PLC0415 - the chains' tools are of no use to a node

    try:
        run_demo()
    except DEMO_FAILURES as error:
        raise NotDoneError(f"the demo did not start, and nothing of it is left: {error}") from None


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
