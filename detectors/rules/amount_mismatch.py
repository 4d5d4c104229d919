"""A message released another amount than was sent."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Pending, Rule, Signal, Verdict, make_signal
from detectors.frames import Executed, Pooled, Row, Sent, TokenSent

if TYPE_CHECKING:
    from detectors.network import ChainFacts
    from detectors.record import Record


class AmountMismatch(Rule):
    """What the pools release for an executed message is what was sent, after decimals, to the receiver it names.

    A pool converts remote decimals r to local ones l by an integer factor 10^(r-l), rounding down (spec 4.7). Which
    decimals the sent amount has is looked up in the network, by pool or else by symbol; only for tokens that it does
    not have is the pool's own word taken (UNTRUSTED).

    The releases of a message are the pools' "in" events between the previous execution of the same transaction and
    its own. Fewer than were sent are pending, not accused: the pool may have been replaced by one that we don't hear.
    A message that was sent with another content is message_mismatch's business, whatever was released for it.
    Assumes a pool that charges nothing and rounds as spec 4.7 says.
    """

    name: ClassVar[str] = "amount_mismatch"
    judges: ClassVar[tuple[type[Row], ...]] = (Executed,)

    def judge(self, record: Record, row: Executed) -> Verdict:
        """Compare each release of the execution with the token that was sent in its place."""
        if row.state != "success":
            return None
        sent = record.find_sent(row)
        if sent is None:
            # A message that does not exist is unmatched_execution's business.
            return record.absence(row.lane, row.sequence_number, row.at)
        dest = record.facts(row.lane.dest)
        if dest is None or sent.leaf != row.leaf:
            return None
        source = record.facts(row.lane.source)
        known = dest.tokens
        due = [token for token in sent.tokens if token.dest_token in known]
        releases = [release for release in record.releases_of(row) if release.token in known]
        for release, token in zip_longest(releases, due):
            if release is None:
                return Pending("a pool that we know released nothing for an executed message; was it replaced?")
            expected = None if token is None else expected_amount(source, dest, token)
            fault = _fault(sent.receiver, release, token, expected)
            if fault is not None:
                return self._claim(record, row, sent, release, fault)
        return None

    def _claim(self, record: Record, row: Executed, sent: Sent, release: Pooled, fault: str) -> Signal:
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=[release, sent],
            summary=f"Message {row.sequence_number} released {release.amount} of {release.token}, but {fault}.",
            value_micro_usd=record.value_of([release]),
            evidence={
                "sequence_number": str(row.sequence_number),
                "message_id": row.message_id,
                "fault": fault,
                "pool": release.pool,
                "token": release.token,
                "released_amount": str(release.amount),
                "recipient": release.recipient,
                "receiver": sent.receiver,
                "sent_tokens": [[token.dest_token, str(token.amount)] for token in sent.tokens],
            },
        )


def _fault(receiver: str, release: Pooled, token: TokenSent | None, expected: int | None) -> str | None:
    """What is wrong with a release that should be that of `token` (None: of nothing), of an amount if that is known."""
    if token is None:
        return "nothing was left to release"
    if release.token != token.dest_token:
        return f"{token.dest_token} was sent"
    if expected is not None and release.amount != expected:
        return f"it should be {expected}"
    if release.recipient is not None and release.recipient != receiver:
        return f"to {release.recipient} where the receiver is {receiver}"
    return None


def expected_amount(source: ChainFacts | None, dest: ChainFacts, token: TokenSent) -> int | None:
    """What the destination's pool must release; None when nothing tells the decimals of the amount sent."""
    local = dest.tokens[token.dest_token]
    known = None if source is None else source.token_of_pool(token.source_pool) or source.token_of_symbol(local.symbol)
    decimals = token.source_decimals if known is None else known.decimals
    return None if decimals is None else convert_down(token.amount, decimals, local.decimals)


def convert_down(amount: int, remote_decimals: int, local_decimals: int) -> int:
    """The amount that a pool of `local_decimals` releases for one stated in `remote_decimals`."""
    if remote_decimals == local_decimals:
        return amount
    if remote_decimals > local_decimals:
        return int(amount // 10 ** (remote_decimals - local_decimals))
    return int(amount * 10 ** (local_decimals - remote_decimals))
