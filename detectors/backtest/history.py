"""Reads a bridge's history (the columns of the data README) into rows and a network.

Any bridge is read as CCIP: a direction is a lane, a deposit or burn is Sent, a mint or release is Executed with a
Pooled "in" before it, a nonce is a sequence number. The leaf, by which an execution must equal a message, covers
direction, nonce, token, amount and receiver. A token goes by its canonical address (`token_eth`, where given) on both
of its chains; amounts are compared in the coarser decimals of the two. A message without a nonce is the k-th of its
content on its side; what is released when all that was sent of its content is released already is none of them. The
truth columns (`matched`, `match_*`, `latency_s`, `label*`) are not read here. Other names of columns, and files of
deposits alone, stand in `columns`.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from ccip_core.protocol.messages import ChainSelector, Lane
from detectors.backtest.columns import OTHER_NAMES, as_history, find_columns, is_deposits, wanted_of_deposits
from detectors.backtest.moments import YEAR_10000_S, second_of
from detectors.frames import UNNUMBERED, At, Executed, Pooled, Priced, Row, Sent, TokenSent
from detectors.network import ChainFacts, Network, PoolType, TokenFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MANDATORY = ("event_id", "side", "direction", "chain", "timestamp", "tx_hash", "token", "amount_raw", "receiver")
OPTIONAL = ("nonce", "token_eth", "amount", "usd", "sender")

_IS_SENT = {"src_deposit": True, "dst_burn": True, "dst_mint": False, "src_release": False}
_MINTED = {"dst_burn", "dst_mint"}
_LOGS = 3
"""Rows that one event may become: a price, a release, an execution."""
_DECIMALS = 18
"""Of a token whose rows never tell: alike on both chains is all that matters then."""
_TELLING_AMOUNT = 0.001
"""Smaller amounts are rounded too much to tell decimals from."""
_TELLING_MICRO_USD = 1_000_000
"""An event worth less is rounded too much to tell a price from."""
_PRICE_STEPS = 1000
"""A price is stated again when it moved by more than a thousandth."""


class HistoryError(ValueError):
    """The history can't be used; one line that names the field, the value and the remedy."""


class Event(NamedTuple):
    """One line of a history, checked."""

    event_id: str
    is_sent: bool
    direction: str
    chain: str
    time_s: int
    tx_hash: str
    nonce: str | None
    token: str
    """Canonical."""
    amount_raw: int
    amount: float | None
    micro_usd: int | None
    sender: str
    receiver: str
    is_minted: bool
    """The side is that of a chain which mints and burns the token."""


class History(NamedTuple):
    """A bridge's past, in the order in which it could be known."""

    network: Network
    rows: list[Row]
    """By block time; within one second what was sent before what was executed."""
    directions: dict[Lane, str]
    micro_usd: dict[str, int | None]
    """What each event is worth; None where the history has no price."""

    @property
    def events(self) -> int:
        """Lines of the history."""
        return len(self.micro_usd)


def read_table(path: Path, columns: Sequence[str], *, mandatory: Sequence[str] = ()) -> dict[str, list[Any]]:
    """The columns that the file has of those asked for, as lists.

    Raises:
        HistoryError: unreadable, or a mandatory column is missing.
    """
    if path.is_dir():
        return _read_folder(path, columns, mandatory)
    if not path.is_file():
        raise HistoryError(f"history = {path}: no such file; name a Parquet or CSV file, or a folder of Parquet files")
    try:
        if path.suffix == ".parquet":
            with pa_parquet.ParquetFile(path) as file:  # `read_table` would import pandas
                found = find_columns(file.schema_arrow.names)
                names = _named(found, columns)
                table = file.read(columns=[found[name] for name in names])
        else:
            strings = {other: pa.string() for name in columns for other in (name, *OTHER_NAMES.get(name, ()))}
            options = pa_csv.ConvertOptions(column_types=strings, strings_can_be_null=True)
            table = pa_csv.read_csv(path, convert_options=options)
            found = find_columns(table.column_names)
            names = _named(found, columns)
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0]
        raise HistoryError(f"history = {path}: {reason}; give a Parquet or CSV file with a header") from None
    values = {name: table.column(found[name]).to_pylist() for name in names}
    if is_deposits(found):
        values = as_history(values)
    for name in mandatory:
        if name not in values:
            others = "".join(f" or {other}" for other in OTHER_NAMES.get(name, ()))
            raise HistoryError(
                f"history = {path}: the column {name} is missing; it needs {', '.join(mandatory)} (see the data "
                f"README); name it {name}{others}"
            )
    return values


