"""Several endpoints of one chain that must agree: what fewer than `min_agree` of them say is not known.

    min_agree = 1   one endpoint is asked, the next one when it stops (availability; a lie is believed)
    min_agree > 1   all are asked at once, and the answer counts as soon as so many gave it: who is slow delays nobody

    must be said by min_agree endpoints     heads, headers, logs, contract state, receipts
    the min_agree-th highest is taken       balance, nonce, gas price: one that exaggerates moves nothing
    goes to all, the first to accept counts transactions
    is read from one                        gas estimates, calldata (its signatures prove themselves)

Endpoints at different heads don't disagree: the newest block that enough of them have is the head. What is settled (the
content of a block named by its hash, the number of a final block) has one answer for good: another one is kept as a
`Disagreement` for whoever states it, also when it comes late or is outvoted. Who was outvoted is distrusted, so asked
nothing for a while, as long as enough others are left. With `min_agree` at most half of the
endpoints, two camps can both be enough; the first to answer is believed and the other one reported.
"""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from ccip_core.contradictions import Contradictions, Disagreement, Topic
from ccip_core.endpoint import Endpoint
from ccip_core.protocol.logs import Header, RawLog
from ccip_core.question import NOTHING, Question
from ccip_core.rpc import NoAgreementError, RpcError, RpcRefused, RpcUnreachable, WrongChainError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.endpoint import Fault, Standing
    from ccip_core.rpc import BlockTag, Receipt, Rpc

T = TypeVar("T")

TIMEOUT_S = 6.0
"""Above what an endpoint itself takes to give up."""
_GRACE_S = 0.02
"""How long a head is waited for that would be newer than what enough endpoints have already."""
_SEARCHED_BLOCKS = 64
"""How far below the heads a block is looked for that enough endpoints have: no chain forks deeper without breaking
finality, which is searched for by number."""
_TEXT_MAX = 500
_AHEAD_BLOCKS = 1_000
"""A head so far above what enough endpoints have is a claim that nobody else makes."""


