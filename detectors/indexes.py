"""The rows of a record, by what they are looked up by, and what was learnt from them of how each lane behaves.

Every lookup is a dictionary's: a question costs microseconds however long the record is. Rows can be taken away again,
newest first; what stands here then is what indexes that never saw them would hold. With an archive, old rows are laid
down there and read back when they are looked up: the answers are the same, the memory is bounded.
"""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ccip_core.protocol.merkle import MAX_LEAVES
from detectors.archive import Archive, PagedIndex, Placed, Shelved, Whole, place_after
from detectors.books import Books, block_time_s
from detectors.crossings import duration_class
from detectors.floor import Floor, Rush, floor_after
from detectors.frames import UNNUMBERED, Committed, Executed, Minted, Pooled, Priced, Row, Sent
from detectors.limits import bucket_told_by, draws_told_by
from detectors.liquidity import change_of_holding, departure, leaves
from detectors.numbering import Numbering, numbering_after
from detectors.onward import LAYERED_CHAINS_MIN, OnwardKey, changes_hands, onward_key
from detectors.reach import Leap, Reach, reach_after
from detectors.state_rows import LimitConsumed, LiquidityMoved, Moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.network import Network, TokenFacts

_NOTHING_FOUND = (None, None)
_LAID_DOWN_ROWS_MIN = 256
_LAID_DOWN_ONE_IN = 3
"""How many are laid down at a time: a millisecond's worth, or a part of what waits if that is more."""
min_seq_nr = attrgetter("min_seq_nr")


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
        while self.before:
            values, key, value = self.before.pop()
            if value is None:
                del values[key]
            else:
                values[key] = value


