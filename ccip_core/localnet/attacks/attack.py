"""The shape of an attack: plant, then take."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from ccip_core.localnet.attacks.breach import Breach
    from ccip_core.localnet.attacks.outcome import Evidence, Loot, Taking


class Attack(Protocol):
    """One way to steal. The two steps are apart, so that a network has its chance to respond in between."""

    name: ClassVar[str]
    summary: ClassVar[str]
    """One sentence."""
    needs_unblessed_lane: ClassVar[bool]
    needs_own_tokens: ClassVar[bool]
    """The attacker first buys what is to be multiplied, so the loot is bounded by what the user can sell."""
    takes_whole_bucket: ClassVar[bool]
    """The loot is all that the rate limit lets through, instead of a part of it."""

    def __init__(self, breach: Breach, loot: Loot) -> None: ...

    def plant(self) -> Evidence:
        """Do what a watcher can see: the commit of a forgery, the mint, the reorg."""

    def take(self) -> Taking:
        """Carry the next part of the loot away. A part that was refused or skipped is tried again by the next call."""

    @property
    def is_done(self) -> bool:
        """Nothing is left to take."""
