"""What `limits` says that a pool version takes is what its bytecode takes."""

from __future__ import annotations

from itertools import product

import pytest

from ccip_core.protocol import codec
from ccip_core.protocol.messages import RateLimiterConfig
from ccip_core.refusal import BadRequest
from ccip_core.rpc import RpcRefused
from ccip_core.tokens import facts, limits
from ccip_core.tokens.facts import UNLIMITED, parse_version

pytestmark = pytest.mark.journey

REMOTE = 5
WORD = (7).to_bytes(32)
CONFIG = "(bool,uint128,uint128)"
NUMBERS = (0, 1, 2, 3, (1 << 128) - 1)
EVERY = [RateLimiterConfig(*parts) for parts in product((True, False), NUMBERS, NUMBERS)]


@pytest.fixture(
    scope="module",
    params=["v1_5_1/burn_mint", "v1_5_1/lock_release", "v1_6_1/burn_mint", "v1_6_1/lock_release"],
)
def pool(request, owner, coin, official):
    arguments = [coin, 18, (), b"\x01" * 20, b"\x02" * 20]
    if request.param == "v1_5_1/lock_release":
        arguments.insert(4, True)  # acceptLiquidity, gone in 1.6.1
    address = owner.deploy(official(f"{request.param}_token_pool").creation(*arguments))
    update = f"applyChainUpdates(uint64[],(uint64,bytes[],bytes,{CONFIG},{CONFIG})[])"
    owner.transact(address, codec.encode_call(update, (), [(REMOTE, (WORD,), WORD, UNLIMITED, UNLIMITED)]))
    return address


def takes(owner, pool, config):
    call = codec.encode_call(f"setChainRateLimiterConfig(uint64,{CONFIG},{CONFIG})", REMOTE, config, UNLIMITED)
    try:
        owner.rpc.call(pool, call, sender=owner.address)
    except RpcRefused:
        return False
    return True


def test_the_rules_are_those_of_the_bytecode(owner, pool):
    version = facts.pool_version(owner.rpc, pool)
    said = {config: limits.fault(version, config) is None for config in EVERY}
    done = {config: takes(owner, pool, config) for config in EVERY}
    assert said == done
    assert any(done.values())
    assert not all(done.values())


def test_every_version_takes_its_lockdown_and_then_lets_nothing_through(owner, pool):
    version = facts.pool_version(owner.rpc, pool)
    bucket = limits.lockdown(version)
    assert takes(owner, pool, bucket)
    smaller = [
        config
        for config in EVERY
        if config.is_enabled and config.capacity < bucket.capacity and takes(owner, pool, config)
    ]
    assert smaller == []


def test_versions_are_read_and_what_is_no_such_pool_is_refused(owner, coin):
    assert parse_version("BurnMintTokenPool 1.6.1-dev") == ("BurnMintTokenPool", (1, 6, 1))
    assert parse_version("Burn Mint 1.5.1") == ("Burn Mint", (1, 5, 1))
    for nonsense in ("", "BurnMintTokenPool", "1.6.1", "Pool 1.6", "Pool 1.x.1"):
        assert parse_version(nonsense) is None
    with pytest.raises(BadRequest, match="is not a pool of CCIP"):
        facts.pool_version(owner.rpc, coin)
    with pytest.raises(BadRequest, match="check the address"):
        facts.pool_version(owner.rpc, b"\x09" * 20)


def test_what_leaves_fits_through_the_other_end_in_its_own_units():
    outbound = RateLimiterConfig(is_enabled=True, capacity=100 * 10**6, rate=10**6)
    assert limits.widened(outbound, 18, 6) == (True, 110 * 10**18, 11 * 10**17)
    assert limits.widened(UNLIMITED, 18, 6) == UNLIMITED