def _read_folder(folder: Path, columns: Sequence[str], mandatory: Sequence[str]) -> dict[str, list[Any]]:
    """Parquet files of one history, in the order of their names: closed ranges are named after their time."""
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise HistoryError(f"history = {folder}: holds no Parquet file; name the folder that `rmn export` wrote")
    values = read_table(files[0], columns, mandatory=mandatory)
    for file in files[1:]:
        more = read_table(file, columns, mandatory=mandatory)
        if more.keys() != values.keys():
            raise HistoryError(f"history = {file}: has other columns than {files[0].name}; keep one history a folder")
        for name, column in more.items():
            values[name] += column
    return values


def _named(found: Mapping[str, str], columns: Sequence[str]) -> list[str]:
    wanted = wanted_of_deposits(columns) if is_deposits(found) else columns
    return [name for name in wanted if name in found]


def read_history(path: Path) -> History:
    """Read a history for judging.

    Raises:
        HistoryError: unreadable, a column is missing, or a cell can't be what it should be.
    """
    events = _events(read_table(path, [*MANDATORY, *OPTIONAL], mandatory=MANDATORY))
    events.sort(key=lambda event: (event.time_s, not event.is_sent))
    ends = _ends(events)
    lanes = {
        direction: Lane(selector_of_chain(source), selector_of_chain(dest))
        for direction, (source, dest) in ends.items()
    }
    decimals = _decimals(events)
    rows = _Rows(lanes, decimals)
    for position, event in enumerate(events):
        rows.add(position, event)
    kinds = _kinds(events)
    facts = [_chain_facts(name, decimals, kinds) for name in _watched(events, ends)]
    network = Network({chain.selector: chain for chain in facts}, frozenset(lanes.values()))
    return History(
        network,
        rows.rows,
        directions={lane: direction for direction, lane in lanes.items()},
        micro_usd={event.event_id: event.micro_usd for event in events},
    )


def selector_of_chain(name: str) -> ChainSelector:
    """A stand-in selector for a chain that a history names: the same in every history."""
    return ChainSelector(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))


# -- cells


def _events(columns: dict[str, list[Any]]) -> list[Event]:
    count = len(columns["event_id"])
    nothing: list[Any] = [None] * count
    ids = [str(value) for value in _filled(columns, "event_id")]
    if len(set(ids)) != count:
        twice, _ = Counter(ids).most_common(1)[0]
        raise _bad(len(ids) - ids[::-1].index(twice), "event_id", twice, "it must name one row only")
    sides = columns["side"]
    for side in set(sides):
        if side not in _IS_SENT:
            raise _bad(sides.index(side) + 1, "side", side, f"use one of {', '.join(_IS_SENT)}")
    tokens = _filled(columns, "token")
    canonical = [eth or token for eth, token in zip(columns.get("token_eth", nothing), tokens, strict=True)]
    dollars = _reals(columns.get("usd", nothing), "usd")
    return list(
        map(
            Event,
            ids,
            [_IS_SENT[side] for side in sides],
            _filled(columns, "direction"),
            _filled(columns, "chain"),
            _seconds(columns["timestamp"]),
            [tx_hash or event_id for tx_hash, event_id in zip(columns["tx_hash"], ids, strict=True)],
            [_nonce(value) for value in columns.get("nonce", nothing)],
            _lower(canonical),
            _whole_numbers(columns, "amount_raw", "use the token's smallest unit, a whole number"),
            _reals(columns.get("amount", nothing), "amount"),
            [None if value is None else round(value * 1e6) for value in dollars],
            _lower(columns.get("sender", nothing)),
            _lower(columns["receiver"]),
            [side in _MINTED for side in sides],
        )
    )


def _bad(line: int, name: str, value: object, remedy: str) -> HistoryError:
    return HistoryError(f"history: row {line}: {name} = {'' if value is None else value}: {remedy}")


