"""`rmn status | incidents | signals | curses | explain`: what a node knows."""

import re
from typing import Annotated, Any

import typer

from rmn_service.cli.node_client import Json, Url, ask
from rmn_service.cli.printing import print_facts, print_json, print_table

_MESSAGE_ID = re.compile("0x[0-9a-fA-F]{64}")


def status(url: Url = None, as_json: Json = False) -> None:
    """Who the node is, how far it may act, and how it stands on every chain."""
    answer = ask(url, "/status")
    if as_json:
        print_json(answer)
        return
    facts = dict(answer["status"])
    chains = facts.pop("chains")
    powers = facts.pop("powers", {})
    print_facts(facts)
    rows = [
        [chain["name"], chain["selector"], chain["block"], chain["final"], chain["blind"] or "sighted"]
        for chain in chains
    ]
    print_table(["chain", "selector", "block", "final", "sight"], rows, "no chains")
    names = {chain["selector"]: chain["name"] for chain in chains}
    can = [[names.get(selector, selector), power["contract"], power["text"]] for selector, power in powers.items()]
    print_table(["chain", "RMN contract", "what this node can do there"], can, "no curse contracts")


def incidents(url: Url = None, as_json: Json = False) -> None:
    """Every incident, its decision, and what was done."""
    answer = ask(url, "/incidents")
    if as_json:
        print_json(answer)
        return
    rows = [
        [
            item["id"],
            item["state"],
            item["severity"],
            item["decision"]["reach"],
            " ".join(f"{action['state']} on {action['chain']}" for action in item["actions"]),
            item["summary"],
        ]
        for item in answer["incidents"]
    ]
    print_table(["id", "state", "severity", "decision", "actions", "summary"], rows, "no incidents")


def signals(url: Url = None, as_json: Json = False) -> None:
    """The last signals."""
    answer = ask(url, "/signals")
    if as_json:
        print_json(answer)
        return
    rows = [
        [item["at"], item["detector"], item["severity"], item["score"], item["chain"], item["block"], item["summary"]]
        for item in answer["signals"]
    ]
    print_table(["at", "detector", "severity", "score", "chain", "block", "summary"], rows, "no signals")


def curses(url: Url = None, as_json: Json = False) -> None:
    """Every active curse on every chain."""
    answer = ask(url, "/curses")
    if as_json:
        print_json(answer)
        return
    rows = [[item["chain"], item["subject"], item["since"], item["by"]] for item in answer["curses"]]
    print_table(["chain", "subject", "since", "by"], rows, "no curses")


def explain(
    what: Annotated[str, typer.Argument(metavar="MESSAGE_ID|INCIDENT_ID")], url: Url = None, as_json: Json = False
) -> None:
    """A message's way, or an incident with the signals it rests on."""
    if _MESSAGE_ID.fullmatch(what):
        answer = ask(url, f"/messages/{what}")
    else:
        answer = ask(url, f"/incidents/{what}")
        known = {item["id"]: item for item in ask(url, "/signals?limit=1000")["signals"]}
        answer["explained_signals"] = [known[id_] for id_ in answer["signals"] if id_ in known]
    if as_json:
        print_json(answer)
    else:
        print_facts({name: _plain(value) for name, value in answer.items() if name != "as_of"})


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return "  ".join(f"{name}={_plain(item)}" for name, item in value.items() if item not in (None, "", []))
    return str(value)
