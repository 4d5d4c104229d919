"""A source chain that forgets: the send that the destination already believes in is reorganised away."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core import views
from ccip_core.localnet.attacks.outcome import AttackError, Evidence, Loot, Taking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.localnet.attacks.breach import Breach
    from ccip_core.protocol.messages import Any2EVMRampMessage


class DeepReorg:
    """The attacker keeps the source's tokens, which were never sent, and takes the destination's."""

    name: ClassVar[str] = "deep-reorg"
    summary: ClassVar[str] = "The source chain is reorganised past finality after a message of it was committed."
    needs_unblessed_lane: ClassVar[bool] = False
    needs_own_tokens: ClassVar[bool] = True
    takes_whole_bucket: ClassVar[bool] = False

    def __init__(self, breach: Breach, loot: Loot) -> None:
        self._breach = breach
        self._loot = loot
        self._batch: Sequence[Any2EVMRampMessage] = ()
        self._sequence_number = 0
        self._is_done = False

    def plant(self) -> Evidence:
        """Send, wait for finality and the commit, then replace the source's blocks back to before the send."""
        breach = self._breach
        sent = breach.send(self._loot, self._loot.source_amount)
        rpc, depth = breach.source_rpc, breach.source.finality_depth_blocks
        self._batch = breach.commit_genuine(sent)
        self._sequence_number = sent.sequence_number
        blocks = 0
        while rpc.receipt(sent.tx_hash) is not None:  # a block mined meanwhile makes the reorg fall short
            blocks = views.latest(rpc).number - sent.block_number + 1
            rpc.request("anvil_reorg", [blocks, []])
        story = f"the source replaced its last {blocks} blocks; final blocks lie {depth} deep; the send is gone"
        return Evidence((breach.lane.source, sent.block_number), story)

    def take(self) -> Taking:
        """Execute what was never sent, unless the DON did already."""
        if self._sequence_number == 0:
            raise AttackError("attack: there is nothing to take before it was planted")
        position = self._sequence_number - self._batch[0].header.sequence_number
        taking = self._breach.execute(self._batch, position)
        self._is_done = taking.verdict != "skipped"
        if taking.verdict == "repeated":
            return taking._replace(verdict="success", reason="the honest oracles had executed it")
        return taking

    @property
    def is_done(self) -> bool:
        """It was executed."""
        return self._is_done
