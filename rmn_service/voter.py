"""Carries actions to chains: every chain has its own threads, so a hung endpoint delays nobody else's vote.

    intend   audit row, document and the signed transaction are written
    launch   once they are durable, the transaction goes out: one RPC call on a warm wallet
    press    every tick: receipts, replacements, retries, votes that a reorg or a new voter configuration undid

What was signed is followed to its end (`dispatch.py`), whoever dies meanwhile; only when it is known to have come to
nothing is another transaction signed, and before that the chain is asked what is still missing (`getCursedSubjects`,
`hasVoted`): acting twice is harmless, but a vote lost to a revert is not. An intended curse is never given up while it
is not on the chain; only a key that may not act ends it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import structlog

from ccip_core.reverts import revert_text
from ccip_core.rpc import RpcError, RpcRefused
from rmn_service.actions import Action, action_of
from rmn_service.dispatch import Dispatch
from rmn_service.errands import ErrandThread
from rmn_service.errors import AuditError, StoreError
from rmn_service.hands import Hand, gas_of
from rmn_service.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ccip_core.protocol.messages import ChainSelector
    from rmn_service.audit import Audit
    from rmn_service.errands import Errand
    from rmn_service.guard import Guard, Vote
    from rmn_service.hands import Funds
    from rmn_service.outbox import Posted
    from rmn_service.policy import Target
    from rmn_service.store import Store

log = structlog.get_logger()

KIND = "action"
"""Under which actions stand in the store's documents."""
_RETRY_MS, _RETRY_MS_MAX = 1_000, 30_000
_RECHECK_MS, _RECHECK_MS_MAX = 10_000, 600_000
"""A mined vote whose curse is still missing is looked at again after this long."""
_WARM_MS = 15_000


@dataclass(slots=True)
class _Progress:
    """What is only known while this process lives."""

    tries: int = 0
    next_ms: int = 0
    is_doubtful: bool = False
    """The world may have moved on since it was intended: ask the chain before signing."""
    is_under_way: bool = False


class _Staged(NamedTuple):
    """Signed with its intent, and pledged to the guard."""

    action: Action
    posted: Posted
    await_pledge: Callable[[], None]


