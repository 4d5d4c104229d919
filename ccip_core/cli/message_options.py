"""The options that `send` and `quote` share, and the message that they describe."""

from typing import Annotated, Literal, NamedTuple

import typer

from ccip_core.amounts import AmountError, parse_amount
from ccip_core.cli.session import find_lane, parse_address, parse_data
from ccip_core.client import find_token
from ccip_core.deployment import Deployment
from ccip_core.protocol.messages import Lane
from ccip_core.refusal import BadRequest

From = Annotated[str, typer.Option("--from", help="source chain: name, chain id or selector")]
To = Annotated[str, typer.Option("--to", help="destination chain")]
Receiver = Annotated[str, typer.Option("--receiver", help="0x… on the destination")]
TokenSymbol = Annotated[str | None, typer.Option("--token", help="symbol of the token to send")]
Amount = Annotated[str | None, typer.Option("--amount", help="whole tokens, exact, such as 1.5")]
Data = Annotated[str, typer.Option("--data", help="0x… bytes, or plain text")]
GasLimit = Annotated[int, typer.Option("--gas-limit", min=0, help="gas for the receiver")]
FeeTokenName = Annotated[Literal["LINK", "native"], typer.Option("--fee-token", help="how to pay the fee")]
Ordered = Annotated[bool, typer.Option("--ordered", help="keep the order of this sender's ordered messages")]


class Wish(NamedTuple):
    """A message as the command line describes it."""

    lane: Lane
    receiver: bytes
    data: bytes
    tokens: tuple[tuple[str, int], ...]


def read_wish(
    deployment: Deployment, *, source: str, dest: str, receiver: str, token: str | None, amount: str | None, data: str
) -> Wish:
    """Check every word.

    Raises:
        BadRequest, DeploymentError: which word is wrong, and how to mend it.
    """
    lane = find_lane(deployment, source, dest)
    if (token is None) != (amount is None):
        missing, given = ("amount", "token") if amount is None else ("token", "amount")
        raise BadRequest(f"{missing} = nothing: --{given} needs --{missing} beside it")
    tokens: tuple[tuple[str, int], ...] = ()
    if token is not None and amount is not None:
        decimals = find_token(deployment.chain(lane.source), token).decimals
        try:
            tokens = ((token, parse_amount(amount, decimals)),)
        except AmountError as error:
            raise BadRequest(f"amount = {amount}: {error}") from None
    return Wish(lane, parse_address("receiver", receiver), parse_data(data), tokens)
