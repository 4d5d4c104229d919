"""The rows of a record, by what they are looked up by, and what was learnt from them of how each lane behaves.

Every lookup is a dictionary's: a question costs microseconds however long the record is. Rows can be taken away again,
newest first; what stands here then is what indexes that never saw them would hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ccip_core.protocol.merkle import MAX_LEAVES
from detectors.books import Books
from detectors.crossings import duration_class
from detectors.floor import Floor, Rush, floor_after
from detectors.frames import UNNUMBERED, Committed, Executed, Minted, Pooled, Priced, Row, Sent
from detectors.numbering import Numbering, numbering_after
from detectors.reach import Leap, Reach, reach_after
from detectors.state_rows import LiquidityMoved, Moved

if TYPE_CHECKING:
    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.network import Network

_NOTHING_FOUND = (None, None)


class Overwritten:
    """What rows overwrote, in order, so that it can be restored."""

    __slots__ = ("before",)

    def __init__(self) -> None:
        self.before: list[tuple[dict[Any, Any], Any, Any]] = []
        """(values, key, what stood there); None: nothing did."""

    def put(self, values: dict[Any, Any], key: object, value: object) -> None:
        """Overwrite, and note it."""
        self.before.append((values, key, values.get(key)))
        values[key] = value

    def restore(self) -> None:
        """Put everything back."""
        for values, key, value in reversed(self.before):
            if value is None:
                del values[key]
            else:
                values[key] = value


class Indexes:
    """Changed by the Record alone; rules read it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.sent: dict[tuple[Lane, int], list[Sent]] = defaultdict(list)
        self.sent_by_id: dict[str, list[Sent]] = defaultdict(list)
        self.ordered: dict[tuple[Lane, str, int], list[Sent]] = defaultdict(list)
        """Messages to be executed in order, by lane, sender and nonce."""
        self.executed: dict[tuple[Lane, int], list[Executed]] = defaultdict(list)
        self.executed_by_id: dict[str, list[Executed]] = defaultdict(list)
        self.committed: dict[Lane, list[Committed]] = defaultdict(list)
        self.in_tx: dict[tuple[ChainSelector, str], list[Row]] = defaultdict(list)
        """Messages, executions, releases, mints and moves of one transaction, in log order."""
        self.numbering: dict[Lane, Numbering] = {}
        self.prices: dict[tuple[ChainSelector, str], int] = {}
        """USD with 18 decimals for 1e18 smallest units, as last stated."""
        self.crossings: dict[Lane, dict[int, int]] = defaultdict(dict)
        """How long messages without a number took, so far: how many in each `duration_class`."""
        self.reaches: dict[Lane, Reach] = {}
        self.leaps: dict[str, Leap] = {}
        """By the `row_id` of the execution that leapt."""
        self.unpromised = frozenset(lane for lane in network.lanes if not _finality_s(network, lane))
        """The lanes whose source's finality the network does not state."""
        self.floors: dict[Lane, Floor] = {}
        """Of those."""
        self.rushes: dict[str, Rush] = {}
        """By the `row_id` of the execution that rushed."""
        self.books = Books()
        """How the network stands: settings, limits, prices, curses, votes, usual delays."""
        self._found: tuple[Executed | None, Sent | None] = _NOTHING_FOUND
        """What `find_sent` last answered: several rules ask about one row."""

    def find_sent(self, row: Executed) -> Sent | None:
        """The message that this execution claims: of its number where there is one, else of its id.

        Where a number was sent with several contents, the one that fits is preferred.
        """
        asked, found = self._found
        if asked is not row:
            found = self._search_sent(row)
            self._found = row, found
        return found

    def commit_of(self, lane: Lane, sequence_number: int) -> Committed | None:
        """The latest root, of those that begin at or below this number, if its interval holds the number."""
        commits = self.committed.get(lane, ())
        place = bisect_right(commits, sequence_number, key=lambda commit: commit.min_seq_nr)
        return commits[place - 1] if place and commits[place - 1].max_seq_nr >= sequence_number else None

    def add(self, overwritten: Overwritten, row: Row) -> None:
        """One more row of its chain; what it overwrites is noted, so that it can be taken back."""
        match row:
            case Sent():
                self._add_sent(overwritten, row)
            case Executed():
                tries = self.executed[row.lane, row.sequence_number]
                tries.append(row)
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
                if row.state == "success":
                    self.executed_by_id[row.message_id].append(row)
                if row.sequence_number == UNNUMBERED:
                    self._time_crossing(overwritten, row)
                else:
                    if len(tries) == 1:
                        self._learn_first_try(overwritten, row)
                    numbering = self.numbering.get(row.lane)
                    if numbering is not None and not numbering.counts_up:
                        self._time_crossing(overwritten, row)
            case Pooled() | Minted() | Moved() | LiquidityMoved():
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
            case Committed():
                self.committed[row.lane].append(row)
                self._time_commit(row)
            case Priced():
                overwritten.put(self.prices, (row.at.chain, row.token), row.usd_per_token)
                self.books.add(row)
            case _:
                self.books.add(row)

    def _add_sent(self, overwritten: Overwritten, row: Sent) -> None:
        self._found = _NOTHING_FOUND
        same_number = self.sent[row.lane, row.sequence_number]
        same_number.append(row)
        self.sent_by_id[row.message_id].append(row)
        self.in_tx[row.at.chain, row.at.tx_hash].append(row)
        if row.nonce:
            self.ordered[row.lane, row.sender, row.nonce].append(row)
        if row.sequence_number == UNNUMBERED:
            return
        before = self.numbering.get(row.lane)
        overwritten.put(
            self.numbering, row.lane, numbering_after(before, row.sequence_number, is_new=len(same_number) == 1)
        )

    def _learn_first_try(self, overwritten: Overwritten, row: Executed) -> None:
        lane = row.lane
        before = self.reaches.get(lane)
        reach, leap = reach_after(before, row.sequence_number)
        if reach is not before:
            overwritten.put(self.reaches, lane, reach)
        if leap is not None:
            overwritten.put(self.leaps, row.at.row_id, leap)
        if lane in self.committed:
            self._time_execution(row)
        if lane in self.unpromised:
            sent = self.find_sent(row)
            if sent is not None and sent.leaf == row.leaf:
                self._learn_floor(overwritten, row, sent)

    def _learn_floor(self, overwritten: Overwritten, row: Executed, sent: Sent) -> None:
        before = self.floors.get(row.lane)
        floor, rush = floor_after(before, row.at.block_time_s - sent.at.block_time_s)
        if floor is not before:
            overwritten.put(self.floors, row.lane, floor)
        if rush is not None:
            overwritten.put(self.rushes, row.at.row_id, rush)

    def _time_crossing(self, overwritten: Overwritten, row: Executed) -> None:
        sent = self.find_sent(row)
        if sent is not None and sent.leaf == row.leaf:
            crossings = self.crossings[row.lane]
            length = duration_class(row.at.block_time_s - sent.at.block_time_s)
            overwritten.put(crossings, length, crossings.get(length, 0) + 1)
            if row.lane in self.unpromised:
                self._learn_floor(overwritten, row, sent)

    def _time_commit(self, row: Committed) -> None:
        first = self.sent.get((row.lane, row.min_seq_nr))
        if first:
            self.books.add_delay(row, max(0, row.at.block_time_s - first[-1].at.block_time_s))

    def _time_execution(self, row: Executed) -> None:
        root = self.commit_of(row.lane, row.sequence_number)
        if root is not None:
            numbers = range(root.min_seq_nr, min(root.max_seq_nr + 1, root.min_seq_nr + MAX_LEAVES))
            is_first = not any(n != row.sequence_number and (row.lane, n) in self.executed for n in numbers)
            self.books.add_delay(row, max(0, row.at.block_time_s - root.at.block_time_s) if is_first else None)

    def forget(self, row: Row) -> None:
        """The newest row of its chain is gone; what it overwrote, `Overwritten.restore` brings back."""
        self._found = _NOTHING_FOUND
        match row:
            case Sent():
                _drop(self.sent, (row.lane, row.sequence_number), row)
                _drop(self.sent_by_id, row.message_id, row)
                if row.nonce:
                    _drop(self.ordered, (row.lane, row.sender, row.nonce), row)
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
            case Executed():
                self.books.forget_delay(row)
                _drop(self.executed, (row.lane, row.sequence_number), row)
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
                if row.state == "success":
                    _drop(self.executed_by_id, row.message_id, row)
            case Pooled() | Minted() | Moved() | LiquidityMoved():
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
            case Committed():
                self.books.forget_delay(row)
                _drop(self.committed, row.lane, row)
            case _:
                self.books.forget(row)

    def _search_sent(self, row: Executed) -> Sent | None:
        if row.sequence_number == UNNUMBERED:
            claimed = self.sent_by_id.get(row.message_id, ())
            return next((sent for sent in claimed if sent.lane == row.lane), None)
        claimed = self.sent.get((row.lane, row.sequence_number), ())
        for sent in claimed:
            if sent.leaf == row.leaf and sent.message_id == row.message_id:
                return sent
        return claimed[0] if claimed else None


def _finality_s(network: Network, lane: Lane) -> int:
    source = network.chains.get(lane.source)
    return 0 if source is None else source.finality_s


def _drop(index: dict[Any, list[Any]], key: object, row: Row) -> None:
    rows = index[key]
    rows.remove(row)
    if not rows:
        del index[key]
