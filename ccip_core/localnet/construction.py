"""A list of transactions of one sender, written down first and then built in one go.

Because a contract's address follows from its creator and nonce, everything can be wired before anything is deployed:
`create` answers with the address at once. `build` sends the list as one JSON-RPC batch with explicit nonces and gas and
has blocks mined until all of it stands, so a whole CCIP takes a handful of round trips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ccip_core.protocol import codec
from ccip_core.reverts import revert_text
from ccip_core.rpc import RpcError, RpcRefused
from ccip_core.transactions import Transaction, created_address, sign_transaction

if TYPE_CHECKING:
    from ccip_core.localnet.anvil import Anvil
    from ccip_core.localnet.contract_set import Artifact
    from ccip_core.signers import Signer

CREATE_GAS = 6_000_000
CALL_GAS = 1_500_000
_PRIORITY_FEE_WEI = 10**9
_FEE_WEI_MAX = 10**12
_BLOCKS_MAX = 100


class DeployError(RuntimeError):
    """The network could not be deployed; the text names the step."""


class _Step(NamedTuple):
    name: str
    to: bytes
    data: bytes
    gas: int


class Construction:
    """What one sender will do on one anvil, in this order."""

    def __init__(self, anvil: Anvil, signer: Signer) -> None:
        self._anvil = anvil
        self._signer = signer
        self._steps: list[_Step] = []
        self._nonce = anvil.rpc.nonce(signer.address)

    @property
    def sender(self) -> bytes:
        """Owner of what is built here, until told otherwise."""
        return self._signer.address

    def create(self, artifact: Artifact, *arguments: object) -> bytes:
        """Deploy a contract; the address that it will have."""
        address = created_address(self.sender, self._nonce + len(self._steps))
        self._steps.append(_Step(f"new {artifact.name}", b"", artifact.creation(*arguments), CREATE_GAS))
        return address

    def call(self, to: bytes, signature: str, *arguments: object) -> None:
        """Call a function, written out as in `codec.encode_call`."""
        self._steps.append(_Step(signature.partition("(")[0], to, codec.encode_call(signature, *arguments), CALL_GAS))

    def build(self) -> None:
        """Make it so.

        Raises:
            DeployError: a step reverted or was never mined.
            RpcError: the chain could not be asked.
        """
        rpc, chain_id = self._anvil.rpc, self._anvil.chain_id
        sends, hashes = [], []
        for nonce, step in enumerate(self._steps, self._nonce):
            transaction = Transaction(chain_id, nonce, _PRIORITY_FEE_WEI, _FEE_WEI_MAX, step.gas, step.to, 0, step.data)
            signed = sign_transaction(transaction, self._signer)
            sends.append(("eth_sendRawTransaction", ("0x" + signed.raw.hex(),)))
            hashes.append("0x" + signed.tx_hash.hex())
        with self._anvil.mined_by_hand():
            rpc.batch(sends)
            self._mine_until_mined(hashes[-1:])
        receipts = rpc.batch([("eth_getTransactionReceipt", (tx_hash,)) for tx_hash in hashes])
        for step, receipt in zip(self._steps, receipts, strict=True):
            if receipt["status"] != "0x1":
                raise DeployError(f"chain {chain_id}: {step.name} reverted: {self._reason(step, receipt)}")
        self._nonce += len(self._steps)
        self._steps.clear()

    def _mine_until_mined(self, last: list[str]) -> None:
        """A sender's transactions are mined in the order of their nonces: the last one stands for all."""
        rpc = self._anvil.rpc
        for _ in range(_BLOCKS_MAX):
            if all(rpc.request("eth_getTransactionReceipt", (tx_hash,)) for tx_hash in last):
                return
            self._anvil.mine()
        raise DeployError(f"chain {self._anvil.chain_id}: transactions are not mined after {_BLOCKS_MAX} blocks")

    def _reason(self, step: _Step, receipt: Any) -> str:
        if not step.to:
            return f"creation, gas used {int(receipt['gasUsed'], 16)} of {step.gas}"
        try:
            self._anvil.rpc.call(step.to, step.data, int(receipt["blockNumber"], 16), sender=self.sender)
        except RpcRefused as refusal:
            return revert_text(refusal.data)
        except RpcError as error:  # the step failed either way; only its reason stays unknown
            return str(error)
        return f"gas used {int(receipt['gasUsed'], 16)} of {step.gas}"
