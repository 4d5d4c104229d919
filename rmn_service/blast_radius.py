"""What a curse (or its lift) would touch, before anybody decides: read off the record, nothing is guessed.

    subjects ─▶ targets ─▶ lanes stopped ─▶ messages on their way, their value, pools, senders ─▶ what strands, and how
                                                                                                  it recovers
The preview is stored with the proposal, and `outcome_of` sets it against what came. How messages recover is spec 6.2:
a curse takes nothing from anybody, it makes people wait; what a wait costs is what this shows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from typing_extensions import TypedDict

from rmn_service.curses import GLOBAL, ends_of
from rmn_service.ledger import total
from rmn_service.times import time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ccip_core.deployment import Deployment
    from ccip_core.protocol.messages import Lane
    from detectors.network import Network
    from rmn_service.curses import Curses
    from rmn_service.ledger import Entry, Ledger
    from rmn_service.messages import Messages, MessageState
    from rmn_service.policy import Target
    from rmn_service.proposals import Proposal, ProposalKind

_WEEK_S, _DAY_S = 7 * 86_400, 86_400
_IDS_MAX, _SENDERS_MAX = 1_000, 100


class TokenSum(TypedDict):
    """An amount of one token, in its smallest unit at its source."""

    chain: str
    token: str
    symbol: str | None
    decimals: int | None
    """Null where the token is not ours."""
    amount: str
    value_micro_usd: str | None


class PoolTouched(TypedDict):
    """A pool that would stop releasing or taking over these lanes."""

    chain: str
    pool: str
    token: str
    symbol: str


class TargetTouched(TypedDict):
    """One subject on one chain."""

    chain: str
    subject: str
    is_global: bool
    is_cursed: bool
    """As things stand when the preview is made."""


class LaneTouched(TypedDict):
    """One lane that the targets stop, or that their lift would resume."""

    source: str
    dest: str
    stops_sending: bool
    """At its source: senders are refused and pay nothing."""
    stops_delivery: bool
    """At its destination: no commits, no executions."""
    is_cursed: bool
    stays_cursed: bool
    """After the lift, by another subject; of a curse always true."""
    in_flight: int
    value_micro_usd: str | None
    oldest_sent_at: str | None
    messages_a_day: str
    """Over the last seven days, with one decimal: what each day of a curse turns away."""
    value_a_day_micro_usd: str


class Strand(TypedDict):
    """Messages in one state, what the act does to them and how they go on."""

    state: str
    messages: int
    effect: str
    recovery: str


class BlastRadius(TypedDict):
    """Everything that an act would touch."""

    kind: str
    at: str
    targets: list[TargetTouched]
    lanes: list[LaneTouched]
    messages_in_flight: int
    value_micro_usd: str | None
    tokens: list[TokenSum]
    pools: list[PoolTouched]
    senders_in_flight: int
    senders_in_7_days: int
    senders: list[str]
    """Of messages on their way, the first hundred."""
    strands: list[Strand]
    message_ids: list[str]
    """Of messages on their way, the newest thousand."""


class Outcome(TypedDict):
    """What came of an act, beside what its preview said."""

    in_force_since: str
    """When the last of its targets stood as wanted."""
    ended_at: str | None
    """When the first of them was turned back."""
    lasted_s: int
    messages_promised: int
    messages_delivered_since: int
    """Of those that were on their way in the preview."""
    messages_still_waiting: int
    messages_sent_since: int
    """On its lanes, until it ended: of a curse that stops sending there should be none."""
    value_still_waiting_micro_usd: str | None


class Knowledge(NamedTuple):
    """What a preview is read off."""

    ledger: Ledger
    messages: Messages
    curses: Curses
    deployment: Deployment
    network: Network


def preview(kind: ProposalKind, targets: Sequence[Target], known: Knowledge, now_ms: int) -> BlastRadius:
    """What the act would touch if it were done now."""
    now_s = now_ms // 1000
    lanes = [config.lane for config in known.deployment.lanes if {*ends_of(config.lane)} & {*targets}]
    in_flight = {lane: known.ledger.in_flight(lane) for lane in lanes}
    waiting = [entry for entries in in_flight.values() for entry in entries]
    waiting.sort(key=lambda entry: entry.position, reverse=True)
    senders = sorted({entry.sent.sender for entry in waiting})
    return {
        "kind": kind,
        "at": time_text(now_ms),
        "targets": [
            {
                "chain": str(target.chain),
                "subject": target.subject,
                "is_global": target.subject == GLOBAL,
                "is_cursed": known.curses.since(target) is not None,
            }
            for target in targets
        ],
        "lanes": [_lane_touched(kind, lane, targets, known, now_s) for lane in lanes],
        "messages_in_flight": len(waiting),
        "value_micro_usd": _text(total(entry.micro_usd for entry in waiting)),
        "tokens": token_sums(waiting, known.network),
        "pools": _pools(lanes, known.network),
        "senders_in_flight": len(senders),
        "senders_in_7_days": known.ledger.senders_since(lanes, now_s - _WEEK_S),
        "senders": senders[:_SENDERS_MAX],
        "strands": _strands(kind, waiting, known.messages),
        "message_ids": [entry.sent.message_id for entry in waiting[:_IDS_MAX]],
    }


def outcome_of(proposal: Proposal, known: Knowledge, now_ms: int) -> Outcome | None:
    """What the chains show of an approved proposal; None until all of its targets stand as wanted."""
    since_s = in_force_since_s(proposal, known.curses)
    if since_s is None or not proposal.blast_radius:
        return None
    is_curse = proposal.kind == "curse"
    turned = [
        known.curses.turned_at_s(target, is_cursed=not is_curse, not_before_s=since_s) for target in proposal.targets
    ]
    ended_s = min((at_s for at_s in turned if at_s is not None), default=None)
    until_s = now_ms // 1000 if ended_s is None else ended_s
    lanes = [config.lane for config in known.deployment.lanes if {*ends_of(config.lane)} & {*proposal.targets}]
    promised = proposal.blast_radius["message_ids"]
    found = [sent for id_ in promised if (sent := known.messages.find(id_)) is not None]
    waiting = [sent for sent in found if known.messages.state(sent) != "success"]
    entries = [entry for sent in waiting if (entry := known.ledger.entry(sent)) is not None]
    return {
        "in_force_since": time_text(1000 * since_s),
        "ended_at": None if ended_s is None else time_text(1000 * ended_s),
        "lasted_s": max(0, until_s - since_s),
        "messages_promised": proposal.blast_radius["messages_in_flight"],
        "messages_delivered_since": len(found) - len(waiting),
        "messages_still_waiting": len(waiting),
        "messages_sent_since": sum(known.ledger.sent_in(lane, since_s, until_s)[0] for lane in lanes),
        "value_still_waiting_micro_usd": _text(total(entry.micro_usd for entry in entries)),
    }


def in_force_since_s(proposal: Proposal, curses: Curses) -> int | None:
    """Block time at which the last target stood as the approved proposal wants it; None while one does not."""
    if proposal.approved_at_ms is None:
        return None
    approved_s = proposal.approved_at_ms // 1000
    is_curse = proposal.kind == "curse"
    times_s = []
    for target in proposal.targets:
        at_s = curses.turned_at_s(target, is_cursed=is_curse, not_before_s=approved_s)
        if at_s is None and (curses.stood(target, approved_s) is not None) == is_curse:
            at_s = approved_s  # it stood so already
        if at_s is None:
            return None
        times_s.append(at_s)
    return max(times_s)


def token_sums(entries: Iterable[Entry], network: Network) -> list[TokenSum]:
    """What messages carry together, token by token."""
    amounts: dict[tuple[str, str, str | None], int] = defaultdict(int)
    worth: dict[tuple[str, str, str | None], list[int | None]] = defaultdict(list)
    decimals: dict[str, int] = {}
    for entry in entries:
        facts = network.chains.get(entry.sent.lane.source)
        for carried in entry.carried:
            key = str(entry.sent.lane.source), carried.token, carried.symbol
            amounts[key] += carried.amount
            worth[key].append(carried.micro_usd)
            if facts is not None and carried.token in facts.tokens:
                decimals[carried.token] = facts.tokens[carried.token].decimals
    return [
        {
            "chain": key[0],
            "token": key[1],
            "symbol": key[2],
            "decimals": decimals.get(key[1]),
            "amount": str(amount),
            "value_micro_usd": _text(total(worth[key])),
        }
        for key, amount in sorted(amounts.items(), key=lambda item: item[0][:2])
    ]


def _lane_touched(
    kind: ProposalKind, lane: Lane, targets: Sequence[Target], known: Knowledge, now_s: int
) -> LaneTouched:
    entries = known.ledger.in_flight(lane)
    ends = ends_of(lane)
    active = {target for target in ends if known.curses.since(target) is not None}
    messages, worth = known.ledger.sent_in(lane, now_s - _WEEK_S, now_s)
    first_s = known.ledger.first_sent_s(lane)
    days = max(1, min(_WEEK_S, now_s - (now_s if first_s is None else first_s)) // _DAY_S)
    return {
        "source": str(lane.source),
        "dest": str(lane.dest),
        "stops_sending": any(target in targets for target in ends if target.chain == lane.source),
        "stops_delivery": any(target in targets for target in ends if target.chain == lane.dest),
        "is_cursed": bool(active),
        "stays_cursed": kind == "curse" or bool(active - {*targets}),
        "in_flight": len(entries),
        "value_micro_usd": _text(total(entry.micro_usd for entry in entries)),
        "oldest_sent_at": time_text(1000 * min(entry.at_s for entry in entries)) if entries else None,
        "messages_a_day": f"{messages / days:.1f}",
        "value_a_day_micro_usd": str(worth // days),
    }


def _pools(lanes: Iterable[Lane], network: Network) -> list[PoolTouched]:
    chains = sorted({end for lane in lanes for end in lane})
    return [
        {"chain": str(chain), "pool": token.pool, "token": token.address, "symbol": token.symbol}
        for chain in chains
        if chain in network.chains
        for token in sorted(network.chains[chain].tokens.values(), key=lambda token: token.symbol)
        if token.pool is not None
    ]


_EFFECTS: dict[ProposalKind, dict[MessageState, tuple[str, str]]] = {
    "curse": {
        "sent": ("waits to be final, then for a commit", "committed by the oracles after the lift; nothing is lost"),
        "final": ("no commit of it is accepted", "committed by the oracles after the lift; nothing is lost"),
        "committed": (
            "the oracles skip it, and manual execution reverts (CursedByRMN)",
            "executed after the lift, by the oracles or, past the manual execution delay (it runs on), by anybody",
        ),
        "in_progress": ("stands inside a transaction", "executed after the lift"),
        "failure": ("its manual execution reverts (CursedByRMN)", "executed by hand after the lift"),
        "success": ("none", "none needed"),
    },
    "uncurse": {
        "sent": ("goes on", "committed once it is final"),
        "final": ("goes on", "committed with the oracles' next report, if this network's nodes bless it"),
        "committed": ("goes on", "executed by the oracles, or by anybody once the manual execution delay is over"),
        "in_progress": ("goes on", "executed"),
        "failure": ("stays failed: oracles try once", "executed by hand"),
        "success": ("none", "none needed"),
    },
}


def _strands(kind: ProposalKind, waiting: Iterable[Entry], messages: Messages) -> list[Strand]:
    counts = Counter(messages.state(entry.sent) for entry in waiting)
    return [
        {"state": state, "messages": counts[state], "effect": effect, "recovery": recovery}
        for state, (effect, recovery) in _EFFECTS[kind].items()
        if counts[state]
    ]


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
