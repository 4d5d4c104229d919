"""The rows known so far, block by block, and what rules ask of them beyond a lookup.

Blocks are added whole, and those that are not final can be taken away again; what stands in the indexes then is what a
record that never saw them would hold.
"""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from detectors.crossings import may_be_older
from detectors.detector import Pending
from detectors.frames import UNNUMBERED, At, Executed, Pooled, Row
from detectors.indexes import Indexes, Overwritten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.protocol.logs import Header
    from ccip_core.protocol.messages import ChainSelector, Lane
    from detectors.archive import Archive
    from detectors.network import ChainFacts, Network

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


class HeldBlock(Overwritten):
    """A block that may still be taken away, and what its rows overwrote."""

    __slots__ = ("header", "known_at_ms", "position", "rows")

    def __init__(self, position: int, header: Header, known_at_ms: int) -> None:
        super().__init__()
        self.position = position
        self.header = header
        self.rows: list[Row] = []
        """Those that were added, or begun to be."""
        self.known_at_ms = known_at_ms


class Record(Indexes):
    """Rows of all chains of a network. Changed by the Judge alone; rules read it."""

    def __init__(self, network: Network, *, clock_skew_s: int = 0, archive: Archive | None = None) -> None:
        """`archive`: where old final rows are laid down (`lay_down`); without one all stay in memory."""
        super().__init__(network, archive)
        self.clock_skew_s = clock_skew_s
        self.extensions = 0
        """Blocks that were ever added, of all chains."""
        self._blocks: dict[ChainSelector, list[HeldBlock]] = defaultdict(list)
        self._watch: dict[ChainSelector, Watch] = {}
        self._first_s: dict[ChainSelector, int] = {}

    # -- what has become known

    def extend(self, chain: ChainSelector, head: Header, rows: Sequence[Row], known_at_ms: int) -> Sequence[Row]:
        """Add one block, whole; its rows in log order.

        Raises:
            ValueError: the block is not above the chain's head.
            Exception: the archive's own, which could not read or write. The block is not added.
        """
        blocks = self._blocks[chain]
        if not blocks:
            self._watch.setdefault(chain, Watch(head.number, is_whole=head.number <= 1))
            self._first_s.setdefault(chain, head.timestamp_s)
        elif head.number <= blocks[-1].header.number:
            raise ValueError(f"block {head.number} is not above the head {blocks[-1].header.number} of chain {chain}")
        ordered = sorted(rows, key=_log_index) if len(rows) > 1 else rows
        block = HeldBlock(self.extensions, head, known_at_ms)
        self.extensions += 1
        blocks.append(block)
        held = block.rows
        try:
            for row in ordered:
                held.append(row)
                self.add(block, row)
            if self._departed:
                self.count_missing(self.watch(chain).block_number)
        except BaseException:
            self._departed.clear()
            self._take_away(blocks.pop())
            raise
        return ordered

    def finalise(self, chain: ChainSelector, block_number: int) -> None:
        """The chain will never take away this block or an earlier one."""
        self._final[chain] = max(block_number, self._final.get(chain, block_number))
        blocks = self._blocks[chain]
        final = 0
        while final < len(blocks) and blocks[final].header.number <= block_number:
            final += 1
        gone = max(0, final - 1)  # the last final block stays: it may be the head
        if self._archive is not None:
            for block in blocks[:gone]:
                self._settling.extend(block.rows)
        del blocks[:gone]

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
            self._take_away(block)
            gone += reversed(block.rows)
            since = block.position
        return Rewound(gone, since)

    def _take_away(self, block: HeldBlock) -> None:
        for row in reversed(block.rows):
            self.forget(row)
        block.restore()

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
