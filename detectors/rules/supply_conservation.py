"""Tokens came into being, or went without having come in: what the tokens say against what the messages say."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from detectors.detector import Rule, Signal, Verdict, make_signal
from detectors.frames import UNNUMBERED, Executed, Minted, Pooled, Row, Sent
from detectors.rules.amount_mismatch import expected_amount
from detectors.state_rows import LiquidityMoved, Moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.network import ChainFacts, TokenFacts
    from detectors.record import Record

_ZERO_ADDRESS = "0x" + bytes(20).hex()


_TRANSFERS = {Minted, Moved}


class SupplyConservation(Rule):
    """Over all chains, what circulates of a token and what is in flight stays what it was.

        Σ supply of burn_mint tokens - Σ held by lock_release pools + Σ in flight = what it was at the beginning

    A message adds to "in flight" what it was sent with, and takes it out when it first succeeds. So the equation holds
    for the whole if it holds for every transaction, and a residual names the one that broke it: no order of chains and
    no opening balance is needed, and a record that began late asks the same. Both halves are asked of the token's own
    transfers, which the pools' events, that other rules read, can't embellish:

    - sent: at least what a message carries was transferred to the pool, in its transaction (a false deposit);
    - executed: at most what the message was sent with was minted, or left a lock_release pool, between the
      transaction's previous success and this one; nothing, if the message had succeeded before.

    Rounding down and a user's own burns lower the sum and are nobody's loss. A message that the record lacks is
    pending like everywhere. Assumes that a burn_mint token has no issuer who mints in a message's own transaction, and
    a token that takes nothing from transfers: one that does leaves its pool short, and is accused.
    """

    name: ClassVar[str] = "supply_conservation"
    judges: ClassVar[tuple[type[Row], ...]] = (Sent, Executed)

    def judge(self, record: Record, row: Sent | Executed) -> Verdict:
        """Balance the row's own part of its transaction."""
        in_tx = record.in_tx[row.at.chain, row.at.tx_hash]
        facts = record.facts(row.at.chain)
        if len(in_tx) == 1 or facts is None:
            return None
        if isinstance(row, Sent):
            return self._judge_sent(record, row, facts)
        if row.state != "success" or not any(type(other) in _TRANSFERS for other in in_tx):
            return None
        return self._judge_executed(record, row, facts)

    def _judge_sent(self, record: Record, row: Sent, facts: ChainFacts) -> Signal | None:
        if not row.tokens:
            return None
        part = _part(record, row)
        for pool in dict.fromkeys(token.source_pool for token in row.tokens):
            token = facts.token_of_pool(pool)
            stated = [
                other for other in part if isinstance(other, Pooled) and (other.pool, other.side) == (pool, "out")
            ]
            if token is None or not stated:
                continue  # a pool that we don't hear says nothing about what it took
            taken = [other for other in part if isinstance(other, Moved) and _is_to_pool(other, token)]
            came = sum(other.amount for other in taken)
            carried = sum(sent.amount for sent in row.tokens if sent.source_pool == pool)
            if carried > came:
                summary = f"Message {row.sequence_number} carries {carried} of {token.symbol}; its pool got {came}."
                terms = {"sent_amount": carried, "came_to_pool_amount": came}
                return self._claim(record, row, [*stated, *taken], token, carried - came, summary, terms)
        return None

    def _judge_executed(self, record: Record, row: Executed, facts: ChainFacts) -> Verdict:
        part = _part(record, row)
        given = [other for other in part if isinstance(other, Minted | Moved) and _given(other, facts)]
        if not given:
            return None
        sent = record.find_sent(row)
        if sent is None:
            doubt = record.absence(row.lane, row.sequence_number, row.at)
            if doubt is not None:
                return doubt
        source = record.facts(row.lane.source)
        tokens = () if sent is None or _has_succeeded(record, row) else sent.tokens
        for address in dict.fromkeys(other.token for other in given):
            token = facts.tokens[address]
            due = [expected_amount(source, facts, each) for each in tokens if each.dest_token == address]
            if None in due:
                continue  # nothing tells the decimals of what was sent
            owed = sum(amount for amount in due if amount is not None)
            withdrawn = [other for other in part if _is_withdrawal(other, token)]
            gone = sum(other.amount for other in given if other.token == address) - _sum(withdrawn)
            if gone > owed:
                summary = (
                    f"Message {row.sequence_number} gave out {gone} of {token.symbol}; {owed} was in flight for it."
                )
                resting = [*(other for other in given if other.token == address), *([] if sent is None else [sent])]
                terms = {"given_amount": gone, "in_flight_amount": owed}
                return self._claim(record, row, resting, token, gone - owed, summary, terms)
        return None

    def _claim(  # noqa: PLR0917  the terms of the equation, each once
        self,
        record: Record,
        row: Sent | Executed,
        others: Sequence[Row],
        token: TokenFacts,
        residual: int,
        summary: str,
        terms: dict[str, int],
    ) -> Signal:
        return make_signal(
            self.name,
            row,
            lanes=[row.lane],
            others=others,
            subject=f"{row.lane.source}>{row.lane.dest}|{token.address}",
            summary=summary,
            value_micro_usd=record.value_micro_usd(row.at.chain, token.address, residual),
            known_at_ms=record.head_known_at_ms(row.lane.source) if isinstance(row, Executed) else 0,
            evidence={
                "sequence_number": str(row.sequence_number),
                "message_id": row.message_id,
                "token": token.address,
                "residual_amount": str(residual),
                **{name: str(amount) for name, amount in terms.items()},
            },
        )


def _part(record: Record, row: Sent | Executed) -> list[Row]:
    """The rows of the transaction that are this row's: after the last message sent, or the last success, before it."""
    part: list[Row] = []
    for other in record.in_tx.get((row.at.chain, row.at.tx_hash), ()):
        if other.at.log_index >= row.at.log_index:
            break
        if isinstance(other, Sent) if isinstance(row, Sent) else isinstance(other, Executed) and _is_success(other):
            part.clear()
        else:
            part.append(other)
    return part


def _is_success(row: Executed) -> bool:
    return row.state == "success"


def _has_succeeded(record: Record, row: Executed) -> bool:
    """Whether what was sent under this number, or this id, was given out before."""
    if row.sequence_number == UNNUMBERED:
        tried, sent = record.executed_by_id.get(row.message_id, ()), record.sent_by_id.get(row.message_id, ())
    else:
        key = (row.lane, row.sequence_number)
        tried, sent = record.executed.get(key, ()), record.sent.get(key, ())
    place = (row.at.block_number, row.at.log_index)
    before = [
        one
        for one in tried
        if _is_success(one) and one.lane == row.lane and (one.at.block_number, one.at.log_index) < place
    ]
    return len(before) >= max(1, len(sent))


def _given(row: Minted | Moved, facts: ChainFacts) -> bool:
    """Whether the transfer gives a token of ours out, as its kind does: minted, or out of its pool."""
    token = facts.tokens.get(row.token)
    if token is None:
        return False
    if isinstance(row, Minted):
        return token.pool_type == "burn_mint"
    return token.pool_type == "lock_release" and row.sender == token.pool and row.recipient != token.pool


def _is_to_pool(row: Moved, token: TokenFacts) -> bool:
    return (row.token, row.recipient) == (token.address, token.pool)


def _is_withdrawal(row: Row, token: TokenFacts) -> bool:
    return isinstance(row, LiquidityMoved) and (row.pool, row.side) == (token.pool, "out")


def _sum(rows: Iterable[Row]) -> int:
    return sum(row.amount for row in rows if isinstance(row, LiquidityMoved))
