"""The door: finds the verb, and turns every error into one line on stderr and an exit code.

0 done · 1 not done · 2 asked wrongly; the line names field, value and remedy.
"""

import sys
from collections.abc import Sequence

import typer

from ccip_core.deployment import DeploymentError
from ccip_core.signers import KeystoreError
from rmn_service.cli import act, audit, backtest, config, keys, read, run_node
from rmn_service.cli.failures import NotDoneError, WrongInputError
from rmn_service.errors import NodeError

INTERRUPTED = 130

app = typer.Typer(name="rmn", help="One RMN node, and the tools of its operator.", add_completion=False)
app.command("demo")(run_node.demo)
app.command("run")(run_node.run_node)
app.command("status")(read.status)
app.command("incidents")(read.incidents)
app.command("signals")(read.signals)
app.command("curses")(read.curses)
app.command("explain")(read.explain)
app.command("backtest")(backtest.backtest)
app.add_typer(act.curse, name="curse")
app.add_typer(act.uncurse, name="uncurse")
app.add_typer(audit.audit, name="audit")
app.add_typer(config.config, name="config")
app.add_typer(keys.keys, name="keys")


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code."""
    try:
        code = app(list(arguments) or ["--help"], prog_name="rmn", standalone_mode=False)
    except typer.TyperException as error:
        return _complain(f"{error.format_message().rstrip('.')}; see `rmn --help`", error.exit_code)
    except (WrongInputError, NodeError, DeploymentError, KeystoreError) as error:
        return _complain(str(error), 2)
    except NotDoneError as error:
        return _complain(str(error), 1)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def _complain(text: str, code: int) -> int:
    typer.echo("rmn: " + " ".join(text.split()), err=True)
    return code
