"""The registry: who administers a token, and which pool CCIP takes for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.deployment import NOBODY
from ccip_core.refusal import BadRequest, CcipRefusal
from ccip_core.tokens.plans import Plan, Step, call_step

if TYPE_CHECKING:
    from ccip_core.tokens.facts import TokenFacts
    from ccip_core.tokens.flight import InFlight


def plan_register(facts: TokenFacts) -> Plan:
    """Have whoever the token itself names proposed as its administrator.

    Raises:
        CcipRefusal: the token names nobody, or the deployment has no registry module.
    """
    goal = f"register {facts.label}"
    if facts.registration.administrator != NOBODY or facts.registration.pending_administrator != NOBODY:
        return Plan(goal, ())
    module = facts.chain.contracts.registry_module
    if module is None:
        raise CcipRefusal(f"{goal}: the deployment names no registry_module; the registry's owner must propose you")
    if facts.ccip_admin != NOBODY:
        signature, claimant = "registerAdminViaGetCCIPAdmin(address)", facts.ccip_admin
    elif facts.owner != NOBODY:
        signature, claimant = "registerAdminViaOwner(address)", facts.owner
    else:
        raise CcipRefusal(
            f"{goal}: the token names neither a CCIP admin nor an owner; its default admin registers by "
            "registerAccessControlDefaultAdmin, or the registry's owner proposes one"
        )
    summary = f"propose 0x{claimant.hex()} as administrator of {facts.label}"
    return Plan(goal, (call_step(facts.chain, claimant, module, summary, signature, facts.token.address),))


def plan_accept_admin(facts: TokenFacts) -> Plan:
    """Have the proposed administrator take the role.

    Raises:
        BadRequest: nobody administers the token and nobody was proposed.
    """
    goal = f"accept the administration of {facts.label}"
    proposed = facts.registration.pending_administrator
    if proposed == NOBODY:
        if facts.registration.administrator == NOBODY:
            raise BadRequest(
                f"SYMBOL = {facts.token.symbol}: nobody was offered its administrator's role; "
                "`ccip token register` first"
            )
        return Plan(goal, ())
    return Plan(goal, (accept_step(facts, proposed),))


def accept_step(facts: TokenFacts, proposed: bytes) -> Step:
    """The transaction that takes the role."""
    return call_step(
        facts.chain,
        proposed,
        facts.chain.contracts.token_admin_registry,
        f"become administrator of {facts.label}",
        "acceptAdminRole(address)",
        facts.token.address,
    )


def plan_transfer_admin(facts: TokenFacts, to: bytes) -> Plan:
    """Offer the role to another account, which must accept it; to nobody: take an open offer back."""
    goal = f"offer the administration of {facts.label} to 0x{to.hex()}"
    if to in {facts.registration.pending_administrator, facts.registration.administrator}:
        return Plan(goal, ())
    return Plan(
        goal,
        (
            call_step(
                facts.chain,
                administrator(facts),
                facts.chain.contracts.token_admin_registry,
                goal,
                "transferAdminRole(address,address)",
                facts.token.address,
                to,
            ),
        ),
    )


def plan_set_pool(facts: TokenFacts, pool: bytes) -> Plan:
    """Lead CCIP to this pool."""
    goal = f"set 0x{pool.hex()} as the pool of {facts.label}"
    if facts.registration.pool == pool:
        return Plan(goal, ())
    return Plan(goal, (set_pool_step(facts, administrator(facts), pool, goal),))


def plan_remove_pool(facts: TokenFacts, in_flight: InFlight) -> Plan:
    """Take the token out of CCIP: it can be sent from and to this chain no more, until a pool is set again.

    Raises:
        CcipRefusal: messages with the token are on their way to this chain; they would fail.
    """
    goal = f"remove the pool of {facts.label}"
    if facts.registration.pool == NOBODY:
        return Plan(goal, ())
    in_flight.refuse_if_any(goal)
    return Plan(goal, (set_pool_step(facts, administrator(facts), NOBODY, goal),))


def set_pool_step(facts: TokenFacts, sender: bytes, pool: bytes, summary: str) -> Step:
    """The transaction that changes the registry's pool."""
    registry = facts.chain.contracts.token_admin_registry
    return call_step(facts.chain, sender, registry, summary, "setPool(address,address)", facts.token.address, pool)


def administrator(facts: TokenFacts) -> bytes:
    """Raises BadRequest when the token has none."""
    if facts.registration.administrator == NOBODY:
        raise BadRequest(
            f"SYMBOL = {facts.token.symbol}: it has no administrator on {facts.chain.name}; "
            "`ccip token register` and `accept-admin` first"
        )
    return facts.registration.administrator
