"""Takes signed transactions of one key to one chain, each exactly once.

    sign ─▶ written down ─▶ send ─▶ follow … follow ─▶ mined, reverted, or lost

What is open in the outbox is offered again whenever it could have been dropped: the same bytes are the same
transaction. What lies too long is signed again under its own number for a higher fee, so that at most one of them is
ever mined. Only a number that the chain has used up for something else ends the matter: then it is lost, and the
caller asks the chain what is still missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.rpc import RpcRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Receipt
    from ccip_core.wallet import Wallet
    from rmn_service.outbox import Outbox, Posted

_OFFER_AGAIN_MS = 3_000
"""A transaction without a receipt is offered again this often; asking for the receipt alone is cheaper."""
_REPLACEMENTS_MAX = 12
"""Then the fee is nine times the first one, and it is not the fee that keeps the chain from mining it."""


class Fate(NamedTuple):
    """What became of an action's transactions."""

    state: Literal["waiting", "mined", "reverted", "lost"]
    receipt: Receipt | None = None


class Dispatch:
    """One key's transactions on one chain. One thread at a time for each action."""

    def __init__(
        self, chain: ChainSelector, wallet: Wallet, outbox: Outbox, clock: Callable[[], int], stuck_ms: int
    ) -> None:
        self._chain = chain
        self._wallet = wallet
        self._outbox = outbox
        self._clock = clock
        self._stuck_ms = stuck_ms
        self._offered_ms: dict[str, int] = {}

    @property
    def is_warm(self) -> bool:
        """Whether `sign` will ask the chain nothing."""
        return self._wallet.is_warm

    def sign(self, action: str, to: bytes, data: bytes, gas: int) -> Posted:
        """Sign and write down. It may be sent once that is durable. Raises RpcError, StoreError."""
        signed = self._wallet.prepare(to, data, gas=gas, held=self._outbox.held(self._chain))
        try:
            return self._outbox.write(self._chain, action, signed, self._clock())
        except BaseException:
            self._wallet.release(signed.content)
            raise

    def withdraw(self, posted: Posted) -> None:
        """What was signed is not durable, for the transaction around it failed: it never existed."""
        self._outbox.forget(posted)
        self._wallet.release(posted.content)

    def abandon(self, posted: Posted) -> None:
        """It may not be sent after all, and was not. Raises StoreError."""
        self._outbox.settle(posted.action)
        self._wallet.release(posted.content)

    def send(self, posted: Posted) -> Posted | None:
        """Offer it for the first time: one call. What was taken: it, or the same under another number; None: neither.

        Raises:
            RpcError: not taken, or perhaps it was: `follow` finds out.
            StoreError: it was outdated, and no other could be written down.
        """
        if self._is_taken(posted):
            return posted
        content = posted.content  # overtaken since the wallet was warmed: by another process, a reorg, the base fee
        self._wallet.refresh()
        again = self.sign(posted.action, content.to, content.data, content.gas)
        return again if self._is_taken(again) else None

    def follow(self, action: str, now_ms: int) -> Fate:
        """What has become of the action's open transactions; helps them on. Raises RpcError, StoreError."""
        rows = self._outbox.open(action)
        fate = self._receipt_of(action, rows)
        if fate is not None:
            return fate
        newest = rows[0]
        is_stuck = now_ms - newest.at_ms >= self._stuck_ms
        if not is_stuck and now_ms - self._offered_ms.get(action, 0) < _OFFER_AGAIN_MS:
            return Fate("waiting")
        self._offered_ms[action] = now_ms
        offer = self._wallet.offer(newest.raw)
        if offer == "misnumbered":  # the chain has gone past its number: with one of ours, or with another
            fate = self._receipt_of(action, rows)
            if fate is None:
                self._outbox.settle(action)
                self._wallet.refresh()
            return fate or Fate("lost")
        if is_stuck or offer == "underpriced":
            self._replace(newest, len(rows))
        return Fate("waiting")

    def reopen_if_undone(self, action: str) -> bool:
        """Whether a reorg took the action's mined transaction away; it is on its way again then. Raises RpcError."""
        mined = self._outbox.mined(action)
        if mined is None or self._wallet.rpc.receipt(mined.tx_hash) is not None:
            return False
        self._outbox.reopen(mined)
        self._offered_ms.pop(action, None)
        self._wallet.refresh()
        return True

    def _is_taken(self, posted: Posted) -> bool:
        try:
            offer = self._wallet.offer(posted.raw)
        except RpcRefused:
            self.abandon(posted)
            raise
        if offer in {"accepted", "known"}:
            self._offered_ms[posted.action] = self._clock()
            return True
        self._outbox.settle(posted.action)
        return False

    def _receipt_of(self, action: str, rows: Sequence[Posted]) -> Fate | None:
        for posted in rows:
            receipt = self._wallet.rpc.receipt(posted.tx_hash)
            if receipt is not None:
                self._outbox.settle(action, posted.tx_hash)
                self._offered_ms.pop(action, None)
                return Fate("mined" if receipt.is_success else "reverted", receipt)
        return None

    def _replace(self, newest: Posted, count: int) -> None:
        if count > _REPLACEMENTS_MAX:
            return
        better = self._wallet.reprice(newest.content)
        self._outbox.write(self._chain, newest.action, better, self._clock())
        self._wallet.offer(better.raw)
