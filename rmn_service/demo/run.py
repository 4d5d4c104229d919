"""`rmn demo`: start, show, and on Ctrl-C or SIGTERM stop all of it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.live import Live

from ccip_core.stop_signals import StopSignals
from rmn_service.demo.network import DemoNetwork
from rmn_service.demo.status import line_of, look, tables_of
from rmn_service.errors import ConfigError

FOLDER = Path(".demo")
_REFRESH_S = 1.0
_LINE_S = 10.0


def run_demo() -> None:
    """Run the demo in ./.demo until Ctrl-C or SIGTERM.

    Raises:
        ConfigError: a demo already runs in this folder.
        Whatever `DemoNetwork.start` raises.
    """
    _refuse_a_second()
    console = Console(file=sys.stdout)
    with StopSignals() as signals, DemoNetwork.start(FOLDER, lambda text: _say(console, text)) as network:
        _show(network, console, signals)
    console.print("stopped")


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False)


def _show(network: DemoNetwork, console: Console, signals: StopSignals) -> NoReturn:
    nodes = [(node.name, node.url) for node in network.nodes]
    _say(console, f"dashboard: {network.dashboard}")
    _say(console, "ready; try `ccip attack --list` in a second terminal")
    if not console.is_terminal:
        while True:
            console.print(line_of(look(nodes), network.traffic.count.sent), highlight=False, soft_wrap=True)
            signals.pause(_LINE_S)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            tables = tables_of(look(nodes), network.localnet.deployment, network.traffic.count.sent, network.dashboard)
            live.update(tables, refresh=True)
            signals.pause(_REFRESH_S)


def _refuse_a_second() -> None:
    try:
        pid = int(json.loads((FOLDER / "demo.json").read_text())["pids"][0])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError, IndexError):  # none, or what is left of one that was killed
        return
    raise ConfigError(f"{FOLDER}/demo.json: a demo already runs here (process {pid}); stop it first")
