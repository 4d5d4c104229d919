"""What a lock/release pool holds, and moving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core import views
from ccip_core.amounts import amount_text
from ccip_core.deployment import NOBODY
from ccip_core.refusal import BadRequest, CcipRefusal
from ccip_core.tokens.plans import Plan, Step, call_step

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.tokens.facts import TokenFacts


def plan_add(chains: Chains, facts: TokenFacts, amount: int) -> Plan:
    """Put tokens of the rebalancer into the pool.

    Raises:
        BadRequest: the pool has no liquidity.
        CcipRefusal: nobody may, or who may has not got so much.
    """
    goal = f"add {amount_text(amount, facts.token.decimals)} {facts.token.symbol} to the pool on {facts.chain.name}"
    rebalancer = _rebalancer(facts, goal)
    rpc, token = chains.rpc(facts.chain.selector), facts.token.address
    has = views.balance_of(rpc, token, rebalancer)
    if has < amount:
        shown = amount_text(has, facts.token.decimals)
        raise CcipRefusal(f"{goal}: its rebalancer 0x{rebalancer.hex()} has {shown}; send it more, or add less")
    steps: list[Step] = []
    if views.allowance(rpc, token, rebalancer, facts.pool.address) < amount:
        summary = f"let the pool take the {facts.token.symbol}"
        signature = "approve(address,uint256)"
        steps.append(call_step(facts.chain, rebalancer, token, summary, signature, facts.pool.address, amount))
    signature = "provideLiquidity(uint256)"
    steps.append(call_step(facts.chain, rebalancer, facts.pool.address, goal, signature, amount))
    return Plan(goal, tuple(steps))


def plan_withdraw(facts: TokenFacts, amount: int) -> Plan:
    """Take tokens out of the pool, to its rebalancer. Raises as `plan_add`."""
    shown = amount_text(amount, facts.token.decimals)
    goal = f"withdraw {shown} {facts.token.symbol} from the pool on {facts.chain.name}"
    rebalancer = _rebalancer(facts, goal)
    if facts.pool.balance < amount:
        has = amount_text(facts.pool.balance, facts.token.decimals)
        raise CcipRefusal(f"{goal}: it holds {has}; withdraw less")
    signature = "withdrawLiquidity(uint256)"
    return Plan(goal, (call_step(facts.chain, rebalancer, facts.pool.address, goal, signature, amount),))


def plan_level(chains: Chains, facts: TokenFacts, amount: int) -> Plan:
    """Bring the pool to hold exactly this much: asked again, it does nothing. Raises as `plan_add`."""
    difference = amount - facts.pool.balance
    if difference == 0:
        return Plan(f"the pool of {facts.label} holds that", ())
    return plan_add(chains, facts, difference) if difference > 0 else plan_withdraw(facts, -difference)


def _rebalancer(facts: TokenFacts, goal: str) -> bytes:
    if facts.token.pool_type != "lock_release":
        raise BadRequest(
            f"SYMBOL = {facts.token.symbol}: its pool burns and mints, it has no liquidity; choose another token"
        )
    if facts.pool.rebalancer == NOBODY:
        raise CcipRefusal(f"{goal}: the pool has no rebalancer; name one with `ccip token roles --rebalancer`")
    return facts.pool.rebalancer
