"""The door: finds the verb, and turns every error into one line on stderr and an exit code.

0 done · 1 not done · 2 asked wrongly; the line names field, value and remedy. Only the modules of the verb that is
asked for are loaded: `rmn backtest` needs no HTTP, `rmn status` no detector.
"""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from ccip_core.printable import printable
from rmn_service.cli.failures import NotDoneError, WrongInputError
from rmn_service.errors import InUseError, NodeError

INTERRUPTED = 130

_COMMANDS = {
    "demo": "run_node:demo",
    "run": "run_node:run_node",
    "status": "read:status",
    "incidents": "read:incidents",
    "signals": "read:signals",
    "curses": "read:curses",
    "proposals": "read:proposals",
    "explain": "read:explain",
    "backtest": "backtest:backtest",
    "drill": "drill:drill",
    "export": "export:export",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "score-stream": "score_stream:score_stream",
    "score-edges": "score_edges:score_edges",
}
"""A verb's function, as file:name."""
_GROUPS = {
    "curse": "act:curse",
    "uncurse": "act:uncurse",
    "audit": "audit:audit",
    "guard": "guard:guard",
    "config": "config:config",
    "evidence": "evidence:evidence",
    "keys": "keys:keys",
    "notify": "notify:notify",
    "kill-switch": "control:kill_switch",
    "maintenance": "control:maintenance",
    "operators": "operators:operators",
}
"""Verbs that have verbs of their own."""


def build_app(verb: str = "") -> typer.Typer:
    """The program with this verb alone; with every verb when it is none of them."""
    app = typer.Typer(name="rmn", add_completion=False)
    app.callback(help="One RMN node, and the tools of its operator.")(lambda: None)  # else a lone verb is no verb
    for name, place in (_COMMANDS | _GROUPS).items():
        if name != verb and verb in _COMMANDS | _GROUPS:
            continue
        file, _, thing = place.partition(":")
        found = getattr(import_module(f"rmn_service.cli.{file}"), thing)
        if name in _GROUPS:
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code."""
    words = list(arguments) or ["--help"]
    try:
        code = build_app(words[0])(words, prog_name="rmn", standalone_mode=False)
    except typer.TyperException as error:
        return _complain(f"{error.format_message().rstrip('.')}; see `rmn --help`", error.exit_code)
    except (NotDoneError, InUseError) as error:
        return _complain(str(error), 1)
    except _refusals() as error:
        return _complain(str(error), 2)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The console script."""
    code = run(sys.argv[1:])
    gc.freeze()  # what is left goes with the process: its end need not look for cycles in it
    sys.exit(code)


def _refusals() -> tuple[type[Exception], ...]:
    """What says that the asking was wrong; those of the floor below are loaded only once something was raised."""
    from ccip_core.deployment import DeploymentError  # noqa: PLC0415
    from ccip_core.signers import SignerError  # noqa: PLC0415

    return WrongInputError, NodeError, DeploymentError, SignerError


def _complain(text: str, code: int) -> int:
    typer.echo(f"rmn: {printable(text)}", err=True)
    return code
