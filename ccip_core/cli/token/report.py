"""What a token verb leaves on stdout, and the JSON of what it shows."""

from collections.abc import Mapping

from ccip_core.amounts import amount_text
from ccip_core.cli.output import hex_text, print_facts, print_json
from ccip_core.deployment import Deployment, Token
from ccip_core.protocol.messages import ChainSelector
from ccip_core.tokens.facts import Remote, TokenFacts
from ccip_core.views import TokenBucket


def report(done: Mapping[str, object] | None, as_json: bool, shown: Mapping[str, object] | None = None) -> None:
    """JSON: what was done and `shown`. Else `shown` alone, since every step was reported when it was done."""
    if done is None:
        return
    if as_json:
        print_json({**done, **(shown or {})})
    elif shown:
        print_facts("", shown)


def bucket_json(bucket: TokenBucket) -> dict[str, object]:
    """A limit as it stands now."""
    return {
        "enabled": bucket.is_enabled,
        "capacity": str(bucket.capacity),
        "rate_per_s": str(bucket.rate),
        "available": str(bucket.tokens),
    }


def remote_json(symbol: str, remote: ChainSelector, known: Remote) -> dict[str, object]:
    """What a pool knows of a remote chain."""
    return {
        "symbol": symbol,
        "remote": str(remote),
        "remote_token": hex_text(known.token),
        "remote_pools": [hex_text(pool) for pool in known.pools],
        "outbound": bucket_json(known.outbound),
        "inbound": bucket_json(known.inbound),
    }


def facts_json(facts: TokenFacts) -> dict[str, object]:
    """A token on one chain."""
    pool = facts.pool
    return {
        "symbol": facts.token.symbol,
        "chain": str(facts.chain.selector),
        "address": hex_text(facts.token.address),
        "pool": hex_text(pool.address),
        "pool_type": facts.token.pool_type,
        "pool_version": str(pool.version),
        "decimals": facts.token.decimals,
        "owner": hex_text(facts.owner),
        "ccip_admin": hex_text(facts.ccip_admin),
        "pool_owner": hex_text(pool.owner),
        "rate_limit_admin": hex_text(pool.rate_limit_admin),
        "rebalancer": hex_text(pool.rebalancer),
        "administrator": hex_text(facts.registration.administrator),
        "pending_administrator": hex_text(facts.registration.pending_administrator),
        "registered_pool": hex_text(facts.registration.pool),
        "total_supply": str(facts.total_supply),
        "pool_balance": str(pool.balance),
        "limits": [remote_json(facts.token.symbol, remote, known) for remote, known in pool.remotes.items()],
    }


def remote_facts(network: Deployment, token: Token, remote: ChainSelector, known: Remote) -> dict[str, object]:
    """A connection's limits for people."""
    names = {chain.selector: chain.name for chain in network.chains}
    facts: dict[str, object] = {}
    for direction, bucket in (("to", known.outbound), ("from", known.inbound)):
        free, most = (amount_text(amount, token.decimals) for amount in (bucket.tokens, bucket.capacity))
        name = f"limit {direction} {names.get(remote, remote)}"
        facts[name] = f"{free} of {most} free" if bucket.is_enabled else "none"
    return facts
