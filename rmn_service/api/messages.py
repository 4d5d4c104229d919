"""`/messages`: search, and one message with its journey and why it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from rmn_service import message_search
from rmn_service.api.door import Answer, AtDoor, AtPast, Id, Limit, answer
from rmn_service.api.words import StepItem, lanes_named, step_item, text_of
from rmn_service.detection import hex_text
from rmn_service.errors import NotFoundError
from rmn_service.hold import Hold, explain
from rmn_service.messages import MessageState
from rmn_service.times import time_ms

if TYPE_CHECKING:
    from detectors.frames import Sent
    from rmn_service.service import Service

router = APIRouter()
Text = Annotated[str | None, Query(max_length=100)]


class TokenItem(TypedDict):
    """A token that a message carries."""

    source_pool: str
    dest_token: str
    amount: str
    token: str | None
    symbol: str | None
    decimals: int | None
    """At the source; null where the token is not ours."""
    value_micro_usd: str | None


class CommitStep(StepItem):
    """The root that covers it."""

    root: str
    is_blessed: bool


class ExecutionStep(StepItem):
    """A change of its execution state."""

    state: str


class Transactions(TypedDict):
    """The transaction of each step."""

    sent: StepItem
    committed: CommitStep | None
    executed: list[ExecutionStep]


class MessageItem(TypedDict):
    """One message."""

    source: str
    dest: str
    id: str
    sequence_number: str
    nonce: str
    state: MessageState
    sender: str
    receiver: str
    leaf: str
    tokens: list[TokenItem]
    value_micro_usd: str | None
    transactions: Transactions


class MessagesAnswer(Answer):
    """Newest first; ask for the next page with `cursor`."""

    messages: list[MessageItem]
    next_cursor: str | None


class SignatoryItem(TypedDict):
    """An RMN node whose signature stands in the commit's calldata."""

    node_index: int
    signer: str


class MessageAnswer(Answer, MessageItem):
    """One message, who blessed it, and why it waits."""

    blessed_by: list[SignatoryItem] | None
    """Null where it is not known: not committed, not blessed, or the chain can't be asked."""
    hold: Hold


def _decimals(service: Service, sent: Sent, token: str) -> int | None:
    facts = service.network.chains.get(sent.lane.source)
    known = None if facts is None else facts.tokens.get(token)
    return None if known is None else known.decimals


def message_item(service: Service, sent: Sent, at_s: int | None = None) -> MessageItem:
    """One message and the transaction of each of its steps, as they stood at `at_s`."""
    messages = service.messages
    commit = messages.commit(sent)
    if commit is not None and at_s is not None and commit.at.block_time_s > at_s:
        commit = None
    committed: CommitStep | None = None
    if commit is not None:
        committed = {**step_item(commit.at), "root": commit.merkle_root, "is_blessed": commit.is_blessed}
    entry = service.ledger.entry(sent)
    carried = () if entry is None else entry.carried
    return {
        "source": str(sent.lane.source),
        "dest": str(sent.lane.dest),
        "id": sent.message_id,
        "sequence_number": str(sent.sequence_number),
        "nonce": str(sent.nonce),
        "state": messages.state(sent, at_s),
        "sender": sent.sender,
        "receiver": sent.receiver,
        "leaf": sent.leaf,
        "tokens": [
            {
                "source_pool": token.source_pool,
                "dest_token": token.dest_token,
                "amount": str(token.amount),
                "token": known.token,
                "symbol": known.symbol,
                "decimals": _decimals(service, sent, known.token),
                "value_micro_usd": text_of(known.micro_usd),
            }
            for token, known in zip(sent.tokens, carried, strict=bool(carried))
        ],
        "value_micro_usd": None if entry is None else text_of(entry.micro_usd),
        "transactions": {
            "sent": step_item(sent.at),
            "committed": committed,
            "executed": [
                {**step_item(row.at), "state": row.state}
                for row in messages.executions(sent)
                if at_s is None or row.at.block_time_s <= at_s
            ],
        },
    }


@router.get("/messages", response_model=MessagesAnswer)
def messages(  # noqa: PLR0917  # one parameter a filter
    door: AtDoor,
    at_s: AtPast,
    q: Text = None,
    tx: Text = None,
    sender: Text = None,
    token: Text = None,
    lane: Text = None,
    state: MessageState | None = None,
    since: Text = None,
    until: Text = None,
    cursor: Text = None,
    limit: Limit = 100,
) -> JSONResponse:
    """Messages that fit, newest first. `q` is an id, a transaction, a sender or a token; `lane` is SOURCE:DEST."""
    service = door.service
    query = message_search.Query(
        text=q,
        tx=tx,
        sender=sender,
        token=token,
        lanes=None if lane is None else lanes_named(lane, service.deployment),
        state=state,
        since_s=None if since is None else time_ms("since", since) // 1000,
        until_s=None if until is None else time_ms("until", until) // 1000,
        at_s=at_s,
        cursor=cursor,
    )
    with service.lock:
        page = message_search.search(query, service.ledger, service.messages, service.network, limit)
        items = [message_item(service, entry.sent, at_s) for entry in page.entries]
        return answer(door, {"messages": items, "next_cursor": page.next_cursor})


@router.get("/messages/{message_id}", response_model=MessageAnswer)
def message(door: AtDoor, message_id: Id) -> JSONResponse:
    """One message, the transaction of each of its steps, who blessed it, and why it waits."""
    now_ms = door.clock()
    service = door.service
    with service.lock:
        sent = service.messages.find(message_id.lower())
        if sent is None:
            raise NotFoundError(f"message {message_id}: not in this node's record")
        commit = service.messages.commit(sent)
    found = None if commit is None else door.blessed_by.of(commit)
    blessed_by = None
    if found is not None:
        blessed_by = [{"node_index": each.node_index, "signer": hex_text(each.signer)} for each in found]
    with service.lock:
        hold = explain(service, sent, now_ms, found)
        return answer(door, {**message_item(service, sent), "blessed_by": blessed_by, "hold": hold})
