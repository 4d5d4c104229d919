"""`ccip show`."""

from collections import deque
from typing import Annotated, Any

import typer

from ccip_core.amounts import amount_text
from ccip_core.cli.output import hex_text, print_facts, print_json
from ccip_core.cli.progress import show_progress
from ccip_core.cli.session import AsJson, DeploymentPath, chain_name, open_session, parse_message_id, user_client
from ccip_core.deployment import Deployment
from ccip_core.journey import Journey
from ccip_core.protocol.messages import EVM2AnyTokenTransfer
from ccip_core.reverts import revert_text
from ccip_core.tracking import progress

MessageId = Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="0x and 64 hex digits", show_default=False)]


def show(
    *,
    message_id: MessageId,
    wait: Annotated[bool, typer.Option("--wait", help="follow it to its end first")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", min=1.0, help="seconds to wait for the end")] = 120.0,
    deployment: DeploymentPath = None,
    as_json: AsJson = False,
) -> None:
    """A message's journey, with the transaction of each step and what it waits for."""
    network = open_session(deployment).deployment
    wanted = parse_message_id(message_id)
    client = user_client(network)
    try:
        if wait:
            seen = client.follow(wanted, timeout_s)
            if as_json:
                deque(seen, maxlen=0)
            else:
                show_progress(seen)
        way = client.show(wanted)
        now = progress(client.chains, way)
    finally:
        client.close()
    if as_json:
        print_json(journey_json(way) | {"stage": str(now.stage), "waits_for": now.waits_for or None})
    else:
        print_facts(_title(network, way), _facts(network, way) | {"waits for": now.waits_for or None})


def journey_json(way: Journey) -> dict[str, Any]:
    """The journey in JSON's words."""
    message, commit = way.sent.message, way.commit
    return {
        "message_id": hex_text(message.header.message_id),
        "version": _version(way),
        "state": str(way.state),
        "source": str(way.sent.lane.source),
        "dest": str(way.sent.lane.dest),
        "sequence_number": str(message.header.sequence_number),
        "nonce": str(message.header.nonce),
        "sender": hex_text(message.sender),
        "receiver": hex_text(message.receiver[-20:]),
        "data": hex_text(message.data),
        "tokens": [
            {"source_pool": hex_text(transfer.source_pool_address), "amount": str(transfer.amount)}
            for transfer in message.token_amounts
        ],
        "sent": {"tx": hex_text(way.sent.tx_hash), "block": way.sent.block_number},
        "commit": None
        if commit is None
        else {
            "root": hex_text(commit.root.merkle_root),
            "min_seq": str(commit.root.min_seq_nr),
            "max_seq": str(commit.root.max_seq_nr),
            "blessed": commit.is_blessed,
            "tx": hex_text(commit.tx_hash),
            "block": commit.block_number,
        },
        "executions": [
            {
                "state": str(execution.state),
                "message_id": hex_text(execution.message_id),
                "reason": revert_text(execution.return_data) if execution.state == "failure" else None,
                "tx": hex_text(execution.tx_hash),
                "block": execution.block_number,
            }
            for execution in way.executions
        ],
    }


def _title(network: Deployment, way: Journey) -> str:
    source, dest = chain_name(network, way.sent.lane.source), chain_name(network, way.sent.lane.dest)
    return f"message {way.sent.message.header.sequence_number} of {source} → {dest}, CCIP {_version(way)}: {way.state}"


def _version(way: Journey) -> str:
    return "1.6" if way.sent.v1_5 is None else "1.5"


def _facts(network: Deployment, way: Journey) -> dict[str, object]:
    message, commit = way.sent.message, way.commit
    facts: dict[str, object] = {
        "message id": hex_text(message.header.message_id),
        "sender": hex_text(message.sender),
        "receiver": hex_text(message.receiver[-20:]),
        "data": hex_text(message.data) if message.data else None,
        "tokens": ", ".join(_transfer(network, way, transfer) for transfer in message.token_amounts) or None,
        "sent": f"block {way.sent.block_number}, tx {hex_text(way.sent.tx_hash)}",
    }
    if commit is not None:
        kind = "blessed" if commit.is_blessed else "unblessed"
        interval = f"{commit.root.min_seq_nr}..{commit.root.max_seq_nr}"
        facts["committed"] = f"block {commit.block_number}, tx {hex_text(commit.tx_hash)} ({kind}, interval {interval})"
    for number, execution in enumerate(way.executions, start=1):
        why = f": {revert_text(execution.return_data)}" if execution.state == "failure" else ""
        where = f"block {execution.block_number}, tx {hex_text(execution.tx_hash)}"
        facts[f"executed ({number})"] = f"{execution.state}{why}, {where}"
    return facts


def _transfer(network: Deployment, way: Journey, transfer: EVM2AnyTokenTransfer) -> str:
    for token in network.chain(way.sent.lane.source).tokens:
        if token.pool == transfer.source_pool_address:
            return f"{amount_text(transfer.amount, token.decimals)} {token.symbol}"
    return f"{transfer.amount} of pool {hex_text(transfer.source_pool_address)}"
