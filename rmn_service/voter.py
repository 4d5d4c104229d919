"""Carries actions to chains: every chain has its own threads, so a hung endpoint delays nobody else's vote.

    intend   audit row and document are written
    launch   once they are durable, the transaction goes out: one RPC call on a warm wallet
    press    every tick: receipts, retries, votes that a reorg or a new voter configuration undid

A first try is sent at once. Every later try asks the chain first what is still missing (`getCursedSubjects`,
`hasVoted`): acting twice is harmless, but a vote lost to a revert is not. An intended curse is never given up while it
is not on the chain; only a key that may not act ends it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ccip_core.protocol.codec import encode_call
from ccip_core.reverts import revert_text
from ccip_core.rpc import RpcError, RpcRefused
from ccip_core.views import ask, owner_of
from rmn_service.actions import Action, action_of
from rmn_service.errands import ErrandThread
from rmn_service.errors import AuditError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Receipt
    from ccip_core.wallet import Wallet
    from rmn_service.audit import Audit
    from rmn_service.errands import Errand
    from rmn_service.policy import Target
    from rmn_service.store import Store

KIND = "action"
"""Under which actions stand in the store's documents."""
_GAS, _GAS_PER_SUBJECT = 300_000, 200_000
"""Above what a vote costs that also curses; only what is used is paid."""
_RETRY_MS, _RETRY_MS_MAX = 1_000, 30_000
_RECHECK_MS, _RECHECK_MS_MAX = 10_000, 600_000
"""A mined vote whose curse is still missing is looked at again after this long."""
_LOST_MS = 30_000
"""A transaction without a receipt for this long is taken for dropped."""
_WARM_MS = 15_000


@dataclass(frozen=True, slots=True)
class Hand:
    """This node's key on one chain, and the contracts that it acts on."""

    wallet: Wallet
    rmn_remote: bytes
    curse_voting: bytes | None
    """None: the deployment has no voting contract, so the key must own RMNRemote to curse."""


@dataclass(slots=True)
class _Progress:
    """What is only known while this process lives."""

    tries: int = 0
    next_ms: int = 0
    is_doubtful: bool = False
    """Something may have been sent that we have no record of: ask the chain before sending."""
    is_under_way: bool = False


