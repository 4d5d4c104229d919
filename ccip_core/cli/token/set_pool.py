"""`ccip token set-pool`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.session import parse_address
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Place, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import report
from ccip_core.protocol.messages import ChainSelector
from ccip_core.refusal import BadRequest
from ccip_core.tokens import facts
from ccip_core.tokens.flight import to_chain
from ccip_core.tokens.registration import plan_remove_pool, plan_set_pool


@sends
def set_pool(
    *,
    symbol: Symbol,
    chain: OnChain,
    pool: Annotated[str | None, typer.Option("--pool", help="0x…; default: the deployment's")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="take the token out of CCIP on this chain")] = False,
    sending: Sending,
) -> None:
    """Lead CCIP to the token's pool, or take the token out of CCIP."""
    place = find_place(sending.deployment, chain, symbol)
    with Chains(place.deployment) as chains:
        if remove:
            if pool is not None:
                raise BadRequest(f"pool = {pool}: --remove names none; give one or the other")
            now = facts.read(chains, place.chain, place.token)
            plan = plan_remove_pool(now, to_chain(chains, place.chain, _pools(place)))
        else:
            wanted = place.token.pool if pool is None else parse_address("pool", pool)
            plan = plan_set_pool(facts.read(chains, place.chain, place.token, wanted), wanted)
        report(carry_out(chains, plan, sending), sending.as_json)


def _pools(place: Place) -> dict[ChainSelector, bytes]:
    """The token's pools on the other chains."""
    return {
        chain.selector: token.pool
        for chain in place.deployment.chains
        if chain.selector != place.chain.selector
        for token in chain.tokens
        if token.symbol == place.token.symbol
    }