class Voter:
    """Holds every action of this node and sees each through."""

    def __init__(
        self,
        hands: Mapping[ChainSelector, Hand],
        store: Store,
        audit: Audit,
        *,
        guard: Guard | None,
        clock: Callable[[], int],
        attempt: Callable[[Errand], None],
    ) -> None:
        """`attempt` runs a try and reports whatever it raises: the next try is due all the same.

        `guard` is there where a hand is.
        """
        self._hands = hands
        self._store = store
        self._audit = audit
        self._clock = clock
        self._guard = guard
        self._attempt = attempt
        self._outbox = Outbox(store)
        self._dispatches = {
            chain: Dispatch(chain, hand.wallet, self._outbox, clock, hand.stuck_ms) for chain, hand in hands.items()
        }
        self._staged: dict[str, _Staged] = {}
        """Signed while the intent is being written; what is not launched then was never durable."""
        self.funds: dict[ChainSelector, Funds] = {}
        """What the key had on each chain when it was last asked."""
        self._lock = threading.Lock()
        self._actions = {action.id: action for action in map(action_of, store.all(KIND))}
        self._answered_at_s: dict[Target, int] = {}
        for action in self._actions.values():
            self._note_answer(action)
        self._progress = {id_: _Progress(is_doubtful=True) for id_ in self._actions}
        self._threads = {chain: ErrandThread(f"vote-{chain}", attempt) for chain in hands}
        self._warmed_ms: dict[ChainSelector, int] = {}

    @property
    def is_able(self) -> bool:
        """Whether this node has a key to act with at all."""
        return bool(self._hands)

    def actions(self, cause: str | None = None, at_ms: int | None = None) -> list[Action]:
        """Every action, or those that serve one incident or proposal, now or as they stood; oldest first."""
        with self._lock:
            found = [action for action in self._actions.values() if cause in (None, action.cause)]
        if at_ms is None:
            return found
        return [stood for action in found if (stood := action.as_it_stood(at_ms)) is not None]

    def answered_at_s(self, target: Target) -> int | None:
        """Block time of the latest evidence that a vote against the target, under way or done, rests on."""
        with self._lock:
            return self._answered_at_s.get(target)

    def intend(self, actions: Iterable[Action], now_ms: int) -> list[Action]:
        """Write down what is about to be done; what `launch` may send once that is durable. Known ids are left alone.

        Where that takes no time the transactions are signed as well, so that they are durable together. The caller
        holds the service's lock from here to `launch`.

        Raises:
            AuditError, StoreError: not written, so nothing may be sent.
        """
        self._withdraw_staged()
        new = [action for action in actions if action.id not in self._actions and action.chain in self._hands]
        if not new:
            return []
        intent = self._audit.intend(new[0].kind, {"actions": [action.document() for action in new]}, now_ms)
        new = [self._forbid(replace(action, intent=intent)) for action in new]
        self._store.put_many(KIND, [(action.id, action.document()) for action in new], now_ms)
        for action in new:
            if not action.is_finished:
                self._stage(action)
        return new

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
            if action.is_finished:
                log.error("vote forbidden by the guard", chain=str(action.chain), action=action.id, why=action.note)
                continue
            errand = self._begin(action, now_ms, self._staged.pop(action.id, None))
            if action.chain == own:
                left.append(partial(self._attempt, errand))
            else:
                self._threads[action.chain].hand_over(errand)
        return left

    def press(
        self,
        is_cursed: Callable[[Action], bool],
        is_read_up: Callable[[ChainSelector], bool],
        now_ms: int,
        is_stopped: Callable[[Action], bool] = lambda _: False,
    ) -> None:
        """Go on with whatever is not yet on its chain. Never waits for a chain. The caller holds the service's lock.

        Args:
            is_cursed: whether the chain has, or had until people lifted it, all that the action wanted.
            is_read_up: whether we know what happened on the chain while this node was away.
            now_ms: the time.
            is_stopped: whether people stopped the action.
        """
        self._withdraw_staged()
        for action in self.actions():
            if is_stopped(action) or not self._is_due(action, is_cursed, now_ms):
                continue
            is_done = is_cursed(action)
            if self._progress[action.id].is_doubtful and not (is_done or is_read_up(action.chain)):
                continue  # perhaps people lifted meanwhile what it is about
            self._threads[action.chain].hand_over(self._begin(action, now_ms, is_done=is_done))
        for chain in self._hands:
            if now_ms - self._warmed_ms.get(chain, 0) >= _WARM_MS:
                self._warmed_ms[chain] = now_ms
                self._threads[chain].hand_over(partial(self._warm, chain))

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

    def _forbid(self, action: Action) -> Action:
        """The action, ended before it began where the guard knows of a vote that it would repeat or contradict."""
        if action.kind != "curse" or not any(vote.state == "sent" for vote in self._conflicts(action)):
            return action
        why = "the guard forbids it: this key voted on the same or later evidence before; see `rmn guard`"
        return replace(action, state="impossible", note=why)

    def _conflicts(self, action: Action) -> list[Vote]:
        assert self._guard is not None
        return self._guard.conflicts(self._hands[action.chain].wallet.address, action)

    def _stage(self, action: Action) -> None:
        hand, dispatch = self._hands[action.chain], self._dispatches[action.chain]
        if not hand.is_quick or not dispatch.is_warm or not hand.contract.is_voting or action.kind != "curse":
            return
        if self._conflicts(action):
            return  # pledges that a dead process left behind: the chain is asked first
        to, data = hand.contract.call(action.kind, action.subjects, action.curse_id, action.evidence)
        posted = dispatch.sign(action.id, to, data, gas_of(action.subjects))
        self._staged[action.id] = _Staged(action, posted, self._pledge(action, posted))

    def _pledge(self, action: Action, posted: Posted) -> Callable[[], None]:
        assert self._guard is not None
        if action.kind != "curse":
            return lambda: None
        return self._guard.pledge(self._hands[action.chain].wallet.address, action, posted.tx_hash)

    def _withdraw_staged(self) -> None:
        """What was signed with an intent that was not written: it is in no record, and was sent to nobody."""
        for action, posted, _ in self._staged.values():
            assert self._guard is not None
            self._dispatches[posted.chain].withdraw(posted)
            self._guard.withdraw(self._guard.pledges(self._hands[action.chain].wallet.address, action))
        self._staged.clear()

    def _begin(self, action: Action, now_ms: int, staged: _Staged | None = None, *, is_done: bool = False) -> Errand:
        progress = self._progress[action.id]
        first, most = (_RECHECK_MS, _RECHECK_MS_MAX) if action.is_finished else (_RETRY_MS, _RETRY_MS_MAX)
        delay = min(first << min(progress.tries, 10), most)
        progress.next_ms = now_ms + delay
        progress.is_under_way = True
        return partial(self._carry, action, progress, now_ms, staged, is_done=is_done)

    def _carry(
        self, action: Action, progress: _Progress, now_ms: int, staged: _Staged | None, *, is_done: bool
    ) -> None:
        """One try. It waits for the chain."""
        try:
            if staged is not None:
                self._send(action, progress, staged.posted, staged.await_pledge)
            else:
                self._go_on(action, progress, now_ms, is_done=is_done)
        except RpcError as error:  # the chain was not told, or we don't know: doubt, ask it at the next try
            progress.tries += 1
            progress.is_doubtful = True
            said = revert_text(error.data) if isinstance(error, RpcRefused) and error.data else str(error)
            self._keep(replace(self._actions[action.id], note=f"will try again: {said}", changed_at_ms=now_ms))
        finally:
            progress.is_under_way = False

    def _go_on(self, action: Action, progress: _Progress, now_ms: int, *, is_done: bool) -> None:
        """Follow what was signed; sign anew what came to nothing."""
        is_again = bool(progress.tries) or progress.is_doubtful or action.state != "intended"
        if self._outbox.open(action.id):
            if self._follow(action, progress, now_ms):
                return
            is_again = True
        elif action.is_finished and self._dispatches[action.chain].reopen_if_undone(action.id):
            self._keep(replace(action, state="sent", note="a reorg took it back", changed_at_ms=now_ms))
            progress.next_ms = now_ms
            return
        hand, missing = self._hands[action.chain], action.subjects
        if is_again:
            missing = hand.contract.missing(hand.wallet.rpc, action.kind, action.subjects)
            if not missing or is_done:  # it stands, or it stood until people lifted it
                self._conclude_unless_finished(action, "moot" if action.tx is None else "mined", "on the chain")
                return
        why_not = hand.contract.refusal(hand.wallet.rpc, action.kind) or self._why_forbidden(hand, action)
        if why_not is not None:
            self._conclude(action, "impossible", why_not)
            return
        if is_again:
            action = replace(action, attempt=action.attempt + 1)
            self._keep(action)  # the curse id of an earlier attempt may have been used
        to, data = hand.contract.call(action.kind, missing, action.curse_id, action.evidence)
        if is_again:  # what would revert again is not paid for again: it raises, and is tried later
            hand.wallet.rpc.call(to, data, sender=hand.wallet.address)
        posted = self._dispatches[action.chain].sign(action.id, to, data, gas_of(missing))
        self._send(action, progress, posted, self._pledge(action, posted))

    def _follow(self, action: Action, progress: _Progress, now_ms: int) -> bool:
        """See what was signed on its way. False when it came to nothing. Raises RpcError, StoreError."""
        if not self._is_pledged(action):  # a process died between signing and pledging
            why_not = self._why_forbidden(self._hands[action.chain], action)
            if why_not is not None:
                self._outbox.settle(action.id)
                self._conclude(action, "impossible", why_not)
                return True
            self._pledge(action, self._outbox.open(action.id)[0])()
        fate = self._dispatches[action.chain].follow(action.id, now_ms)
        if fate.state == "waiting":
            progress.next_ms = now_ms
            self._note_on_the_way(action)
        elif fate.state == "mined":
            assert fate.receipt is not None
            tx = "0x" + fate.receipt.tx_hash.hex()
            self._conclude(replace(action, tx=tx), "mined", f"block {fate.receipt.block_number}")
        return fate.state in {"waiting", "mined"}

    def _is_pledged(self, action: Action) -> bool:
        assert self._guard is not None
        return action.kind != "curse" or self._guard.knows(self._hands[action.chain].wallet.address, action)

    def _why_forbidden(self, hand: Hand, action: Action) -> str | None:
        """Why the guard forbids it. A pledge that a dead process left counts if the chain has it. Raises RpcError."""
        if action.kind != "curse" or self._guard is None:
            return None
        for vote in self._conflicts(action):
            if vote.state == "sent" or hand.wallet.rpc.receipt(vote.tx_hash) is not None:
                return f"the guard forbids it: voted on the same or later evidence in 0x{vote.tx_hash.hex()}"
            self._guard.withdraw([vote])
        return None

    def _send(self, action: Action, progress: _Progress, posted: Posted, await_pledge: Callable[[], None]) -> None:
        try:
            await_pledge()
        except StoreError:
            self._dispatches[action.chain].abandon(posted)
            raise
        taken = self._dispatches[action.chain].send(posted)
        progress.tries += 1
        if taken is not None:
            if self._guard is not None and action.kind == "curse":
                self._guard.sent(self._hands[action.chain].wallet.address, action)
            tx = "0x" + taken.tx_hash.hex()
            self._keep(replace(action, state="sent", tx=tx, note="", changed_at_ms=self._clock()))

    def _note_on_the_way(self, action: Action) -> None:
        """Its document names the newest transaction for it: a replacement, or one that an earlier process sent."""
        newest = self._outbox.open(action.id)[0]
        tx = "0x" + newest.tx_hash.hex()
        if action.state != "sent" or action.tx != tx:
            self._keep(replace(action, state="sent", tx=tx, note="", changed_at_ms=self._clock()))

    def _warm(self, chain: ChainSelector) -> None:
        before = self.funds.get(chain)
        try:
            funds = self.funds[chain] = self._hands[chain].warm()
        except RpcError:  # only the speed of the next vote is at stake
            return
        if funds.is_low != (before is not None and before.is_low):
            wei = {"balance_wei": str(funds.balance_wei), "low_wei": str(funds.low_wei)}
            (log.warning if funds.is_low else log.info)(
                "curser's balance is low" if funds.is_low else "curser's balance is enough again",
                chain=str(chain),
                **wei,
            )

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
