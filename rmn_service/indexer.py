"""One chain as a linked list: what it did since the last poll, told as steps.

    poll ─▶ Reorged? ─▶ Extended … ─▶ Finalised?          FinalityBroken ─▶ stopped

Blocks above the last final one are linked: each names our previous block as its parent, and its logs are asked for by
its hash, so no answer can mix two branches. Far behind finality, where linking block by block would take hours, the
indexer asks for the logs of whole ranges and keeps only the blocks that hold logs and the last one of each range. There
it believes the endpoint's finality instead of parent hashes, and still compares every log's block hash with the header.

The steps are lazy, and a step counts as taken when the caller asks for the next one. If a chain can't be asked
(`RpcError`) or a step can't be applied, the indexer stays where the last taken step left it and the next poll tells the
rest: nothing is lost. A caller that fails after applying a step hears it again: applying twice must be harmless.

Every block's logs are read a second time just before the block becomes final, by range: an endpoint may serve a new
block before it has all of its logs. What was missing is stated (`Contradicted`), and the block is taken again. Where
logs are gone that were there, nobody knows which reading is true (`LostLogsError`): whoever polls decides how long that
may last before the block is taken as it is told now (`take_as_told`).

Doubt never breaks finality: an endpoint that knows less of the chain than we do is an error (the caller is blind), and
only a final block that was replaced by another one is a `FinalityBroken`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.deployment import NOBODY
from ccip_core.question import describe
from ccip_core.rpc import NoAgreementError, RpcError, RpcMalformed, RpcRefused, RpcUnreachable, WrongChainError
from rmn_service.steps import Block, Contradicted, Extended, Finalised, FinalityBroken, Reorged, Step

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from ccip_core.deployment import Chain
    from ccip_core.protocol.logs import Header, RawLog
    from ccip_core.rpc import Rpc

__all__ = [
    "Block",
    "EndpointBehindError",
    "Extended",
    "Finalised",
    "FinalityBroken",
    "Indexer",
    "LostLogsError",
    "Reorged",
    "Step",
    "watched_addresses",
]

FRESH_BLOCKS = 20_000
"""How far back a node without a record begins: all of a young chain; about 3 days at 12 s a block, longer than any
message on a healthy lane is under way. Older history is asked for with an explicit `start_block`."""

BLOCKS_PER_STEP = 32
"""Blocks that are linked before they are handed over: a crash repeats no more calls than these."""

BLOCKS_PER_POLL = 128
"""Linked blocks in one poll, two calls each: about 13 s at a round trip of 50 ms. A poll must not hang for hours."""

RANGES_PER_POLL = 4

RANGE_MIN_BLOCKS = 64
"""A gap behind finality that is longer than this is fetched in ranges."""

RANGE_MAX_BLOCKS = 8_192
RANGE_START_BLOCKS = 1_024
"""Providers cap ranges between 1,000 and 10,000 blocks: begin at the strict end, grow on success, halve on refusal."""

RANGE_MAX_HEADERS = 64
"""Blocks with logs that are taken from one range, a header call each; the rest is asked for again."""

REMEMBERED_FINAL_BLOCKS = 256
"""Final headers that are kept, to name the lowest block that changed when finality is broken."""

_INT64 = 1 << 63


class EndpointBehindError(RpcError):
    """The endpoint lacks a block that it, or another one, showed us before. We are blind; the chain need not be ill."""


class LostLogsError(NoAgreementError):
    """A block lacks logs that it had when it was read first."""

    def __init__(self, header: Header) -> None:
        super().__init__(f"block {header.number} lost logs that it had when it was read first")
        self.block_hash = header.hash


def watched_addresses(chain: Chain) -> list[bytes]:
    """Everything in the deployment that emits what we judge by: the contracts, the tokens and their pools."""
    contracts = (getattr(chain.contracts, name) for name in type(chain.contracts).model_fields)
    tokens = (address for token in chain.tokens for address in (token.address, token.pool))
    return list(dict.fromkeys(address for address in (*contracts, *tokens) if address not in {None, NOBODY}))


class Indexer:
    """Follows one chain. Not thread-safe: one thread polls.

    `tail` and `final_number` are where the record ends (`Store.tail(chain, REMEMBERED_FINAL_BLOCKS)`, `Store.final`),
    `logs` what it holds of the blocks that are not final (`Store.logs_above`);
    `start_block` is where a record begins that is empty yet (None: see `FRESH_BLOCKS`).
    """

    def __init__(
        self,
        rpc: Rpc,
        chain_config: Chain,
        addresses: Sequence[bytes],
        tail: Sequence[Header] = (),
        final_number: int | None = None,
        *,
        start_block: int | None = None,
        genesis_hash: bytes | None = None,
        logs: Mapping[bytes, tuple[RawLog, ...]] | None = None,
    ) -> None:
        """With `genesis_hash`, a chain that was started anew is not taken for one that broke its finality."""
        if tail and final_number is not None and tail[0].number > final_number:
            raise ValueError(f"tail begins at block {tail[0].number}, above the final block {final_number}")
        self._rpc = rpc
        self._depth = chain_config.finality_depth_blocks
        self._addresses = tuple(addresses)
        self._watched = frozenset(addresses)
        self._tail = list(tail)
        self._final_number = final_number
        self._start_block = start_block
        self._genesis_hash = genesis_hash
        self._logs = dict(logs or {})
        """Of the blocks that are not final, as they were read first."""
        self._as_told: set[bytes] = set()
        """Blocks that may have lost logs."""
        self._has_finalized_tag = False
        self._range_blocks = RANGE_START_BLOCKS
        self._head: Header | None = None
        self._is_stopped = False

    @property
    def head(self) -> Header | None:
        """The newest block that the chain showed us; None before the first answer."""
        return self._head

    @property
    def tip(self) -> Header | None:
        """The last linked block: where the record stands once every step is applied."""
        return self._tail[-1] if self._tail else None

    @property
    def final_number(self) -> int | None:
        """The last final block's number."""
        return self._final_number

    @property
    def lag_blocks(self) -> int | None:
        """How far the record is behind the head; None before the first answer."""
        if self._head is None:
            return None
        return max(0, self._head.number - (self._tail[-1].number if self._tail else self._first(self._head) - 1))

    @property
    def is_stopped(self) -> bool:
        """Finality was broken: this chain is not followed any more. A new indexer on the same record finds it again."""
        return self._is_stopped

    def take_as_told(self, block_hash: bytes) -> None:
        """Take the block anew although it lost logs. What was read first stays in what was stated (`Contradicted`)."""
        self._as_told.add(block_hash)

    def poll(self, hint: Header | None = None) -> Iterator[Step]:
        """What happened since the last poll, a bounded piece of it. `hint` is a head that the node has just pushed.

        Two calls when a hint extends our tip: its logs, then the final block (after `Extended` was taken).

        Raises:
            RpcError: the chain could not be asked; the steps until then stand, the next poll goes on from there.
        """
        if self._is_stopped:
            return
        # A hint may be late or of a branch that is gone; it saves a call only where it is the very next block.
        tip = self.tip
        if hint is not None and tip is not None and (hint.number, hint.parent_hash) == (tip.number + 1, tip.hash):
            head = _checked(hint)
        else:
            head = _checked(self._rpc.header("latest"))
        self._head = head
        view = _View(self._rpc, head)
        if self._tail and not self._is_on_our_branch(view):
            yield from self._follow_reorg(view)
            if self._is_stopped:
                return
        if head.number - self._next_number(head) >= RANGE_MIN_BLOCKS:
            is_near_final = yield from self._backfill(view)
            if not is_near_final:
                return  # enough for one poll
        has_held_still = yield from self._extend(view)
        if has_held_still:
            yield from self._finalise(view)

    # Where our branch and the chain's part

    def _follow_reorg(self, view: _View) -> Iterator[Step]:
        """Drop what the chain dropped; stop where that is a final block."""
        broken: FinalityBroken | None = None
        fork: Header | None = None
        for ours in reversed(self._tail):
            if ours.number > view.head.number:
                continue
            theirs = view.header(ours.number)
            if theirs.hash == ours.hash:
                fork = ours
                break
            if self._is_final(ours.number):
                broken = FinalityBroken(ours.number, ours.hash, theirs.hash)
        if broken is not None:
            self._check_genesis()
            yield broken
            self._is_stopped = True
            return
        if fork == self._tail[-1] and view.head.number > fork.number:
            raise RpcMalformed(f"block {fork.number + 1} does not follow from block {fork.number} of the same endpoint")
        keep = fork.number if fork is not None else self._tail[0].number - 1
        if self._final_number is not None and keep < self._final_number:
            self._check_genesis()
            raise EndpointBehindError(f"the head is block {view.head.number}, but block {self._final_number} was final")
        yield from self._rewind(keep)

    def _rewind(self, keep: int, *, is_struck: bool = False) -> Iterator[Step]:
        yield Reorged(keep, is_struck)
        for header in self._tail:
            if header.number > keep:
                self._logs.pop(header.hash, None)
        self._tail = [header for header in self._tail if header.number <= keep]

    def _check_genesis(self) -> None:
        genesis = None if self._genesis_hash is None else self._rpc.header(0)
        if genesis is not None and genesis.hash != self._genesis_hash:
            raise WrongChainError(
                f"block 0 is 0x{genesis.hash.hex()} now: the chain was started anew; name another database_url for it"
            )

    def _is_on_our_branch(self, view: _View) -> bool:
        tip, head = self._tail[-1], view.head
        if head.number <= tip.number:
            return head.hash == tip.hash
        return view.header(tip.number + 1).parent_hash == tip.hash

    # Growing

    def _extend(self, view: _View) -> Generator[Step, None, bool]:
        """Link block after block up to the head; False when the chain moved meanwhile: the next poll finds the fork."""
        last = min(view.head.number, self._next_number(view.head) + BLOCKS_PER_POLL - 1)
        while (first := self._next_number(view.head)) <= last:
            blocks: list[Block] = []
            previous = self.tip
            numbers = range(first, min(last, first + BLOCKS_PER_STEP - 1) + 1)
            for number in numbers:
                header = view.header(number)
                if previous is not None and header.parent_hash != previous.hash:
                    break
                blocks.append(Block(header, self._logs_of(header)))
                previous = header
            if blocks:
                yield Extended(tuple(blocks))
                self._tail.extend(block.header for block in blocks)
                self._logs.update((block.header.hash, block.logs) for block in blocks)
            if len(blocks) < len(numbers):
                return False
        return True

    def _logs_of(self, header: Header) -> tuple[RawLog, ...]:
        return self._watched_logs(header, self._rpc.logs(header.hash, self._addresses))

    def _watched_logs(self, header: Header, found: Iterable[RawLog]) -> tuple[RawLog, ...]:
        """The block's logs of our addresses, in its order.

        Raises:
            RpcMalformed: a log of another block, or two logs in one place.
        """
        by_index: dict[int, RawLog] = {}
        for log in found:
            if log.block_hash != header.hash or log.block_number != header.number:
                raise RpcMalformed(f"block {header.number}: got a log of another block ({log.block_number})")
            if log.log_index in by_index or not 0 <= log.log_index < _INT64:
                raise RpcMalformed(f"block {header.number}: two logs with index {log.log_index}, or an absurd one")
            by_index[log.log_index] = log
        return tuple(by_index[index] for index in sorted(by_index) if by_index[index].address in self._watched)

    # Catching up behind finality

    def _backfill(self, view: _View) -> Generator[Step, None, bool]:
        """Fetch ranges; whether the last final block is near, so that the linked way can take over."""
        final = self._chain_final(view)
        for _ in range(RANGES_PER_POLL):
            first = self._next_number(view.head)
            if final is None or final.number - first < RANGE_MIN_BLOCKS:
                return True
            last = min(final.number, first + self._range_blocks - 1)
            try:
                found = self._rpc.logs_in(first, last, self._addresses)
            except RpcRefused:
                if self._range_blocks == 1:
                    raise
                self._range_blocks //= 2  # too many blocks or logs; every provider words it in its own way
                continue
            except (RpcUnreachable, NoAgreementError):
                self._range_blocks = max(1, self._range_blocks // 2)  # an answer that takes too long looks like this
                raise
            blocks = self._blocks_of_range(view, first, last, found)
            yield Extended(blocks)
            self._tail.extend(block.header for block in blocks)
            yield Finalised(blocks[-1].header.number)
            self._set_final(blocks[-1].header.number)
            self._range_blocks = min(RANGE_MAX_BLOCKS, self._range_blocks + self._range_blocks // 4 + 1)
        return False

    def _blocks_of_range(self, view: _View, first: int, last: int, found: Iterable[RawLog]) -> tuple[Block, ...]:
        """The blocks of a range that hold logs, and its last block."""
        logs_of: dict[int, list[RawLog]] = {}
        for log in found:
            if not first <= log.block_number <= last:
                raise RpcMalformed(f"blocks {first} to {last}: got a log of block {log.block_number}")
            logs_of.setdefault(log.block_number, []).append(log)
        numbers = sorted(logs_of)
        if len(numbers) > RANGE_MAX_HEADERS:
            del numbers[RANGE_MAX_HEADERS:]
        elif last not in logs_of:
            numbers.append(last)
        headers = [view.header(number) for number in numbers]
        return tuple(Block(header, self._watched_logs(header, logs_of.get(header.number, ()))) for header in headers)

    # Finality

    def _finalise(self, view: _View) -> Iterator[Step]:
        """Tell how far the chain is final now."""
        final = self._chain_final(view)
        if final is None or not self._tail or final.number > self._tail[-1].number or self._is_final(final.number):
            return  # nothing new, or we have not come that far yet
        ours = next((header for header in reversed(self._tail) if header.number == final.number), None)
        if ours is None:
            return  # it is older than our record
        if ours.hash != final.hash:
            # A reorg between two of our questions: the next poll walks it. Until then nothing becomes final.
            raise RpcMalformed(f"final block {final.number} is not the block that the same endpoint showed before")
        changed = self._read_again(final.number)
        if changed is not None:
            header, logs = changed
            answers = (("first read", describe(self._logs[header.hash])), ("read again", describe(logs)))
            what = f"the logs of block {header.number}, read twice"
            yield Contradicted(what, header.number, header.hash, answers)
            if not set(self._logs[header.hash]) <= set(logs) and header.hash not in self._as_told:
                raise LostLogsError(header)
            # The next poll takes it again, whole.
            yield from self._rewind(header.number - 1, is_struck=header.hash in self._as_told)
            return
        yield Finalised(final.number)
        self._set_final(final.number)

    def _read_again(self, last: int) -> tuple[Header, tuple[RawLog, ...]] | None:
        """The first block of those that become final whose logs are others now, and these logs."""
        headers = [header for header in self._tail if header.number <= last and header.hash in self._logs]
        while headers:
            found = self._logs_of_several(headers[: self._range_blocks])
            if found is None:
                continue  # too many at once
            for header, logs in found:
                if logs != self._logs[header.hash]:
                    return header, logs
            del headers[: len(found)]
        return None

    def _logs_of_several(self, headers: Sequence[Header]) -> list[tuple[Header, tuple[RawLog, ...]]] | None:
        """The logs of neighbouring blocks in one call; None when the endpoint wants a shorter range."""
        if len(headers) == 1:
            return [(headers[0], self._logs_of(headers[0]))]
        found: dict[bytes, list[RawLog]] = {header.hash: [] for header in headers}
        try:
            for log in self._rpc.logs_in(headers[0].number, headers[-1].number, self._addresses):
                if log.block_hash not in found:
                    raise RpcMalformed(f"got a log of block {log.block_number}, which was another block before")
                found[log.block_hash].append(log)
        except RpcRefused:
            self._range_blocks = max(1, len(headers) // 2)
            return None
        return [(header, self._watched_logs(header, found[header.hash])) for header in headers]

    def _chain_final(self, view: _View) -> Header | None:
        """The last block that the chain calls final: by tag, or by depth where the node knows no such tag."""
        try:
            final = self._rpc.header("finalized")
        except RpcRefused:
            if self._has_finalized_tag:
                raise  # it knew the tag before; falling back to a depth now would weaken what final means
            number = view.head.number - self._depth
            ours = next((header for header in reversed(self._tail) if header.number == number), None)
            return ours or (view.header(number) if number >= 0 else None)
        self._has_finalized_tag = True
        return None if final is None else _checked(final)

    def _is_final(self, number: int) -> bool:
        return self._final_number is not None and number <= self._final_number

    def _set_final(self, number: int) -> None:
        self._final_number = number
        finals = sum(header.number <= number for header in self._tail)
        for header in self._tail[:finals]:
            self._logs.pop(header.hash, None)
        del self._tail[: max(0, finals - REMEMBERED_FINAL_BLOCKS)]

    # The small questions

    def _next_number(self, head: Header) -> int:
        return self._tail[-1].number + 1 if self._tail else self._first(head)

    def _first(self, head: Header) -> int:
        if self._start_block is not None:
            return self._start_block
        return 0 if head.number < FRESH_BLOCKS else head.number - FRESH_BLOCKS


class _View:
    """What one poll has seen of the chain by number; asks for each header once."""

    def __init__(self, rpc: Rpc, head: Header) -> None:
        self._rpc = rpc
        self.head = head
        self._seen = {head.number: head}

    def header(self, number: int) -> Header:
        """The chain's block of this number, which is not above the head."""
        if number not in self._seen:
            header = _checked(self._rpc.header(number))
            if header.number != number:
                raise RpcMalformed(f"asked for block {number}, got block {header.number}")
            self._seen[number] = header
        return self._seen[number]


def _checked(header: Header | None) -> Header:
    if header is None:
        raise EndpointBehindError("the endpoint does not have a block that it must have")
    if not (0 <= header.number < _INT64 and 0 <= header.timestamp_s < _INT64):
        raise RpcMalformed(f"block {header.number} at {header.timestamp_s} s: no such number or time")
    return header
