"""`ccip token liquidity`."""

from typing import Annotated

import typer

from ccip_core.amounts import amount_text
from ccip_core.chains import Chains
from ccip_core.cli.output import hex_text
from ccip_core.cli.token.carry_out import carry_out
from ccip_core.cli.token.options import OnChain, Sending, Symbol, find_place, read_amount, sends
from ccip_core.cli.token.report import report
from ccip_core.refusal import BadRequest
from ccip_core.tokens import facts
from ccip_core.tokens.facts import TokenFacts
from ccip_core.tokens.liquidity import plan_add, plan_level, plan_withdraw
from ccip_core.tokens.plans import Plan


@sends
def liquidity(
    *,
    symbol: Symbol,
    chain: OnChain,
    add: Annotated[str | None, typer.Option("--add", help="whole tokens to put in")] = None,
    withdraw: Annotated[str | None, typer.Option("--withdraw", help="whole tokens to take out")] = None,
    level: Annotated[str | None, typer.Option("--level", help="whole tokens that the pool is to hold")] = None,
    sending: Sending,
) -> None:
    """Show what a lock/release pool holds; with --add, --withdraw or --level, change it."""
    place = find_place(sending.deployment, chain, symbol)
    asked = {"add": add, "withdraw": withdraw, "level": level}
    if sum(text is not None for text in asked.values()) > 1:
        raise BadRequest("add, withdraw, level: they exclude each other; give one")
    with Chains(place.deployment) as chains:
        done: dict[str, object] | None = {}
        for field, text in asked.items():
            if text is not None:
                now = facts.read(chains, place.chain, place.token)
                amount = read_amount(field, text, place.token.decimals)
                done = carry_out(chains, _plan(chains, now, field, amount), sending)
        held = facts.read(chains, place.chain, place.token).pool.balance
    shown = {"symbol": symbol, "pool": hex_text(place.token.pool), "pool_balance": str(held)}
    report(
        done,
        sending.as_json,
        shown if sending.as_json else shown | {"pool_balance": amount_text(held, place.token.decimals)},
    )


def _plan(chains: Chains, now: TokenFacts, field: str, amount: int) -> Plan:
    if field == "add":
        return plan_add(chains, now, amount)
    return plan_withdraw(now, amount) if field == "withdraw" else plan_level(chains, now, amount)
