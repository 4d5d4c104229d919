"""One oracle's commit plugin, pure: what it would report, and why it would not sign another's report.

A follower never takes a leader's word: every root is hashed again from the follower's own final messages, every
price compared with its own, every RMN signature recovered. `objection` is the complete list of reasons to refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ccip_core.don.prices import agrees
from ccip_core.protocol.codec import AbiError, decode
from ccip_core.protocol.merkle import MAX_LEAVES, merkle_root
from ccip_core.protocol.messages import ChainSelector, CommitReport, MerkleRoot, PriceUpdates, RmnSignature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUND_TOLERANCE_BLOCKS = 5
"""How far two honest oracles' heads may lie apart."""

NO_PRICES = PriceUpdates((), ())


class LaneObservation(NamedTuple):
    """What one oracle sees of one lane into the destination."""

    source: ChainSelector
    on_ramp: bytes
    """As the OffRamp has it configured."""
    next_seq_nr: int
    """The first sequence number that the OffRamp has not committed."""
    is_enabled: bool
    is_cursed: bool
    is_blessing_required: bool
    leaves: tuple[bytes, ...]
    """Of the final messages next_seq_nr, next_seq_nr + 1, … without a hole; at most MAX_LEAVES."""


class CommitObservation(NamedTuple):
    """What one oracle sees when it is asked for a commit report."""

    round: int
    """The destination's head block number."""
    latest_price_sequence_number: int
    lanes: tuple[LaneObservation, ...]
    prices: PriceUpdates
    """This oracle's own price of everything that the destination's FeeQuoter keeps a price of."""
    due_prices: PriceUpdates
    """Those of `prices` that it would report now."""

    @property
    def sequence_number(self) -> int:
        """OCR's sequence number: the round, unless somebody has already used a higher one for prices."""
        return max(self.round, self.latest_price_sequence_number + 1)


class CommitPlan(NamedTuple):
    """What this oracle would report, before the RMN nodes were asked."""

    to_bless: tuple[MerkleRoot, ...]
    unblessed: tuple[MerkleRoot, ...]
    prices: PriceUpdates


def plan(observation: CommitObservation, in_flight: Callable[[ChainSelector, int], bool]) -> CommitPlan:
    """The roots and prices to report now; `in_flight(source, min_seq_nr)` names intervals already under way."""
    to_bless: list[MerkleRoot] = []
    unblessed: list[MerkleRoot] = []
    for lane in sorted(observation.lanes, key=lambda lane: lane.source):
        if lane.is_cursed or not lane.is_enabled or not lane.leaves or in_flight(lane.source, lane.next_seq_nr):
            continue
        (to_bless if lane.is_blessing_required else unblessed).append(root_of(lane, len(lane.leaves)))
    return CommitPlan(tuple(to_bless), tuple(unblessed), observation.due_prices)


def root_of(lane: LaneObservation, count: int) -> MerkleRoot:
    """The root of the lane's first `count` uncommitted messages."""
    last = lane.next_seq_nr + count - 1
    return MerkleRoot(lane.source, lane.on_ramp, lane.next_seq_nr, last, merkle_root(lane.leaves[:count]))


def report_of(
    to_report: CommitPlan, blessed: Sequence[MerkleRoot], signatures: Sequence[RmnSignature]
) -> CommitReport | None:
    """The report of what was planned and blessed; None when nothing is left to say."""
    if not blessed and not to_report.unblessed and to_report.prices == NO_PRICES:
        return None
    return CommitReport(to_report.prices, tuple(blessed), to_report.unblessed, tuple(signatures))


def objection(
    encoded: bytes,
    sequence_number: int,
    own: CommitObservation,
    is_blessed: Callable[[Sequence[MerkleRoot], Sequence[RmnSignature]], bool],
) -> str | None:
    """Why this oracle must not sign the report; None when it could have written the report itself.

    UNTRUSTED input: `encoded` is whatever a peer sent (a struct has one encoding: `decode` refuses all others).
    `is_blessed` recovers the RMN signatures.
    """
    return next(_objections(encoded, sequence_number, own, is_blessed), None)


def _objections(
    encoded: bytes,
    sequence_number: int,
    own: CommitObservation,
    is_blessed: Callable[[Sequence[MerkleRoot], Sequence[RmnSignature]], bool],
) -> Iterator[str]:
    try:
        report = decode(CommitReport, encoded)
    except AbiError as error:
        yield f"not a commit report: {error}"
        return
    if abs(sequence_number - own.sequence_number) > ROUND_TOLERANCE_BLOCKS:
        yield f"sequence number {sequence_number} is far from {own.sequence_number}"
    roots = (*report.blessed_merkle_roots, *report.unblessed_merkle_roots)
    if not roots and report.price_updates == NO_PRICES:
        yield "the report says nothing"
    if len({root.source_chain_selector for root in roots}) != len(roots):
        yield "two roots of one source"
    lanes = {lane.source: lane for lane in own.lanes}
    for root in roots:
        is_among_blessed = root in report.blessed_merkle_roots
        for reason in _root_objections(root, lanes.get(root.source_chain_selector), is_among_blessed):
            yield f"root of {root.source_chain_selector}: {reason}"
    if report.rmn_signatures and not report.blessed_merkle_roots:
        yield "RMN signatures without a blessed root"
    if report.blessed_merkle_roots and not is_blessed(report.blessed_merkle_roots, report.rmn_signatures):
        yield "the RMN signatures do not bless these roots"
    yield from _price_objections(report.price_updates, own)


def _root_objections(root: MerkleRoot, lane: LaneObservation | None, is_among_blessed: bool) -> Iterator[str]:
    if lane is None or not lane.is_enabled:
        yield "no such lane"
        return
    if lane.is_cursed:
        yield "the source is cursed"
    if is_among_blessed != lane.is_blessing_required:
        yield "must be blessed" if lane.is_blessing_required else "must not be blessed"
    count = root.max_seq_nr - root.min_seq_nr + 1
    if root.min_seq_nr != lane.next_seq_nr or not 1 <= count <= MAX_LEAVES:
        yield f"interval {root.min_seq_nr}..{root.max_seq_nr} does not continue at {lane.next_seq_nr}"
    elif count > len(lane.leaves):
        yield f"message {lane.next_seq_nr + len(lane.leaves)} is not final here"
    elif root != root_of(lane, count):
        yield "the messages hash to another root"


def _price_objections(updates: PriceUpdates, own: CommitObservation) -> Iterator[str]:
    tokens = {update.source_token: update.usd_per_token for update in own.prices.token_price_updates}
    gas = {update.dest_chain_selector: update.usd_per_unit_gas for update in own.prices.gas_price_updates}
    for token_update in updates.token_price_updates:
        own_price = tokens.pop(token_update.source_token, None)
        if own_price is None or not agrees(token_update.usd_per_token, own_price):
            yield f"price of token 0x{token_update.source_token.hex()}"
    for gas_update in updates.gas_price_updates:
        own_price = gas.pop(gas_update.dest_chain_selector, None)
        if own_price is None or not agrees(gas_update.usd_per_unit_gas, own_price):
            yield f"gas price of {gas_update.dest_chain_selector}"
