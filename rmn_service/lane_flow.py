"""What each lane moved and what waits on it, over an hour, a day and a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from rmn_service.blast_radius import TokenSum, token_sums
from rmn_service.ledger import total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccip_core.protocol.messages import Lane
    from rmn_service.lane_state import LaneWord
    from rmn_service.ledger import Entry
    from rmn_service.service import Service

WINDOWS_S = {"1h": 3_600, "24h": 86_400, "7d": 604_800}


class FlowItem(TypedDict):
    """Messages, their worth where prices are known, and amounts token by token."""

    messages: int
    value_micro_usd: str
    tokens: list[TokenSum]


class Flows(TypedDict):
    """By span of time, each up to the moment that is asked about."""

    moved: dict[str, FlowItem]
    """Executed with success in the span."""
    blocked: dict[str, FlowItem]
    """Sent in the span, not delivered, on a lane that is cursed or withheld."""


def flows(service: Service, lane: Lane, word: LaneWord, now_s: int, *, is_past: bool) -> Flows:
    """Of one lane. The caller holds the lock."""
    moved = {name: _moved(service, lane, now_s - span_s, now_s) for name, span_s in WINDOWS_S.items()}
    held = waiting(service, lane, now_s, is_past=is_past) if word in {"cursed", "withheld"} else []
    blocked = {
        name: _sum(service, (entry for entry in held if entry.at_s > now_s - span_s))
        for name, span_s in WINDOWS_S.items()
    }
    return {"moved": moved, "blocked": blocked}


def together(items: Iterable[FlowItem]) -> FlowItem:
    """Of several lanes."""
    messages, worth, tokens = 0, 0, dict[tuple[str, str], TokenSum]()
    for item in items:
        messages += item["messages"]
        worth += int(item["value_micro_usd"])
        for token in item["tokens"]:
            key = token["chain"], token["token"]
            before = tokens.get(key)
            tokens[key] = token if before is None else _added(before, token)
    return {"messages": messages, "value_micro_usd": str(worth), "tokens": [tokens[key] for key in sorted(tokens)]}


def _added(one: TokenSum, other: TokenSum) -> TokenSum:
    values = [token["value_micro_usd"] for token in (one, other)]
    value = total(None if text is None else int(text) for text in values)
    amount = int(one["amount"]) + int(other["amount"])
    return {**one, "amount": str(amount), "value_micro_usd": None if value is None else str(value)}


def _moved(service: Service, lane: Lane, since_s: int, until_s: int) -> FlowItem:
    flow = service.ledger.moved(lane, since_s, until_s)
    facts = service.network.chains.get(lane.source)
    tokens: list[TokenSum] = []
    for token, amount in sorted(flow.tokens.items()):
        known = None if facts is None else facts.tokens.get(token)
        tokens.append(
            {
                "chain": str(lane.source),
                "token": token,
                "symbol": None if known is None else known.symbol,
                "decimals": None if known is None else known.decimals,
                "amount": str(amount),
                "value_micro_usd": None,  # each message was worth what it was at its time: only their sum is kept
            }
        )
    return {"messages": flow.messages, "value_micro_usd": str(flow.micro_usd), "tokens": tokens}


def waiting(service: Service, lane: Lane, now_s: int, *, is_past: bool) -> list[Entry]:
    """Messages on their way; of an earlier time those that were sent in the week before."""
    if not is_past:
        return service.ledger.in_flight(lane)
    week = service.ledger.sent_between([lane], now_s - WINDOWS_S["7d"], now_s)
    return [entry for entry in week if service.messages.state(entry.sent, now_s) != "success"]


def _sum(service: Service, entries: Iterable[Entry]) -> FlowItem:
    found = list(entries)
    worth = total(entry.micro_usd for entry in found) or 0
    return {"messages": len(found), "value_micro_usd": str(worth), "tokens": token_sums(found, service.network)}
