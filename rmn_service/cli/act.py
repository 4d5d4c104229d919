"""`rmn curse | uncurse preview | propose | approve | adopt | reject`, `rmn curse affirm`: two people, one act."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from rmn_service.cli.node_client import Json, Token, Url, ask, operator_token, tell
from rmn_service.cli.printing import plain, print_facts, print_json, print_table

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


@curse.command("preview")
def preview_curse(subjects: Subjects, url: Url = None, as_json: Json = False) -> None:
    """What a curse would touch now: messages on their way, value, pools, senders, and how it recovers."""
    _preview("curse", subjects, url, as_json)


@uncurse.command("preview")
def preview_uncurse(subjects: Subjects, url: Url = None, as_json: Json = False) -> None:
    """What a lift would let go on."""
    _preview("uncurse", subjects, url, as_json)


@uncurse.command("adopt")
def adopt(
    proposal_id: ProposalId,
    reason: Reason,
    *,
    url: Url = None,
    token: Token = None,
    operator: As = None,
    as_json: Json = False,
) -> None:
    """Make what the watchdog prepared your own proposal; another person still has to approve."""
    body = {"reason": reason}
    _show(tell(url, f"/proposals/{proposal_id}/adopt", body, operator_token(token, operator)), as_json)


@curse.command("reject")
@uncurse.command("reject")
def reject(
    proposal_id: ProposalId,
    reason: Reason,
    *,
    url: Url = None,
    token: Token = None,
    operator: As = None,
    as_json: Json = False,
) -> None:
    """Turn a proposal down, or take your own back."""
    body = {"reason": reason}
    _show(tell(url, f"/proposals/{proposal_id}/reject", body, operator_token(token, operator)), as_json)


@curse.command("affirm")
def affirm(
    chain: Annotated[str, typer.Argument(help="The selector of the chain whose RMNRemote holds it.")],
    subject: Annotated[str, typer.Argument(help="0x and 32 hex digits.")],
    reason: Reason,
    *,
    url: Url = None,
    token: Token = None,
    operator: As = None,
    as_json: Json = False,
) -> None:
    """Say that a curse must stay; the watchdog asks again later."""
    body = {"chain": chain, "subject": subject, "reason": reason}
    answer = tell(url, "/curses/affirm", body, operator_token(token, operator))
    _show(answer if as_json else answer["curses"][0], as_json)


def _preview(kind: str, subjects: list[str], url: str | None, as_json: bool) -> None:
    answer = ask(url, f"/blast-radius?kind={kind}&subjects={quote(','.join(subjects))}")
    if as_json:
        print_json(answer)
    else:
        _print_radius(answer["blast_radius"])


def _print_radius(radius: dict[str, Any]) -> None:
    figures = ("messages_in_flight", "value_micro_usd", "senders_in_flight", "senders_in_7_days")
    print_facts({name: radius[name] for name in figures})
    rows = [
        [
            f"{lane['source']}:{lane['dest']}",
            lane["stops_sending"],
            lane["stops_delivery"],
            lane["in_flight"],
            lane["messages_a_day"],
        ]
        for lane in radius["lanes"]
    ]
    print_table(["lane", "stops sending", "stops delivery", "in flight", "messages a day"], rows, "no lane")
    strands = [
        [strand["state"], strand["messages"], strand["effect"], strand["recovery"]] for strand in radius["strands"]
    ]
    print_table(["state", "messages", "what happens to them", "how they recover"], strands, "nothing is on its way")


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    facts = {name: value for name, value in answer.items() if name not in {"as_of", "blast_radius"} and value}
    print_facts({name: plain(value) for name, value in facts.items()})
    if answer.get("blast_radius"):
        _print_radius(answer["blast_radius"])
