"""`rmn curse | uncurse propose | approve`: two people, one act."""

from typing import Annotated

import typer

from rmn_service.cli.node_client import Json, Token, Url, operator_token, tell
from rmn_service.cli.printing import print_facts, print_json

Subjects = Annotated[
    list[str],
    typer.Argument(metavar="SUBJECT...", help="0x and 32 hex digits, a chain, or SOURCE:DEST for both ends of a lane."),
]
Reason = Annotated[str, typer.Option(help="Why; it goes into the audit log.")]
As = Annotated[str | None, typer.Option("--as", help="An operator of the running demo, by name.")]
ProposalId = Annotated[str, typer.Argument(metavar="PROPOSAL_ID")]

curse = typer.Typer(help="Stop lanes: one person proposes, another approves; it becomes this node's vote.")
uncurse = typer.Typer(help="Resume lanes: prepares what the council sends, and sends it if this node is the council.")


@curse.command("propose")
def propose_curse(
    subjects: Subjects,
    reason: Reason,
    *,
    url: Url = None,
    token: Token = None,
    operator: As = None,
    as_json: Json = False,
) -> None:
    """Propose a curse; nothing happens until another person approves."""
    body = {"kind": "curse", "subjects": subjects, "reason": reason}
    _show(tell(url, "/proposals", body, operator_token(token, operator)), as_json)


@uncurse.command("propose")
def propose_uncurse(
    subjects: Subjects,
    reason: Reason,
    *,
    url: Url = None,
    token: Token = None,
    operator: As = None,
    as_json: Json = False,
) -> None:
    """Propose an uncurse; nothing happens until another person approves."""
    body = {"kind": "uncurse", "subjects": subjects, "reason": reason}
    _show(tell(url, "/proposals", body, operator_token(token, operator)), as_json)


@curse.command("approve")
@uncurse.command("approve")
def approve(
    proposal_id: ProposalId, url: Url = None, token: Token = None, operator: As = None, as_json: Json = False
) -> None:
    """Approve somebody else's proposal."""
    _show(tell(url, f"/proposals/{proposal_id}/approve", None, operator_token(token, operator)), as_json)


def _show(answer: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print_facts({name: value for name, value in answer.items() if name != "as_of" and value})
