"""`ccip token transfer-admin`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.session import parse_address
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.tokens import facts
from ccip_core.tokens.registration import plan_transfer_admin


@sends
def transfer_admin(
    *,
    symbol: Symbol,
    chain: OnChain,
    new_admin: Annotated[str, typer.Option("--to", help="0x… who may accept; 0x00… takes an offer back")],
    sending: Sending,
) -> None:
    """Offer the administrator's role to another account."""
    place = find_place(sending.deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        plan = plan_transfer_admin(facts.read(chains, place.chain, place.token), parse_address("to", new_admin))
        report(carry_out(chains, plan, sending), sending.as_json)
