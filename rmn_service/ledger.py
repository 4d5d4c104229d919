"""What every message carries, which are still on their way, and how much each lane moved: the figures people ask for.

It is folded row by row beside the judge's record and rewound with it. Everything is kept in the order in which a chain
stated it with running sums, so that "in the last 24 hours", "as it stood then" and "the first hundred of 100,000" are
a bisection, not a walk. *Moved* is what arrived: a message counts when its execution succeeded, with what it carried by
our own record of its source. What a forger took out was never sent, so it is in an incident and not in here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from heapq import merge
from itertools import takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from detectors.frames import Executed, Row, Sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.network import Network
    from detectors.record import Record


_CLOCKS_APART_S = 86_400
"""More than the order in which we learned of messages of different chains differs from that of their times."""


class Carried(NamedTuple):
    """One token of a message, at its source."""

    token: str
    """Address at the source; of a pool that is not ours the pool's own."""
    symbol: str | None
    amount: int
    micro_usd: int | None
    """At the last price that its chain had stated by then."""


class Entry:
    """A message in the ledger."""

    __slots__ = ("carried", "is_gone", "position", "sent")

    def __init__(self, position: int, sent: Sent, carried: tuple[Carried, ...]) -> None:
        self.position = position
        """Rises in the order in which this process learned of messages."""
        self.sent = sent
        self.carried = carried
        self.is_gone = False
        """A reorg took it back."""

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


class _Tally:
    """A running sum over what one chain stated, by its block time."""

    __slots__ = ("_blocks", "_sums", "_times_s")

    def __init__(self) -> None:
        self._times_s: list[int] = []
        self._blocks: list[int] = []
        self._sums: list[int] = []

    def add(self, row: Sent | Executed, amount: int) -> None:
        """In the order of time; where the source was read late that is not the order of telling."""
        place = bisect_right(self._times_s, row.at.block_time_s)
        self._times_s.insert(place, row.at.block_time_s)
        self._blocks.insert(place, row.at.block_number)
        self._sums.insert(place, self._sums[place - 1] if place else 0)
        for later in range(place, len(self._sums)):
            self._sums[later] += amount

    def undo(self, number: int) -> int:
        """The blocks above `number` are gone; how many entries went."""
        gone = 0
        while self._blocks and self._blocks[-1] > number:
            for values in (self._times_s, self._blocks, self._sums):
                values.pop()
            gone += 1
        return gone

    def between(self, since_s: int, until_s: int) -> tuple[int, int]:
        """How many entries after `since_s` up to `until_s`, and their sum."""
        after, upto = bisect_right(self._times_s, since_s), bisect_right(self._times_s, until_s)
        if upto <= after:
            return 0, 0
        return upto - after, self._sums[upto - 1] - (self._sums[after - 1] if after else 0)


class _Arrivals:
    """What arrived on one lane."""

    def __init__(self) -> None:
        self._rows: list[tuple[Executed, Entry]] = []
        """In the order of block time."""
        self.worth = _Tally()
        self.tokens: dict[str, _Tally] = defaultdict(_Tally)

    def add(self, row: Executed, entry: Entry) -> None:
        place = bisect_right(self._rows, row.at.block_time_s, key=lambda pair: pair[0].at.block_time_s)
        self._rows.insert(place, (row, entry))
        self.worth.add(row, entry.micro_usd or 0)
        for carried in entry.carried:
            self.tokens[carried.token].add(row, carried.amount)

    def undo(self, number: int) -> list[Entry]:
        gone = self.worth.undo(number)
        for tally in self.tokens.values():
            tally.undo(number)
        undone = [entry for _, entry in self._rows[len(self._rows) - gone :]]
        del self._rows[len(self._rows) - gone :]
        return undone

    def has(self, entry: Entry) -> bool:
        return any(each is entry for _, each in self._rows)

    def without(self, gone: Entry) -> _Arrivals:
        """The same had `gone` never been sent: where a source takes back what was executed, which is an incident."""
        left = _Arrivals()
        for row, entry in self._rows:
            if entry is not gone:
                left.add(row, entry)
        return left


