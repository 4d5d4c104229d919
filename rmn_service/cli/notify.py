"""`rmn notify test`: do alerts arrive?"""

import time
from pathlib import Path
from typing import Annotated

import typer

from rmn_service.cli.failures import NotDoneError, WrongInputError
from rmn_service.cli.node_client import Json
from rmn_service.cli.printing import print_json, print_table
from rmn_service.config import load_config

notify = typer.Typer(help="Alerts to people.")


@notify.callback()
def notify_group() -> None:
    """Alerts to people."""


@notify.command("test")
def send_test(
    config: Annotated[Path, typer.Option(help="node.toml with its [notifications].")],
    route: Annotated[str | None, typer.Option(help="Only this route, by name.")] = None,
    as_json: Json = False,
) -> None:
    """Send one test message on every route, at once and without retries, and say which arrived."""
    from rmn_service.notify import open_routes  # noqa: PLC0415 - slow to load
    from rmn_service.notify_channels import DeliveryError  # noqa: PLC0415

    settings = load_config(config)
    known = [entry.name for entry in settings.notifications.routes]
    if not known:
        raise WrongInputError(
            f"notifications.routes = []: {config} tells nobody anything; add [[notifications.routes]]"
        )
    if route is not None and route not in known:
        raise WrongInputError(f"route = {route[:80]}: unknown; configured are {', '.join(known)}")
    now_ms = time.time_ns() // 1_000_000
    rows: list[tuple[str, str]] = []
    for opened in open_routes(settings.notifications, settings.folder):
        if route in {None, opened.name}:
            message = {
                "id": f"test-{now_ms}",
                "node": settings.name,
                "kind": "test",
                "key": "test",
                "severity": opened.least.word,
                "title": "test message",
                "text": "Sent by `rmn notify test`; nothing happened.",
                "at_ms": now_ms,
                "lanes": [],
                "chain": None,
            }
            try:
                opened.channel.send(message, now_ms // 1000)
                rows.append((opened.name, "sent"))
            except DeliveryError as error:
                rows.append((opened.name, f"failed: {error}"))
    if as_json:
        print_json({"routes": [{"route": name, "result": result} for name, result in rows]})
    else:
        print_table(("route", "result"), rows, "no routes")
    failed = [name for name, result in rows if result != "sent"]
    if failed:
        raise NotDoneError(f"{', '.join(failed)}: the test message was not taken; check URL and network")
