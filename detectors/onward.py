"""Where value went on: from what a pool gave to somebody to what that one sends next, chain after chain.

    sent on A ──▶ released on B to P      P sends nearly as much on B ──▶ released on C to Q      Q sends …

What P sends may be one message, or several since then that add up to the release. Each step is a fact of one chain;
that a release belongs to a message, the execution in its transaction says. A message to the sender's own account ends a
path: who moves what is his own passes nothing on.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from detectors.frames import Executed, Pooled, Sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ccip_core.protocol.messages import ChainSelector
    from detectors.frames import At
    from detectors.record import Record

LAYERED_CHAINS_MIN = 3
"""Value that went there and back passed no layers."""
WINDOW_S = 86_400
"""Who waits longer holds the value, and does not send it on."""
_LIKE_PERCENT = 1
"""CCIP takes its fee beside the amount; what a pool or a token takes from it is less than this."""
_LOOKED_AT_MAX = 32
"""Of one's latest releases and messages so many are looked at."""
_GIVEN_MAX = 3
"""An account that is given more than so many sums in a day is a business: some of them are like what it sends. Smaller
ones than a tenth are not counted, so that dust makes no account one."""
_DUST_SHARE = 10
_STEPS_MAX = 8
_FOLLOWED_MAX = 1_024

OnwardKey = tuple["ChainSelector", str, int]
"""Chain, person, day."""


class Step(NamedTuple):
    """What was given to somebody, and sent on."""

    execution: Executed
    release: Pooled
    messages: tuple[Sent, ...]
    """What the receiver sent on, oldest first."""
    origin: Sent | None
    """The message that was executed; None where the record does not hold it: forged, or before its time."""


def onward_key(at: At, person: str, days: int = 0) -> OnwardKey:
    """Under which the record keeps what somebody got and sent on the row's chain and day, or so many days later."""
    return at.chain, person, at.block_time_s // WINDOW_S + days


def changes_hands(message: Sent) -> bool:
    """Whether it is to another account than its sender's."""
    return message.sender != message.receiver


def path_to(record: Record, message: Sent) -> list[Step]:
    """How the value of this message came to its sender, latest step first, as far as it went from hand to hand."""
    steps: list[Step] = []
    current: Sent | None = message
    while current is not None and changes_hands(current) and len(steps) < _STEPS_MAX:
        step = _step_to(record, current)
        if step is None or (step.origin is not None and not changes_hands(step.origin)):
            break
        steps.append(step)
        current = step.origin
    return steps


def sent_on(record: Record, message: Sent) -> Sequence[Sent]:
    """The messages that may be what became of this one's value, at any distance, nearest first.

    In circles nobody is followed twice; beyond `_FOLLOWED_MAX` messages nobody is.
    """
    followed = {message.at.row_id: message}
    ahead = deque([message])
    while ahead and len(followed) <= _FOLLOWED_MAX:
        for other in _sent_after(record, ahead.popleft()):
            if other.at.row_id not in followed:
                followed[other.at.row_id] = other
                ahead.append(other)
    return [*followed.values()][1:]


def _sent_after(record: Record, message: Sent) -> Iterator[Sent]:
    """What those to whom this message gave something sent since, within two days."""
    for execution in record.executed_by_id.get(message.message_id, ()):
        for release in record.releases_of(execution):
            for other in _latest_first(record, release.at, release.recipient or "", (1, 0)):
                if isinstance(other, Sent) and not other.at.is_before(release.at):
                    yield other


def _step_to(record: Record, message: Sent) -> Step | None:
    for token in message.tokens:
        found = _source(record, message, token.source_pool)
        if found is None:
            continue
        release, messages = found
        execution = _execution_of(record, release)
        if execution is not None:
            origin = record.find_sent(execution)
            is_it = origin is not None and origin.leaf == execution.leaf
            return Step(execution, release, tuple(reversed(messages)), origin if is_it else None)
    return None


def _source(record: Record, message: Sent, pool: str) -> tuple[Pooled, list[Sent]] | None:
    """The release that this message sends on alone, or as the last of those that came since; latest first."""
    amount, total = _carried(message, pool), 0
    messages: list[Sent] = []
    found: tuple[Pooled, list[Sent]] | None = None
    seen = given = 0
    for other in _latest_first(record, message.at, message.sender, (0, -1)):
        if message.at.is_before(other.at):
            continue
        seen += 1
        if seen > _LOOKED_AT_MAX or other.at.block_time_s < message.at.block_time_s - WINDOW_S:
            break
        if isinstance(other, Sent):
            carried = _carried(other, pool)
            if carried:
                messages.append(other)
                total += carried
        elif other.pool == pool and other.amount * _DUST_SHARE >= amount:
            given += 1
            if given > _GIVEN_MAX:
                return None
            if found is None and _is_like(amount, other.amount):
                found = other, [message]
            elif found is None and given == 1 and _is_like(total, other.amount):
                found = other, messages.copy()
    return found


def _latest_first(record: Record, at: At, person: str, days: Iterable[int]) -> Iterator[Sent | Pooled]:
    """What somebody got and sent on the chain on these days, counted from the row's."""
    for day in days:
        yield from reversed(record.onward.get(onward_key(at, person, day), ()))


def _execution_of(record: Record, release: Pooled) -> Executed | None:
    """The execution that the release was made for."""
    return next(
        (
            row
            for row in record.in_tx.get((release.at.chain, release.at.tx_hash), ())
            if isinstance(row, Executed) and row.at.log_index > release.at.log_index
        ),
        None,
    )


def _carried(message: Sent, pool: str) -> int:
    return sum(token.amount for token in message.tokens if token.source_pool == pool)


def _is_like(amount: int, other: int) -> bool:
    return abs(amount - other) * 100 <= _LIKE_PERCENT * other
