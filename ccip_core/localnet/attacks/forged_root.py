"""A root over a message that nobody sent, signed by compromised commit oracles.

With blessing on, the OffRamp wants fSign+1 RMN signatures over it, and RMN nodes don't sign what they can't recompute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core.localnet.attacks.outcome import Evidence, Loot, Taking
from ccip_core.localnet.attacks.rmn_door import ask_for_blessings
from ccip_core.wallet import TransactionFailed

if TYPE_CHECKING:
    from ccip_core.localnet.attacks.breach import Breach
    from ccip_core.protocol.messages import Any2EVMRampMessage


class ForgedRoot:
    """On a blessed lane it asks for blessings and commits in any case; on an unblessed lane it just commits."""

    name: ClassVar[str] = "forged-root"
    summary: ClassVar[str] = "F+1 stolen commit keys sign a root over a message that nobody sent."
    needs_unblessed_lane: ClassVar[bool] = False
    needs_own_tokens: ClassVar[bool] = False
    takes_whole_bucket: ClassVar[bool] = False

    def __init__(self, breach: Breach, loot: Loot) -> None:
        self._breach = breach
        self._loot = loot
        self._messages: tuple[Any2EVMRampMessage, ...] = ()
        self._left: list[int] = []

    def plant(self) -> Evidence:
        """Commit the forgery."""
        if self._breach.is_blessed:
            return self._plant_blessed()
        self._messages, receipt = self._breach.commit_next(self._write)
        self._left = list(range(len(self._messages)))
        block = (self._breach.lane.dest, receipt.block_number)
        return Evidence(block, f"committed a root over {len(self._messages)} message(s) that nobody sent")

    def take(self) -> Taking:
        """Execute the next forged message."""
        taking = self._breach.execute(self._messages, self._left[0])
        if taking.verdict != "skipped":
            self._left.pop(0)
        return taking

    @property
    def is_done(self) -> bool:
        """No forged message is left to execute."""
        return not self._left

    def _write(self, sequence_number: int) -> list[Any2EVMRampMessage]:
        return [self._breach.forge(self._loot, self._loot.source_amount, sequence_number)]

    def _plant_blessed(self) -> Evidence:
        breach = self._breach
        messages = tuple(self._write(breach.next_sequence_number()))
        root = breach.root_of(messages)
        answers = ask_for_blessings(breach.rmn_urls, breach.lane, root)
        asked = "; ".join(f"{answer.url} {answer.verdict}: {answer.reason}" for answer in answers)
        story = (
            f"asked {len(answers)} RMN node(s) to bless the forged root ({asked})" if answers else "asked no RMN node"
        )
        signed = sorted((a for a in answers if a.signature is not None), key=lambda answer: answer.signer)
        signatures = [answer.signature for answer in signed if answer.signature is not None]
        try:
            receipt = breach.commit(root, as_blessed=True, rmn_signatures=signatures)
        except TransactionFailed as error:
            if error.tx_hash is not None:
                breach.tx_hashes.append((breach.lane.dest, error.tx_hash))
            return Evidence(None, f"{story}; the commit with {len(signatures)} blessing(s) was refused: {error}")
        self._messages, self._left = messages, [0]
        return Evidence((breach.lane.dest, receipt.block_number), f"{story}; the commit was accepted")


class ForgedRootUnblessed(ForgedRoot):
    """The same where nobody has to bless: only a curse can stop it."""

    name = "forged-root-unblessed"
    summary = "A forged root on a lane with blessing disabled: it is committed, then executed."
    needs_unblessed_lane = True
