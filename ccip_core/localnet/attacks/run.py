"""Run one attack, whole or step by step, and tell what the attacker really got."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Self

from ccip_core import views
from ccip_core.amounts import AmountError, amount_text, convert_decimals, parse_amount
from ccip_core.chains import Chains
from ccip_core.localnet.attacks.breach import Breach
from ccip_core.localnet.attacks.outcome import (
    AttackError,
    AttackOutcome,
    AttackStopped,
    BlessedLaneError,
    Evidence,
    Gain,
    Loot,
    Taking,
)
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec
from ccip_core.protocol.subjects import chain_subject
from ccip_core.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from ccip_core.deployment import Deployment, Token
    from ccip_core.localnet.attacks.attack import Attack
    from ccip_core.protocol.messages import ChainSelector, Lane

UNLIMITED_LOOT_TOKENS = 1_000
"""Whole tokens to take where no rate limit bounds the loot."""
SHARE = 4
"""An attack that does not drain takes this part of what the rate limit lets through: large, and over in one message."""


class AttackRun:
    """An attack on one lane between its steps: `plant`, then `take` as often as wished, then `outcome`."""

    def __init__(
        self,
        kind: type[Attack],
        deployment: Deployment,
        lane: Lane | None = None,
        *,
        amount: str | None = None,
        seed: int = 0,
        token: str | None = None,
        rmn_urls: Sequence[str] = (),
    ) -> None:
        self._kind = kind
        self._chains = Chains(deployment)
        try:
            self.breach = Breach(self._chains, _choose_lane(self._chains, kind, lane), rmn_urls)
            self.loot = _choose_loot(self.breach, kind, amount, token, random.Random(seed))  # noqa: S311 - a repeatable choice
            self._attack = kind(self.breach, self.loot)
            self._before = self._balances()
        except BaseException:
            self._chains.close()
            raise
        self._evidence = Evidence(None, "nothing was planted")
        self._takings: list[Taking] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.breach.close()
        self._chains.close()

    def plant(self) -> Evidence:
        """The first step: from here on there is evidence on a chain (or the attack was refused)."""
        self._evidence = self._attack.plant()
        return self._evidence

    def take(self) -> Taking:
        """Try to carry the next part of the loot away."""
        taking = self._attack.take()
        self._takings.append(taking)
        return taking

    @property
    def is_done(self) -> bool:
        """Nothing is left to take."""
        return self._evidence.block is None or self._attack.is_done

    def take_all(self) -> None:
        """Take until everything is taken or a part is not handed out."""
        while not self.is_done and self.take().verdict == "success":
            continue

    def wait_blocks(self, blocks: int, timeout_s: float = 300.0) -> None:
        """Let the chain of the evidence grow by so many blocks: the network's time to react."""
        if self._evidence.block is None or blocks <= 0:
            return
        selector, number = self._evidence.block
        rpc = self._chains.rpc(selector)
        deadline = time.monotonic() + timeout_s
        while views.latest(rpc).number < number + blocks:
            if time.monotonic() > deadline:
                raise AttackStopped(
                    f"reaction-blocks = {blocks}: the chain did not grow that far within {timeout_s:g} s"
                )
            time.sleep(0.05)

    def settle(self, timeout_s: float) -> None:
        """Give the honest oracles time to deliver what is on its way to the attacker."""
        if self.breach.in_flight is not None and timeout_s > 0:
            self.breach.thief.track(self.breach.in_flight, timeout_s)

    def outcome(self) -> AttackOutcome:
        """What happened so far; gains are read from the chains now."""
        lane = self.breach.lane
        gains = tuple(
            Gain(selector, self.loot.symbol, token.decimals, after - before - self.breach.bought[selector])
            for (selector, token), before, after in zip(self._held(), self._before, self._balances(), strict=True)
            if after - before - self.breach.bought[selector]
        )
        tried = "; ".join(f"{taking.verdict} {taking.reason}".strip() for taking in self._takings) or "nothing to take"
        got = ", ".join(
            f"{amount_text(gain.amount, gain.decimals)} {gain.symbol} on {self._chains.chain(gain.chain).name}"
            for gain in gains
        )
        return AttackOutcome(
            name=self._kind.name,
            lane=lane,
            token=self.loot.symbol,
            chains=(lane.source, lane.dest),
            evidence_block=self._evidence.block,
            tx_hashes=tuple(self.breach.tx_hashes),
            takings=tuple(self._takings),
            gains=gains,
            description=f"{self._evidence.story}; took: {tried}; gained: {got or 'nothing'}",
        )

    def _held(self) -> list[tuple[ChainSelector, Token]]:
        return [(self.breach.lane.source, self.loot.source), (self.breach.lane.dest, self.loot.dest)]

    def _balances(self) -> list[int]:
        thief = self.breach.attacker.address
        return [views.balance_of(self._chains.rpc(selector), token.address, thief) for selector, token in self._held()]