class Ledger:
    """Changed under the service's lock, row by row; everybody else reads."""

    def __init__(self, network: Network, record: Record) -> None:
        self._network = network
        self._record = record
        self._count = 0
        self._by_lane: dict[Lane, list[Entry]] = defaultdict(list)
        self._by_sender: dict[str, list[Entry]] = defaultdict(list)
        self._by_token: dict[str, list[Entry]] = defaultdict(list)
        self._by_tx: dict[str, list[Entry]] = defaultdict(list)
        self._by_row: dict[str, Entry] = {}
        self._open: dict[Lane, dict[int, Entry]] = defaultdict(dict)
        self._arrivals: dict[Lane, _Arrivals] = defaultdict(_Arrivals)
        self._departures: dict[Lane, _Tally] = defaultdict(_Tally)

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
        return self._by_row.get(sent.at.row_id)

    def entry_of_row(self, row_id: str) -> Entry | None:
        """The message that stands in this row."""
        return self._by_row.get(row_id)

    def in_flight(self, lane: Lane) -> list[Entry]:
        """Messages of the lane that were sent and not executed with success, oldest first."""
        return list(self._open.get(lane, {}).values())

    def all_in_flight(self) -> list[Entry]:
        """The same of all lanes, newest first."""
        entries = [entry for lane in self._open.values() for entry in lane.values()]
        return sorted(entries, key=attrgetter("position"), reverse=True)

    def of_sender(self, sender: str) -> Iterator[Entry]:
        """Everything that an address sent, newest first."""
        return _newest_first(self._by_sender.get(sender, ()))

    def of_tokens(self, tokens: Iterable[str]) -> Iterator[Entry]:
        """Every message that carried one of these tokens, newest first."""
        lists = [_newest_first(self._by_token.get(token, ())) for token in tokens]
        return merge(*lists, key=lambda entry: -entry.position)

    def of_tx(self, tx: str) -> Iterator[Entry]:
        """Messages that a transaction sent or executed, newest first."""
        return _newest_first(self._by_tx.get(tx, ()))

    def sent_between(self, lanes: Iterable[Lane], since_s: int | None, until_s: int | None) -> Iterator[Entry]:
        """Messages sent on these lanes in a span of time (ends included), newest first."""
        slices = []
        for lane in lanes:
            entries = self._by_lane.get(lane, [])
            first = 0 if since_s is None else bisect_right(entries, since_s - 1, key=attrgetter("at_s"))
            last = len(entries) if until_s is None else bisect_right(entries, until_s, key=attrgetter("at_s"))
            slices.append(_newest_first(entries, first, last))
        return merge(*slices, key=lambda entry: -entry.position)

    def sent_in(self, lane: Lane, since_s: int, until_s: int) -> tuple[int, int]:
        """How many messages were sent after `since_s` up to `until_s`, and what they were worth, as far as priced."""
        return self._departures[lane].between(since_s, until_s) if lane in self._departures else (0, 0)

    def first_sent_s(self, lane: Lane) -> int | None:
        """When the lane's first message in our record was sent."""
        entries = self._by_lane.get(lane)
        return entries[0].at_s if entries else None

    def senders_since(self, lanes: Iterable[Lane], since_s: int) -> int:
        """How many addresses sent anything on these lanes since then."""
        wanted = {*lanes}
        return sum(
            any(
                entry.at_s >= since_s and entry.sent.lane in wanted
                for entry in takewhile(lambda entry: entry.at_s >= since_s - _CLOCKS_APART_S, _newest_first(entries))
            )
            for entries in self._by_sender.values()
        )

    def moved(self, lane: Lane, since_s: int, until_s: int) -> Flow:
        """What arrived after `since_s` up to `until_s`."""
        if lane not in self._arrivals:
            return Flow(0, 0, {})
        arrivals = self._arrivals[lane]
        messages, micro_usd = arrivals.worth.between(since_s, until_s)
        amounts = {token: tally.between(since_s, until_s)[1] for token, tally in arrivals.tokens.items()}
        return Flow(messages, micro_usd, {token: amount for token, amount in amounts.items() if amount})

    # -- folding

    def _send(self, sent: Sent) -> None:
        entry = Entry(self._count, sent, tuple(self._carried(sent)))
        self._count += 1
        self._by_row[sent.at.row_id] = entry
        self._by_lane[sent.lane].append(entry)
        self._departures[sent.lane].add(sent, entry.micro_usd or 0)
        self._by_sender[sent.sender].append(entry)
        self._by_tx[sent.at.tx_hash].append(entry)
        for token in {carried.token for carried in entry.carried}:
            self._by_token[token].append(entry)
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
        self._by_tx[row.at.tx_hash].append(entry)
        if row.state != "success" or self._open[row.lane].pop(row.sequence_number, None) is None:
            return
        self._arrivals[row.lane].add(row, entry)

    def _undo_arrivals(self, lane: Lane, number: int) -> None:
        for entry in self._arrivals[lane].undo(number) if lane in self._arrivals else ():
            if not entry.is_gone:
                self._open[lane][entry.sent.sequence_number] = entry

    def _undo_sends(self, lane: Lane, number: int) -> None:
        entries = self._by_lane.get(lane, [])
        if lane in self._departures:
            self._departures[lane].undo(number)
        while entries and entries[-1].sent.at.block_number > number:
            gone = entries.pop()
            gone.is_gone = True
            del self._by_row[gone.sent.at.row_id]
            number_sent = gone.sent.sequence_number
            if self._open[lane].get(number_sent) is gone:
                del self._open[lane][number_sent]
            elif lane in self._arrivals:
                self._arrivals[lane] = self._arrivals[lane].without(gone)
            others = self._record.sent.get((lane, number_sent))  # sent twice under one number
            other = self.entry(others[-1]) if others else None
            if other is not None and not (lane in self._arrivals and self._arrivals[lane].has(other)):
                self._place(other)

    def _place(self, entry: Entry) -> None:
        """Among those that arrived, where the destination was read before the source, or those on their way."""
        sent = entry.sent
        arrived = self._arrival_of(sent)
        if arrived is None:
            self._open[sent.lane][sent.sequence_number] = entry
        else:
            self._arrivals[sent.lane].add(arrived, entry)

    def _arrival_of(self, sent: Sent) -> Executed | None:
        """Its first successful execution, if we know of one."""
        executions = self._record.executed.get((sent.lane, sent.sequence_number), ())
        return next((row for row in executions if row.state == "success" and row.leaf == sent.leaf), None)


def total(values: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _newest_first(entries: Sequence[Entry], first: int = 0, last: int | None = None) -> Iterator[Entry]:
    for place in range((len(entries) if last is None else last) - 1, first - 1, -1):
        if not entries[place].is_gone:
            yield entries[place]
