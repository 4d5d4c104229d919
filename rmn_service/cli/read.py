"""`rmn status | incidents | signals | curses | proposals | explain`: what a node knows."""

import re
from typing import Annotated, Any

import typer

from rmn_service.cli.node_client import Json, Url, ask
from rmn_service.cli.printing import plain, print_facts, print_json, print_table

_MESSAGE_ID = re.compile("0x[0-9a-fA-F]{64}")


def status(url: Url = None, as_json: Json = False) -> None:
    """Who the node is, how far it may act, and how it stands on every chain."""
    answer = ask(url, "/status")
    if as_json:
        print_json(answer)
        return
    facts = dict(answer["status"])
    chains, value, powers = facts.pop("chains"), facts.pop("value"), facts.pop("powers", {})
    for what, spans in value.items():
        for span, flow in spans.items():
            facts[f"{what} in {span}"] = f"{flow['messages']} messages, {flow['value_micro_usd']} micro-USD"
    print_facts({name: None if fact is None else plain(fact) for name, fact in facts.items()})
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
    rows = [
        [item["chain"], item["subject"], item["since"], item["by"], item["affirm_by"], item["is_overdue"] or ""]
        for item in answer["curses"]
    ]
    print_table(["chain", "subject", "since", "by", "affirm by", "overdue"], rows, "no curses")


def proposals(url: Url = None, as_json: Json = False) -> None:
    """What people want done, how far it is, and what came of it."""
    answer = ask(url, "/proposals")
    if as_json:
        print_json(answer)
        return
    rows = [
        [
            item["id"],
            item["kind"],
            item["state"],
            " ".join(item["subjects"]),
            " ".join(name for name in (item["proposed_by"], item["approved_by"]) if name is not None),
            item["expires_at"],
            "\n".join(f"{step['state']} on {step['chain']}" for step in item["progress"]),
        ]
        for item in answer["proposals"]
    ]
    columns = ["id", "kind", "state", "subjects", "by", "expires", "progress"]
    print_table(columns, rows, "no proposals")


def explain(
    what: Annotated[str, typer.Argument(metavar="MESSAGE_ID|INCIDENT_ID")], url: Url = None, as_json: Json = False
) -> None:
    """Why a message waits, on what evidence, and who may act; or an incident with the signals it rests on."""
    if _MESSAGE_ID.fullmatch(what):
        answer = ask(url, f"/messages/{what}")
        if not as_json:
            _print_hold(answer)
            return
    else:
        answer = ask(url, f"/incidents/{what}")
        answer["explained_signals"] = ask(url, f"/signals?limit=1000&incident={what}")["signals"]
    if as_json:
        print_json(answer)
    else:
        print_facts({name: plain(value) for name, value in answer.items() if name != "as_of"})


def _print_hold(message: dict[str, Any]) -> None:
    hold = message["hold"]
    facts = {name: message[name] for name in ("id", "source", "dest", "sequence_number", "state", "sender", "receiver")}
    print_facts(facts | {"waits": hold["why"], "earliest release": hold["earliest_release"]})
    reasons = [
        [reason["rule"], reason["why"], reason["since"], " ".join(reason["evidence"]), reason["who_may"]]
        for reason in hold["reasons"]
    ]
    print_table(["rule", "why", "since", "evidence", "who may act"], reasons, "nothing holds it")
    steps = [
        [
            step["step"],
            step["at"] or ("done" if step["is_done"] else "open"),
            step["tx"],
            step["by"],
            step["took_s"],
            None if step["usual"] is None else f"{step['usual']['median_s']} to {step['usual']['p90_s']}",
            "late" if step["is_late"] else "",
        ]
        for step in hold["journey"]
    ]
    print_table(["step", "at", "transaction", "by", "took s", "usually s", ""], steps, "no steps")
