"""Who may do what: own token and pool, mint and burn, move liquidity, change limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.deployment import NOBODY
from ccip_core.protocol import codec
from ccip_core.refusal import BadRequest
from ccip_core.rpc import RpcRefused
from ccip_core.tokens.facts import TokenFacts, may_call
from ccip_core.tokens.plans import Plan, Step, call_step

if TYPE_CHECKING:
    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain


class Wanted(NamedTuple):
    """Who is to hold what; None: as it is."""

    minter: bytes | None = None
    """Is also to burn, as a pool does."""
    no_minter: bytes | None = None
    """Is to lose both."""
    ccip_admin: bytes | None = None
    rebalancer: bytes | None = None
    rate_limit_admin: bytes | None = None
    token_owner: bytes | None = None
    """Is offered it; accepts by `acceptOwnership`, which stands in the plan too."""
    pool_owner: bytes | None = None


class _Owned(NamedTuple):
    contract: bytes
    owner: bytes
    label: str


def working_pool_plan(chains: Chains, facts: TokenFacts, rebalancer: bytes) -> Plan:
    """What a pool needs before it can carry its token: to mint and burn, or somebody who brings liquidity."""
    goal = f"let the pool of {facts.label} work"
    if facts.token.pool_type == "burn_mint":
        has = may_mint_and_burn(chains, facts, facts.pool.address)
        if has is None:
            return Plan(goal, (), (f"{facts.label}: grant its pool the right to mint and burn by hand",))
        return Plan(goal, () if has else (_grant(facts, facts.pool.address, f"the pool of {facts.label}"),))
    if facts.pool.rebalancer != NOBODY:
        return Plan(goal, ())
    return Plan(goal, (_rebalancer_step(facts, rebalancer),))


def plan_roles(chains: Chains, facts: TokenFacts, wanted: Wanted) -> Plan:
    """Bring the roles to what is wanted.

    Raises:
        BadRequest: the contract has no such role.
    """
    steps: list[Step] = []
    steps += _mint_steps(chains, facts, wanted)
    if wanted.ccip_admin not in {None, facts.ccip_admin}:
        summary = f"make 0x{wanted.ccip_admin.hex()} CCIP admin of {facts.label}"
        steps.append(
            call_step(
                facts.chain,
                facts.owner,
                facts.token.address,
                summary,
                "setCCIPAdmin(address)",
                wanted.ccip_admin,
            )
        )
    if wanted.rebalancer not in {None, facts.pool.rebalancer}:
        if facts.token.pool_type != "lock_release":
            raise BadRequest(f"rebalancer = 0x{wanted.rebalancer.hex()}: the pool of {facts.label} burns and mints")
        steps.append(_rebalancer_step(facts, wanted.rebalancer))
    if wanted.rate_limit_admin not in {None, facts.pool.rate_limit_admin}:
        summary = f"let 0x{wanted.rate_limit_admin.hex()} limit the pool of {facts.label}"
        signature = "setRateLimitAdmin(address)"
        steps.append(
            call_step(facts.chain, facts.pool.owner, facts.pool.address, summary, signature, wanted.rate_limit_admin)
        )
    token = _Owned(facts.token.address, facts.owner, facts.label)
    pool = _Owned(facts.pool.address, facts.pool.owner, f"the pool of {facts.label}")
    steps += _ownership_steps(chains, facts.chain, token, wanted.token_owner)
    steps += _ownership_steps(chains, facts.chain, pool, wanted.pool_owner)
    return Plan(f"change who may do what with {facts.label}", tuple(steps))


def may_mint_and_burn(chains: Chains, facts: TokenFacts, account: bytes) -> bool | None:
    """Whether the account may do both; None where the token does not say; False where it does not stand yet."""
    rpc = chains.rpc(facts.chain.selector)
    try:
        answers = [
            rpc.call(facts.token.address, codec.encode_call(getter, account))
            for getter in ("isMinter(address)", "isBurner(address)")
        ]
    except RpcRefused:
        return None
    if not any(answers):
        return False
    return all(int.from_bytes(answer) == 1 for answer in answers)


def revoke_steps(chains: Chains, facts: TokenFacts, account: bytes) -> list[Step]:
    """The transactions by which an account loses what it has of both rights."""
    if may_mint_and_burn(chains, facts, account) is None:
        return []
    rpc = chains.rpc(facts.chain.selector)
    steps = []
    for getter, signature in (
        ("isMinter(address)", "revokeMintRole(address)"),
        ("isBurner(address)", "revokeBurnRole(address)"),
    ):
        if int.from_bytes(rpc.call(facts.token.address, codec.encode_call(getter, account))) == 1:
            summary = f"{signature.partition('(')[0]} of {facts.label} from 0x{account.hex()}"
            steps.append(call_step(facts.chain, facts.owner, facts.token.address, summary, signature, account))
    return steps


def _mint_steps(chains: Chains, facts: TokenFacts, wanted: Wanted) -> list[Step]:
    steps = []
    if wanted.minter is not None:
        has = may_mint_and_burn(chains, facts, wanted.minter)
        if has is None:
            raise BadRequest(
                f"minter = 0x{wanted.minter.hex()}: {facts.label} does not keep minters as CCIP's tokens do"
            )
        if not has:
            steps.append(_grant(facts, wanted.minter, f"0x{wanted.minter.hex()}"))
    if wanted.no_minter is not None:
        steps += revoke_steps(chains, facts, wanted.no_minter)
    return steps


def _grant(facts: TokenFacts, account: bytes, name: str) -> Step:
    summary = f"let {name} mint and burn {facts.token.symbol}"
    signature = "grantMintAndBurnRoles(address)"
    return call_step(facts.chain, facts.owner, facts.token.address, summary, signature, account)


def _rebalancer_step(facts: TokenFacts, account: bytes) -> Step:
    summary = f"let 0x{account.hex()} move the liquidity of {facts.label}"
    return call_step(facts.chain, facts.pool.owner, facts.pool.address, summary, "setRebalancer(address)", account)


def _ownership_steps(chains: Chains, chain: Chain, owned: _Owned, wanted: bytes | None) -> list[Step]:
    if wanted is None or wanted == owned.owner:
        return []
    accept = call_step(chain, wanted, owned.contract, f"become owner of {owned.label}", "acceptOwnership()")
    if may_call(chains.rpc(chain.selector), wanted, owned.contract, "acceptOwnership()"):
        return [accept]
    offer = f"offer 0x{wanted.hex()} the ownership of {owned.label}"
    return [call_step(chain, owned.owner, owned.contract, offer, "transferOwnership(address)", wanted), accept]