class Voter:
    """Holds every action of this node and sees each through."""

    def __init__(
        self,
        hands: Mapping[ChainSelector, Hand],
        store: Store,
        audit: Audit,
        clock: Callable[[], int],
        guard: Callable[[Errand], None],
    ) -> None:
        """`guard` runs a try and reports whatever it raises: the next try is due all the same."""
        self._hands = hands
        self._store = store
        self._audit = audit
        self._clock = clock
        self._guard = guard
        self._lock = threading.Lock()
        self._actions = {action.id: action for action in map(action_of, store.all(KIND))}
        self._answered_at_s: dict[Target, int] = {}
        for action in self._actions.values():
            self._note_answer(action)
        self._progress = {id_: _Progress(is_doubtful=True) for id_ in self._actions}
        self._threads = {chain: ErrandThread(f"vote-{chain}", guard) for chain in hands}
        self._warmed_ms: dict[ChainSelector, int] = {}

    @property
    def is_able(self) -> bool:
        """Whether this node has a key to act with at all."""
        return bool(self._hands)

    def actions(self, cause: str | None = None) -> list[Action]:
        """Every action, or those that serve one incident or proposal; oldest first."""
        with self._lock:
            return [action for action in self._actions.values() if cause in (None, action.cause)]

    def answered_at_s(self, target: Target) -> int | None:
        """Block time of the latest evidence that a vote against the target, under way or done, rests on."""
        with self._lock:
            return self._answered_at_s.get(target)

    def intend(self, actions: Iterable[Action], now_ms: int) -> list[Action]:
        """Write down what is about to be done; what `launch` may send once that is durable. Known ids are left alone.

        Raises:
            AuditError, StoreError: not written, so nothing may be sent.
        """
        new = [action for action in actions if action.id not in self._actions and action.chain in self._hands]
        if not new:
            return []
        intent = self._audit.intend(new[0].kind, {"actions": [action.document() for action in new]}, now_ms)
        new = [replace(action, intent=intent) for action in new]
        self._store.put_many(KIND, [(action.id, action.document()) for action in new], now_ms)
        return new

    def rehearse(self, intended: Iterable[Action]) -> None:
        """Sign, but don't send, while the intents are being written: the time to a vote is what counts."""
        for action in intended:
            hand = self._hands[action.chain]
            if hand.curse_voting is not None and action.kind == "curse":
                self._threads[action.chain].hand_over(partial(_rehearse, hand, action))

    def launch(self, intended: Iterable[Action], now_ms: int, own: ChainSelector | None = None) -> list[Errand]:
        """Send what was intended, to all chains at once. The intents must be durable.

        What goes to the chain `own` is left to the caller, to be done now: waking another thread takes its time.
        """
        left: list[Errand] = []
        for action in intended:
            with self._lock:
                self._actions[action.id] = action
                self._note_answer(action)
                self._progress[action.id] = _Progress()
            errand = self._begin(action, now_ms)
            if action.chain == own:
                left.append(partial(self._guard, errand))
            else:
                self._threads[action.chain].hand_over(errand)
        return left

    def press(
        self, is_cursed: Callable[[Action], bool], now_ms: int, is_stopped: Callable[[Action], bool] = lambda _: False
    ) -> None:
        """Go on with whatever is not yet on its chain, nor stopped by people. Never waits for a chain."""
        for action in self.actions():
            if not is_stopped(action) and self._is_due(action, is_cursed, now_ms):
                self._threads[action.chain].hand_over(self._begin(action, now_ms))
        for chain, hand in self._hands.items():
            if now_ms - self._warmed_ms.get(chain, 0) >= _WARM_MS:
                self._warmed_ms[chain] = now_ms
                self._threads[chain].hand_over(partial(_warm, hand))

    def settle(self, timeout_s: float, chains: Iterable[ChainSelector] | None = None) -> bool:
        """Wait until nothing is under way, on these chains or on any; False when that took too long."""
        deadline_s = time.monotonic() + timeout_s
        milestones = [self._threads[chain].milestone() for chain in (self._hands if chains is None else chains)]
        return all(passed.acquire(timeout=max(0.0, deadline_s - time.monotonic())) for passed in milestones)

    def close(self) -> None:
        """Stop the threads; what is unfinished is resumed by the next process."""
        for thread in self._threads.values():
            thread.close()

    def _note_answer(self, action: Action) -> None:
        if action.kind == "curse":
            for target in action.targets:
                self._answered_at_s[target] = max(action.evidence_at_s, self._answered_at_s.get(target, 0))

    def _is_due(self, action: Action, is_cursed: Callable[[Action], bool], now_ms: int) -> bool:
        progress = self._progress[action.id]
        if action.chain not in self._hands or now_ms < progress.next_ms:
            return False
        if progress.is_under_way:
            return False
        if not action.is_finished:
            return True
        # A vote that is on the chain stays there, unless a reorg or a new voter configuration takes it away.
        return action.kind == "curse" and action.state == "mined" and action.tx is not None and not is_cursed(action)

    def _begin(self, action: Action, now_ms: int) -> Errand:
        progress = self._progress[action.id]
        first, most = (_RECHECK_MS, _RECHECK_MS_MAX) if action.is_finished else (_RETRY_MS, _RETRY_MS_MAX)
        delay = min(first << min(progress.tries, 10), most)
        progress.next_ms = now_ms + delay
        progress.is_under_way = True
        return partial(self._carry, action, progress, now_ms)

    def _carry(self, action: Action, progress: _Progress, now_ms: int) -> None:
        """One try. It waits for the chain."""
        try:
            self._try(action, progress, now_ms)
        finally:
            progress.is_under_way = False

    def _try(self, action: Action, progress: _Progress, now_ms: int) -> None:
        hand = self._hands[action.chain]
        try:
            if action.state == "sent" and not self._follow_up(hand, action, progress, now_ms):
                return
            missing = action.subjects
            if progress.tries or progress.is_doubtful or action.is_finished or action.state == "sent":
                missing = _missing(hand, action)
                if not missing:
                    self._conclude_unless_finished(action, "moot" if action.tx is None else "mined", "on the chain")
                    return
            self._send(hand, action, missing, progress)
        except RpcError as error:  # the chain was not told, or we don't know: doubt, ask it at the next try
            progress.tries += 1
            progress.is_doubtful = True
            said = revert_text(error.data) if isinstance(error, RpcRefused) and error.data else str(error)
            self._keep(replace(self._actions[action.id], note=f"will try again: {said}", changed_at_ms=now_ms))

    def _follow_up(self, hand: Hand, action: Action, progress: _Progress, now_ms: int) -> bool:
        """Look for the receipt. True when another transaction is called for."""
        assert action.tx is not None
        receipt: Receipt | None = hand.wallet.rpc.receipt(bytes.fromhex(action.tx[2:]))
        if receipt is None:
            if now_ms - action.changed_at_ms < _LOST_MS:
                progress.next_ms = now_ms
                return False
            hand.wallet.refresh()
            return True
        if receipt.is_success:
            self._conclude(action, "mined", f"block {receipt.block_number}")
            return False
        return True

    def _send(self, hand: Hand, action: Action, subjects: tuple[str, ...], progress: _Progress) -> None:
        if hand.curse_voting is None or action.kind == "uncurse":
            owner = owner_of(hand.wallet.rpc, hand.curse_voting or hand.rmn_remote)
            if owner != hand.wallet.address:
                what = "CurseVoting" if hand.curse_voting is not None else "RMNRemote"
                self._conclude(action, "impossible", f"0x{owner.hex()} owns {what}, not this node's curser key")
                return
        is_again = bool(progress.tries) or progress.is_doubtful or action.is_finished or action.state == "sent"
        if is_again:
            action = replace(action, attempt=action.attempt + 1)
            self._keep(action)  # the curse id of an earlier attempt may have been used
        to, data = call_of(hand, action, subjects)
        if is_again:  # what would revert again is not paid for again: it raises, and is tried later
            hand.wallet.rpc.call(to, data, sender=hand.wallet.address)
        tx = hand.wallet.send(to, data, gas=_gas(subjects))
        progress.tries += 1
        self._keep(replace(action, state="sent", tx="0x" + tx.hex(), note="", changed_at_ms=self._clock()))

    def _conclude_unless_finished(self, action: Action, state: str, note: str) -> None:
        if not action.is_finished:
            self._conclude(action, state, note)

    def _conclude(self, action: Action, state: str, note: str) -> None:
        now_ms = self._clock()
        done = replace(action, state=state, note=note, changed_at_ms=now_ms)  # type: ignore[arg-type]  # one of ours
        self._keep(done)
        outcome = {"action": done.id, "chain": str(done.chain), "state": state, "tx": done.tx, "note": note}
        try:
            self._audit.conclude(done.kind, done.intent, outcome, now_ms)
        except AuditError:  # the act is done and can't be undone; the document and the chain still show it
            return

    def _keep(self, action: Action) -> None:
        with self._lock:
            self._actions[action.id] = action
        self._store.put(KIND, action.id, action.document(), action.changed_at_ms)


