"""`ccip send`."""

from typing import Annotated

import typer

from ccip_core.amounts import amount_text
from ccip_core.cli.findings import print_findings, refuse_if_stopped
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
from ccip_core.cli.output import hex_text, print_facts, print_json
from ccip_core.cli.progress import show_progress
from ccip_core.cli.session import AsJson, DeploymentPath, chain_name, open_session, user_client
from ccip_core.journey import MessageState


def send(
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
    wait: Annotated[bool, typer.Option("--wait", help="follow it to the end")] = False,
    check: Annotated[bool, typer.Option("--check", help="only ask what would stop it; nothing is sent")] = False,
    anyway: Annotated[bool, typer.Option("--anyway", help="send although it will not arrive by itself")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", min=1.0, help="seconds to wait for the end")] = 120.0,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> int:
    """Check, quote, approve and send a message from the local network's user; optionally track it to the end."""
    network = open_session(deployment).deployment
    wish = read_wish(network, source=source, dest=dest, receiver=receiver, token=token, amount=amount, data=data)
    client = user_client(network)
    try:
        message = client.message(*wish, gas_limit=gas_limit, allow_out_of_order=not ordered, fee_token=pay_with)
        if check or not anyway:
            findings = client.preflight(wish.lane, message)
            if check:
                return print_findings(findings, as_json)
            refuse_if_stopped(network, wish.lane, findings)
        sent = client.send(*wish, gas_limit=gas_limit, allow_out_of_order=not ordered, fee_token=pay_with)
        if wait and as_json:
            client.track(sent, timeout_s)
        elif wait:
            show_progress(client.follow(sent.message_id, timeout_s))
        state = client.state(sent.message_id)
    finally:
        client.close()
    result = {
        "message_id": hex_text(sent.message_id),
        "source": str(wish.lane.source),
        "dest": str(wish.lane.dest),
        "sequence_number": str(sent.sequence_number),
        "tx": hex_text(sent.tx_hash),
        "block": sent.block_number,
        "fee": str(sent.fee),
        "fee_token": pay_with,
        "state": str(state),
    }
    if as_json:
        print_json(result)
    else:
        lane = f"{chain_name(network, wish.lane.source)} → {chain_name(network, wish.lane.dest)}"
        fee = f"{amount_text(sent.fee, 18)} {pay_with}"
        print_facts(lane, result | {"source": None, "dest": None, "fee": fee, "fee_token": None})
    return 0 if state is MessageState.SUCCESS or not wait else 1
