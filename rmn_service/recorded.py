"""A node's own record as a history: what its chains stated, read again from the logs that it kept.

    blocks and logs ─▶ rows ─▶ History (to be replayed) · table (the columns of the data README, to be handed on)

Rows are placed as in any history: by block time, as if each chain had been followed live, since a node that read
years of blocks in an hour learned of them in an order that tells nothing. Blocks that a chain took back are left out.
An event is a message that was sent or executed; the pool's rows that come before it in its transaction belong to it.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.deployment import Deployment, load_deployment
from detectors.backtest.history import History
from detectors.frames import Executed, Pooled, Priced, Row, Sent
from detectors.network import network_from_deployment
from rmn_service import detection
from rmn_service.closed_ranges import Span
from rmn_service.config import load_config
from rmn_service.steps import Block
from rmn_service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ccip_core.protocol.messages import ChainSelector
    from detectors.network import Network

TYPES = {
    "bridge": "string",
    "event_id": "string",
    "side": "string",
    "direction": "string",
    "chain": "string",
    "timestamp": "int64",
    "datetime_utc": "string",
    "tx_hash": "string",
    "nonce": "string",
    "token": "string",
    "token_eth": "string",
    "token_symbol": "string",
    "amount_raw": "string",
    "amount": "float64",
    "usd": "float64",
    "sender": "string",
    "receiver": "string",
}
"""Columns of the table and their arrow types: those of the data README but for the truth, which no node knows."""
_E18 = 10**18
_SIDES = {
    (True, False): "src_deposit",
    (True, True): "dst_burn",
    (False, False): "src_release",
    (False, True): "dst_mint",
}
"""By whether it was sent here and whether the pool burns and mints."""


class _Event(NamedTuple):
    """A message at one end, with the pool's rows that belong to it."""

    row: Sent | Executed
    pooled: Sequence[Pooled]


def open_recorded(path: Path, config: Path | None, deployment: Path | None = None) -> tuple[Store, Deployment]:
    """A node's database, read only, and the deployment that it records.

    Args:
        path: the SQLite file.
        config: a node.toml, whose deployment is taken.
        deployment: the deployment file. With neither, deployment.json beside the database.

    Raises:
        ConfigError, DeploymentError, StoreError: one of them can't be used, or the deployment is another one.
    """
    if deployment is None:
        named = None if config is None else _deployment_named_in(config)
        deployment = named or path.parent / "deployment.json"
    contracts = load_deployment(deployment)
    return Store.open(f"sqlite:///{path}", deployment=contracts, read_only=True), contracts


def _deployment_named_in(config: Path) -> Path | None:
    """None when the file is no node.toml: a backtest's own settings name no deployment."""
    try:
        if "deployment" not in tomllib.loads(config.read_text(encoding="utf-8")):
            return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        pass  # the reader of node.toml says what is wrong with it
    return load_config(config).deployment_path


def read_recorded(store: Store, deployment: Deployment) -> History:
    """All that the store's chains stated, for a replay.

    Raises:
        StoreError: the store can't be read.
    """
    network = network_from_deployment(deployment)
    rows = _placed(_rows(store, network))
    prices = _Prices()
    micro_usd: dict[str, int | None] = {}
    pooled: dict[str, list[Pooled]] = defaultdict(list)
    for row in rows:
        prices.note(row)
        match row:
            case Pooled():
                pooled[row.at.block_hash].append(row)
            case Sent() | Executed():
                parts = _parts(_Event(row, pooled.pop(row.at.block_hash, ())), network)
                micro_usd[row.at.block_hash] = _sum([prices.micro_usd(row.at.chain, part) for part in parts])
            case _:
                pass
    names = {selector: chain.name for selector, chain in network.chains.items()}
    directions = {lane: f"{names[lane.source]}->{names[lane.dest]}" for lane in network.lanes}
    return History(network, rows, directions=directions, micro_usd=micro_usd)


