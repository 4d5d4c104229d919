"""Many forged messages, released one after the other until the rate limit's bucket is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccip_core.localnet.attacks.forged_root import ForgedRoot

if TYPE_CHECKING:
    from ccip_core.protocol.messages import Any2EVMRampMessage

PARTS = 5


class Drain(ForgedRoot):
    """One root over several forgeries that together empty the bucket: a curse in between saves the rest."""

    name = "drain"
    summary = (
        "Stolen oracle keys forge several messages that release all that the rate limit lets through, part by part."
    )
    needs_unblessed_lane = True
    takes_whole_bucket = True

    def _write(self, sequence_number: int) -> list[Any2EVMRampMessage]:
        part, rest = divmod(self._loot.source_amount, PARTS)
        amounts = [part + rest, *[part] * (PARTS - 1)]
        return [
            self._breach.forge(self._loot, amount, sequence_number + position)
            for position, amount in enumerate(amounts)
            if amount
        ]
