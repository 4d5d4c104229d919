"""What every message carries, which are still on their way, and how much each lane moved: the figures people ask for.

It is folded row by row beside the judge's record and rewound with it. Messages stand in a table of the node's scratch
file, found by index whoever asks, so that memory does not grow with them; running sums stand in memory, one a block, so
that "in the last 24 hours" and "as it stood then" are a bisection, not a walk. *Moved* is what arrived: a message
counts when its execution succeeded, with what it carried by our own record of its source. What a forger took out was
never sent, so it is in an incident and not in here.
"""

from __future__ import annotations

import pickle  # what is read back was written by this process, into a file that nobody else can open
from collections import defaultdict
from heapq import merge
from typing import TYPE_CHECKING, NamedTuple

from detectors.archive import digest
from detectors.frames import Executed, Row, Sent
from rmn_service.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.network import Network
    from detectors.record import Record
    from rmn_service.scratch import Scratch

_TABLES = """
CREATE TABLE messages (
    position INTEGER PRIMARY KEY, lane INTEGER NOT NULL, number TEXT NOT NULL, block INTEGER NOT NULL,
    at_s INTEGER NOT NULL, sender TEXT NOT NULL, row_id BLOB NOT NULL, is_open INTEGER NOT NULL, arrived_block INTEGER,
    arrived_s INTEGER, body BLOB NOT NULL
);
CREATE INDEX messages_row ON messages (row_id);
CREATE INDEX messages_lane ON messages (lane, at_s, position, sender);
CREATE INDEX messages_sender ON messages (sender, position);
CREATE INDEX messages_open ON messages (lane, position) WHERE is_open;
CREATE INDEX messages_awaited ON messages (lane, number) WHERE is_open;
CREATE INDEX messages_arrived ON messages (lane, arrived_block) WHERE arrived_block IS NOT NULL;
CREATE TABLE tokens (token TEXT, position INTEGER, PRIMARY KEY (token, position)) WITHOUT ROWID;
CREATE TABLE txs (tx TEXT, position INTEGER, PRIMARY KEY (tx, position)) WITHOUT ROWID;
"""


class Carried(NamedTuple):
    """One token of a message, at its source."""

    token: str
    """Address at the source; of a pool that is not ours the pool's own."""
    symbol: str | None
    amount: int
    micro_usd: int | None
    """At the last price that its chain had stated by then."""


class Entry(NamedTuple):
    """A message in the ledger."""

    position: int
    """Rises in the order in which this process learned of messages."""
    sent: Sent
    carried: tuple[Carried, ...]

    @property
    def at_s(self) -> int:
        """Block time at the source."""
        return self.sent.at.block_time_s

    @property
    def micro_usd(self) -> int | None:
        """What it carries; None where no token of it has a price."""
        return total(token.micro_usd for token in self.carried)


class Flow(NamedTuple):
    """What a lane moved in a span of time."""

    messages: int
    micro_usd: int
    """Of what has a price."""
    tokens: dict[str, int]
    """Amount by token address at the source."""


