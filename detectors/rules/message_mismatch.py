"""A message was executed that was sent with another content."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import UNNUMBERED, Executed, Row, Sent
from detectors.rules.amount_mismatch import expected_amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.frames import Pooled
    from detectors.record import Record

_UNTOLD = "data, sender or gas"
"""What the leaf covers and no release tells."""


class MessageMismatch(Rule):
    """An executed message has the content under which its number (or its id, without numbers) was sent.

    Same id and same leaf, that is; a failed execution counts too. What differs is named as far as rows tell: the id,
    and the token, amount (after decimals) and receiver of what the pools released for it; where all that agrees it is
    what only the leaf covers. A message that was never sent is unmatched_execution's business, a pool that releases
    something else for the right message amount_mismatch's.

    Pending until our index of the source has come as far as the execution: a branch that its chain drops may bear
    another message under the number; where a bridge gives one number to several messages, also while the right one may
    be older than the record. Assumes that our endpoint of the source does not show us such a branch for longer.
    """

    name: ClassVar[str] = "message_mismatch"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Compare with the message that was sent under the number."""
        sent = record.find_sent(row)
        if sent is not None and sent.leaf == row.leaf and sent.message_id == row.message_id:
            return None
        if row.state == "in_progress":
            return None
        if record.tells_apart(row.lane):
            doubt = record.source_lag(row.lane, row.at)
        else:
            doubt = record.absence(row.lane, row.sequence_number, row.at)
        if doubt is not None or sent is None:
            return doubt
        return self._claim(record, row, sent)

    def _claim(self, record: Record, row: Executed, sent: Sent) -> Signal:
        released = record.releases_of(row)
        differs = _differs(record, row, sent, released)
        is_numbered = row.sequence_number != UNNUMBERED
        what = f"Message {row.sequence_number}" if is_numbered else f"Message {row.message_id}"
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=[*released, sent],
            summary=f"{what} was executed ({row.state}), but was sent with another {', '.join(differs)}.",
            value_micro_usd=record.value_of(released),
            known_at_ms=record.head_known_at_ms(row.lane.source),
            evidence={
                "sequence_number": str(row.sequence_number) if is_numbered else None,
                "differs": differs,
                "state": row.state,
                "message_id": row.message_id,
                "sent_message_id": sent.message_id,
                "leaf": row.leaf,
                "sent_leaf": sent.leaf,
                "released": [[release.token, str(release.amount), release.recipient] for release in released],
                "sent_tokens": [[token.dest_token, str(token.amount)] for token in sent.tokens],
                "receiver": sent.receiver,
            },
        )


def _differs(record: Record, row: Executed, sent: Sent, released: Sequence[Pooled]) -> list[str]:
    found = ["id"] if row.message_id != sent.message_id else []
    if row.leaf != sent.leaf:
        fields = _released_otherwise(record, row, sent, released) if released else set()
        found += sorted(fields) or [_UNTOLD]
    return found


def _released_otherwise(record: Record, row: Executed, sent: Sent, released: Sequence[Pooled]) -> set[str]:
    """In what the releases differ from what was sent."""
    source, dest = record.facts(row.lane.source), record.facts(row.lane.dest)
    fields: set[str] = set()
    for release, token in zip_longest(released, sent.tokens):
        if release is None or token is None or release.token != token.dest_token:
            fields.add("token")
        elif dest is not None and token.dest_token in dest.tokens:
            expected = expected_amount(source, dest, token)
            if expected is not None and expected != release.amount:
                fields.add("amount")
        if release is not None and release.recipient not in {None, sent.receiver}:
            fields.add("receiver")
    return fields