def call_of(hand: Hand, action: Action, subjects: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Contract and calldata of an action."""
    raw = tuple(bytes.fromhex(subject[2:]) for subject in subjects)
    if hand.curse_voting is None:
        return hand.rmn_remote, encode_call(f"{action.kind}(bytes16[])", raw)
    if action.kind == "uncurse":
        return hand.curse_voting, encode_call("liftCurse(bytes16[])", raw)
    evidence = bytes.fromhex(action.evidence[2:])
    vote = encode_call("voteToCurse(bytes16,bytes16[],bytes32)", action.curse_id, raw, evidence)
    return hand.curse_voting, vote


def _rehearse(hand: Hand, action: Action) -> None:
    to, data = call_of(hand, action, action.subjects)
    hand.wallet.presign(to, data, _gas(action.subjects))


def _gas(subjects: tuple[str, ...]) -> int:
    return _GAS + _GAS_PER_SUBJECT * len(subjects)


def _missing(hand: Hand, action: Action) -> tuple[str, ...]:
    """The subjects for which the chain does not yet have what the action wants."""
    rpc = hand.wallet.rpc
    (cursed,) = ask(rpc, hand.rmn_remote, "getCursedSubjects()", returns=("bytes16[]",))
    on_chain = {"0x" + subject.hex() for subject in cursed}
    if action.kind == "uncurse":
        return tuple(subject for subject in action.subjects if subject in on_chain)
    return tuple(subject for subject in action.subjects if subject not in on_chain and not _has_voted(hand, subject))


def _has_voted(hand: Hand, subject: str) -> bool:
    """Whether our vote stands and waits for others.

    Where it reached the threshold and nothing is cursed, RMNRemote refused; CurseVoting tries again with every vote.
    """
    if hand.curse_voting is None:
        return False
    rpc, raw = hand.wallet.rpc, bytes.fromhex(subject[2:])
    voted = ask(rpc, hand.curse_voting, "hasVoted(address,bytes16)", hand.wallet.address, raw, returns=("bool",))
    if not voted[0]:
        return False
    weight, _ = ask(rpc, hand.curse_voting, "getVote(bytes16)", raw, returns=("uint16", "address[]"))
    # The whole answer is not needed: the threshold is the third word of the head.
    threshold = int.from_bytes(rpc.call(hand.curse_voting, encode_call("getConfig()"))[64:96])
    return int(weight) < threshold


def _warm(hand: Hand) -> None:
    try:
        hand.wallet.warm()
    except RpcError:  # only the speed of the next vote is at stake
        return