def suitable_lane(deployment: Deployment, kind: type[Attack], lane: Lane | None = None) -> tuple[Lane, bool]:
    """The lane asked for, or the first that suits the attack, and whether its blessing was switched off for that.

    Only on a local network: where the attack needs a lane without blessing and there is none, one is made.
    """
    with Chains(deployment) as chains:
        try:
            return _choose_lane(chains, kind, lane), False
        except BlessedLaneError as error:
            disable_blessing(deployment, error.lane)
            return error.lane, True


def disable_blessing(deployment: Deployment, lane: Lane) -> bytes:
    """Let the lane's roots be committed without RMN signatures, by its OffRamp's owner key; the transaction's hash.

    Only on a local network. The deployment file keeps saying what it said; the chain is what counts.
    """
    with Chains(deployment) as chains:
        dest, rpc = chains.chain(lane.dest), chains.rpc(lane.dest)
        config = views.source_chain_config(rpc, dest.contracts.off_ramp, lane.source)
        owner = views.owner_of(rpc, dest.contracts.off_ramp)
        keys = [dev_key("deployer", position) for position in range(len(deployment.chains))]
        key = next((key for key in keys if key.address == owner), None)
        if key is None:
            raise AttackError(f"{dest.name}: the OffRamp's owner 0x{owner.hex()} is no dev key; use a localnet")
        call = codec.encode_call(
            "applySourceChainConfigUpdates((address,uint64,bool,bool,bytes)[])",
            [(config.router, lane.source, config.is_enabled, True, config.on_ramp)],
        )
        return Wallet(rpc, key).transact(dest.contracts.off_ramp, call).tx_hash


def _choose_lane(chains: Chains, kind: type[Attack], lane: Lane | None) -> Lane:
    """The lane asked for, else one that an earlier attack has not got cursed, and blessed unless that is in the way."""
    lanes = [config.lane for config in chains.deployment.lanes]
    if lane is not None and lane not in lanes:
        raise AttackError(f"lane = {lane.source}:{lane.dest}: not in this deployment; see `ccip lanes`")
    candidates = [lane] if lane is not None else [each for each in lanes if not _is_cursed(chains, each)] or lanes
    chosen = min(candidates, key=lambda each: _is_unblessed(chains, each) != kind.needs_unblessed_lane)
    if kind.needs_unblessed_lane and not _is_unblessed(chains, chosen):
        raise BlessedLaneError(kind.name, chosen)
    return chosen


def _is_cursed(chains: Chains, lane: Lane) -> bool:
    dest = chains.chain(lane.dest).contracts.rmn_remote
    return views.is_cursed(chains.rpc(lane.dest), dest, chain_subject(lane.source))


def _is_unblessed(chains: Chains, lane: Lane) -> bool:
    off_ramp = chains.chain(lane.dest).contracts.off_ramp
    return views.source_chain_config(chains.rpc(lane.dest), off_ramp, lane.source).is_rmn_verification_disabled


def _choose_loot(
    breach: Breach, kind: type[Attack], amount: str | None, symbol: str | None, rng: random.Random
) -> Loot:
    pairs = [
        (source, dest) for source in breach.source.tokens for dest in breach.dest.tokens if source.symbol == dest.symbol
    ]
    if kind.name == "unbacked-mint":
        pairs = [(source, dest) for source, dest in pairs if source.pool_type == "burn_mint"]
    if symbol is not None:
        pairs = [(source, dest) for source, dest in pairs if source.symbol == symbol]
    if not pairs:
        raise AttackError(f"token = {symbol or 'any'}: no token of that name can be attacked on both ends of the lane")
    source, dest = rng.choice(pairs)
    if amount is None:
        source_amount = _worthwhile(breach, kind, source, dest)
    else:
        try:
            source_amount = parse_amount(amount, source.decimals)
        except AmountError as error:
            raise AttackError(f"amount = {amount}: {error}") from None
    return Loot(source.symbol, source, dest, source_amount)


def _worthwhile(breach: Breach, kind: type[Attack], source: Token, dest: Token) -> int:
    """As much as the pools hand out now, in source units: the whole of it for a drain, a part for the others."""
    inbound = views.rate_limit(breach.dest_rpc, dest.pool, "Inbound", breach.lane.source)
    most = inbound.tokens if inbound.is_enabled else UNLIMITED_LOOT_TOKENS * SHARE * 10**dest.decimals
    if dest.pool_type == "lock_release":
        most = min(most, views.balance_of(breach.dest_rpc, dest.address, dest.pool))
    bounds = [convert_decimals(most, of=dest.decimals, to=source.decimals)]
    if kind.needs_own_tokens or kind.name == "unbacked-mint":
        outbound = views.rate_limit(breach.source_rpc, source.pool, "Outbound", breach.lane.dest)
        bounds += [outbound.tokens] if outbound.is_enabled else []
    if kind.needs_own_tokens:
        bounds.append(views.balance_of(breach.source_rpc, source.address, dev_key("user").address))
    loot = min(bounds) // (1 if kind.takes_whole_bucket else SHARE)
    if loot == 0:
        raise AttackError(
            f"token = {source.symbol}: there is nothing to take on this lane now; choose another token or wait"
        )
    return loot
