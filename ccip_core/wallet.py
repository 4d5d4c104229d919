"""A key that acts on one chain: it numbers, prices, signs and sends transactions, and waits for them.

Chain id, nonce and fees are remembered, so a warm `send` with its gas given is one RPC call. What is remembered can be
overtaken (a reorg, another process with the same key): the wallet then asks again and repeats once what was refused.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ccip_core.reverts import revert_text
from ccip_core.rpc import Receipt, Rpc, RpcError, RpcRefused
from ccip_core.transactions import SignedTransaction, Transaction, sign_transaction

if TYPE_CHECKING:
    from ccip_core.signers import Signer

PRIORITY_FEE_WEI_MIN = 10**9
"""A tip that gets a vote into the next block of any chain whose gas price is above it."""

_POLL_S_FIRST, _POLL_S_MAX = 0.01, 0.2
_NUMBERED_WRONG = ("nonce too low", "nonce too high", "invalid nonce", "replacement transaction underpriced")
_PRICED_WRONG = ("less than block base fee", "underpriced", "fee cap", "max fee per gas")
_SENT_BEFORE = ("already known", "already imported", "alreadyknown", "known transaction")


class TransactionError(Exception):
    """A transaction did not do what it was sent for."""

    def __init__(self, message: str, tx_hash: bytes | None = None) -> None:
        super().__init__(message)
        self.tx_hash = tx_hash
        """None when it was never sent."""


class TransactionFailed(TransactionError):  # noqa: N818 - named for what happened, as the errors of rpc.py
    """The chain reverted it, or would: then it was not sent."""

    def __init__(self, tx_hash: bytes | None, data: bytes) -> None:
        where = "would revert" if tx_hash is None else f"0x{tx_hash.hex()} reverted"
        super().__init__(f"transaction {where}: {revert_text(data)}", tx_hash)
        self.data = data
        """The revert data; empty when the chain gave none."""


class TransactionNotMined(TransactionError):  # noqa: N818
    """The deadline passed. It may still be mined later."""


class Wallet:
    """One signer on one chain. Safe to share between threads; two wallets with one key would race for nonces."""

    def __init__(self, rpc: Rpc, signer: Signer) -> None:
        self._rpc = rpc
        self._signer = signer
        self._lock = threading.Lock()
        self._chain_id: int | None = None
        self._nonce: int | None = None
        self._gas_price_wei: int | None = None
        self._presigned: tuple[Transaction, SignedTransaction] | None = None

    @property
    def address(self) -> bytes:
        """The signer's."""
        return self._signer.address

    @property
    def rpc(self) -> Rpc:
        """The chain that it acts on."""
        return self._rpc

    def refresh(self) -> None:
        """Forget nonce and fees (after a reorg, say); the next `send` asks the chain."""
        with self._lock:
            self._forget()

    def warm(self) -> None:
        """Ask for fees, and for what else is not known, so that the next `send` is one call. Raises RpcError."""
        with self._lock:
            self._gas_price_wei = None
            self._fill()

    def presign(self, to: bytes, data: bytes, gas: int) -> None:
        """Sign what will probably be sent next, while something else has to be waited for. Nothing is sent or used up.

        Only a warm wallet does so; `send` signs anew whenever anything about the transaction has changed.
        """
        with self._lock:
            if None not in (self._chain_id, self._nonce, self._gas_price_wei):
                transaction = self._transaction(to, data, 0, gas)
                self._presigned = (transaction, sign_transaction(transaction, self._signer))

    def send(self, to: bytes, data: bytes = b"", value_wei: int = 0, gas: int | None = None) -> bytes:
        """Hand a transaction to the chain; its hash. It is not mined yet.

        Raises:
            TransactionFailed: gas was to be estimated and the chain says that the call would revert.
            RpcError: it could not be sent, or, when RpcUnreachable, perhaps it was.
        """
        return self._send(to, data, value_wei, gas)

    def transact(
        self, to: bytes, data: bytes = b"", value_wei: int = 0, gas: int | None = None, timeout_s: float = 30.0
    ) -> Receipt:
        """Send and wait until it is mined.

        Raises:
            TransactionFailed: it reverted, or would.
            TransactionNotMined: not within `timeout_s`.
            RpcError: the chain could not be asked.
        """
        return self._wait(to, data, self._send(to, data, value_wei, gas), timeout_s)

    def deploy(self, bytecode: bytes, gas: int | None = None, timeout_s: float = 30.0) -> bytes:
        """Create a contract from creation code and constructor arguments; its address. Raises as `transact`."""
        address = self._wait(b"", bytecode, self._send(b"", bytecode, 0, gas), timeout_s).contract_address
        if address is None:
            raise TransactionError("the chain mined a creation but names no contract")
        return address

    def wait(self, tx_hash: bytes, timeout_s: float = 30.0) -> Receipt:
        """The receipt of a transaction sent before, reverted or not. Raises TransactionNotMined, RpcError."""
        deadline = time.monotonic() + timeout_s
        pause_s = _POLL_S_FIRST
        while True:
            receipt = self._rpc.receipt(tx_hash)
            if receipt is not None:
                return receipt
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                self.refresh()  # perhaps the nonce we remember is one that the chain has never reached
                raise TransactionNotMined(f"transaction 0x{tx_hash.hex()} not mined within {timeout_s:g} s", tx_hash)
            time.sleep(min(pause_s, left_s))
            pause_s = min(pause_s * 1.5, _POLL_S_MAX)

    def _wait(self, to: bytes, data: bytes, tx_hash: bytes, timeout_s: float) -> Receipt:
        receipt = self.wait(tx_hash, timeout_s)
        if not receipt.is_success:
            raise TransactionFailed(tx_hash, self._revert_data(to, data, receipt.block_number))
        return receipt

    def _revert_data(self, to: bytes, data: bytes, block_number: int) -> bytes:
        """Why it reverted, by asking again on the block that holds it. A reason is a courtesy: none is no error."""
        if not to:
            return b""
        try:
            self._rpc.call(to, data, block_number, sender=self.address)
        except RpcRefused as refusal:
            return refusal.data
        except RpcError:
            return b""
        return b""

    def _send(self, to: bytes, data: bytes, value_wei: int, gas: int | None) -> bytes:
        if gas is None:
            gas = self._estimate(to, data, value_wei)
        with self._lock:
            try:
                return self._submit(to, data, value_wei, gas)
            except RpcRefused as refusal:
                if not _mentions(refusal, _NUMBERED_WRONG + _PRICED_WRONG):
                    raise
                self._forget()
                return self._submit(to, data, value_wei, gas)

    def _estimate(self, to: bytes, data: bytes, value_wei: int) -> int:
        try:
            needed = self._rpc.estimate_gas(self.address, to or None, data, value_wei)
        except RpcRefused as refusal:
            if refusal.data or "revert" in refusal.message.lower():
                raise TransactionFailed(None, refusal.data) from None
            raise
        return needed + needed // 4

    def _fill(self) -> tuple[int, int, int]:
        if self._chain_id is None:
            self._chain_id = self._rpc.chain_id()
        if self._nonce is None:
            self._nonce = self._rpc.nonce(self.address)
        if self._gas_price_wei is None:
            self._gas_price_wei = self._rpc.gas_price()
        return self._chain_id, self._nonce, self._gas_price_wei

    def _submit(self, to: bytes, data: bytes, value_wei: int, gas: int) -> bytes:
        transaction = self._transaction(to, data, value_wei, gas)
        presigned, self._presigned = self._presigned, None
        if presigned is not None and presigned[0] == transaction:
            signed = presigned[1]
        else:
            signed = sign_transaction(transaction, self._signer)
        try:
            self._rpc.send_raw(signed.raw)
        except RpcRefused as refusal:
            if not _mentions(refusal, _SENT_BEFORE):
                raise
        except RpcError:
            self._forget()  # it may or may not have arrived: only the chain knows which nonce is next
            raise
        self._nonce = transaction.nonce + 1
        return signed.tx_hash

    def _transaction(self, to: bytes, data: bytes, value_wei: int, gas: int) -> Transaction:
        chain_id, nonce, price = self._fill()
        tip = max(price // 10, min(price, PRIORITY_FEE_WEI_MIN))
        fee_max = 2 * price + tip  # a base fee doubles in six full blocks at the fastest
        return Transaction(chain_id, nonce, tip, fee_max, gas, to, value_wei, data)

    def _forget(self) -> None:
        self._nonce = None
        self._gas_price_wei = None


def _mentions(refusal: RpcRefused, phrases: tuple[str, ...]) -> bool:
    message = refusal.message.lower()
    return any(phrase in message for phrase in phrases)
