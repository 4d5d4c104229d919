"""What an attack is after: the bridge, a lane out of which value leaves, a token, and how much of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.backtest.scenarios.bridge import HOME, Bridge, Lane, Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

    from detectors.backtest.scenarios.quiet import Traffic

_HOME_SHARE = 0.75
"""Attacks on the escrow at home; the others mint elsewhere."""


class Target(NamedTuple):
    """Drawn before the shape is."""

    bridge: Bridge
    traffic: Traffic
    at_s: int
    """When the attack begins."""
    lane: Lane
    token: int
    share: float
    """Of the escrow."""

    def loot_micro(self, token: int) -> int:
        """The share of what the escrow holds of a token when the attack begins."""
        return max(1, int(self.share * self.traffic.liquidity_micro(token, self.at_s)))

    def tokens_by_worth(self) -> list[int]:
        """The tokens that exist, the richest escrow first."""
        known = [index for index, token in enumerate(self.bridge.tokens) if token.since_s < self.at_s]
        worth = {index: self.bridge.usd(index, self.loot_micro(index), self.at_s) for index in known}
        return sorted(known, key=worth.__getitem__, reverse=True)

    def release(self, at_s: int, amount_micro: int, receiver: str, *, token: int | None = None) -> Message:
        """One forged release: executed, never sent."""
        of = self.token if token is None else token
        grain = self.bridge.tokens[of].grain_micro
        amount = max(grain, amount_micro // grain * grain)
        return Message(None, min(at_s, self.bridge.end_s - 1), self.lane, of, amount, "", receiver)


def draw_target(random: Generator, bridge: Bridge, traffic: Traffic, at_s: int, share: float) -> Target:
    """A lane that is open and one of the three tokens with most in escrow."""
    is_home = random.random() < _HOME_SHARE
    lanes = [lane for lane in bridge.lanes[:-2] if (lane.dest == HOME) is is_home] or list(bridge.lanes[:-2])
    target = Target(bridge, traffic, at_s, lanes[int(random.integers(len(lanes)))], 0, share)
    richest = target.tokens_by_worth()[:3]
    return target._replace(token=richest[int(random.integers(len(richest)))])


def pieces(random: Generator, total: int, count: int, *, evenness: float = 4.0) -> list[int]:
    """A total in so many random pieces of at least 1; the greater the evenness, the more alike."""
    shares = random.dirichlet(np.full(count, evenness))
    return [max(1, int(total * share)) for share in shares.tolist()]


def moments(random: Generator, first_s: int, last_s: int, count: int) -> list[int]:
    """So many random times, in order; the first is the span's own."""
    return sorted([first_s, *random.integers(first_s, max(first_s + 1, last_s), size=count - 1).tolist()])


def labelled(messages: Sequence[Message], name: str) -> list[Message]:
    """The truth about them."""
    return [message._replace(label="attack", detail=name) for message in messages]
