"""What an attack did and what it got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ccip_core.amounts import convert_decimals

if TYPE_CHECKING:
    from ccip_core.deployment import Token
    from ccip_core.protocol.messages import ChainSelector, Lane


class AttackError(ValueError):
    """The attack can't be run as asked; one line that names the field, the value and the remedy."""


class BlessedLaneError(AttackError):
    """The attack needs a lane whose roots are committed without blessings, and this one demands them."""

    def __init__(self, attack: str, lane: Lane) -> None:
        super().__init__(
            f"lane = {lane.source}:{lane.dest}: {attack} needs a lane with blessing off; name one, or let "
            "--disable-blessing switch it off"
        )
        self.lane = lane


class AttackStopped(Exception):  # noqa: N818 - named for what happened
    """The attack was run, and the network got in its way before there was anything to take."""


class Loot(NamedTuple):
    """What the attacker is after."""

    symbol: str
    source: Token
    dest: Token
    source_amount: int
    """In the source token's smallest units: messages carry source amounts."""

    @property
    def dest_amount(self) -> int:
        """The same in the destination's units, as its pool will convert it."""
        return convert_decimals(self.source_amount, of=self.source.decimals, to=self.dest.decimals)


class Evidence(NamedTuple):
    """What an attack has put on a chain for everyone to see."""

    block: tuple[ChainSelector, int] | None
    """None when nothing of it was accepted."""
    story: str


class Taking(NamedTuple):
    """One try to carry the loot away."""

    verdict: Literal["success", "failure", "skipped", "repeated", "refused"]
    """Skipped: the lane is cursed; repeated: it was executed before; refused: the transaction reverted."""
    reason: str
    tx_hash: bytes | None
    block_number: int | None


class Gain(NamedTuple):
    """How much more of a token the attacker has than before, in the token's smallest units; negative is spent."""

    chain: ChainSelector
    symbol: str
    decimals: int
    amount: int


class AttackOutcome(NamedTuple):
    """The whole story of one attack, told from chain state and not from its plan."""

    name: str
    lane: Lane
    token: str
    chains: tuple[ChainSelector, ...]
    evidence_block: tuple[ChainSelector, int] | None
    """Chain and number of the first block that holds evidence; None when nothing of the attack was mined."""
    tx_hashes: tuple[tuple[ChainSelector, bytes], ...]
    takings: tuple[Taking, ...]
    gains: tuple[Gain, ...]
    description: str

    @property
    def has_landed(self) -> bool:
        """The attacker got away with something."""
        return any(taking.verdict == "success" for taking in self.takings)
