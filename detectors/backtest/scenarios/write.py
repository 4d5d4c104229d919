"""Writes messages as a history: the columns of the data README, one row for each side of a message, by time."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from detectors.backtest.scenarios.bridge import HOME, MICRO, Bridge, Lane, Message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COLUMNS = (
    "bridge",
    "event_id",
    "side",
    "direction",
    "chain",
    "timestamp",
    "datetime_utc",
    "ts_quality",
    "tx_hash",
    "nonce",
    "token",
    "token_eth",
    "token_symbol",
    "amount_raw",
    "amount",
    "usd",
    "sender",
    "receiver",
    "matched",
    "match_tx_hash",
    "match_timestamp",
    "latency_s",
    "label",
    "label_detail",
    "window",
)
_AHEAD = 1_000_000
"""How far beyond the lane's frontier the numbers of forged releases begin; Ronin's were 936,000 ahead."""


def write_history(path: Path, bridge: Bridge, messages: Iterable[Message]) -> int:
    """Write a Parquet file; the number of its rows.

    An attack that forges releases numbers them as attackers did: all with a number that was executed before (Nomad),
    or with numbers far beyond the lane's own (Ronin); one bridge in two is attacked the one way.
    """
    ordered = order_of(messages)
    rows: list[dict[str, Any]] = []
    for position, (message, nonce) in enumerate(zip(ordered, _nonces(bridge, ordered), strict=True)):
        rows += _rows_of(bridge, position, message, nonce)
    rows.sort(key=lambda row: row["timestamp"])
    table = pa.table({name: [row[name] for row in rows] for name in COLUMNS})
    pa_parquet.write_table(table, path, compression="zstd")
    return len(rows)


def order_of(messages: Iterable[Message]) -> list[Message]:
    """By the first time that each shows; an event's id begins with its message's position in here."""
    return sorted(messages, key=_first_s)


def _first_s(message: Message) -> int:
    return next(at_s for at_s in (message.sent_s, message.executed_s) if at_s is not None)


def _nonces(bridge: Bridge, ordered: list[Message]) -> list[int]:
    """Of each message, in its lane; a forged one's does not move the frontier."""
    frontiers: Counter[Lane] = Counter()
    executed: dict[Lane, int] = {}
    forged: dict[Lane, int] = defaultdict(int)
    is_replay = _is_replay(bridge)
    nonces = []
    for message in ordered:
        if message.sent_s is not None:
            frontiers[message.lane] += 1
            nonces.append(frontiers[message.lane])
            if message.executed_s is not None:
                executed.setdefault(message.lane, frontiers[message.lane])
        elif is_replay and message.lane in executed:
            nonces.append(executed[message.lane])
        else:
            nonces.append(_AHEAD + forged[message.lane])
            forged[message.lane] += 1
    return nonces


def _is_replay(bridge: Bridge) -> bool:
    return hashlib.sha256(bridge.tokens[0].address.encode()).digest()[0] % 2 == 0


def _rows_of(bridge: Bridge, position: int, message: Message, nonce: int) -> list[dict[str, Any]]:
    token = bridge.tokens[message.token]
    sent_tx, executed_tx = (_digest(f"{bridge.start_s}|{position}|{side}") for side in ("sent", "executed"))
    is_matched = message.sent_s is not None and message.executed_s is not None
    rows = []
    for is_sent, at_s, tx_hash, other_tx, other_s in (
        (True, message.sent_s, sent_tx, executed_tx, message.executed_s),
        (False, message.executed_s, executed_tx, sent_tx, message.sent_s),
    ):
        if at_s is None:
            continue
        chain = message.lane.source if is_sent else message.lane.dest
        at_home = chain == HOME
        side = ("src_deposit" if at_home else "dst_burn") if is_sent else ("src_release" if at_home else "dst_mint")
        raw = message.amount_micro * 10 ** token.decimals(chain) // MICRO
        rows.append(
            {
                "bridge": "generated",
                "event_id": f"{position}-{'sent' if is_sent else 'executed'}",
                "side": side,
                "direction": message.lane.direction,
                "chain": chain,
                "timestamp": at_s,
                "datetime_utc": datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S"),
                "ts_quality": "generated",
                "tx_hash": tx_hash,
                "nonce": str(nonce),
                "token": token.address,
                "token_eth": token.address,
                "token_symbol": token.symbol,
                "amount_raw": str(raw),
                "amount": message.amount_micro / MICRO,
                "usd": round(bridge.usd(message.token, message.amount_micro, at_s), 6) if token.is_priced else None,
                "sender": message.sender if is_sent else None,
                "receiver": message.receiver,
                "matched": is_matched,
                "match_tx_hash": other_tx if is_matched else None,
                "match_timestamp": other_s if is_matched else None,
                "latency_s": other_s - at_s if is_sent and is_matched and other_s is not None else None,
                "label": message.label,
                "label_detail": message.detail,
                "window": "generated",
            }
        )
    return rows


def _digest(text: str) -> str:
    return "0x" + hashlib.sha256(text.encode()).hexdigest()
