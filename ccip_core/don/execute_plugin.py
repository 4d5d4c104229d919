"""One oracle's part in the executions of one destination: send what is committed, once, when the round is ours.

No signatures here: the OffRamp checks every message against the committed root, so the only thing that a liar can do
is nothing, and that costs one block.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ccip_core.don.destination import Destination, reason_of
from ccip_core.don.execute import BATCH_MESSAGES_MAX, CommittedRoot, batch_gas, executable, senders
from ccip_core.don.pacing import Key, Pacing
from ccip_core.protocol.ocr3 import encode_execute_call
from ccip_core.rpc import RpcRefused

if TYPE_CHECKING:
    from ccip_core.don.observer import DestView
    from ccip_core.protocol.messages import ChainSelector, ExecutionReport, MerkleRoot

log = logging.getLogger(__name__)

ROUND_BATCHES_MAX = 3
"""Transactions of one round: as many full ones as a block of 60 million gas holds. What waits for a later block, the
next leader sends again."""


class ExecutePlugin:
    """Executions of one destination. Used by the destination's thread alone."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._pacing = Pacing()
        self._strange: set[MerkleRoot] = set()
        self._round, self._batches = -1, 0  # how many transactions were sent in which round

    def lead(self, view: DestView, now_s: float) -> float | None:
        """Execute what can be executed.

        Returns:
            Seconds after which something that failed is worth another try; None when nothing is.

        Raises:
            RpcError: the destination could not be asked or told.
        """
        observer, round_ = self._destination.observer, view.head.number
        self._pacing.keep_only({key for root in view.pending for key in _keys(root)})
        roots = [root for root in self._destination.committed(view) if self._is_ours(root)]

        def is_taken(source: ChainSelector, sequence_number: int) -> bool:
            key = Key(source, sequence_number)
            return observer.is_attempted(*key) or self._pacing.is_held(key, round_, now_s)

        nonces = observer.inbound_nonces(senders(roots, is_taken), view.head.hash)
        if self._round != round_:
            self._round, self._batches = round_, 0
        count = BATCH_MESSAGES_MAX
        while self._batches < ROUND_BATCHES_MAX and (reports := executable(roots, nonces, is_taken, count)):
            sent = {
                Key(report.source_chain_selector, message.header.sequence_number)
                for report in reports
                for message in report.messages
            }
            if self._send(view, reports):
                for key in sent:
                    self._pacing.sent(key, round_)
                self._batches += 1
                continue
            if len(sent) == 1:  # the one that spoils its batches: let it wait, and try the others
                self._pacing.failed(sent.pop(), now_s)
                break
            count = len(sent) // 2
        return self._pacing.next_try_s(now_s)

    def _send(self, view: DestView, reports: list[ExecutionReport]) -> bool:
        name, digest = self._destination.chain.name, view.state.execute.info.config_digest
        try:
            self._destination.send(encode_execute_call(digest, view.head.number, reports), batch_gas(reports))
        except RpcRefused as refusal:
            log.info("%s: the OffRamp would refuse the execution: %s", name, reason_of(refusal))
            return False
        for report in reports:
            numbers = [message.header.sequence_number for message in report.messages]
            log.info("%s: execute %s of %d", name, numbers, report.source_chain_selector)
        return True

    def _is_ours(self, committed: CommittedRoot) -> bool:
        """True when our own messages hash to the root; tells once when they do not."""
        if committed.is_rebuilt:
            return True
        if committed.messages and committed.root not in self._strange:
            self._strange.add(committed.root)
            root = committed.root
            log.warning(
                "%s: the messages %d..%d of %d do not hash to the committed root 0x%s; they will not be executed",
                self._destination.chain.name,
                root.min_seq_nr,
                root.max_seq_nr,
                root.source_chain_selector,
                root.merkle_root.hex(),
            )
        return False


def _keys(root: MerkleRoot) -> list[Key]:
    return [Key(root.source_chain_selector, number) for number in range(root.min_seq_nr, root.max_seq_nr + 1)]