class Indexes:
    """Changed by the Record alone; rules read it."""

    def __init__(self, network: Network, archive: Archive | None = None) -> None:
        self.network = network
        self._archive = archive
        self._final: dict[ChainSelector, int] = {}
        self._settling: deque[Row] = deque()
        """Final rows in memory, oldest first; with an archive."""
        self.in_tx: dict[tuple[ChainSelector, str], list[Row]] = self._index("in_tx")
        """Messages, executions, releases, mints, moves and 1.5.1's draws of one transaction, in log order."""
        self._drawing_tx: str | None = None
        """The newest transaction with a draw that does not say on what: a message in it will."""
        self._departed: list[Moved] = []
        """What left pools in the block that is being added: its whole transaction tells whether rightly."""
        self.onward: dict[OnwardKey, list[Sent | Pooled]] = self._index("onward")
        """By chain, person and day: what was released to the person, and what that one sent to others soon after. Empty
        where the network has too few chains for layers."""
        self._has_layers = len(network.chains) >= LAYERED_CHAINS_MIN
        self.sent: dict[tuple[Lane, int], list[Sent]] = self._index("sent")
        self.sent_by_id: dict[str, list[Sent]] = self._index("sent_by_id")
        self.ordered: dict[tuple[Lane, str, int], list[Sent]] = self._index("ordered")
        """Messages to be executed in order, by lane, sender and nonce."""
        self.executed: dict[tuple[Lane, int], list[Executed]] = self._index("executed")
        self.executed_by_id: dict[str, list[Executed]] = self._index("executed_by_id")
        self.committed: dict[Lane, list[Committed]] = self._lists("committed", min_seq_nr, is_sorted=False)
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
        self.books = Books(None if archive is None else self._lists)
        """How the network stands: settings, limits, prices, curses, votes, usual delays."""
        self._found: tuple[Executed | None, Sent | None] = _NOTHING_FOUND
        """What `find_sent` last answered: several rules ask about one row."""

    def lay_down(self) -> None:
        """Lay down some of the final rows, where there is an archive and more of them are in memory than need be."""
        if self._archive is None:
            return
        excess = len(self._settling) - self._archive.newest_rows
        if excess <= 0:
            return
        count = min(excess, max(_LAID_DOWN_ROWS_MIN, excess // _LAID_DOWN_ONE_IN))
        keys: dict[str, list[Any]] = {name: [] for name in _SHELVED}
        for _ in range(count):
            row = self._settling.popleft()
            for name, key in _keys_of(row):
                keys[name].append(key)
        for name in _SHELVED:  # the transactions last: the others say where in them they stand
            getattr(self, name).lay_down(keys[name], self.is_final)
        self._found = _NOTHING_FOUND

    def _index(self, name: str) -> Any:
        if self._archive is None:
            return defaultdict(list)
        return Shelved(name, self._archive, Whole() if name == "in_tx" else Placed(self.in_tx))

    def _lists(self, name: str, sort_key: Callable[[Any], int] = block_time_s, *, is_sorted: bool = True) -> Any:
        if self._archive is None:
            return defaultdict(list)
        return PagedIndex(name, self._archive, self.is_final, sort_key, is_sorted=is_sorted)

    def is_final(self, entry: Any) -> bool:
        """Whether the row, or what was learnt from it, will stay."""
        at = entry.at
        return bool(at.block_number <= self._final.get(at.chain, -1))

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
        place = place_after(commits, sequence_number, min_seq_nr)
        return commits[place - 1] if place and commits[place - 1].max_seq_nr >= sequence_number else None

    def add(self, overwritten: Overwritten, row: Row) -> None:
        """One more row of its chain; what it overwrites is noted, so that it can be taken back."""
        match row:
            case Sent():
                self._add_sent(overwritten, row)
            case Executed():
                self._add_executed(overwritten, row)
            case Pooled():
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
                if self._has_layers and row.recipient:
                    self.onward[onward_key(row.at, row.recipient)].append(row)
            case Minted() | Moved():
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
                self._move_tokens(row)
            case LiquidityMoved():
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
                self.books.add(row)
            case Committed():
                self.committed[row.lane].append(row)
                self._time_commit(row)
            case Priced():
                overwritten.put(self.prices, (row.at.chain, row.token), row.usd_per_token)
                self.books.add(row)
            case LimitConsumed(remote=None):
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
                self._drawing_tx = row.at.tx_hash
            case _:
                self.books.add(row)

    def _add_sent(self, overwritten: Overwritten, row: Sent) -> None:
        self._found = _NOTHING_FOUND
        at, lane, number = row.at, row.lane, row.sequence_number
        same_number = self.sent[lane, number]
        same_number.append(row)
        self.sent_by_id[row.message_id].append(row)
        self.in_tx[at.chain, at.tx_hash].append(row)
        if row.nonce:
            self.ordered[lane, row.sender, row.nonce].append(row)
        if self._has_layers and row.tokens and changes_hands(row):
            key = onward_key(at, row.sender)
            if key in self.onward or onward_key(at, row.sender, -1) in self.onward:
                self.onward[key].append(row)
        if at.tx_hash == self._drawing_tx:
            self._tell_draws(row)
        if number == UNNUMBERED:
            return
        before = self.numbering.get(lane)
        overwritten.put(self.numbering, lane, numbering_after(before, number, is_new=len(same_number) == 1))

    def _add_executed(self, overwritten: Overwritten, row: Executed) -> None:
        at, lane, number = row.at, row.lane, row.sequence_number
        tries = self.executed[lane, number]
        tries.append(row)
        self.in_tx[at.chain, at.tx_hash].append(row)
        if row.state == "success":
            self.executed_by_id[row.message_id].append(row)
        if number == UNNUMBERED:
            self._time_crossing(overwritten, row)
        else:
            if len(tries) == 1:
                self._learn_first_try(overwritten, row)
            numbering = self.numbering.get(lane)
            if numbering is not None and not numbering.counts_up:
                self._time_crossing(overwritten, row)
        if at.tx_hash == self._drawing_tx:
            self._tell_draws(row)

    def count_missing(self, watched_from: int) -> None:
        """The block is whole: of what left pools in it, after this block number, add up what nobody accounts for."""
        departed, self._departed = self._departed, []
        for row in departed:
            token = self._token_of(row)
            if token is None or row.at.block_number <= watched_from:
                continue
            of = departure(token, self.in_tx[row.at.chain, row.at.tx_hash])
            if of.unexplained > 0 and of.out[-1] is row:
                self.books.add_tally(self.books.missing, row.at, row.sender, of.unexplained)

    def _move_tokens(self, row: Moved | Minted) -> None:
        token = self._token_of(row)
        if token is None or token.pool is None:
            return
        if isinstance(row, Moved) and leaves(row, token):
            self._departed.append(row)
        change = change_of_holding(row, token)
        if change and token.pool_type == "lock_release":
            self.books.add_tally(self.books.holdings, row.at, token.pool, change)

    def _forget_of_pool(self, row: Pooled | Minted | Moved | LiquidityMoved | LimitConsumed) -> None:
        match row:
            case Minted() | Moved():
                token = self._token_of(row)
                if token is not None and token.pool is not None:
                    self.books.forget_tallies(row.at, token.pool)
            case LiquidityMoved():
                self.books.forget(row)
            case Pooled() if self._has_layers and row.recipient:
                _drop(self.onward, onward_key(row.at, row.recipient), row)

    def _token_of(self, row: Moved | Minted) -> TokenFacts | None:
        facts = self.network.chains.get(row.at.chain)
        return None if facts is None else facts.tokens.get(row.token)

    def _tell_draws(self, row: Sent | Executed) -> None:
        for draw in draws_told_by(row, self.in_tx[row.at.chain, row.at.tx_hash]):
            self.books.draw(draw, *bucket_told_by(row))

    def _forget_draws(self, row: Sent | Executed) -> None:
        for draw in reversed(draws_told_by(row, _held(self.in_tx, (row.at.chain, row.at.tx_hash)))):
            self.books.forget_draw(draw, *bucket_told_by(row))

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
        """The newest row of its chain is gone; what it overwrote, `Overwritten.restore` brings back.

        It may have been added by half, where the archive failed; nothing is read back here.
        """
        self._found = _NOTHING_FOUND
        match row:
            case Sent():
                self._forget_draws(row)
                _drop(self.sent, (row.lane, row.sequence_number), row)
                _drop(self.sent_by_id, row.message_id, row)
                if row.nonce:
                    _drop(self.ordered, (row.lane, row.sender, row.nonce), row)
                if row in _held(self.onward, key := onward_key(row.at, row.sender)):
                    _drop(self.onward, key, row)
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
            case Executed():
                self._forget_draws(row)
                self.books.forget_delay(row)
                _drop(self.executed, (row.lane, row.sequence_number), row)
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
                if row.state == "success":
                    _drop(self.executed_by_id, row.message_id, row)
            case Pooled() | Minted() | Moved() | LiquidityMoved() | LimitConsumed(remote=None):
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
                self._forget_of_pool(row)
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


_SHELVED = ("onward", "sent", "sent_by_id", "ordered", "executed", "executed_by_id", "in_tx")


def _keys_of(row: Row) -> Iterable[tuple[str, Any]]:
    """Where a row stands, of the indexes that are laid down."""
    match row:
        case Sent():
            yield "sent", (row.lane, row.sequence_number)
            yield "sent_by_id", row.message_id
            if row.nonce:
                yield "ordered", (row.lane, row.sender, row.nonce)
            yield "onward", onward_key(row.at, row.sender)
        case Executed():
            yield "executed", (row.lane, row.sequence_number)
            if row.state == "success":
                yield "executed_by_id", row.message_id
        case Pooled():
            if row.recipient:
                yield "onward", onward_key(row.at, row.recipient)
        case Minted() | Moved() | LiquidityMoved() | LimitConsumed(remote=None):
            pass
        case _:
            return
    yield "in_tx", (row.at.chain, row.at.tx_hash)


def _finality_s(network: Network, lane: Lane) -> int:
    source = network.chains.get(lane.source)
    return 0 if source is None else source.finality_s


def _drop(index: dict[Any, list[Any]], key: object, row: Row) -> None:
    rows = _held(index, key)
    with suppress(ValueError):  # it may not have come so far
        rows.remove(row)
    if not rows:
        index.pop(key, None)


def _held(index: dict[Any, list[Any]], key: object) -> list[Any]:
    """The list of the key as far as it is in memory: if it holds a row that is not final, it is."""
    return dict.get(index, key) or []
