"""`ccip traffic`."""

import random
import signal
import threading
from typing import Annotated

import typer

from ccip_core.cli.output import print_facts, print_json
from ccip_core.cli.session import AsJson, DeploymentPath, open_session
from ccip_core.localnet.keys import users
from ccip_core.localnet.traffic import Traffic
from ccip_core.refusal import BadRequest


def traffic(
    rate: Annotated[float, typer.Option("--rate", help="messages per second")] = 0.5,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    messages: Annotated[
        int | None, typer.Option("--messages", min=1, help="stop after so many; default: never")
    ] = None,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> int:
    """Send quiet, realistic traffic on random lanes until Ctrl-C, or until enough messages were sent."""
    network = open_session(deployment).deployment
    if not 0 < rate <= 1_000:
        raise BadRequest(f"rate = {rate}: messages per second; give a number between 0 and 1000")
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    flow = Traffic(network, users()[1], random.Random(seed), rate)  # noqa: S311 - repeatable, nothing secret
    try:
        count = flow.run(stop, messages)
    finally:
        flow.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    if as_json:
        print_json({"sent": count.sent, "skipped_cursed": count.skipped_cursed, "refused": count.refused})
    else:
        refused = ", ".join(f"{name}: {times}" for name, times in sorted(count.refused.items()))
        print_facts("traffic", {"sent": count.sent, "skipped, cursed": count.skipped_cursed, "refused": refused or 0})
    return 0 if count.sent else 1
