"""A genuine message that grew on the way: the committed leaf releases more than the source locked or burnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core.localnet.attacks.outcome import AttackError, AttackStopped, Evidence, Loot, Taking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.localnet.attacks.breach import Breach
    from ccip_core.protocol.messages import Any2EVMRampMessage

SENT_SHARE = 1_000
"""The honest message carries this fraction of the loot."""


class InflatedAmount:
    """Same message id, same sender, same sequence number; another amount."""

    name: ClassVar[str] = "inflated-amount"
    summary: ClassVar[str] = "A genuine message is committed by stolen oracle keys with a larger amount than was sent."
    needs_unblessed_lane: ClassVar[bool] = True
    needs_own_tokens: ClassVar[bool] = False
    takes_whole_bucket: ClassVar[bool] = False

    def __init__(self, breach: Breach, loot: Loot) -> None:
        self._breach = breach
        self._loot = loot
        self._messages: Sequence[Any2EVMRampMessage] = ()
        self._position: int | None = None

    def plant(self) -> Evidence:
        """Send a small message and commit it before the honest oracles do, grown."""
        sent_amount = max(1, self._loot.source_amount // SENT_SHARE)
        sent = self._breach.send(self._loot, sent_amount)
        self._messages, receipt = self._breach.commit_next(lambda first: self._write(first, sent.sequence_number))
        self._position = len(self._messages) - 1
        story = f"sent {sent_amount} and committed it as {self._loot.source_amount} (smallest units of the source)"
        return Evidence((self._breach.lane.dest, receipt.block_number), story)

    def take(self) -> Taking:
        """Execute the grown message."""
        if self._position is None:
            raise AttackError("attack: there is nothing to take before it was planted")
        taking = self._breach.execute(self._messages, self._position)
        if taking.verdict != "skipped":
            self._position = None
        return taking

    @property
    def is_done(self) -> bool:
        """It was executed."""
        return self._position is None

    def _write(self, first: int, ours: int) -> list[Any2EVMRampMessage]:
        """Everybody's messages as they were sent, ours last and grown."""
        if first > ours:
            raise AttackStopped(f"message {ours}: the honest oracles committed it first; try again")
        *others, honest = self._breach.genuine(first, ours)
        (transfer,) = honest.token_amounts
        grown = transfer._replace(amount=self._loot.source_amount)
        return [*others, honest._replace(token_amounts=(grown,))]
