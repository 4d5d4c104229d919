"""What a real pool of 1.5.1 logs when it is drawn on, and that the bucket which judges keep of it is the contract's."""

from __future__ import annotations

import pytest

from ccip_core.protocol import codec, events
from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.frames import At, Executed, Pooled, Sent, TokenSent, from_log
from detectors.network import ChainFacts, Network, TokenFacts
from detectors.record import Record
from detectors.state_rows import LimitConsumed

pytestmark = pytest.mark.journey

HERE, THERE, ELSEWHERE = map(ChainSelector, (1337, 5, 6))
WORD = (7).to_bytes(32)
CONFIG = "(bool,uint128,uint128)"
OUT, IN = (True, 1_000_000, 3), (True, 500_000, 7)
LOCK = "lockOrBurn((bytes,uint64,address,uint256,address))"
RELEASE = "releaseOrMint((bytes,uint64,address,uint256,address,bytes,bytes,bytes))"


@pytest.fixture(scope="module")
def pool(owner, coin, official):
    """Of 1.5.1, for two remotes; the owner's account stands in for the ramps, as the real router says."""
    remote = owner.deploy(official("v1_6_0/rmn_remote").creation(HERE, bytes(20)))
    proxy = owner.deploy(official("v1_0_0/rmn_proxy_contract").creation(remote))
    router = owner.deploy(official("v1_2_0/router").creation(b"\x01" * 20, proxy))
    ramps = [(selector, owner.address) for selector in (THERE, ELSEWHERE)]
    update = "applyRampUpdates((uint64,address)[],(uint64,address)[],(uint64,address)[])"
    owner.transact(router, codec.encode_call(update, ramps, (), ramps))
    address = owner.deploy(official("v1_5_1/burn_mint_token_pool").creation(coin, 18, (), proxy, router))
    for role in (address, owner.address):
        owner.transact(coin, codec.encode_call("grantMintAndBurnRoles(address)", role))
    owner.transact(coin, codec.encode_call("mint(address,uint256)", address, 10**9))
    return address


@pytest.fixture
def record(owner, coin, pool):
    token = TokenFacts("COIN", text(coin), text(pool), "burn_mint", 18)
    ramp = text(owner.address)
    facts = ChainFacts(HERE, "here", ramp, ramp, {token.address: token})
    return Record(Network({HERE: facts}, frozenset({Lane(HERE, THERE), Lane(THERE, HERE)})))


def text(raw):
    return "0x" + raw.hex()


def tell(record, owner, receipt, message=None):
    """The block of a transaction, and the message that would end it if a real ramp had sent it."""
    header = owner.rpc.header(receipt.block_number)
    rows = [
        row
        for log in receipt.logs
        if (event := events.decode_log(log)) is not None
        for row in from_log(log, event, header, HERE, 0, record.network)
    ]
    if message is not None:
        at = At(HERE, header.number, text(header.hash), header.timestamp_s, text(receipt.tx_hash), len(rows) + 99, 0)
        rows.append(message(at))
    record.extend(HERE, header, rows, 0)
    return rows


def sent(pool, amount):
    tokens = (TokenSent(text(pool), "", amount, 18),)
    return lambda at: Sent(at, Lane(HERE, THERE), "", 1, "0x01", "0x02", 0, "0x03", "0x04", tokens)


def executed(at):
    return Executed(at, Lane(THERE, HERE), "", 1, "0x01", "0x02", "success")


def test_the_bucket_that_judges_keep_is_the_contracts(owner, coin, pool, record):
    update = f"applyChainUpdates(uint64[],(uint64,bytes[],bytes,{CONFIG},{CONFIG})[])"
    added = [(selector, (WORD,), WORD, OUT, IN) for selector in (THERE, ELSEWHERE)]
    tell(record, owner, owner.transact(pool, codec.encode_call(update, (), added)))
    for amount in (400_000, 250_000):
        call = codec.encode_call(LOCK, (WORD, THERE, owner.address, amount, coin))
        rows = tell(record, owner, owner.transact(pool, call), sent(pool, amount))
        draw, departure = (next(row for row in rows if isinstance(row, kind)) for kind in (LimitConsumed, Pooled))
        assert (draw.remote, draw.side, draw.amount) == (None, None, amount)
        assert (departure.side, departure.remote) == ("out", None)
        assert draw.at.log_index < departure.at.log_index
        call = codec.encode_call(RELEASE, (WORD, THERE, owner.address, amount // 2, coin, WORD, b"", b""))
        tell(record, owner, owner.transact(pool, call), executed)
    for side, getter in (("out", "Outbound"), ("in", "Inbound")):
        for remote in (THERE, ELSEWHERE):
            state = f"getCurrent{getter}RateLimiterState(uint64)"
            answer = owner.rpc.call(pool, codec.encode_call(state, remote))
            tokens, updated_s = (int.from_bytes(answer[place : place + 32]) for place in (0, 32))
            level = record.books.limits[HERE, text(pool), remote, side][-1]
            assert level.tokens_at(updated_s) == tokens
            assert (tokens < level.capacity) == (remote == THERE)