class QuorumRpc:
    """An `Rpc` over several. Thread-safe."""

    def __init__(
        self,
        rpcs: Sequence[Rpc],
        chain_id: int,
        min_agree: int = 1,
        *,
        on_fault: Callable[[int, Fault], None] = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
        timeout_s: float = TIMEOUT_S,
        is_inline: bool = False,
    ) -> None:
        """`is_inline`: ask in turn on the caller's thread, for chains that answer at once (simulations)."""
        if not 1 <= min_agree <= len(rpcs):
            raise ValueError(f"min_agree = {min_agree}: from 1 to the number of endpoints, {len(rpcs)}")
        self.min_agree = min_agree
        self._endpoints = tuple(
            Endpoint(number, rpc, chain_id, on_fault=on_fault, clock=clock) for number, rpc in enumerate(rpcs, 1)
        )
        self._timeout_s = timeout_s
        self._is_inline = is_inline
        self._lock = Lock()
        self._current = 0
        self._head: Header | None = None
        self._contradictions = Contradictions(self._distrust)
        self._foretold: tuple[bytes, tuple[bytes, ...] | None, Question[list[RawLog]]] | None = None

    @property
    def count(self) -> int:
        """How many endpoints there are."""
        return len(self._endpoints)

    @property
    def current(self) -> int:
        """The endpoint that is asked now where one suffices, counted from 0."""
        return self._current

    def pin_genesis(self, genesis_hash: bytes) -> None:
        """Every endpoint must show this block 0, or none, whenever it has to prove itself."""
        for endpoint in self._endpoints:
            endpoint.pin_genesis(genesis_hash)

    def standings(self) -> list[Standing]:
        """How every endpoint does."""
        return [endpoint.standing() for endpoint in self._endpoints]

    def disagreements(self) -> list[Disagreement]:
        """Those that were not dropped yet, oldest first."""
        return self._contradictions.open()

    def drop(self, disagreement: Disagreement) -> None:
        """It has been stated."""
        self._contradictions.drop(disagreement)

    def close(self) -> None:
        """End the threads; the endpoints themselves are closed by who opened them."""
        for endpoint in self._endpoints:
            endpoint.close()

    def confirm(self, hint: Header, addresses: Sequence[bytes]) -> Header | None:
        """The announced block if enough endpoints have exactly it, else None.

        Its logs are asked for at the same time, as whoever follows heads wants them next: one round trip for both.
        """
        if self.min_agree == 1:
            return hint
        self._foretold = (hint.hash, tuple(addresses), self._put(lambda rpc: rpc.logs(hint.hash, addresses)))
        try:
            header = self.header(hint.hash)
        except RpcError:
            header = None
        if header != hint:
            self._foretold = None  # whoever asks for these logs later wants what is known then
            return None
        with self._lock:
            if self._head is None or header.number > self._head.number:
                self._head = header
        return header

    # ── Rpc ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def chain_id(self) -> int:
        """Every endpoint has proved it before it is asked anything else."""
        return self._ask(lambda rpc: rpc.chain_id(), Topic("the chain id"))

    def header(self, block: int | bytes | BlockTag) -> Header | None:
        """See `Rpc`; `latest` and `finalized` are the newest that enough endpoints call so."""
        if self.min_agree == 1:
            return self._ask_one(lambda rpc: rpc.header(block))
        if isinstance(block, bytes):
            topic = Topic(f"block 0x{block.hex()}", None, block, is_settled=True)
            return self._agree(self._put(lambda rpc: rpc.header(block)), topic)
        if isinstance(block, int):
            header = self._agree(self._put(lambda rpc: rpc.header(block)), self._numbered(block))
            if header is None:
                self._note_missing(block)
            return header
        return self._latest() if block == "latest" else self._finalized()

    def logs(self, block_hash: bytes, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """See `Rpc`."""
        if self.min_agree == 1:
            return self._ask_one(lambda rpc: rpc.logs(block_hash, addresses))
        foretold, self._foretold = self._foretold, None
        asked = None if addresses is None else tuple(addresses)
        if foretold is not None and foretold[:2] == (block_hash, asked):
            question = foretold[2]
        else:
            question = self._put(lambda rpc: rpc.logs(block_hash, addresses))
        return self._agree(
            question, Topic(f"the logs of block 0x{block_hash.hex()}", None, block_hash, is_settled=True)
        )

    def logs_in(self, first: int, last: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """See `Rpc`; a refusal by one is a refusal where too few answer: the range is too long for it."""
        if self.min_agree == 1:
            return self._ask_one(lambda rpc: rpc.logs_in(first, last, addresses))
        topic = Topic(
            f"the logs of blocks {first} to {last}", last, None, is_settled=last <= self._contradictions.final_number
        )
        return self._agree(self._put(lambda rpc: rpc.logs_in(first, last, addresses)), topic)

    def call(
        self, to: bytes, data: bytes, block: int | bytes | BlockTag = "latest", sender: bytes | None = None
    ) -> bytes:
        """See `Rpc`; at `latest`, on the head that enough endpoints have, so that all answer about one state."""
        if self.min_agree == 1:
            return self._ask_one(lambda rpc: rpc.call(to, data, block, sender))
        at = block
        if isinstance(block, str):
            header = self.header(block)
            if header is None:
                raise NoAgreementError(f"no {block} block that {self.min_agree} endpoints have")
            at = header.hash
        topic = Topic(
            f"the call of 0x{data[:4].hex()} at 0x{to.hex()} {_at(at)}",
            None,
            at if isinstance(at, bytes) else None,
            is_settled=isinstance(at, bytes),
        )
        return self._agree(self._put(lambda rpc: rpc.call(to, data, at, sender)), topic)

    def nonce(self, address: bytes) -> int:
        """See `Rpc`."""
        return self._ranked(lambda rpc: rpc.nonce(address))

    def balance(self, address: bytes) -> int:
        """See `Rpc`."""
        return self._ranked(lambda rpc: rpc.balance(address))

    def gas_price(self) -> int:
        """See `Rpc`."""
        return self._ranked(lambda rpc: rpc.gas_price())

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, value_wei: int = 0) -> int:
        """See `Rpc`."""
        return self._ask_one(lambda rpc: rpc.estimate_gas(sender, to, data, value_wei))

    def send_raw(self, raw: bytes) -> bytes:
        """See `Rpc`; handed to all, so that no single one can keep it back."""
        if self.min_agree == 1:
            return self._ask_one(lambda rpc: rpc.send_raw(raw))
        question = Question(self._endpoints, lambda rpc: rpc.send_raw(raw), self._timeout_s, is_inline=self._is_inline)
        while question.wait():
            answers = list(question.answers.values())
            if isinstance(answers[-1], bytes):
                return answers[-1]
            refusals = [answer for answer in answers if isinstance(answer, RpcRefused)]
            if len(refusals) >= self.min_agree:
                raise refusals[0]
        raise self._failure(question, "the transaction")

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """See `Rpc`."""
        return self._ask(lambda rpc: rpc.receipt(tx_hash), Topic(f"the receipt of 0x{tx_hash.hex()}"))

    def calldata(self, tx_hash: bytes) -> bytes | None:
        """See `Rpc`; one endpoint's word: whoever reads it must prove it."""
        return self._ask_one(lambda rpc: rpc.calldata(tx_hash))

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, ask: Callable[[Rpc], T], topic: Topic) -> T:
        return self._ask_one(ask) if self.min_agree == 1 else self._agree(self._put(ask), topic)

    def _put(self, ask: Callable[[Rpc], T]) -> Question[T]:
        return Question(self._trusted(), ask, self._timeout_s, is_inline=self._is_inline)

    def _trusted(self) -> list[Endpoint]:
        return [endpoint for endpoint in self._endpoints if endpoint.is_trusted]

    def _distrust(self, endpoint: Endpoint) -> None:
        """Unless too few would be left: then it goes on being asked, and contradicted."""
        with self._lock:
            if sum(other is not endpoint for other in self._trusted()) >= self.min_agree:
                endpoint.distrust()

    def _ask_one(self, ask: Callable[[Rpc], T]) -> T:
        """Ask the endpoint of the moment; where it can't be reached the next call asks the next one."""
        places = [*range(self._current, self.count), *range(self._current)]
        place: int = next(each for each in places if self._endpoints[each].is_trusted)  # never all are distrusted
        try:
            return self._endpoints[place].ask(ask)
        except (RpcUnreachable, WrongChainError):
            with self._lock:
                if self._current == place:
                    self._current = (place + 1) % len(self._endpoints)
            raise

    def _agree(self, question: Question[T], topic: Topic) -> T:
        """What enough endpoints say.

        Raises:
            RpcRefused: enough can't be found, and one refuses.
            NoAgreementError: too few say the same.
        """
        while question.wait():
            camps = question.holders()
            for key, holders in camps.items():
                if key is not NOTHING and len(holders) >= self.min_agree:
                    return self._settled(question, topic, holders)
            if max(map(len, camps.values()), default=0) + question.left < self.min_agree:
                break
        holders = question.holders().get(NOTHING, [])  # "there is none" only where nobody knows better
        if len(holders) >= self.min_agree:
            return self._settled(question, topic, holders)
        self._contradictions.compare_all(topic, question)
        raise self._failure(question, topic.what)

    def _settled(self, question: Question[T], topic: Topic, holders: Sequence[Endpoint]) -> T:
        agreed = question.answers[holders[0]]
        question.settle(partial(self._contradictions.compare, topic, agreed, holders[0]))
        if isinstance(agreed, RpcError):
            raise agreed
        return agreed

    def _ranked(self, ask: Callable[[Rpc], int]) -> int:
        """The value that enough endpoints say or exceed."""
        if self.min_agree == 1:
            return self._ask_one(ask)
        question = self._put(ask)
        while question.wait():
            found = [answer for answer in question.answers.values() if isinstance(answer, int)]
            if len(found) >= self.min_agree and not question.wait(_GRACE_S):
                break
        found = [answer for answer in question.answers.values() if isinstance(answer, int)]
        if len(found) < self.min_agree:
            raise self._failure(question, "an account or a price")
        return sorted(found, reverse=True)[self.min_agree - 1]

    def _failure(self, question: Question[T], what: str) -> RpcError:
        """Why there is no answer: a refusal, where one refuses; another chain, where all are; else who said what.

        Those who answered contradict each other (`NoAgreementError`), or are too few (`RpcUnreachable`).
        """
        answers = question.answers
        errors = [answer for answer in answers.values() if isinstance(answer, RpcError)]
        for kind in (RpcRefused, WrongChainError):
            found = [error for error in errors if isinstance(error, kind)]
            if found and (kind is RpcRefused or len(found) == len(self._trusted())):
                return found[0]
        told = [f"{endpoint}: {answer}" if isinstance(answer, RpcError) else f"{endpoint}: an answer of its own"
                for endpoint, answer in answers.items()]  # fmt: skip
        told += [f"{endpoint}: {'no answer yet' if endpoint.is_trusted else 'distrusted, not asked'}"
                 for endpoint in self._endpoints if endpoint not in answers]  # fmt: skip
        text = f"{self.min_agree} of {self.count} endpoints must say the same of {what}, and don't ({'; '.join(told)})"
        return (NoAgreementError if len(question.holders()) > 1 else RpcUnreachable)(text[:_TEXT_MAX])

    # ── heads ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _latest(self) -> Header:
        agreed = self._common(self._heads("latest"))
        before = self._head
        if before is not None and agreed.number < before.number:
            # Fewer know as much as before. That blocks were dropped is believed when nobody has them any more.
            heads = self._heads("latest", waits_for_all=True)
            agreed = self._common(heads)
            if len(heads) < len(self._trusted()) or max(head.number for head in heads.values()) > agreed.number:
                raise NoAgreementError(
                    f"fewer than {self.min_agree} of {self.count} endpoints have block {before.number}, "
                    "which as many had before"
                )
        self._head = agreed
        return agreed

    def _finalized(self) -> Header | None:
        agreed = self._common(self._heads("finalized"))
        self._contradictions.final_number = max(self._contradictions.final_number, agreed.number)
        return agreed

    def _heads(self, tag: BlockTag, *, waits_for_all: bool = False) -> dict[Endpoint, Header]:
        """What each endpoint calls so: of enough that name the same one, else of all that answer soon enough."""
        question = self._put(lambda rpc: rpc.header(tag))
        heads: dict[Endpoint, Header] = {}
        while question.wait(_GRACE_S if len(heads) >= self.min_agree and not waits_for_all else None):
            heads = {endpoint: head for endpoint, head in question.answers.items() if isinstance(head, Header)}
            if not waits_for_all and max(Counter(heads.values()).values(), default=0) >= self.min_agree:
                break
        if tag == "latest":
            question.settle(_note_head)
        if len(heads) < self.min_agree:
            raise self._failure(question, f"the {tag} block")
        return heads

    def _common(self, heads: dict[Endpoint, Header]) -> Header:
        """The newest block that enough endpoints have; above finality they may be on branches.

        Only who named a head is asked: nobody waits for the silent ones again and again.
        """
        number = sorted((head.number for head in heads.values()), reverse=True)[self.min_agree - 1]
        for endpoint, head in heads.items():
            if head.number > number + _AHEAD_BLOCKS:
                endpoint.note("ahead")
        for head, holders in Counter(heads.values()).items():
            if head.number == number and holders >= self.min_agree:
                return head
        lowest = max(0, number - _SEARCHED_BLOCKS, self._contradictions.final_number)
        for candidate in range(number, lowest - 1, -1):
            question = Question(heads, partial(_header, candidate), self._timeout_s, is_inline=self._is_inline)
            try:
                found = self._agree(question, self._numbered(candidate))
            except NoAgreementError:
                continue
            if found is not None:
                return found
        raise NoAgreementError(f"no block at or below {number} that {self.min_agree} of {self.count} endpoints have")

    def _numbered(self, number: int) -> Topic:
        is_settled = number <= max(0, self._contradictions.final_number)  # the first block is final from the start
        return Topic(f"block {number}", number, None, is_settled=is_settled)

    def _note_missing(self, number: int) -> None:
        for endpoint in self._endpoints:
            if endpoint.head is not None and endpoint.head >= number:
                endpoint.note("missing")


def _note_head(endpoint: Endpoint, answer: Header | RpcError | None) -> None:
    if isinstance(answer, Header):
        endpoint.head = answer.number


def _header(number: int, rpc: Rpc) -> Header | None:
    return rpc.header(number)


def _at(block: int | bytes | BlockTag) -> str:
    return f"in block 0x{block.hex()}" if isinstance(block, bytes) else f"in block {block}"
