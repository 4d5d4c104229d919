"""Quiet, realistic traffic: what a lane looks like when nothing is wrong.

Random lanes, exponential gaps, amounts of no particular size (a few orders of magnitude, far below the rate limits),
mostly tokens, some data, some both, now and then an ordered message. Everything random comes from the generator that
is passed in. Messages are handed over without waiting for their blocks; each is tried by `eth_call` first, so what a
curse or a limit would refuse is counted instead of sent.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ccip_core import views
from ccip_core.client import SEND_SIGNATURE, CcipClient
from ccip_core.protocol import codec
from ccip_core.reverts import decode_revert, revert_text, root_cause
from ccip_core.rpc import RpcError, RpcRefused
from ccip_core.wallet import TransactionError, Wallet

if TYPE_CHECKING:
    import random
    import threading
    from collections.abc import Callable

    from ccip_core.deployment import Chain, Deployment, Token
    from ccip_core.protocol.messages import EVM2AnyMessage, Lane
    from ccip_core.signers import Signer

SEND_GAS = 700_000
ORDERED_SHARE_PERCENT = 10
KINDS = ("token", "data", "both")
KIND_WEIGHTS = (70, 15, 15)
DATA_BYTES_MAX = 256
ALLOWANCE = (1 << 256) - 1
CURSES = frozenset({"CursedByRMN", "BadARMSignal"})
STAGES = 6
"""Amounts lie between 1/16 and 512 tokens, half of them between 2 and 11."""


class TrafficCount(NamedTuple):
    """How a run of traffic went."""

    sent: int
    skipped_cursed: int
    refused: dict[str, int]
    """Messages that were not sent, by the name of the reason."""


class Traffic:
    """Sends as one account on all lanes of a deployment. Close it when done."""

    def __init__(self, deployment: Deployment, signer: Signer, rng: random.Random, rate_per_s: float) -> None:
        if not rate_per_s > 0:
            raise ValueError(f"rate = {rate_per_s}: messages per second; give a number above zero")
        self._client = CcipClient(deployment, signer)
        self._deployment = deployment
        self._rng = rng
        self._rate_per_s = rate_per_s
        self._wallets = {
            chain.selector: Wallet(self._client.chains.rpc(chain.selector), signer) for chain in deployment.chains
        }
        self._sent = 0
        self._skipped_cursed = 0
        self._refused: Counter[str] = Counter()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def count(self) -> TrafficCount:
        """So far."""
        return TrafficCount(self._sent, self._skipped_cursed, dict(self._refused))

    def run(
        self,
        stop: threading.Event,
        messages: int | None = None,
        on_message: Callable[[TrafficCount], None] | None = None,
    ) -> TrafficCount:
        """Try to send until stopped, or until so many messages were tried. A chain that does not answer is counted."""
        tried = 0
        while not stop.is_set() and (messages is None or tried < messages):
            self.step()
            tried += 1
            if on_message is not None:
                on_message(self.count)
            if messages is None or tried < messages:
                stop.wait(self._rng.expovariate(self._rate_per_s))
        return self.count

    def step(self) -> None:
        """Try to send one message."""
        lane = self._rng.choice(self._deployment.lanes).lane
        message = self._message(lane)
        try:
            self._send(lane, message)
        except RpcRefused as refusal:
            cause = root_cause(refusal.data)
            if cause is not None and cause.name in CURSES:
                self._skipped_cursed += 1
            else:
                known = decode_revert(refusal.data)
                self._refused[known.name if known else revert_text(refusal.data)] += 1
        except (RpcError, TransactionError) as error:
            self._refused[type(error).__name__] += 1  # quiet traffic outlives a chain that is down for a while

    def _send(self, lane: Lane, message: EVM2AnyMessage) -> None:
        source = self._client.chains.chain(lane.source)
        self._allow(source, message)
        call = codec.encode_call(SEND_SIGNATURE, lane.dest, message)
        self._client.chains.rpc(lane.source).call(source.contracts.router, call, sender=self._client.address)
        self._wallets[lane.source].send(source.contracts.router, call, gas=SEND_GAS)
        self._sent += 1

    def _allow(self, source: Chain, message: EVM2AnyMessage) -> None:
        """Let the Router pull without limit: a standing order of the local network's own test account."""
        rpc, wallet = self._client.chains.rpc(source.selector), self._wallets[source.selector]
        for token in (*(transfer.token for transfer in message.token_amounts), message.fee_token):
            if views.allowance(rpc, token, self._client.address, source.contracts.router) < ALLOWANCE >> 1:
                wallet.transact(
                    token, codec.encode_call("approve(address,uint256)", source.contracts.router, ALLOWANCE)
                )

    def _message(self, lane: Lane) -> EVM2AnyMessage:
        (kind,) = self._rng.choices(KINDS, KIND_WEIGHTS)
        source, dest = self._client.chains.chain(lane.source), self._client.chains.chain(lane.dest)
        shared = [token for token in source.tokens if token.symbol in {twin.symbol for twin in dest.tokens}]
        tokens = []
        if kind != "data" and shared:
            token = self._rng.choice(shared)
            tokens = [(token.symbol, self._amount(token))]
        data = b"" if kind == "token" else self._rng.randbytes(self._rng.randint(1, DATA_BYTES_MAX))
        return self._client.message(
            lane,
            # to itself, so that tokens come and go and the account never runs dry
            self._client.address,
            data,
            tokens,
            gas_limit=0 if kind == "token" else 100_000,
            allow_out_of_order=self._rng.randrange(100) >= ORDERED_SHARE_PERCENT,
        )

    def _amount(self, token: Token) -> int:
        """A product of chances, so roughly log-normal; in integers, and never in round numbers."""
        octave = sum(self._rng.randint(0, 2) for _ in range(STAGES)) - STAGES + 2
        mantissa = self._rng.randint(1 << 16, (1 << 17) - 1)
        unit: int = 10**token.decimals
        return max(1, mantissa * (1 << (octave + 8)) * unit >> 24)
