"""`ccip quote`."""

import typer

from ccip_core.amounts import amount_text
from ccip_core.cli.message_options import (
    Amount,
    Data,
    FeeTokenName,
    From,
    GasLimit,
    Ordered,
    Receiver,
    To,
    TokenSymbol,
    read_wish,
)
from ccip_core.cli.output import print_json
from ccip_core.cli.session import AsJson, DeploymentPath, open_session, user_client


def quote(
    *,
    source: From,
    dest: To,
    receiver: Receiver,
    token: TokenSymbol = None,
    amount: Amount = None,
    data: Data = "",
    gas_limit: GasLimit = 200_000,
    pay_with: FeeTokenName = "LINK",
    ordered: Ordered = False,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """The Router's fee for a message; nothing is sent."""
    network = open_session(deployment).deployment
    wish = read_wish(network, source=source, dest=dest, receiver=receiver, token=token, amount=amount, data=data)
    client = user_client(network)
    try:
        message = client.message(*wish, gas_limit=gas_limit, allow_out_of_order=not ordered, fee_token=pay_with)
        fee = client.quote(wish.lane, message)
    finally:
        client.close()
    if as_json:
        print_json(
            {"source": str(wish.lane.source), "dest": str(wish.lane.dest), "fee": str(fee), "fee_token": pay_with}
        )
    else:
        typer.echo(f"{amount_text(fee, 18)} {pay_with}")
