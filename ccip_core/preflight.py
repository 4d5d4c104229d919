"""Before a message is sent: everything that would stop it, on both chains, and what to do about it.

A quote only asks the source chain. What waits at the other end (a curse, a full limit, a pool without liquidity, a
receiver without code) would show when the tokens are already locked; so it is asked before. Asking changes nothing, and
an answer holds for the moment it was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core import views
from ccip_core.amounts import amount_text, convert_decimals
from ccip_core.deployment import NOBODY
from ccip_core.lane_status import lane_status
from ccip_core.protocol import codec
from ccip_core.protocol.messages import Lane
from ccip_core.rpc import RpcMalformed, RpcRefused
from ccip_core.views import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccip_core.chains import Chains
    from ccip_core.deployment import Chain
    from ccip_core.http_rpc import HttpRpc
    from ccip_core.lane_status import LaneStatus
    from ccip_core.protocol.messages import EVM2AnyMessage

Check = Literal["curse", "lane", "fee", "balance", "allowance", "pool", "limit", "liquidity", "receiver"]
Verdict = Literal["ok", "note", "stop"]

_PRECOMPILES_END = 1024
_CCIP_RECEIVE = bytes.fromhex("85572ffb")
"""ERC-165 id of IAny2EVMMessageReceiver."""


class Finding(NamedTuple):
    """One answer. `stop`: the message would be refused, or sent and not arrive by itself."""

    check: Check
    verdict: Verdict
    text: str


class Preflight:
    """The questions about one message. Raises RpcError."""

    def __init__(self, chains: Chains, lane: Lane, message: EVM2AnyMessage, sender: bytes) -> None:
        self._chains = chains
        self._message = message
        self._sender = sender
        self._source, self._dest = chains.chain(lane.source), chains.chain(lane.dest)
        self._source_rpc, self._dest_rpc = chains.rpc(lane.source), chains.rpc(lane.dest)

    def findings(self, fee: int | None) -> list[Finding]:
        """All of them, the worst last; `fee` is None when nobody would quote one."""
        status = lane_status(self._chains, Lane(self._source.selector, self._dest.selector))
        found = [*self._curses(status), self._lane(status), *self._receiver()]
        for token, amount in self._message.token_amounts:
            found += self._transfer(token, amount)
        if fee is not None:
            found += self._funds(fee)
        order = ("ok", "note", "stop")
        return sorted(found, key=lambda finding: order.index(finding.verdict))

    def _curses(self, status: LaneStatus) -> Iterator[Finding]:
        source, dest = self._source, self._dest
        for holder, subject, is_cursed, stuck in (
            (source, dest, status.is_source_cursed, "nobody can send"),
            (dest, source, status.is_dest_cursed, "nothing is committed or executed"),
        ):
            if is_cursed:
                text = (
                    f"{holder.name} is cursed by the Risk Management Network for {subject.name} (CursedByRMN): "
                    f"{stuck}; wait until people lift the curse"
                )
                yield Finding("curse", "stop", text)
            else:
                yield Finding("curse", "ok", f"{holder.name} is not cursed for {subject.name}")

    def _lane(self, status: LaneStatus) -> Finding:
        way = f"{self._source.name} → {self._dest.name}"
        if status.is_enabled:
            return Finding("lane", "ok", f"{way} is open at its end")
        return Finding("lane", "stop", f"{way} is closed at its end: {self._dest.name} takes no messages from there")

    def _receiver(self) -> Iterator[Finding]:
        receiver = self._message.receiver[-20:]
        name = f"0x{receiver.hex()} on {self._dest.name}"
        if int.from_bytes(receiver) < _PRECOMPILES_END:
            yield Finding("receiver", "stop", f"{name} is no account: CCIP refuses the first {_PRECOMPILES_END}")
        elif not _has_code(self._dest_rpc, receiver):
            data = self._message.data
            lost = f"; nobody is called, and the {len(data)} bytes of data are only in the logs" if data else ""
            yield Finding("receiver", "note" if data else "ok", f"{name} is no contract{lost}")
        elif _is_receiver(self._dest_rpc, receiver):
            yield Finding("receiver", "ok", f"{name} is a contract that takes CCIP messages")
        else:
            text = f"{name} is a contract without ccipReceive: tokens reach it, data does not, it is not called"
            yield Finding("receiver", "note" if self._message.data else "ok", text)

    def _transfer(self, token: bytes, amount: int) -> Iterator[Finding]:
        source, dest = self._source, self._dest
        symbol, decimals = _describe(self._source_rpc, source, token)
        pool = _pool(self._source_rpc, source, token)
        if pool == NOBODY:
            text = f"{symbol} has no pool on {source.name}: its administrator sets one (`ccip token set-pool`)"
            yield Finding("pool", "stop", text)
            return
        if not _says(self._source_rpc, pool, "isSupportedChain(uint64)", dest.selector):
            text = f"the pool of {symbol} on {source.name} is not connected to {dest.name} (`ccip token connect`)"
            yield Finding("pool", "stop", text)
            return
        if _says(self._source_rpc, pool, "getAllowListEnabled()"):
            allowed = ask(self._source_rpc, pool, "getAllowList()", returns=("address[]",))[0]
            if self._sender not in allowed:
                text = (
                    f"0x{self._sender.hex()} is not on the allowlist of {symbol} on {source.name}; ask its pool's owner"
                )
                yield Finding("pool", "stop", text)
        bucket = views.rate_limit(self._source_rpc, pool, "Outbound", dest.selector)
        yield _limit(bucket, amount, decimals, symbol)
        yield from self._arrival(pool, symbol, amount, decimals)

    def _arrival(self, pool: bytes, symbol: str, amount: int, decimals: int) -> Iterator[Finding]:
        source, dest, rpc = self._source, self._dest, self._dest_rpc
        (word,) = ask(self._source_rpc, pool, "getRemoteToken(uint64)", dest.selector, returns=("bytes",))
        twin = bytes(word)[-20:]
        far_pool = _pool(rpc, dest, twin)
        if far_pool == NOBODY:
            yield Finding("pool", "stop", f"{symbol} has no pool on {dest.name}: it could not arrive")
            return
        if not _says(rpc, far_pool, "isRemotePool(uint64,bytes)", source.selector, codec.encode_address(pool)):
            text = f"the pool of {symbol} on {dest.name} does not know the one on {source.name} (`ccip token connect`)"
            yield Finding("pool", "stop", text)
            return
        far_symbol, far_decimals = _describe(rpc, dest, twin)
        arriving = convert_decimals(amount, decimals, far_decimals)
        asked = f"{amount_text(arriving, far_decimals)} {far_symbol}"
        bucket = views.rate_limit(rpc, far_pool, "Inbound", source.selector)
        yield _limit(bucket, arriving, far_decimals, far_symbol, f" at the arrival on {dest.name}")
        yield self._supply(far_pool, twin, arriving, asked)

    def _supply(self, pool: bytes, token: bytes, amount: int, asked: str) -> Finding:
        """A lock/release pool must hold it; a burn/mint pool must be allowed to mint it."""
        rpc, name = self._dest_rpc, self._dest.name
        kind = str(ask(rpc, pool, "typeAndVersion()", returns=("string",))[0])
        if "LockRelease" in kind:
            if views.balance_of(rpc, token, pool) < amount:
                text = f"the pool on {name} does not hold {asked}: it would fail until its rebalancer adds liquidity"
                return Finding("liquidity", "stop", text)
            return Finding("liquidity", "ok", f"the pool on {name} holds {asked}")
        try:
            may = _says(rpc, token, "isMinter(address)", pool)
        except (RpcRefused, RpcMalformed):
            return Finding("liquidity", "note", f"whether the pool on {name} may mint {asked} can't be asked")
        if may:
            return Finding("liquidity", "ok", f"the pool on {name} may mint {asked}")
        return Finding("liquidity", "stop", f"the pool on {name} may not mint (`ccip token roles --minter`)")

    def _funds(self, fee: int) -> Iterator[Finding]:
        source, rpc = self._source, self._source_rpc
        needs: dict[bytes, int] = {}
        for token, amount in (*self._message.token_amounts, (self._message.fee_token, fee)):
            needs[token] = needs.get(token, 0) + amount
        for token, needed in needs.items():
            is_native = token == NOBODY
            symbol, decimals = ("native", 18) if is_native else _describe(rpc, source, token)
            has = rpc.balance(self._sender) if is_native else views.balance_of(rpc, token, self._sender)
            shown = f"{amount_text(has, decimals)} of {amount_text(needed, decimals)} {symbol} on {source.name}"
            if has < needed:
                text = f"0x{self._sender.hex()} has {shown} (amount and fee); get more, or send less"
                yield Finding("balance", "stop", text)
                continue
            yield Finding("balance", "ok", f"0x{self._sender.hex()} has {shown}")
            if not is_native and views.allowance(rpc, token, self._sender, source.contracts.router) < needed:
                yield Finding("allowance", "note", f"the Router may not take the {symbol} yet: approve it when sending")


def _limit(bucket: views.TokenBucket, amount: int, decimals: int, symbol: str, where: str = "") -> Finding:
    asked, free, most = (
        f"{amount_text(number, decimals)} {symbol}" for number in (amount, bucket.tokens, bucket.capacity)
    )
    if not bucket.is_enabled:
        return Finding("limit", "ok", f"rate limit: none for {asked}{where}")
    if amount > bucket.capacity:
        why = f"{asked}{where} is above the bucket's capacity of {most}; send less (TokenMaxCapacityExceeded)"
        return Finding("limit", "stop", f"rate limit: {why}")
    if amount > bucket.tokens:
        wait = f"wait {-(-(amount - bucket.tokens) // bucket.rate)} s or send less" if bucket.rate else "send less"
        return Finding("limit", "stop", f"rate limit: {free} are free now{where}; {wait} (TokenRateLimitReached)")
    return Finding("limit", "ok", f"rate limit: {free} of {most} are free{where}")


def _pool(rpc: HttpRpc, chain: Chain, token: bytes) -> bytes:
    return bytes(ask(rpc, chain.contracts.token_admin_registry, "getPool(address)", token, returns=("address",))[0])


def _says(rpc: HttpRpc, contract: bytes, signature: str, *arguments: object) -> bool:
    return bool(ask(rpc, contract, signature, *arguments, returns=("bool",))[0])


def _describe(rpc: HttpRpc, chain: Chain, token: bytes) -> tuple[str, int]:
    """Symbol and decimals; of a token that the deployment does not know, from the chain."""
    for known in chain.tokens:
        if known.address == token:
            return known.symbol, known.decimals
    if token == chain.contracts.link:
        return "LINK", 18
    return f"token 0x{token.hex()}", int(ask(rpc, token, "decimals()", returns=("uint8",))[0])


def _has_code(rpc: HttpRpc, account: bytes) -> bool:
    return rpc.request("eth_getCode", (f"0x{account.hex()}", "latest")) not in {"0x", ""}


def _is_receiver(rpc: HttpRpc, contract: bytes) -> bool:
    try:
        return _says(rpc, contract, "supportsInterface(bytes4)", _CCIP_RECEIVE)
    except (RpcRefused, RpcMalformed):
        return False
