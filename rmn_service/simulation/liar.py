"""A Byzantine node: its keys are those of an RMN node, and what it says has nothing to do with what it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ccip_core.localnet.keys import dev_key
from ccip_core.protocol.blessing import sign_blessing
from ccip_core.protocol.codec import encode_call
from ccip_core.protocol.subjects import GLOBAL_CURSE_SUBJECT, chain_subject
from ccip_core.wallet import Wallet

if TYPE_CHECKING:
    from random import Random

    from ccip_core.protocol.messages import RmnSignature
    from rmn_service.blesser import Claim
    from rmn_service.simulation.corridor import Corridor

Manner = Literal["consents", "accuses", "both", "silent"]
MANNERS: tuple[Manner, ...] = ("consents", "accuses", "both", "silent")
_GAS = 1_000_000


class Liar:
    """Always alive."""

    is_alive = True

    def __init__(self, index: int, corridor: Corridor, manner: Manner, choose: Random) -> None:
        self.index = index
        self._corridor = corridor
        self._manner = manner
        self._choose = choose
        self._signer = dev_key("rmn_signer", index)
        self._wallets = {chain: Wallet(rpc, dev_key("rmn_curser", index)) for chain, rpc in corridor.chains.items()}
        self._votes = 0

    def tick(self) -> None:
        """Vote to curse something, perhaps."""
        if self._manner not in {"accuses", "both"} or self._choose.random() < 0.6:
            return
        chain = self._choose.choice(sorted(self._corridor.chains))
        voting = self._corridor.contracts[chain].curse_voting
        assert voting is not None
        subject = self._choose.choice([GLOBAL_CURSE_SUBJECT, *map(chain_subject, sorted(self._corridor.chains))])
        self._votes += 1
        curse_id = self.index.to_bytes(8) + self._votes.to_bytes(8)
        self._wallets[chain].refresh()
        self._wallets[chain].send(
            voting, encode_call("voteToCurse(bytes16,bytes16[],bytes32)", curse_id, (subject,), bytes(32)), gas=_GAS
        )

    def blessing(self, _: Claim, digest: bytes) -> RmnSignature | None:
        """Sign whatever is asked, or nothing."""
        return sign_blessing(self._signer, digest) if self._manner in {"consents", "both"} else None
