"""`ccip execute`."""

from typing import Annotated

import typer

from ccip_core.cli.output import print_json
from ccip_core.cli.session import AsJson, DeploymentPath, open_session, parse_message_id, user_client
from ccip_core.cli.show import MessageId
from ccip_core.journey import MessageState


def execute(
    message_id: MessageId,
    gas_limit: Annotated[
        int | None, typer.Option("--gas-limit", min=1, help="another gas limit for the receiver")
    ] = None,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> int:
    """Execute a committed message by hand: at once after a failure, else when the DON's turn is over."""
    network = open_session(deployment).deployment
    wanted = parse_message_id(message_id)
    client = user_client(network)
    try:
        state = client.execute(wanted, gas_limit)
    finally:
        client.close()
    if as_json:
        print_json({"message_id": message_id.lower(), "state": str(state)})
    else:
        typer.echo(state)
    return 0 if state is MessageState.SUCCESS else 1
