"""`ccip token roles`."""

from typing import Annotated

import typer

from ccip_core.chains import Chains
from ccip_core.cli.session import parse_address
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Sending, Symbol, find_place, sends
from ccip_core.cli.token.report import facts_json, report
from ccip_core.tokens import facts
from ccip_core.tokens.roles import Wanted, plan_roles

_SHOWN = ("owner", "ccip_admin", "administrator", "pool_owner", "rate_limit_admin", "rebalancer")


@sends
def roles(
    *,
    symbol: Symbol,
    chain: OnChain,
    minter: Annotated[str | None, typer.Option("--minter", help="0x… may mint and burn")] = None,
    no_minter: Annotated[str | None, typer.Option("--no-minter", help="0x… may no longer")] = None,
    ccip_admin: Annotated[str | None, typer.Option("--ccip-admin", help="0x… may register the token")] = None,
    rebalancer: Annotated[str | None, typer.Option("--rebalancer", help="0x… may move the liquidity")] = None,
    rate_limit_admin: Annotated[str | None, typer.Option("--rate-limit-admin", help="0x… may change limits")] = None,
    token_owner: Annotated[str | None, typer.Option("--token-owner", help="0x… is to own the token")] = None,
    pool_owner: Annotated[str | None, typer.Option("--pool-owner", help="0x… is to own the pool")] = None,
    sending: Sending,
) -> None:
    """Show who may do what with a token and its pool; with options, change it."""
    place = find_place(sending.deployment, chain, symbol)
    named = {
        "minter": minter,
        "no-minter": no_minter,
        "ccip-admin": ccip_admin,
        "rebalancer": rebalancer,
        "rate-limit-admin": rate_limit_admin,
        "token-owner": token_owner,
        "pool-owner": pool_owner,
    }
    wanted = Wanted(*(None if text is None else parse_address(field, text) for field, text in named.items()))
    with Chains(place.deployment) as chains:
        plan = plan_roles(chains, facts.read(chains, place.chain, place.token), wanted)
        done = carry_out(chains, plan, sending)
        shown = facts_json(facts.read(chains, place.chain, place.token))
    report(done, sending.as_json, {name: shown[name] for name in _SHOWN})
