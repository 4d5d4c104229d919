"""`ccip token accept-admin`."""

from ccip_core.chains import Chains
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.tokens import facts
from ccip_core.tokens.registration import plan_accept_admin


@sends
def accept_admin(*, symbol: Symbol, chain: OnChain, sending: Sending) -> None:
    """Take the administrator's role that was offered."""
    place = find_place(sending.deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        plan = plan_accept_admin(facts.read(chains, place.chain, place.token))
        report(carry_out(chains, plan, sending), sending.as_json)