def export_table(store: Store, deployment: Deployment) -> dict[str, list[Any]]:
    """The store's messages as columns: what `rmn backtest` reads, of any node.

    A message with several tokens is a row for each; its number is then followed by the token's place (7.1, 7.2). An
    execution that moved no token says no receiver: it has that of the message with the same leaf, none where there is
    no such message.

    Raises:
        StoreError: the store can't be read.
    """
    network = network_from_deployment(deployment)
    return _Table(network).of(_rows(store, network))


def closed_spans(store: Store, deployment: Deployment, span_s: int, since_s: int | None) -> Iterator[Span]:
    """The spans of so many seconds, one after the other, that no chain will add to or take from any more.

    They go on from `since_s`; None: they begin where the record does, at a multiple of the span's length.

    Raises:
        StoreError: the store can't be read.
    """
    finals = [store.final(chain.selector) for chain in deployment.chains]
    first_s = store.first_s()
    if first_s is None or None in finals:
        return
    closed_s = min(final.timestamp_s for final in finals if final is not None)
    begin_s = first_s - first_s % span_s if since_s is None else since_s
    while begin_s + span_s <= closed_s:
        yield Span(begin_s, begin_s + span_s)
        begin_s += span_s


def export_spans(
    store: Store, deployment: Deployment, spans: Sequence[Span]
) -> Iterator[tuple[Span, dict[str, list[Any]]]]:
    """The table of each span, which follow each other; one after the other they are the table of the whole.

    Of what came before only prices are carried on, and whom messages name as receiver.

    Raises:
        StoreError: the store can't be read.
    """
    network = network_from_deployment(deployment)
    table = _Table(network)
    if spans:
        table.hear(_rows(store, network, None, spans[0].since_s))
    for span in spans:
        yield span, table.of(_rows(store, network, *span))


