"""This node's key on one chain: the contract it acts on (rmn_contracts), and what it has to pay with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ccip_core.wallet import Wallet
    from rmn_service.rmn_contracts import RmnContract

_GAS, _GAS_PER_SUBJECT = 300_000, 200_000
"""Above what a vote costs that also curses; only what is used is paid."""
_FUNDED_VOTES = 10
"""A balance for fewer votes, at the fees that the wallet would offer now, is low."""
STUCK_MS = 30_000
"""A transaction that is not mined for so long is sent again for a higher fee."""


class Funds(NamedTuple):
    """What the key can pay on one chain."""

    balance_wei: int
    low_wei: int
    """Below this it is time to send some."""

    @property
    def is_low(self) -> bool:
        """Whether votes may soon fail for lack of gas."""
        return self.balance_wei < self.low_wei


@dataclass(frozen=True, slots=True)
class Hand:
    """This node's key on one chain, and the contract that it acts on."""

    wallet: Wallet
    contract: RmnContract
    is_quick: bool = True
    """Whether the key signs within this process: then it signs while the intent is being written."""
    stuck_ms: int = STUCK_MS

    def warm(self) -> Funds:
        """Make the next vote one call, and look at what is left to pay for it. Raises RpcError."""
        self.wallet.warm()
        balance_wei = self.wallet.rpc.balance(self.wallet.address)
        return Funds(balance_wei, _FUNDED_VOTES * gas_of(("", "")) * self.wallet.fee_wei_max)


def gas_of(subjects: tuple[str, ...]) -> int:
    """The gas that a vote about these subjects is given."""
    return _GAS + _GAS_PER_SUBJECT * len(subjects)
