"""The door: finds the verb, and turns every error into one line on stderr and an exit code.

0 done · 1 not done (refused, or a chain stopped answering) · 2 asked wrongly; the line names field, value and remedy.
"""

import sys
from collections.abc import Sequence

import typer

from ccip_core.amounts import AmountError
from ccip_core.cli import attack, execute, lanes, lift, quote, send, show, tokens, traffic, up
from ccip_core.cli.token import token
from ccip_core.deployment import DeploymentError
from ccip_core.localnet.anvil import AnvilError
from ccip_core.localnet.attacks import AttackError, AttackStopped
from ccip_core.localnet.construction import DeployError
from ccip_core.localnet.contract_set import ContractSetError
from ccip_core.localnet.private_rpc import PrivateRpcError
from ccip_core.printable import printable
from ccip_core.refusal import BadRequest, CcipRefusal
from ccip_core.rpc import RpcError
from ccip_core.toolchain import ToolchainError
from ccip_core.wallet import TransactionError

NOT_DONE = (
    CcipRefusal,
    AttackStopped,
    RpcError,
    TransactionError,
    AnvilError,
    PrivateRpcError,
    ContractSetError,
    DeployError,
    ToolchainError,
)
ASKED_WRONGLY = (BadRequest, DeploymentError, AttackError, AmountError)
INTERRUPTED = 130

app = typer.Typer(name="ccip", help="A local CCIP: chains, lanes, tokens, messages and attacks.", add_completion=False)
app.command("up")(up.up)
app.command("send")(send.send)
app.command("quote")(quote.quote)
app.command("show")(show.show)
app.command("lanes")(lanes.lanes)
app.command("tokens")(tokens.tokens)
app.command("execute")(execute.execute)
app.command("lift")(lift.lift)
app.command("attack")(attack.attack)
app.command("traffic")(traffic.traffic)
app.add_typer(token, name="token")


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code."""
    try:
        code = app(list(arguments) or ["--help"], prog_name="ccip", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        asked = "ccip" if context is None else context.command_path
        return _complain(f"{error.format_message().rstrip('.')}; see `{asked} --help`", error.exit_code)
    except ASKED_WRONGLY as error:
        return _complain(str(error), 2)
    except NOT_DONE as error:
        return _complain(str(error), 1)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def _complain(text: str, code: int) -> int:
    typer.echo(f"ccip: {printable(text)}", err=True)
    return code