def _filled(columns: dict[str, list[Any]], name: str) -> list[Any]:
    """A column in which no cell may be empty."""
    values = columns[name]
    for empty in (None, ""):
        if empty in values:
            raise _bad(values.index(empty) + 1, name, empty, "every row needs one")
    return values


def _lower(values: Sequence[Any]) -> list[str]:
    return [str(value).lower() if value else "" for value in values]


def _whole_numbers(columns: dict[str, list[Any]], name: str, remedy: str) -> list[int]:
    numbers = []
    for line, value in enumerate(columns[name], start=1):
        if isinstance(value, str) and value.isascii() and value.isdigit():
            numbers.append(int(value))
        elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            numbers.append(value)
        else:
            raise _bad(line, name, value, remedy)
    return numbers


def _seconds(values: Sequence[Any]) -> list[int]:
    """Unix seconds; also as a float that is whole, which pandas makes of them, as ISO 8601 or a Parquet timestamp."""
    times_s = []
    for line, value in enumerate(values, start=1):
        time_s = value if type(value) is int else _second(value)
        if time_s is None or not 0 <= time_s < YEAR_10000_S:
            raise _bad(line, "timestamp", value, "use whole seconds since 1970, or ISO 8601 like 2022-08-01T21:32:31Z")
        times_s.append(time_s)
    return times_s


def _second(value: object) -> int | None:
    """Of a cell that is no plain integer; None of what is no time."""
    text = value.isoformat() if isinstance(value, datetime) else str(value).strip()
    try:
        if text[4:5] == "-":
            return second_of(text)
        number = float(text)
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() else None


def _reals(values: Sequence[Any], name: str) -> list[float | None]:
    """Finite numbers of at least 0; None for an empty cell."""
    numbers: list[float | None] = []
    for line, value in enumerate(values, start=1):
        try:
            number = None if value is None or value == "" else float(value)
        except (TypeError, ValueError):
            raise _bad(line, name, value, "use a number or leave it empty") from None
        if number is None or number != number:  # noqa: PLR0124  NaN, an empty cell to pandas, is not itself
            numbers.append(None)
        elif 0 <= number < math.inf:
            numbers.append(number)
        else:
            raise _bad(line, name, value, "use a finite number of at least 0 or leave it empty")
    return numbers


