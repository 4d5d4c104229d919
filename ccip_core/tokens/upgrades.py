"""A new pool in the place of an old one, without losing a message on its way.

    prepare     the new pool may mint and burn; it knows every chain, with every pool there, as the old one does
    announce    every other chain's pool accepts the new one beside the old one: added, not replaced
    switch      the registry leads to the new pool; liquidity follows
    retire      later, when nothing that left by the old pool is on its way any more: the others forget it

Until it is retired, what left by the old pool arrives, because the other ends still accept it; what is on its way to
the old pool arrives at the new one, because it accepts the same pools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.amounts import amount_text
from ccip_core.deployment import NOBODY
from ccip_core.protocol.codec import encode_address
from ccip_core.refusal import BadRequest
from ccip_core.tokens import limits, roles
from ccip_core.tokens.limits import CONFIG
from ccip_core.tokens.plans import Plan, Step, call_step
from ccip_core.tokens.registration import administrator, set_pool_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.chains import Chains
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.tokens.facts import PoolFacts, TokenFacts
    from ccip_core.tokens.flight import InFlight


def plan_upgrade(chains: Chains, old: PoolFacts, new: TokenFacts, others: Sequence[TokenFacts]) -> Plan:
    """Put `new.pool` in the place of the old one; `others` are the token on the chains it trades with.

    Raises:
        BadRequest: the new pool is the old one, or would refuse the old one's limits.
    """
    if old.address == new.pool.address:
        raise BadRequest(f"pool = 0x{old.address.hex()}: {new.label} has this pool already; name the new one")
    steps: list[Step] = []
    if new.token.pool_type == "burn_mint" or old.rebalancer not in {NOBODY, new.pool.address}:
        steps += roles.working_pool_plan(chains, new, old.rebalancer).steps
    missing = [remote for remote in old.remotes if remote not in new.pool.remotes]
    if missing:
        steps.append(_copy_step(old, new, missing))
    for other in others:
        known = other.pool.remotes.get(new.chain.selector)
        if known is not None and encode_address(new.pool.address) not in known.pools:
            steps.append(_announce_step(other, new))
    warnings = []
    if new.registration.pool != new.pool.address:
        summary = f"switch {new.label} to its new pool 0x{new.pool.address.hex()}"
        steps.append(set_pool_step(new, administrator(new), new.pool.address, summary))
    if new.token.pool_type == "lock_release" and old.balance:
        steps += _liquidity_steps(old, new)
        warnings.append(
            f"{new.label}: between the switch and the transfer of its liquidity, releases fail and have to be executed "
            "by hand; have one Safe batch do both, or switch in a quiet minute"
        )
    return Plan(f"give {new.label} a new pool", tuple(steps), tuple(warnings))


def plan_retire(
    chains: Chains, old: PoolFacts, facts: TokenFacts, others: Sequence[TokenFacts], in_flight: InFlight
) -> Plan:
    """Have everyone forget a pool that was replaced.

    Raises:
        BadRequest: it is the token's pool still.
        CcipRefusal: something that left by it is on its way.
    """
    goal = f"retire the pool 0x{old.address.hex()} of {facts.label}"
    if facts.registration.pool == old.address:
        raise BadRequest(f"pool = 0x{old.address.hex()}: {facts.label} uses it; `ccip token upgrade-pool` first")
    in_flight.refuse_if_any(goal)
    steps = []
    for other in others:
        known = other.pool.remotes.get(facts.chain.selector)
        if known is not None and encode_address(old.address) in known.pools:
            summary = f"have the pool of {other.label} forget 0x{old.address.hex()}"
            signature = "removeRemotePool(uint64,bytes)"
            place = (facts.chain.selector, encode_address(old.address))
            steps.append(call_step(other.chain, other.pool.owner, other.pool.address, summary, signature, *place))
    steps += roles.revoke_steps(chains, facts, old.address)
    return Plan(goal, tuple(steps))


def _copy_step(old: PoolFacts, new: TokenFacts, remotes: Sequence[ChainSelector]) -> Step:
    updates = []
    for selector in remotes:
        known = old.remotes[selector]
        limits.check(new.pool, limits.current(known))
        updates.append((selector, known.pools, known.token, *limits.current(known)))
    return call_step(
        new.chain,
        new.pool.owner,
        new.pool.address,
        f"teach the new pool of {new.label} the {len(updates)} chains of the old one, with their pools and limits",
        f"applyChainUpdates(uint64[],(uint64,bytes[],bytes,{CONFIG},{CONFIG})[])",
        (),
        updates,
    )


def _announce_step(other: TokenFacts, new: TokenFacts) -> Step:
    summary = f"have the pool of {other.label} accept the new one on {new.chain.name} beside the old one"
    place = (new.chain.selector, encode_address(new.pool.address))
    return call_step(other.chain, other.pool.owner, other.pool.address, summary, "addRemotePool(uint64,bytes)", *place)


def _liquidity_steps(old: PoolFacts, new: TokenFacts) -> list[Step]:
    steps = []
    if old.rebalancer != new.pool.address:
        summary = f"let the new pool of {new.label} take the old one's liquidity"
        signature = "setRebalancer(address)"
        steps.append(call_step(new.chain, old.owner, old.address, summary, signature, new.pool.address))
    shown = amount_text(old.balance, new.token.decimals)
    summary = f"move {shown} {new.token.symbol} from the old pool to the new one"
    signature = "transferLiquidity(address,uint256)"
    steps.append(call_step(new.chain, new.pool.owner, new.pool.address, summary, signature, old.address, old.balance))
    return steps
