"""What statistics fold: one line of integers for each movement of value over the bridge of one chain.

A message that is sent takes value in, a release gives it out. Everything in a line was stated by that chain itself, so
no statistic rests on our view of another chain. Names become numbers here, once: tokens and remotes are numbered in
the order in which the chain first moves them, people and amounts are hashed to 63 bits, which fixed-size sketches can
hold. The same rows give the same lines on every node.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.frames import Pooled, Sent

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector
    from detectors.frames import Row
    from detectors.network import TokenFacts
    from detectors.record import Record

TIME_S = 0
"""Block time."""
IS_RELEASE = 1
"""1: a pool released or minted to a person; 0: a person's message locked or burned, or carried data alone."""
TOKEN = 2
"""Line of the token in its unit: from 2 on. The prior of a token's line is `IS_PRICED`: 0 or 1. 1 also means that the
flow is a message without tokens."""
IS_PRICED = 3
"""1: VALUE is in micro-USD; 0: in millionths of the token, for which the chain never stated a price."""
REMOTE = 4
"""Number of the chain at the lane's other end, from 1 on; 0 where a pool's event does not say (1.5.1)."""
SENDER = 5
"""Who sent the message, hashed; 0 for a release, whose sender only the other chain knows."""
RECEIVER = 6
"""Who is to receive, hashed; 0 where it is not said."""
AMOUNT = 7
"""The token and its exact amount, hashed; 0 for a message without tokens."""
VALUE = 8
"""At least 0; at most 2^63 - 1, where it saturates."""
IS_MINTED = 9
"""1: the chain mints and burns the token, so no pool of its holds any; 0: it is locked there, or nobody says."""
WIDTH = 10

_INT64_MAX = int(np.iinfo(np.int64).max)
_UNKNOWN_DECIMALS = 18


FLOWING = (Sent, Pooled)
"""The kinds of row that may state a flow."""


class Numbers(NamedTuple):
    """What names the numbers were given to, in the order in which they were given."""

    tokens: tuple[tuple[str, bool], ...] = ()
    """Address, and whether the chain had stated a price; from 2 on."""
    remotes: tuple[ChainSelector, ...] = ()
    """From 1 on."""


class FlowReader:
    """Turns one chain's rows into flows; holds the numbers that it gave to tokens and remotes."""

    def __init__(self, chain: ChainSelector, numbers: Numbers | None = None) -> None:
        tokens, remotes = numbers or Numbers()
        self._chain = chain
        self._tokens: dict[tuple[str, bool], int] = {token: line for line, token in enumerate(tokens, 2)}
        self._remotes: dict[ChainSelector, int] = {remote: number for number, remote in enumerate(remotes, 1)}

    def numbers(self, given: tuple[int, int]) -> Numbers:
        """The names as they were when `given` numbers had been given; for a reader that goes on from there."""
        tokens, remotes = given
        return Numbers(tuple(islice(self._tokens, tokens)), tuple(islice(self._remotes, remotes)))

    @property
    def token_lines(self) -> int:
        """How many lines a statistic needs that keeps one for each token: the two priors and those given so far."""
        return 2 + len(self._tokens)

    @property
    def given(self) -> tuple[int, int]:
        """How many numbers were given so far; for `take_back`."""
        return len(self._tokens), len(self._remotes)

    def take_back(self, given: tuple[int, int]) -> None:
        """Forget the numbers given since, as if the rows that a reorg took away had never been read."""
        tokens, remotes = given
        while len(self._tokens) > tokens:
            self._tokens.popitem()
        while len(self._remotes) > remotes:
            self._remotes.popitem()

    def read(self, record: Record, row: Row) -> list[tuple[int, ...]]:
        """The flows that a row states, `WIDTH` integers each, from what is known when the row arrives."""
        if isinstance(row, Pooled):
            if row.side != "in" or row.token is None or row.amount <= 0:
                return []
            facts = record.facts(self._chain)
            known = None if facts is None else facts.tokens.get(row.token)
            return [self._flow(record, row, 1, row.token, known, row.amount, row.remote, "", row.recipient or "")]
        if not isinstance(row, Sent):
            return []
        dest, sender, receiver = row.lane.dest, row.sender, row.receiver
        if not row.tokens:
            return [(row.at.block_time_s, 0, 1, 1, self._remote(dest), hash63(sender), hash63(receiver), 0, 0, 0)]
        facts = record.facts(self._chain)
        flows = []
        for sent in row.tokens:
            pool = sent.source_pool
            known = None if facts is None else facts.token_of_pool(pool) or facts.tokens.get(pool)
            token = pool if known is None else known.address
            flows.append(self._flow(record, row, 0, token, known, sent.amount, dest, sender, receiver))
        return flows

    def _flow(  # noqa: PLR0917  a flow's facts, each once
        self,
        record: Record,
        row: Row,
        is_release: int,
        token: str,
        known: TokenFacts | None,
        amount: int,
        remote: ChainSelector | None,
        sender: str,
        receiver: str,
    ) -> tuple[int, ...]:
        value = record.value_micro_usd(self._chain, token, amount)
        is_priced = value is not None
        if value is None:
            value = amount * 10**6 // 10 ** (_UNKNOWN_DECIMALS if known is None else known.decimals)
        return (
            row.at.block_time_s,
            is_release,
            self._tokens.setdefault((token, is_priced), 2 + len(self._tokens)),
            int(is_priced),
            self._remote(remote),
            hash63(sender),
            hash63(receiver),
            hash63(f"{token}|{amount}"),
            min(value, _INT64_MAX),
            int(known is not None and known.pool_type == "burn_mint"),
        )

    def _remote(self, remote: ChainSelector | None) -> int:
        return 0 if remote is None else self._remotes.setdefault(remote, 1 + len(self._remotes))


@lru_cache(maxsize=1 << 14)
def hash63(text: str) -> int:
    """A name as a number from 1 to 2^63 - 1, the same everywhere; 0 for no name."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1 or 1 if text else 0
