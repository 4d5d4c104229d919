"""Tokens from nowhere: a stolen owner key lets the attacker mint, and CCIP carries the fakes to another chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ccip_core import views
from ccip_core.localnet.attacks.outcome import AttackError, Evidence, Loot, Taking
from ccip_core.localnet.keys import dev_key
from ccip_core.protocol import codec
from ccip_core.refusal import CcipRefusal
from ccip_core.wallet import Wallet

if TYPE_CHECKING:
    from ccip_core.localnet.attacks.breach import Breach
    from ccip_core.signers import LocalSigner


class UnbackedMint:
    """No oracle is needed: every step of the transfer is valid, only the tokens are not."""

    name: ClassVar[str] = "unbacked-mint"
    summary: ClassVar[str] = "A stolen token owner key mints tokens that nothing backs and sends them over the lane."
    needs_unblessed_lane: ClassVar[bool] = False
    needs_own_tokens: ClassVar[bool] = False
    takes_whole_bucket: ClassVar[bool] = False

    def __init__(self, breach: Breach, loot: Loot) -> None:
        self._breach = breach
        self._loot = loot
        self._is_done = False

    def plant(self) -> Evidence:
        """Grant the attacker the minter role with the owner's key, and mint."""
        breach, token = self._breach, self._loot.source
        thief = breach.attacker.address
        grant = codec.encode_call("grantMintRole(address)", thief)
        granted = Wallet(breach.source_rpc, self._stolen_owner()).transact(token.address, grant)
        mint = codec.encode_call("mint(address,uint256)", thief, self._loot.source_amount)
        minted = Wallet(breach.source_rpc, breach.attacker).transact(token.address, mint)
        breach.tx_hashes += [(breach.lane.source, granted.tx_hash), (breach.lane.source, minted.tx_hash)]
        story = f"minted {self._loot.source_amount} (smallest units) of {token.symbol} on {breach.source.name}"
        return Evidence((breach.lane.source, minted.block_number), story)

    def take(self) -> Taking:
        """Send the fakes to the other chain."""
        try:
            sent = self._breach.send_own(self._loot, self._loot.source_amount)
        except CcipRefusal as refused:
            return Taking("refused", str(refused), None, None)
        self._breach.in_flight = sent
        self._is_done = True
        return Taking("success", f"message 0x{sent.message_id.hex()} is on its way", sent.tx_hash, sent.block_number)

    @property
    def is_done(self) -> bool:
        """The fakes were sent."""
        return self._is_done

    def _stolen_owner(self) -> LocalSigner:
        breach, token = self._breach, self._loot.source
        owner = views.owner_of(breach.source_rpc, token.address)
        for position in range(len(breach.chains.deployment.chains)):
            key = dev_key("deployer", position)
            if key.address == owner:
                return key
        raise AttackError(f"token = {token.symbol}: its owner 0x{owner.hex()} is no dev key; attack a localnet")
