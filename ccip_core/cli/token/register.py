"""`ccip token register`."""

from ccip_core.chains import Chains
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.tokens import facts
from ccip_core.tokens.registration import plan_register


@sends
def register(*, symbol: Symbol, chain: OnChain, sending: Sending) -> None:
    """Propose the token's CCIP admin, or its owner, as its administrator."""
    place = find_place(sending.deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        plan = plan_register(facts.read(chains, place.chain, place.token))
        report(carry_out(chains, plan, sending), sending.as_json)
