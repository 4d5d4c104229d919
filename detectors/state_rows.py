"""Rows about how the network stands rather than about one message: settings, limits, liquidity, votes, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.protocol import events
from ccip_core.protocol.subjects import subject_text
from detectors.changes import change_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.messages import ChainSelector
    from detectors.frames import At
    from detectors.network import ChainFacts

Side = Literal["out", "in"]
"""As of a pool's tokens: "out" of its chain, or "in" to it."""


class ConfigChanged(NamedTuple):
    """A contract's setting was changed by whoever may."""

    at: At
    contract: str
    role: str
    """What the contract is: "router", "off_ramp", "pool", "token" …"""
    what: str
    """The event's class: "SourceChainConfigSet" …"""
    subject: str
    """Which one of the contract's settings of this kind: a chain, a token or a plugin; empty where it has one only."""
    remote: ChainSelector | None
    values: tuple[tuple[str, str], ...]
    """Field and text, nested fields by a dotted name."""


class LimitSet(NamedTuple):
    """A pool's rate limit was set."""

    at: At
    pool: str
    remote: ChainSelector
    side: Side
    is_enabled: bool
    capacity: int
    rate: int
    is_new: bool
    """The bucket was made by this, and is full."""


class LimitConsumed(NamedTuple):
    """A departure or an arrival drew on a pool's rate limit."""

    at: At
    pool: str
    remote: ChainSelector | None
    """None where the event does not say (1.5.1); nor does it say the side then."""
    side: Side | None
    amount: int


class Moved(NamedTuple):
    """A token's own Transfer from or to its pool, or to the zero address (a burn), whoever caused it."""

    at: At
    token: str
    sender: str
    recipient: str
    amount: int


class LiquidityMoved(NamedTuple):
    """A pool's rebalancer put tokens in or took tokens out; no message goes with it."""

    at: At
    pool: str
    side: Side
    """"out": out of the pool."""
    provider: str
    amount: int


class VotersSet(NamedTuple):
    """CurseVoting's voters were replaced, and all votes are void."""

    at: At
    weights: tuple[tuple[str, int], ...]
    """Voter and weight."""
    threshold: int


class Voted(NamedTuple):
    """An RMN node voted to curse subjects, or took its votes back."""

    at: At
    voter: str
    subjects: tuple[str, ...]
    is_taken_back: bool


class Disagreed(NamedTuple):
    """Endpoints of one chain gave different answers to one question. Stated by the indexer, not by a log."""

    at: At
    what: str
    """The question, for a person."""
    answers: tuple[tuple[str, str], ...]
    """Which endpoint (a number or a name, never a URL, which may hold a key) and what it said."""


class Unjudged(NamedTuple):
    """Our code broke on a row or a log, so nobody knows what it means. Stated by whoever was to judge it."""

    at: At
    """Of the row or the log."""
    broken: str
    """The rule that broke; or `reading`, where the log could not become a row."""
    fault: str
    """Which exception, where in our code."""


StateRow = ConfigChanged | LimitSet | LimitConsumed | Moved | LiquidityMoved | VotersSet | Voted | Disagreed | Unjudged

_ZERO_ADDRESS = "0x" + bytes(20).hex()


def state_rows(at: At, emitter: str, facts: ChainFacts, event: events.Event) -> Sequence[StateRow]:
    """What a decoded log of one of the network's own contracts says about how the network stands."""
    role = facts.role_of(emitter)
    if role is None:
        return []
    rows = _of_setting(at, emitter, role, facts, event)
    if role == "pool":
        rows += _of_pool(at, emitter, event)
    elif role == "token" and isinstance(event, events.Transfer):
        rows += _of_transfer(at, emitter, facts, event)
    elif role == "curse_voting":
        rows += _of_votes(at, event)
    return rows


def _of_setting(at: At, emitter: str, role: str, facts: ChainFacts, event: events.Event) -> list[StateRow]:
    change = change_of(role, event)
    if change is None:
        return []
    if role == "token_admin_registry" and change.subject and change.subject not in facts.tokens:
        return []  # anyone may register a token of theirs
    return [ConfigChanged(at, emitter, role, *change)]


def _of_pool(at: At, pool: str, event: events.Event) -> list[StateRow]:
    match event:
        case events.ChainAdded() | events.ChainConfigured():
            remote, is_new = event.remote_chain_selector, isinstance(event, events.ChainAdded)
            return [
                LimitSet(at, pool, remote, "out", *event.outbound_rate_limiter_config, is_new),
                LimitSet(at, pool, remote, "in", *event.inbound_rate_limiter_config, is_new),
            ]
        case events.OutboundRateLimitConsumed() | events.InboundRateLimitConsumed():
            drawn: Side = "out" if isinstance(event, events.OutboundRateLimitConsumed) else "in"
            return [LimitConsumed(at, pool, event.remote_chain_selector, drawn, event.amount)]
        case events.TokensConsumed():
            return [LimitConsumed(at, pool, None, None, event.tokens)]
        case events.LiquidityAdded() | events.LiquidityRemoved():
            side: Side = "in" if isinstance(event, events.LiquidityAdded) else "out"
            return [LiquidityMoved(at, pool, side, _text(event.provider), event.amount)]
        case events.LiquidityTransferred():
            return [LiquidityMoved(at, pool, "in", _text(event.from_), event.amount)]
        case _:
            return []


def _of_transfer(at: At, token: str, facts: ChainFacts, event: events.Transfer) -> list[StateRow]:
    sender, recipient = _text(event.from_), _text(event.to)
    pool = facts.tokens[token].pool
    touches = pool is not None and pool in {sender, recipient}
    if sender == _ZERO_ADDRESS or not (touches or recipient == _ZERO_ADDRESS):
        return []
    return [Moved(at, token, sender, recipient, event.value)]


def _of_votes(at: At, event: events.Event) -> list[StateRow]:
    match event:
        case events.CurseVotingConfigSet():
            weights = tuple((_text(entry.voter), entry.weight) for entry in event.voters)
            return [VotersSet(at, weights, event.weight_threshold)]
        case events.VotedToCurse() | events.UnvotedToCurse():
            subjects = tuple(map(subject_text, event.subjects))
            return [Voted(at, _text(event.voter), subjects, isinstance(event, events.UnvotedToCurse))]
        case _:
            return []


def _text(raw: bytes) -> str:
    return "0x" + raw.hex()