def _nonce(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    if value is None or value != value:  # noqa: PLR0124  NaN, an empty cell to pandas, is not itself
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# -- facts of the whole file that don't depend on when


def _ends(events: Sequence[Event]) -> dict[str, tuple[str, str]]:
    """The chains that each direction joins; where one side has no row, what its name says ("a->b").

    Raises:
        HistoryError: rows of one side of a direction stand on two chains.
    """
    seen: dict[tuple[str, bool], str] = {}
    for event in events:
        known = seen.setdefault((event.direction, event.is_sent), event.chain)
        if known != event.chain:
            raise HistoryError(
                f"history: direction = {event.direction}: has rows of one side on {known} and on {event.chain}; "
                "use one direction for each ordered pair of chains"
            )
    ends = {}
    for direction in dict.fromkeys(event.direction for event in events):
        source, _, dest = (part.strip() for part in direction.partition("->"))
        ends[direction] = (seen.get((direction, True), source), seen.get((direction, False), dest))
    return ends


def _watched(events: Sequence[Event], ends: Mapping[str, tuple[str, str]]) -> list[str]:
    """The chains of both ends of every direction; but where nothing is ever released, those with rows alone."""
    if all(event.is_sent for event in events):
        return list(dict.fromkeys(event.chain for event in events))
    return list(dict.fromkeys(name for pair in ends.values() for name in pair))


def _decimals(events: Sequence[Event]) -> dict[tuple[str, str], int]:
    """Decimals by chain and token, from the first row that tells; a token's other chains are taken to be alike."""
    found: dict[tuple[str, str], int] = {}
    of_token: dict[str, int] = {}
    for event in events:
        if event.amount is not None and event.amount > 0 and event.amount_raw > 0:
            key = (event.chain, event.token)
            if key not in found and (event.amount >= _TELLING_AMOUNT or event.token not in of_token):
                found[key] = max(0, round(math.log10(event.amount_raw) - math.log10(event.amount)))
                of_token.setdefault(event.token, found[key])
    return {
        (event.chain, event.token): found.get((event.chain, event.token), of_token.get(event.token, _DECIMALS))
        for event in events
    }


def _kinds(events: Sequence[Event]) -> dict[tuple[str, str], PoolType]:
    """Whether a chain mints a token or locks it, by chain and token: what its first row's side says."""
    found: dict[tuple[str, str], PoolType] = {}
    for event in events:
        found.setdefault((event.chain, event.token), "burn_mint" if event.is_minted else "lock_release")
    return found


def _chain_facts(
    name: str, decimals: dict[tuple[str, str], int], kinds: Mapping[tuple[str, str], PoolType]
) -> ChainFacts:
    tokens = {
        token: TokenFacts(token, token, token, kinds.get((name, token)), places)
        for (chain, token), places in decimals.items()
        if chain == name
    }
    return ChainFacts(selector_of_chain(name), name, on_ramp=name, off_ramp=name, tokens=tokens)


# -- rows


class _Rows:
    """Turns events, in order, into rows."""

    def __init__(self, lanes: dict[str, Lane], decimals: dict[tuple[str, str], int]) -> None:
        self.rows: list[Row] = []
        self._lanes = lanes
        self._decimals = decimals
        self._coarsest: dict[str, int] = {}
        for (_, token), places in decimals.items():
            self._coarsest[token] = min(places, self._coarsest.get(token, places))
        self._times: Counter[tuple[str, bool]] = Counter()
        self._prices: dict[tuple[str, str], int] = {}

    def add(self, position: int, event: Event) -> None:
        event_id, is_sent, direction, chain, time_s, tx_hash, _, token, amount, _, _, sender, receiver, _ = event
        lane, decimals = self._lanes[direction], self._decimals[chain, token]
        here = lane.source if is_sent else lane.dest
        first_log, known_at_ms = position * _LOGS, time_s * 1000
        price = self._new_price(event)
        if price is not None:
            price_at = At(here, time_s, event_id, time_s, tx_hash, first_log, known_at_ms)
            self.rows.append(Priced(price_at, token, price))
        number, message_id, leaf = self._identity(event, decimals)
        at = At(here, time_s, event_id, time_s, tx_hash, first_log + 2, known_at_ms)
        if is_sent:
            tokens = (TokenSent(token, token, amount, decimals),)
            self.rows.append(Sent(at, lane, chain, number, message_id, leaf, 0, sender, receiver, tokens))
        else:
            release_at = At(here, time_s, event_id, time_s, tx_hash, first_log + 1, known_at_ms)
            self.rows.append(Pooled(release_at, "in", token, token, lane.source, chain, receiver, amount))
            self.rows.append(Executed(at, lane, chain, number, message_id, leaf, "success"))

    def _identity(self, event: Event, decimals: int) -> tuple[int, str, str]:
        """Sequence number, message id and leaf."""
        direction, nonce = event.direction, event.nonce
        finer = decimals - self._coarsest[event.token]
        amount = event.amount_raw // 10**finer if finer else event.amount_raw
        content = f"{direction}|{nonce or ''}|{event.token}|{amount}|{event.receiver}"
        if nonce is None:
            times = self._times
            is_owed = event.is_sent or times[content, False] < times[content, True]
            side = (content if is_owed else f"{content}|unsent", event.is_sent)
            leaf = _digest(f"{side[0]}|{times[side]}")
            times[side] += 1
            return UNNUMBERED, leaf, leaf
        number = int(nonce) if nonce.isascii() and nonce.isdigit() else UNNUMBERED
        return number, _digest(f"{direction}|{nonce}"), _digest(content)

    def _new_price(self, event: Event) -> int | None:
        """USD with 18 decimals for 1e18 smallest units, when the event is worth enough to tell that it moved."""
        if event.micro_usd is None or event.amount_raw == 0 or event.micro_usd < _TELLING_MICRO_USD:
            return None
        key = (event.chain, event.token)
        price = event.micro_usd * 10**30 // event.amount_raw
        known = self._prices.get(key)
        if known is not None and abs(price - known) * _PRICE_STEPS <= known:
            return None
        self._prices[key] = price
        return price


@lru_cache(maxsize=1 << 14)
def _digest(text: str) -> str:
    """Both sides of a message have the same id and, if all is well, the same leaf."""
    return "0x" + hashlib.sha256(text.encode()).hexdigest()
