"""The rows known so far, indexed for the questions that rules ask.

Every lookup is a dictionary's: a question costs microseconds however long the record is. Blocks are added whole, and
those that are not final can be taken away again; what stands in the indexes then is what a record that never saw them
would hold.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.detector import Pending
from detectors.frames import UNNUMBERED, At, Committed, Executed, Minted, Pooled, Priced, Row, Sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.network import ChainFacts, Network

_DENSE_SHARE = 0.9
"""A lane whose known numbers fill this share of their range is numbered without gaps: a gap is our record's."""
_LATE_ONE_IN = 200
"""Without numbers, a message may have been sent before the record began unless fewer than one crossing in so many
took half as long as the record is old."""
_LATE_TIMES = 20
"""Or unless the record is so many times as old as the longest crossing seen, and some were seen."""
_CROSSINGS_MIN = 10


class Numbering(NamedTuple):
    """What a lane's Sent rows say about its sequence numbers."""

    lowest: int
    frontier: int
    """The highest number sent."""
    known: int
    """How many different numbers the record holds."""


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


class _Block:
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
        self.before.append((values, key, values.get(key)))
        values[key] = value

    def restore(self) -> None:
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
        self.executed: dict[tuple[Lane, int], list[Executed]] = defaultdict(list)
        self.executed_by_id: dict[str, list[Executed]] = defaultdict(list)
        self.committed: dict[Lane, list[Committed]] = defaultdict(list)
        self.in_tx: dict[tuple[ChainSelector, str], list[Row]] = defaultdict(list)
        """Executions, releases and mints of one transaction, in log order."""
        self.numbering: dict[Lane, Numbering] = {}
        self.prices: dict[tuple[ChainSelector, str], int] = {}
        """USD with 18 decimals for 1e18 smallest units, as last stated."""
        self.crossings: dict[Lane, dict[int, int]] = defaultdict(dict)
        """How long messages without a number took, so far: how many in each `_duration_class`."""
        self.extensions = 0
        """Blocks that were ever added, of all chains."""
        self._blocks: dict[ChainSelector, list[_Block]] = defaultdict(list)
        self._final: dict[ChainSelector, int] = {}
        self._watch: dict[ChainSelector, Watch] = {}
        self._first_s: dict[ChainSelector, int] = {}

    # -- what has become known

    def extend(self, chain: ChainSelector, head: Header, rows: Sequence[Row], known_at_ms: int) -> Sequence[Row]:
        """Add one block, whole; its rows in log order.

        Raises:
            ValueError: the block is not above the chain's head.
        """
        blocks = self._blocks[chain]
        if blocks and head.number <= blocks[-1].header.number:
            raise ValueError(f"block {head.number} is not above the head {blocks[-1].header.number} of chain {chain}")
        if chain not in self._watch:
            self._watch[chain] = Watch(head.number, is_whole=head.number <= 1)
        self._first_s.setdefault(chain, head.timestamp_s)
        ordered = sorted(rows, key=_log_index) if len(rows) > 1 else rows
        block = _Block(self.extensions, head, ordered, known_at_ms)
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
        if row.sequence_number == UNNUMBERED:
            claimed = self.sent_by_id.get(row.message_id, ())
            return next((sent for sent in claimed if sent.lane == row.lane), None)
        claimed = self.sent.get((row.lane, row.sequence_number), ())
        fitting = (sent for sent in claimed if sent.message_id == row.message_id and sent.leaf == row.leaf)
        return next(fitting, claimed[0] if claimed else None)

    def absence(self, lane: Lane, sequence_number: int, at: At) -> Pending | None:
        """Why a message that the record lacks may exist all the same; None: it was never sent.

        `at` is where another chain claims it. The claim is honest only if the message was final on its source by
        then, so it is decided as soon as our index of the source has come that far (`source_needed_s`).
        """
        source = self.facts(lane.source)
        if source is None or lane not in self.network.lanes:
            return Pending(f"the network does not have the lane {lane.source} > {lane.dest}")
        needed_s = self.source_needed_s(source, at)
        head = self.head(lane.source)
        if head is None or head.timestamp_s < needed_s:
            return Pending(f"our index of {source.name} is behind", lane.source, needed_s)
        if sequence_number == UNNUMBERED:
            return self._before_unnumbered(lane, at)
        return self._before_numbered(lane, sequence_number)

    def source_needed_s(self, source: ChainFacts, at: At) -> int:
        """The block time up to which the source must be indexed before a claim made at `at` can be refuted.

        Half of the source's finality is kept as a margin for clocks that disagree.
        """
        return at.block_time_s - source.finality_s // 2 + self.clock_skew_s

    def releases_of(self, row: Executed) -> list[Pooled]:
        """What pools released for this execution.

        Their "in" events, called for by its OffRamp, between the transaction's previous execution and this one.
        """
        releases: list[Pooled] = []
        for other in self.in_tx.get((row.at.chain, row.at.tx_hash), ()):
            if other.at.log_index >= row.at.log_index:
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
        if numbering.known >= _DENSE_SHARE * (numbering.frontier - numbering.lowest + 1):
            return Pending(f"our record lacks message {sequence_number} of a lane that numbers without gaps")
        return None

    def _before_unnumbered(self, lane: Lane, at: At) -> Pending | None:
        if self.watch(lane.source).is_whole:
            return None
        age_s = at.block_time_s - self._first_s[lane.source]
        crossings = self.crossings.get(lane, {})
        seen = sum(crossings.values())
        late = sum(count for length, count in crossings.items() if length >= _duration_class(age_s // 2))
        if (late + 1) * _LATE_ONE_IN < seen + 1:
            return None
        if seen >= _CROSSINGS_MIN and max(crossings) < _duration_class(age_s // _LATE_TIMES):
            return None
        return Pending("the message may have been sent before our record began")

    # -- indexes

    def _add(self, block: _Block, row: Row) -> None:
        match row:
            case Sent():
                self.sent[row.lane, row.sequence_number].append(row)
                self.sent_by_id[row.message_id].append(row)
                if row.sequence_number != UNNUMBERED:
                    self._number(block, row)
            case Executed():
                self.executed[row.lane, row.sequence_number].append(row)
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
                if row.state == "success":
                    self.executed_by_id[row.message_id].append(row)
                if row.sequence_number == UNNUMBERED:
                    self._time_crossing(block, row)
            case Pooled() | Minted():
                self.in_tx[row.at.chain, row.at.tx_hash].append(row)
            case Committed():
                self.committed[row.lane].append(row)
            case Priced():
                block.put(self.prices, (row.at.chain, row.token), row.usd_per_token)
            case _:
                pass

    def _number(self, block: _Block, row: Sent) -> None:
        before, number = self.numbering.get(row.lane), row.sequence_number
        if before is None:
            after = Numbering(number, number, 1)
        else:
            is_new = len(self.sent[row.lane, number]) == 1
            after = Numbering(min(before.lowest, number), max(before.frontier, number), before.known + is_new)
        block.put(self.numbering, row.lane, after)

    def _time_crossing(self, block: _Block, row: Executed) -> None:
        sent = self.find_sent(row)
        if sent is not None:
            crossings = self.crossings[row.lane]
            length = _duration_class(row.at.block_time_s - sent.at.block_time_s)
            block.put(crossings, length, crossings.get(length, 0) + 1)

    def _forget(self, row: Row) -> None:
        match row:
            case Sent():
                _drop(self.sent, (row.lane, row.sequence_number), row)
                _drop(self.sent_by_id, row.message_id, row)
            case Executed():
                _drop(self.executed, (row.lane, row.sequence_number), row)
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
                if row.state == "success":
                    _drop(self.executed_by_id, row.message_id, row)
            case Pooled() | Minted():
                _drop(self.in_tx, (row.at.chain, row.at.tx_hash), row)
            case Committed():
                _drop(self.committed, row.lane, row)
            case _:
                pass


def _duration_class(duration_s: int) -> int:
    """Eight classes for each doubling, ascending; 0 for what is no duration."""
    bits = duration_s.bit_length()
    return bits * 8 + ((duration_s << 3 >> (bits - 1)) & 7) if duration_s > 0 else 0


def _log_index(row: Row) -> int:
    return row.at.log_index


def _drop(index: dict[Any, list[Any]], key: object, row: Row) -> None:
    rows = index[key]
    rows.remove(row)
    if not rows:
        del index[key]
