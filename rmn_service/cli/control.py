"""`rmn kill-switch on | off`, `rmn maintenance announce | end | list`: what people may change about a node."""

from typing import Annotated

import typer

from rmn_service.cli.act import As, Reason
from rmn_service.cli.node_client import Json, Token, Url, ask, operator_token, tell
from rmn_service.cli.printing import plain, print_facts, print_json, print_table

kill_switch = typer.Typer(help="Stop all automatic curses of a node at once, or let them go on.")
maintenance = typer.Typer(help="Mute statistics (never exact rules) on some lanes for some time.")


@kill_switch.command("on")
def switch_on(
    reason: Reason, *, url: Url = None, token: Token = None, operator: As = None, as_json: Json = False
) -> None:
    """No automatic curse of this node any more; withholding and what people approve go on."""
    _switch(True, reason, url, operator_token(token, operator), as_json)


@kill_switch.command("off")
def switch_off(
    reason: Reason, *, url: Url = None, token: Token = None, operator: As = None, as_json: Json = False
) -> None:
    """Automatic curses again; only an approver may."""
    _switch(False, reason, url, operator_token(token, operator), as_json)


@maintenance.command("announce")
def announce(
    start: Annotated[str, typer.Argument(help="Like 2026-01-31T12:00:00Z.")],
    end: Annotated[str, typer.Argument(help="At most a week later.")],
    reason: Reason,
    *,
    lane: Annotated[list[str] | None, typer.Option(help="SOURCE:DEST by selector; left out: all lanes.")] = None,
    url: Url = None,
    token: Token = None,
    operator: As = None,
    as_json: Json = False,
) -> None:
    """Announce a maintenance before it begins."""
    body = {"lanes": lane or [], "start": start, "end": end, "reason": reason}
    _show(tell(url, "/maintenance", body, operator_token(token, operator)), as_json)


@maintenance.command("end")
def end_early(
    maintenance_id: Annotated[str, typer.Argument(metavar="ID")],
    *,
    url: Url = None,
    token: Token = None,
    operator: As = None,
    as_json: Json = False,
) -> None:
    """It is over earlier than announced."""
    _show(tell(url, f"/maintenance/{maintenance_id}/end", None, operator_token(token, operator)), as_json)


@maintenance.command("list")
def list_windows(url: Url = None, as_json: Json = False) -> None:
    """Every maintenance that was announced."""
    answer = ask(url, "/maintenance")
    if as_json:
        print_json(answer)
        return
    rows = [
        [item["id"], " ".join(item["lanes"]) or "all", item["start"], item["end"], item["by"], item["reason"]]
        for item in answer["maintenance"]
    ]
    print_table(["id", "lanes", "start", "end", "by", "reason"], rows, "no maintenance")


def _switch(is_on: bool, reason: str, url: str | None, token: str, as_json: bool) -> None:
    answer = tell(url, "/kill-switch", {"on": is_on, "reason": reason}, token)
    _show(answer if as_json else answer["kill_switch"], as_json)


def _show(answer: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print_facts({name: plain(value) for name, value in answer.items() if name != "as_of"})
