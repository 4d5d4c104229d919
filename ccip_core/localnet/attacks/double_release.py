"""One message, two sequence numbers: the OffRamp knows a message by (source, sequence number), not by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core.localnet.attacks.outcome import AttackError, Evidence, Loot, Taking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccip_core.localnet.attacks.breach import Breach
    from ccip_core.protocol.messages import Any2EVMRampMessage


class DoubleRelease:
    """The attacker sends honestly, is paid once, and is paid again for a copy under the lane's next number."""

    name: ClassVar[str] = "double-release"
    summary: ClassVar[str] = "An executed message is committed again under a second sequence number and released twice."
    needs_unblessed_lane: ClassVar[bool] = True
    needs_own_tokens: ClassVar[bool] = True
    takes_whole_bucket: ClassVar[bool] = False

    def __init__(self, breach: Breach, loot: Loot) -> None:
        self._breach = breach
        self._loot = loot
        self._copy: Sequence[Any2EVMRampMessage] = ()

    def plant(self) -> Evidence:
        """Send, be paid, and commit the copy."""
        sent = self._breach.send(self._loot, self._loot.source_amount)
        honest = self._breach.deliver(sent)
        self._copy, receipt = self._breach.commit_next(
            lambda number: [honest._replace(header=honest.header._replace(sequence_number=number))]
        )
        number = self._copy[0].header.sequence_number
        story = f"was paid for message {sent.sequence_number} and committed its copy as message {number}"
        return Evidence((self._breach.lane.dest, receipt.block_number), story)

    def take(self) -> Taking:
        """Execute the copy."""
        if not self._copy:
            raise AttackError("attack: there is nothing to take before it was planted")
        taking = self._breach.execute(self._copy, 0)
        if taking.verdict != "skipped":
            self._copy = ()
        return taking

    @property
    def is_done(self) -> bool:
        """The copy was executed."""
        return not self._copy