class Ledger:
    """Changed under the service's lock, row by row; everybody else reads, under it too."""

    def __init__(self, network: Network, record: Record, scratch: Scratch) -> None:
        self._network = network
        self._record = record
        self._table = scratch
        for statement in filter(None, map(str.strip, _TABLES.split(";"))):
            self._table.execute(statement)
        self._count = 0
        self._lanes: dict[Lane, int] = {}
        self._departures: dict[Lane, Tally] = defaultdict(Tally)
        self._arrivals: dict[Lane, Tally] = defaultdict(Tally)
        self._tokens: dict[Lane, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))

    def apply(self, row: Row) -> None:
        """One row, in chain order, once the judge's record has its whole block."""
        if isinstance(row, Sent):
            self._send(row)
        elif isinstance(row, Executed):
            self._execute(row)

    def rewind(self, chain: ChainSelector, number: int) -> None:
        """The chain's blocks above `number` are gone."""
        for lane in self._network.lanes_of(chain):
            if lane.dest == chain:
                self._undo_arrivals(lane, number)
            else:
                self._undo_sends(lane, number)

    # -- questions

    def entry(self, sent: Sent) -> Entry | None:
        """What is known of this message."""
        return self.entry_of_row(sent.at.row_id)

    def entry_of_row(self, row_id: str) -> Entry | None:
        """The message that stands in this row."""
        return next(self._found("row_id = ?", digest(row_id)), None)

    def in_flight(self, lane: Lane) -> list[Entry]:
        """Messages of the lane that were sent and not executed with success, oldest first."""
        return list(self._found("is_open AND lane = ? ORDER BY position", self._lane(lane)))

    def all_in_flight(self) -> Iterator[Entry]:
        """The same of all lanes, newest first."""
        which = "is_open AND lane = ? ORDER BY position DESC"
        return _newest_first(self._found(which, lane) for lane in self._lanes.values())

    def of_sender(self, sender: str) -> Iterator[Entry]:
        """Everything that an address sent, newest first."""
        return self._found("sender = ? ORDER BY position DESC", sender)

    def of_tokens(self, tokens: Iterable[str]) -> Iterator[Entry]:
        """Every message that carried one of these tokens, newest first."""
        return _newest_first(self._listed("tokens", "token", token) for token in tokens)

    def of_tx(self, tx: str) -> Iterator[Entry]:
        """Messages that a transaction sent or executed, newest first."""
        return self._listed("txs", "tx", tx)

    def sent_between(self, lanes: Iterable[Lane], since_s: int | None, until_s: int | None) -> Iterator[Entry]:
        """Messages sent on these lanes in a span of time (ends included), newest first."""
        since, until = -1 if since_s is None else since_s, _FOREVER_S if until_s is None else until_s
        which = "lane = ? AND at_s BETWEEN ? AND ? ORDER BY at_s DESC, position DESC"
        return _newest_first(self._found(which, self._lane(lane), since, until) for lane in lanes)

    def sent_in(self, lane: Lane, since_s: int, until_s: int) -> tuple[int, int]:
        """How many messages were sent after `since_s` up to `until_s`, and what they were worth, as far as priced."""
        return self._departures[lane].between(since_s, until_s) if lane in self._departures else (0, 0)

    def first_sent_s(self, lane: Lane) -> int | None:
        """When the lane's first message in our record was sent."""
        return self._departures[lane].first_s if lane in self._departures else None

    def senders_since(self, lanes: Iterable[Lane], since_s: int) -> int:
        """How many addresses sent anything on these lanes since then."""
        numbers = [self._lane(lane) for lane in lanes]
        which = f"SELECT count(DISTINCT sender) FROM messages WHERE lane IN ({', '.join('?' * len(numbers))})"  # noqa: S608
        ((count,),) = self._table.rows(f"{which} AND at_s >= ?", (*numbers, since_s))
        return int(count)

    def moved(self, lane: Lane, since_s: int, until_s: int) -> Flow:
        """What arrived after `since_s` up to `until_s`."""
        if lane not in self._arrivals:
            return Flow(0, 0, {})
        messages, micro_usd = self._arrivals[lane].between(since_s, until_s)
        amounts = {token: tally.between(since_s, until_s)[1] for token, tally in self._tokens[lane].items()}
        return Flow(messages, micro_usd, {token: amount for token, amount in amounts.items() if amount})

    # -- folding

    def _send(self, sent: Sent) -> None:
        entry = Entry(self._count, sent, tuple(self._carried(sent)))
        self._count += 1
        at, lane = sent.at, self._lane(sent.lane)
        body = pickle.dumps((sent, entry.carried), pickle.HIGHEST_PROTOCOL)
        self._table.execute(
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, 0, NULL, NULL, ?)",
            (
                entry.position,
                lane,
                str(sent.sequence_number),
                at.block_number,
                at.block_time_s,
                sent.sender,
                digest(at.row_id),
                body,
            ),
        )
        self._note_tx(at.tx_hash, entry)
        tokens = {carried.token for carried in entry.carried}
        self._table.executemany("INSERT INTO tokens VALUES (?, ?)", [(token, entry.position) for token in tokens])
        self._departures[sent.lane].add(at, entry.micro_usd or 0)
        self._place(entry)

    def _carried(self, sent: Sent) -> Iterator[Carried]:
        facts = self._record.facts(sent.lane.source)
        for token in sent.tokens:
            known = None if facts is None else facts.token_of_pool(token.source_pool)
            if known is None:
                yield Carried(token.source_pool, None, token.amount, None)
            else:
                worth = self._record.value_micro_usd(sent.lane.source, known.address, token.amount)
                yield Carried(known.address, known.symbol, token.amount, worth)

    def _execute(self, row: Executed) -> None:
        sent = self._record.sent.get((row.lane, row.sequence_number))
        entry = None if not sent else self.entry(sent[-1])
        if entry is None:
            return  # not in our record: nothing we could count
        self._note_tx(row.at.tx_hash, entry)
        if row.state == "success" and self._close(row.lane, row.sequence_number):
            self._arrive(row, entry)

    def _undo_arrivals(self, lane: Lane, number: int) -> None:
        if lane not in self._arrivals:
            return
        self._arrivals[lane].undo(number)
        for tally in self._tokens[lane].values():
            tally.undo(number)
        for entry in list(self._found("lane = ? AND arrived_block > ?", self._lane(lane), number)):
            self._open(entry)

    def _undo_sends(self, lane: Lane, number: int) -> None:
        if lane in self._departures:
            self._departures[lane].undo(number)
        later = "lane = ? AND block > ? ORDER BY at_s DESC, position DESC"
        for gone in list(self._found(later, self._lane(lane), number)):
            self._leave(gone)
            self._table.execute("DELETE FROM messages WHERE position = ?", (gone.position,))
            others = self._record.sent.get((lane, gone.sent.sequence_number))  # sent twice under one number
            other = self.entry(others[-1]) if others else None
            if other is not None and self._arrival_at(other) is None:
                self._place(other)

    def _place(self, entry: Entry) -> None:
        """Among those that arrived, where the destination was read before the source, or those on their way."""
        arrived = self._arrival_of(entry.sent)
        if arrived is None:
            self._close(entry.sent.lane, entry.sent.sequence_number)
            self._open(entry)
        else:
            self._arrive(arrived, entry)

    def _arrival_of(self, sent: Sent) -> Executed | None:
        """Its first successful execution, if we know of one."""
        executions = self._record.executed.get((sent.lane, sent.sequence_number), ())
        return next((row for row in executions if row.state == "success" and row.leaf == sent.leaf), None)

    def _arrive(self, row: Executed, entry: Entry) -> None:
        at, lane = row.at, row.lane
        self._arrivals[lane].add(at, entry.micro_usd or 0)
        for carried in entry.carried:
            self._tokens[lane][carried.token].add(at, carried.amount)
        self._set(entry, is_open=False, arrived=(at.block_number, at.block_time_s))

    def _leave(self, gone: Entry) -> None:
        """As if it had never arrived: where a source takes back what was executed, which is an incident."""
        arrived = self._arrival_at(gone)
        if arrived is not None:
            lane = gone.sent.lane
            self._arrivals[lane].take_back(*arrived, gone.micro_usd or 0)
            for carried in gone.carried:
                self._tokens[lane][carried.token].take_back(*arrived, carried.amount)

    # -- the table

    def _lane(self, lane: Lane) -> int:
        return self._lanes.setdefault(lane, len(self._lanes))

    def _open(self, entry: Entry) -> None:
        self._set(entry, is_open=True, arrived=(None, None))

    def _close(self, lane: Lane, number: int) -> bool:
        """Whether a message of this number was on its way."""
        closed = self._table.execute(
            "UPDATE messages SET is_open = 0 WHERE is_open AND lane = ? AND number = ?", (self._lane(lane), str(number))
        )
        return closed > 0

    def _set(self, entry: Entry, *, is_open: bool, arrived: tuple[int | None, int | None]) -> None:
        self._table.execute(
            "UPDATE messages SET is_open = ?, arrived_block = ?, arrived_s = ? WHERE position = ?",
            (is_open, *arrived, entry.position),
        )

    def _arrival_at(self, entry: Entry) -> tuple[int, int] | None:
        """The block that counts as its arrival, and its time."""
        which = "SELECT arrived_block, arrived_s FROM messages WHERE position = ? AND arrived_block IS NOT NULL"
        return next(self._table.rows(which, (entry.position,)), None)

    def _note_tx(self, tx: str, entry: Entry) -> None:
        self._table.execute("INSERT OR IGNORE INTO txs VALUES (?, ?)", (tx, entry.position))

    def _found(self, which: str, *values: object) -> Iterator[Entry]:
        return map(_entry, self._table.rows(f"SELECT position, body FROM messages WHERE {which}", values))  # noqa: S608

    def _listed(self, table: str, column: str, value: str) -> Iterator[Entry]:
        listed = f"{table} CROSS JOIN messages USING (position) WHERE {column} = ?"
        rows = self._table.rows(f"SELECT position, body FROM {listed} ORDER BY position DESC", (value,))  # noqa: S608
        return map(_entry, rows)


_FOREVER_S = (1 << 63) - 1


def _entry(row: tuple[int, bytes]) -> Entry:
    position, body = row
    return Entry(position, *pickle.loads(body))  # noqa: S301  see the import


def total(values: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _newest_first(lists: Iterable[Iterator[Entry]]) -> Iterator[Entry]:
    return merge(*lists, key=lambda entry: -entry.position)
