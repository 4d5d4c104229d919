"""The rows known so far, indexed for the questions that rules ask.

Every lookup is a dictionary's: a question costs microseconds however long the record is. Blocks are added whole, and
those that are not final can be taken away again; what stands in the indexes then is what a record that never saw them
would hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol.merkle import MAX_LEAVES
from detectors.books import Books
from detectors.crossings import duration_class, may_be_older
from detectors.detector import Pending
from detectors.floor import Floor, Rush, floor_after
from detectors.frames import UNNUMBERED, At, Committed, Executed, Minted, Pooled, Priced, Row, Sent
from detectors.numbering import Numbering, numbering_after
from detectors.reach import Leap, Reach, reach_after
from detectors.state_rows import LiquidityMoved, Moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.network import ChainFacts, Network

_NOTHING_FOUND = (None, None)
_log_index = attrgetter("at.log_index")


class Watch(NamedTuple):
    """Where our record of a chain begins."""

    block_number: int
    """What this block and earlier ones hold is taken as given."""
    is_whole: bool
    """Nothing was sent from this chain before the record began."""


class Rewound(NamedTuple):
    """What a rewind took away."""

    rows: list[Row]
    """Newest first."""
    since: int
    """How many blocks of all chains the record held before the first that is gone."""


class Head(NamedTuple):
    """What rules ask of a block that the record holds."""

    header: Header
    known_at_ms: int


class HeldBlock:
    """A block that may still be taken away, and what its rows overwrote."""

    __slots__ = ("before", "header", "known_at_ms", "position", "rows")

    def __init__(self, position: int, header: Header, rows: Sequence[Row], known_at_ms: int) -> None:
        self.position = position
        self.header = header
        self.rows = rows
        self.known_at_ms = known_at_ms
        self.before: list[tuple[dict[Any, Any], Any, Any]] = []
        """(values, key, what stood there), in order; None: nothing did."""

    def put(self, values: dict[Any, Any], key: object, value: object) -> None:
        """Set a value; `restore` sets it back."""
        self.before.append((values, key, values.get(key)))
        values[key] = value

    def restore(self) -> None:
        """Undo what was put, newest first."""
        for values, key, value in reversed(self.before):
            if value is None:
                del values[key]
            else:
                values[key] = value


class Record:
    """Rows of all chains of a network. Changed by the Judge alone; rules read it."""

    def __init__(self, network: Network, *, clock_skew_s: int = 0) -> None:
        self.network = network
        self.clock_skew_s = clock_skew_s
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
        self.extensions = 0
        """Blocks that were ever added, of all chains."""
        self._blocks: dict[ChainSelector, list[HeldBlock]] = defaultdict(list)
        self._final: dict[ChainSelector, int] = {}
        self._watch: dict[ChainSelector, Watch] = {}
        self._first_s: dict[ChainSelector, int] = {}
        self._found: tuple[Executed | None, Sent | None] = _NOTHING_FOUND
        """What `find_sent` last answered: several rules ask about one row."""

    # -- what has become known

    def extend(self, chain: ChainSelector, head: Header, rows: Sequence[Row], known_at_ms: int) -> Sequence[Row]:
        """Add one block, whole; its rows in log order.

        Raises:
            ValueError: the block is not above the chain's head.
        """
        blocks = self._blocks[chain]
        if not blocks:
            self._watch.setdefault(chain, Watch(head.number, is_whole=head.number <= 1))
            self._first_s.setdefault(chain, head.timestamp_s)
        elif head.number <= blocks[-1].header.number:
            raise ValueError(f"block {head.number} is not above the head {blocks[-1].header.number} of chain {chain}")
        ordered = sorted(rows, key=_log_index) if len(rows) > 1 else rows
        block = HeldBlock(self.extensions, head, ordered, known_at_ms)
        self.extensions += 1
        blocks.append(block)
        for row in ordered:
            self._add(block, row)
        return ordered

    def finalise(self, chain: ChainSelector, block_number: int) -> None:
        """The chain will never take away this block or an earlier one."""
        self._final[chain] = max(block_number, self._final.get(chain, block_number))
        blocks = self._blocks[chain]
        final = 0
        while final < len(blocks) and blocks[final].header.number <= block_number:
            final += 1
        del blocks[: max(0, final - 1)]  # the last final block stays: it may be the head

    def rewind(self, chain: ChainSelector, block_number: int) -> Rewound:
        """Take away the blocks above this number.

        Raises:
            ValueError: a final block would go; that is a FinalityViolated to be stated, not a rewind.
        """
        final = self._final.get(chain)
        if final is not None and block_number < final:
            raise ValueError(f"chain {chain} can't rewind to {block_number}: block {final} is final")
        blocks = self._blocks[chain]
        gone: list[Row] = []
        since = self.extensions
        self._found = _NOTHING_FOUND
        while blocks and blocks[-1].header.number > block_number:
            block = blocks.pop()
            for row in reversed(block.rows):
                self._forget(row)
                gone.append(row)
            block.restore()
            since = block.position
        return Rewound(gone, since)

    def watch_since(self, chain: ChainSelector, block_number: int, *, is_whole: bool) -> None:
        """Say where the record of a chain begins; by default at the first block that it is extended by."""
        self._watch[chain] = Watch(block_number, is_whole)

    # -- what rules ask

    def watch(self, chain: ChainSelector) -> Watch:
        """Where the record of this chain begins."""
        return self._watch.get(chain, Watch(0, is_whole=False))

    def head(self, chain: ChainSelector) -> Header | None:
        """The highest block known of the chain."""
        blocks = self._blocks.get(chain)
        return blocks[-1].header if blocks else None

    def first_s(self, chain: ChainSelector) -> int:
        """The block time of the first block known of the chain; 0 without one."""
        return self._first_s.get(chain, 0)

    def head_known_at_ms(self, chain: ChainSelector) -> int:
        """When the chain's head was known; 0 without one."""
        blocks = self._blocks.get(chain)
        return blocks[-1].known_at_ms if blocks else 0

    def facts(self, chain: ChainSelector) -> ChainFacts | None:
        """What the network says about the chain; None when it does not have it."""
        return self.network.chains.get(chain)

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

    def absence(self, lane: Lane, sequence_number: int, at: At) -> Pending | None:
        """Why a message that the record lacks may exist all the same; None: it was never sent.

        `at` is where another chain claims it. The claim is honest only if the message was final on its source by
        then, so it is decided as soon as our index of the source has come that far (`source_needed_s`).
        """
        lag = self.source_lag(lane, at)
        if lag is not None:
            return lag
        if sequence_number == UNNUMBERED or not self.counts_up(lane):
            return self._before_unnumbered(lane, at)
        return self._before_numbered(lane, sequence_number)

    def counts_up(self, lane: Lane) -> bool:
        """Whether the lane's numbers rise from message to message, as far as the record shows."""
        numbering = self.numbering.get(lane)
        return numbering is None or numbering.counts_up

    def tells_apart(self, lane: Lane) -> bool:
        """Whether a number of this lane stands for one message, as far as the record shows."""
        numbering = self.numbering.get(lane)
        return numbering is None or numbering.tells_apart

    def source_lag(self, lane: Lane, at: At) -> Pending | None:
        """Why a claim made at `at` about the lane's source can't be refuted yet; None: our index came far enough."""
        source = self.facts(lane.source)
        if source is None or lane not in self.network.lanes:
            return Pending(f"the network does not have the lane {lane.source} > {lane.dest}")
        needed_s = self.source_needed_s(source, at)
        head = self.head(lane.source)
        if head is None or head.timestamp_s < needed_s:
            return Pending(f"our index of {source.name} is behind", lane.source, needed_s)
        return None

    def source_needed_s(self, source: ChainFacts, at: At) -> int:
        """The block time up to which the source must be indexed before a claim made at `at` can be refuted.

        Half of the source's finality is kept as a margin for clocks that disagree.
        """
        return at.block_time_s - source.finality_s // 2 + self.clock_skew_s

    def releases_of(self, row: Executed) -> list[Pooled]:
        """What pools released for this execution.

        Their "in" events, called for by its OffRamp, between the transaction's previous execution and this one.
        """
        at = row.at
        releases: list[Pooled] = []
        for other in self.in_tx.get((at.chain, at.tx_hash), ()):
            if other is row or other.at.log_index >= at.log_index:
                break
            if isinstance(other, Executed):
                releases.clear()
            elif isinstance(other, Pooled) and other.side == "in" and other.caller == row.off_ramp:
                releases.append(other)
        return releases

    def value_of(self, releases: Sequence[Pooled]) -> int | None:
        """What the releases are worth together, as far as prices are known; None when none is."""
        values = [self.value_micro_usd(release.at.chain, release.token, release.amount) for release in releases]
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    def value_micro_usd(self, chain: ChainSelector, token: str | None, amount: int) -> int | None:
        """What the amount is worth at the last price stated on its chain; None while there is none."""
        price = None if token is None else self.prices.get((chain, token))
        return None if price is None else amount * price // 10**30

    def _before_numbered(self, lane: Lane, sequence_number: int) -> Pending | None:
        numbering = self.numbering.get(lane)
        if numbering is None:
            if self.watch(lane.source).is_whole:
                return None
            return Pending("nothing was sent on the lane since our record began")
        if sequence_number > numbering.frontier:
            return None
        if sequence_number < numbering.lowest:
            return Pending(f"message {sequence_number} was sent before our record began")
        if numbering.is_dense:
            return Pending(f"our record lacks message {sequence_number} of a lane that numbers without gaps")
        return None

    def _before_unnumbered(self, lane: Lane, at: At) -> Pending | None:
        if self.watch(lane.source).is_whole:
            return None
        if may_be_older(self.crossings.get(lane, {}), at.block_time_s - self._first_s[lane.source]):
            return Pending("the message may have been sent before our record began")
        return None

    def _search_sent(self, row: Executed) -> Sent | None:
        if row.sequence_number == UNNUMBERED:
            claimed = self.sent_by_id.get(row.message_id, ())
            return next((sent for sent in claimed if sent.lane == row.lane), None)
        claimed = self.sent.get((row.lane, row.sequence_number), ())
        for sent in claimed:
            if sent.leaf == row.leaf and sent.message_id == row.message_id:
                return sent
        return claimed[0] if claimed else None

    # -- indexes

    def _add(self, block: HeldBlock, row: Row) -> None:
        match row:
            case Sent():
                self._add_sent(block, row)
            case Executed():
                tries = self.executed[row.lane, row.sequence_number]
                tries.append(row)
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
                if row.state == "success":
                    self.executed_by_id[row.message_id].append(row)
                if row.sequence_number == UNNUMBERED:
                    self._time_crossing(block, row)
                else:
                    if len(tries) == 1:
                        self._learn_first_try(block, row)
                    numbering = self.numbering.get(row.lane)
                    if numbering is not None and not numbering.counts_up:
                        self._time_crossing(block, row)
            case Pooled() | Minted() | Moved() | LiquidityMoved():
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
            case Committed():
                self.committed[row.lane].append(row)
                self._time_commit(row)
            case Priced():
                block.put(self.prices, (row.at.chain, row.token), row.usd_per_token)
                self.books.add(row)
            case _:
                self.books.add(row)

    def _add_sent(self, block: HeldBlock, row: Sent) -> None:
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
        block.put(self.numbering, row.lane, numbering_after(before, row.sequence_number, is_new=len(same_number) == 1))

    def _learn_first_try(self, block: HeldBlock, row: Executed) -> None:
        lane = row.lane
        before = self.reaches.get(lane)
        reach, leap = reach_after(before, row.sequence_number)
        if reach is not before:
            block.put(self.reaches, lane, reach)
        if leap is not None:
            block.put(self.leaps, row.at.row_id, leap)
        if lane in self.committed:
            self._time_execution(row)
        if lane in self.unpromised:
            sent = self.find_sent(row)
            if sent is not None and sent.leaf == row.leaf:
                self._learn_floor(block, row, sent)

    def _learn_floor(self, block: HeldBlock, row: Executed, sent: Sent) -> None:
        before = self.floors.get(row.lane)
        floor, rush = floor_after(before, row.at.block_time_s - sent.at.block_time_s)
        if floor is not before:
            block.put(self.floors, row.lane, floor)
        if rush is not None:
            block.put(self.rushes, row.at.row_id, rush)

    def _time_crossing(self, block: HeldBlock, row: Executed) -> None:
        sent = self.find_sent(row)
        if sent is not None and sent.leaf == row.leaf:
            crossings = self.crossings[row.lane]
            length = duration_class(row.at.block_time_s - sent.at.block_time_s)
            block.put(crossings, length, crossings.get(length, 0) + 1)
            if row.lane in self.unpromised:
                self._learn_floor(block, row, sent)

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

    def _forget(self, row: Row) -> None:
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


def _finality_s(network: Network, lane: Lane) -> int:
    source = network.chains.get(lane.source)
    return 0 if source is None else source.finality_s


def _drop(index: dict[Any, list[Any]], key: object, row: Row) -> None:
    rows = index[key]
    rows.remove(row)
    if not rows:
        del index[key]