class _Table:
    """Turns rows into lines; holds what later lines need of earlier ones."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._canonical = _canonical(network)
        self._prices = _Prices()
        self._receivers: dict[str, str] = {}
        """By leaf: an execution that moves no token does not say it."""

    def hear(self, rows: Iterable[Row]) -> None:
        """What was stated before."""
        for row in rows:
            self._prices.note(row)
            self._note_receiver(row)

    def of(self, unordered: Iterable[Row]) -> dict[str, list[Any]]:
        """The columns of these rows."""
        rows = _placed(unordered)
        columns: dict[str, list[Any]] = {name: [] for name in TYPES}
        pooled: dict[str, list[Pooled]] = defaultdict(list)
        for row in rows:
            self._note_receiver(row)
        for row in rows:
            self._prices.note(row)
            if isinstance(row, Pooled):
                pooled[row.at.block_hash].append(row)
            elif isinstance(row, Sent | Executed):
                event = _Event(row, pooled.pop(row.at.block_hash, ()))
                if isinstance(row, Sent) or row.state == "success":
                    for line in _lines(event, self._network, self._prices, self._receivers):
                        token = line["token"]
                        line["token_eth"] = self._canonical.get((row.at.chain, token), token)
                        for name in TYPES:
                            columns[name].append(line[name])
        return columns

    def _note_receiver(self, row: Row) -> None:
        if isinstance(row, Sent):
            self._receivers[row.leaf] = row.receiver


# -- rows


def _rows(store: Store, network: Network, since_s: int | None = None, until_s: int | None = None) -> Iterator[Row]:
    for block in store.history(since_s, until_s):
        yield from detection.read(Block(block.header, block.logs), block.chain, block.known_at_ms, network).rows


def _placed(rows: Iterable[Row]) -> list[Row]:
    """By block time; every row is named after the event that it belongs to, which no two messages share."""
    ordered = sorted(rows, key=lambda row: (row.at.block_time_s, row.at.chain, row.at.block_number, row.at.log_index))
    owner: dict[tuple[ChainSelector, str], str] = {}
    names: list[str] = []
    for row in reversed(ordered):  # the message stands after its pool's rows
        transaction = (row.at.chain, row.at.tx_hash)
        if isinstance(row, Sent | Executed):
            owner[transaction] = row.at.row_id
        belongs = isinstance(row, Sent | Executed | Pooled)
        names.append(owner.get(transaction, row.at.row_id) if belongs else row.at.row_id)
    names.reverse()
    return [
        row._replace(
            at=row.at._replace(
                block_number=row.at.block_time_s,
                block_hash=name,
                log_index=position,
                known_at_ms=row.at.block_time_s * 1000,
            )
        )
        for position, (row, name) in enumerate(zip(ordered, names, strict=True))
    ]


class _Part(NamedTuple):
    """One token of an event; an event without any has none."""

    token: str
    amount: int
    receiver: str


def _parts(event: _Event, network: Network) -> list[_Part]:
    row = event.row
    if isinstance(row, Executed):
        return [
            _Part(pooled.token or pooled.pool, pooled.amount, pooled.recipient or "")
            for pooled in event.pooled
            if pooled.side == "in"
        ]
    facts = network.chains[row.at.chain]
    tokens = [(facts.token_of_pool(sent.source_pool), sent) for sent in row.tokens]
    return [
        _Part(sent.source_pool if token is None else token.address, sent.amount, row.receiver) for token, sent in tokens
    ]


class _Prices:
    """The last price that each chain stated of each token."""

    def __init__(self) -> None:
        self._of: dict[tuple[ChainSelector, str], int] = {}

    def note(self, row: Row) -> None:
        if isinstance(row, Priced):
            self._of[row.at.chain, row.token] = row.usd_per_token

    def micro_usd(self, chain: ChainSelector, part: _Part) -> int | None:
        price = self._of.get((chain, part.token))
        return None if price is None else part.amount * price * 10**6 // (_E18 * _E18)


def _sum(values: Sequence[int | None]) -> int | None:
    """None where nothing has a price."""
    priced = [value for value in values if value is not None]
    return sum(priced) if priced else None


# -- the table


def _lines(event: _Event, network: Network, prices: _Prices, receivers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    row = event.row
    is_sent = isinstance(row, Sent)
    sender = row.sender if isinstance(row, Sent) else None
    here, there = network.chains[row.at.chain], network.chains.get(row.lane.dest if is_sent else row.lane.source)
    source, dest = (here, there) if is_sent else (there, here)
    parts = _parts(event, network) or [_Part("", 0, receivers.get(row.leaf, ""))]
    for place, part in enumerate(parts, start=1):
        token = here.tokens.get(part.token)
        micro_usd = prices.micro_usd(row.at.chain, part)
        yield {
            "bridge": "ccip",
            "event_id": row.at.block_hash if len(parts) == 1 else f"{row.at.block_hash}.{place}",
            "side": _SIDES[is_sent, token is not None and token.pool_type == "burn_mint"],
            "direction": f"{_name(source, row.lane.source)}->{_name(dest, row.lane.dest)}",
            "chain": here.name,
            "timestamp": row.at.block_time_s,
            "datetime_utc": datetime.fromtimestamp(row.at.block_time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tx_hash": row.at.tx_hash,
            "nonce": str(row.sequence_number) if len(parts) == 1 else f"{row.sequence_number}.{place}",
            "token": part.token or "none",
            "token_symbol": None if token is None else token.symbol,
            "amount_raw": str(part.amount),
            "amount": None if token is None else part.amount / 10**token.decimals,
            "usd": None if micro_usd is None else micro_usd / 1e6,
            "sender": sender,
            "receiver": part.receiver,
        }


def _name(facts: Any, selector: ChainSelector) -> str:
    return str(selector) if facts is None else facts.name


def _canonical(network: Network) -> dict[tuple[ChainSelector, str], str]:
    """Each token's address on the chain of the lowest selector that has one of its symbol."""
    first: dict[str, str] = {}
    for _, chain in sorted(network.chains.items(), key=itemgetter(0)):
        for token in chain.tokens.values():
            first.setdefault(token.symbol, token.address)
    return {
        (selector, token.address): first[token.symbol]
        for selector, chain in network.chains.items()
        for token in chain.tokens.values()
    }
