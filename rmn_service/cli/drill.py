"""`rmn drill`: a fire drill on a running node, timed."""

from typing import Annotated, Literal

import typer

from rmn_service.cli.failures import NotDoneError
from rmn_service.cli.node_client import Json, Token, Url, ask, operator_token, tell
from rmn_service.cli.printing import print_facts, print_json, print_table


def drill(
    kind: Annotated[
        Literal["shadow", "onchain"],
        typer.Option(help="shadow: in memory, no effect; onchain: real votes on a subject that stops nothing."),
    ] = "shadow",
    *,
    history: Annotated[bool, typer.Option("--history", help="Run none; show the last ones and their times.")] = False,
    url: Url = None,
    token: Token = None,
    operator: Annotated[str | None, typer.Option("--as", help="An operator of the running demo, by name.")] = None,
    as_json: Json = False,
) -> None:
    """Attack a shadow of the node (or vote on a subject without effect) and say how long each step took."""
    if history:
        answer = ask(url, "/drills")
        if as_json:
            print_json(answer)
            return
        columns = ("kind", "passed", "detect_ms", "decide_ms", "sign_ms", "effect_ms", "by")
        print_table(columns, [[item[name] for name in columns] for item in answer["drills"]], "no drills yet")
        return
    answer = tell(url, "/drills", {"kind": kind}, operator_token(token, operator))
    result = answer["drill"]
    if as_json:
        print_json(result)
    else:
        print_facts(result)
    if not result["passed"]:
        raise NotDoneError(f"the drill fell short: {result['note']}; see docs/runbook.md")
