"""What an oracle's commit and execution plugins of one destination share: the view, the lanes, the way to send."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ccip_core.don.chain_follower import MEMORY_BLOCKS
from ccip_core.don.commit import CommitObservation, LaneObservation
from ccip_core.don.prices import due_prices, local_prices
from ccip_core.protocol.codec import encode_address
from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject
from ccip_core.reverts import revert_text
from ccip_core.wallet import Wallet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccip_core.deployment import Deployment
    from ccip_core.don.execute import CommittedRoot
    from ccip_core.don.observer import ChainObserver, DestView
    from ccip_core.protocol.messages import ChainSelector
    from ccip_core.rpc import Rpc, RpcRefused
    from ccip_core.signers import Signer

log = logging.getLogger(__name__)

FORGET_EVERY_BLOCKS = MEMORY_BLOCKS // 4


class Destination:
    """One destination chain with the lanes that lead there, as one oracle sees it and acts on it."""

    def __init__(
        self,
        selector: ChainSelector,
        deployment: Deployment,
        observers: Mapping[ChainSelector, ChainObserver],
        rpc: Rpc,
        transmitter: Signer,
    ) -> None:
        self.selector = selector
        self.chain = deployment.chain(selector)
        self.observers = observers
        self._on_ramps = {
            config.source: encode_address(deployment.chain(config.source).contracts.on_ramp)
            for config in deployment.lanes
            if config.dest == selector
        }
        self._own_prices = local_prices(deployment, selector)
        self._rpc = rpc
        self._wallet = Wallet(rpc, transmitter)
        self._unmined: bytes | None = None
        self._forgot_at = 0

    @property
    def observer(self) -> ChainObserver:
        """Of the destination itself."""
        return self.observers[self.selector]

    def view(self) -> DestView | None:
        """The destination at its head; None while it is not completely known."""
        return self.observer.dest_view()

    def observe(self, view: DestView) -> CommitObservation:
        """Everything that a commit report could be about."""
        state = view.state
        return CommitObservation(
            round=view.head.number,
            latest_price_sequence_number=state.latest_price_sequence_number,
            lanes=tuple(self._lane(view, source, on_ramp) for source, on_ramp in sorted(self._on_ramps.items())),
            prices=self._own_prices,
            due_prices=due_prices(self._own_prices, state.prices, view.head.timestamp_s),
        )

    def committed(self, view: DestView) -> list[CommittedRoot]:
        """Committed roots that are not cursed and not all attempted, with our own messages."""
        return [
            self.observers[root.source_chain_selector].rebuilt(root, self.selector)
            for root in view.pending
            if root.source_chain_selector in self._on_ramps and not _is_cursed(view, root.source_chain_selector)
        ]

    def send(self, call: bytes, gas: int) -> bytes:
        """Send to the OffRamp what it would accept now; the transaction's hash.

        Raises:
            RpcRefused: it would revert; nothing was sent.
            RpcError: the chain could not be asked or told.
        """
        off_ramp = self.chain.contracts.off_ramp
        if self._unmined is not None and self._rpc.receipt(self._unmined) is None:
            self._wallet.refresh()  # still waiting, or lost in a reorg together with its nonce: only the chain knows
        self._rpc.call(off_ramp, call, sender=self._wallet.address)
        self._unmined = self._wallet.send(off_ramp, call, gas=gas)
        return self._unmined

    def look(self) -> None:
        """Read all chains of these lanes up to their heads, now. Raises RpcError."""
        for selector in (self.selector, *self._on_ramps):
            self.observers[selector].look()

    def forget_settled(self, view: DestView) -> None:
        """Now and then drop what was executed long ago."""
        if view.head.number - self._forgot_at >= FORGET_EVERY_BLOCKS:
            self._forgot_at = view.head.number
            for source, needed in self.observer.forget_executed().items():
                if source in self._on_ramps:
                    self.observers[source].forget_sent(self.selector, needed)

    def _lane(self, view: DestView, source: ChainSelector, on_ramp: bytes) -> LaneObservation:
        config = view.state.sources.get(source)
        is_enabled = config is not None and config.is_enabled and config.on_ramp == on_ramp
        next_seq_nr = 1 if config is None else config.min_seq_nr
        return LaneObservation(
            source=source,
            on_ramp=on_ramp,
            next_seq_nr=next_seq_nr,
            is_enabled=is_enabled,
            is_cursed=_is_cursed(view, source),
            is_blessing_required=config is not None and not config.is_rmn_verification_disabled,
            leaves=tuple(seen.leaf for seen in self.observers[source].final_messages(self.selector, next_seq_nr)),
        )


def reason_of(refusal: RpcRefused) -> str:
    """Why the OffRamp would refuse."""
    return revert_text(refusal.data) if refusal.data else refusal.message


def _is_cursed(view: DestView, source: ChainSelector) -> bool:
    return not view.state.cursed.isdisjoint((GLOBAL_CURSE_SUBJECT, chain_subject(source)))
