"""The rows that judges read: one typed line per fact that a chain stated.

Hashes and addresses are lower-case 0x text, amounts raw integers in the token's smallest unit. `from_log` turns a
decoded event into rows; `to_frame` turns rows into a pandas table for people. Two clocks stand in every row:
`block_time_s` is what the chain says, `known_at_ms` when we could have known; replays go by the latter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.protocol import events, hashing
from ccip_core.protocol.messages import ChainSelector, EVM2AnyTokenTransfer, Lane, MerkleRoot
from ccip_core.protocol.subjects import subject_text
from detectors.state_rows import StateRow, state_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from ccip_core.protocol.logs import Header, RawLog
    from detectors.network import ChainFacts, Network, TokenFacts

UNNUMBERED = -1
"""The sequence number of a message of a bridge that does not number them: only its id tells it from others."""


class At(NamedTuple):
    """Where and when a row was stated."""

    chain: ChainSelector
    block_number: int
    block_hash: str
    block_time_s: int
    tx_hash: str
    log_index: int
    known_at_ms: int

    @property
    def row_id(self) -> str:
        """Stable name of the row: block hash and log index (unique over all chains)."""
        return f"{self.block_hash}:{self.log_index}"

    def is_before(self, other: At) -> bool:
        """On one chain by position, on two by block time (the chain's selector where that ties)."""
        if self.chain == other.chain:
            return (self.block_number, self.log_index) < (other.block_number, other.log_index)
        return (self.block_time_s, self.chain) < (other.block_time_s, other.chain)


class TokenSent(NamedTuple):
    """One token that a message carries."""

    source_pool: str
    dest_token: str
    amount: int
    source_decimals: int | None
    """From the pool's extraData; None when it holds anything else. UNTRUSTED."""


class Sent(NamedTuple):
    """The OnRamp emitted a message; `leaf` is the hash that a committed root must contain for it."""

    at: At
    lane: Lane
    on_ramp: str
    sequence_number: int
    message_id: str
    leaf: str
    nonce: int
    sender: str
    receiver: str
    tokens: tuple[TokenSent, ...]


class Committed(NamedTuple):
    """The OffRamp accepted one root."""

    at: At
    lane: Lane
    off_ramp: str
    on_ramp: str
    min_seq_nr: int
    max_seq_nr: int
    merkle_root: str
    is_blessed: bool


class Executed(NamedTuple):
    """The OffRamp changed a message's execution state."""

    at: At
    lane: Lane
    off_ramp: str
    sequence_number: int
    message_id: str
    leaf: str
    state: Literal["success", "failure", "in_progress"]


class Pooled(NamedTuple):
    """A token pool locked or burned ("out" of its chain), or released or minted ("in")."""

    at: At
    side: Literal["out", "in"]
    pool: str
    token: str | None
    """None where the pool's event (1.5.1) does not name it and the network does not know the pool."""
    remote: ChainSelector | None
    """None where the event does not say (1.5.1)."""
    caller: str
    """Who called the pool: a ramp, if all is well."""
    recipient: str | None
    amount: int


class Minted(NamedTuple):
    """A token's own Transfer from the zero address, whoever caused it."""

    at: At
    token: str
    recipient: str
    amount: int


class Priced(NamedTuple):
    """The FeeQuoter took a token price: USD with 18 decimals for 1e18 smallest units."""

    at: At
    token: str
    usd_per_token: int


class CurseChanged(NamedTuple):
    """RMNRemote cursed or uncursed a subject (0x + 32 hex digits)."""

    at: At
    subject: str
    is_cursed: bool


class FinalityViolated(NamedTuple):
    """A chain replaced a block that it had called final. Stated by the indexer, not by a log; `at` is the new block."""

    at: At
    block_number: int
    old_hash: str
    new_hash: str | None
    """None when the chain no longer has a block of that number."""


Row = Sent | Committed | Executed | Pooled | Minted | Priced | CurseChanged | FinalityViolated | StateRow


_ZERO_ADDRESS = bytes(20)
_STATES: dict[int, Literal["in_progress", "success", "failure"]] = {1: "in_progress", 2: "success", 3: "failure"}


def at_of(log: RawLog, header: Header, chain: ChainSelector, known_at_ms: int) -> At:
    """Where the log stands."""
    return At(
        chain, header.number, _text(log.block_hash), header.timestamp_s, _text(log.tx_hash), log.log_index, known_at_ms
    )


def from_log(  # noqa: PLR0917  everything that a row states, each once
    log: RawLog, event: events.Event, header: Header, chain: ChainSelector, known_at_ms: int, network: Network
) -> list[Row]:
    """The rows that a decoded log states; most state one, a commit one for each root, what is not ours none.

    Only the network's own contracts are heard: an event of another emitter is UNTRUSTED and states nothing.

    Raises:
        AbiError: our own OnRamp emitted a message that its destination can't execute, so it has no leaf.
    """
    facts = network.chains.get(chain)
    if facts is None:
        return []
    at = at_of(log, header, chain, known_at_ms)
    emitter = _text(log.address)
    if emitter == facts.on_ramp:
        rows = _of_on_ramp(at, log, event, network)
    elif emitter == facts.off_ramp:
        rows = _of_off_ramp(at, emitter, event)
    elif emitter == facts.rmn_remote:
        rows = _of_rmn_remote(at, event)
    elif emitter == facts.fee_quoter:
        rows = _of_fee_quoter(at, event)
    else:
        pooled = facts.token_of_pool(emitter)
        rows = _of_token(at, emitter, facts, event) if pooled is None else _of_pool(at, emitter, pooled, event)
    return rows or [*state_rows(at, emitter, facts, event)]


def to_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a table for people: the fields of `At` first, then those of each kind; nested ones as text.

    Amounts, selectors and sequence numbers stay Python integers (object columns): none passes through a float.
    """
    import pandas as pd  # noqa: PLC0415  the live corridor never needs a table

    lines = [
        {"kind": type(row).__name__, "row_id": row.at.row_id}
        | row.at._asdict()
        | {name: _cell(value) for name, value in row._asdict().items() if name != "at"}
        for row in rows
    ]
    return pd.DataFrame(lines, dtype=object)


def _of_on_ramp(at: At, log: RawLog, event: events.Event, network: Network) -> list[Row]:
    if not isinstance(event, events.CCIPMessageSent):
        return []
    lane = Lane(at.chain, event.dest_chain_selector)
    if lane not in network.lanes:
        return []
    message = event.message
    return [
        Sent(
            at=at,
            lane=lane,
            on_ramp=_text(log.address),
            sequence_number=event.sequence_number,
            message_id=_text(message.header.message_id),
            leaf=_text(hashing.leaf_of_sent(message, on_ramp=log.address)),
            nonce=message.header.nonce,
            sender=_text(message.sender),
            receiver=_address(message.receiver),
            tokens=tuple(_token_sent(transfer) for transfer in message.token_amounts),
        )
    ]


def _of_off_ramp(at: At, emitter: str, event: events.Event) -> list[Row]:
    if isinstance(event, events.CommitReportAccepted):
        return [
            *(_committed(at, emitter, root, is_blessed=True) for root in event.blessed_merkle_roots),
            *(_committed(at, emitter, root, is_blessed=False) for root in event.unblessed_merkle_roots),
        ]
    if isinstance(event, events.ExecutionStateChanged) and event.state in _STATES:
        return [
            Executed(
                at=at,
                lane=Lane(event.source_chain_selector, at.chain),
                off_ramp=emitter,
                sequence_number=event.sequence_number,
                message_id=_text(event.message_id),
                leaf=_text(event.message_hash),
                state=_STATES[event.state],
            )
        ]
    return []


def _of_rmn_remote(at: At, event: events.Event) -> list[Row]:
    if isinstance(event, events.Cursed | events.Uncursed):
        is_cursed = isinstance(event, events.Cursed)
        return [CurseChanged(at, subject_text(subject), is_cursed) for subject in event.subjects]
    if isinstance(event, events.CursedV15 | events.CurseLiftedV15):
        return [CurseChanged(at, subject_text(event.subject), isinstance(event, events.CursedV15))]
    return []


def _of_fee_quoter(at: At, event: events.Event) -> list[Row]:
    return [Priced(at, _text(event.token), event.value)] if isinstance(event, events.UsdPerTokenUpdated) else []


def _of_token(at: At, token: str, facts: ChainFacts, event: events.Event) -> list[Row]:
    if token in facts.tokens and isinstance(event, events.Transfer) and event.from_ == _ZERO_ADDRESS:
        return [Minted(at, token, _text(event.to), event.value)]
    return []


def _of_pool(at: At, pool: str, token: TokenFacts, event: events.Event) -> list[Row]:
    match event:
        case events.LockedOrBurned():
            remote, sender, amount = event.remote_chain_selector, event.sender, event.amount
            return [Pooled(at, "out", pool, token.address, remote, _text(sender), None, amount)]
        case events.ReleasedOrMinted():
            remote, sender, amount = event.remote_chain_selector, event.sender, event.amount
            return [Pooled(at, "in", pool, token.address, remote, _text(sender), _text(event.recipient), amount)]
        case events.Locked() | events.Burned():
            return [Pooled(at, "out", pool, token.address, None, _text(event.sender), None, event.amount)]
        case events.Released() | events.Minted():
            recipient = _text(event.recipient)
            return [Pooled(at, "in", pool, token.address, None, _text(event.sender), recipient, event.amount)]
        case _:
            return []


def _committed(at: At, off_ramp: str, root: MerkleRoot, *, is_blessed: bool) -> Committed:
    return Committed(
        at=at,
        lane=Lane(root.source_chain_selector, at.chain),
        off_ramp=off_ramp,
        on_ramp=_address(root.on_ramp_address),
        min_seq_nr=root.min_seq_nr,
        max_seq_nr=root.max_seq_nr,
        merkle_root=_text(root.merkle_root),
        is_blessed=is_blessed,
    )


def _token_sent(transfer: EVM2AnyTokenTransfer) -> TokenSent:
    decimals = int.from_bytes(transfer.extra_data) if len(transfer.extra_data) == 32 else 256
    return TokenSent(
        source_pool=_text(transfer.source_pool_address),
        dest_token=_address(transfer.dest_token_address),
        amount=transfer.amount,
        source_decimals=decimals if decimals < 256 else None,
    )


def _address(raw: bytes) -> str:
    """An address in its 32-byte form as 20 bytes, so that one thing is written one way; anything else as it is."""
    return _text(raw[12:] if len(raw) == 32 and not any(raw[:12]) else raw)


def _text(raw: bytes) -> str:
    return "0x" + raw.hex()


def _cell(value: object) -> object:
    if isinstance(value, Lane):
        return f"{value.source} > {value.dest}"
    return str(value) if isinstance(value, tuple) else value
