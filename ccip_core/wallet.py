"""A key that acts on one chain: it numbers, prices, signs and sends transactions, and waits for them.

Chain id, nonce and fees are remembered, so a warm `send` with its gas given is one RPC call. What is remembered can be
overtaken (a reorg, another process with the same key): the wallet then asks again and repeats once what was refused.

`send` is for whoever may forget what was sent. Who must act exactly once, whatever dies when, calls its parts:

    prepare   number, price, sign; nothing leaves. The bytes are written down by the caller, durably
    offer     hand the bytes over; again after a crash, and as often as doubt returns: they are one transaction
    reprice   the same transaction with a higher fee, where the chain leaves the old one lying
    release   the number of a transaction that was never offered, or refused, is free again
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Literal

from ccip_core.reverts import revert_text
from ccip_core.rpc import Receipt, Rpc, RpcError, RpcRefused
from ccip_core.transactions import SignedTransaction, Transaction, sign_transaction

if TYPE_CHECKING:
    from collections.abc import Collection

    from ccip_core.signers import Signer

PRIORITY_FEE_WEI_MIN = 10**9
"""A tip that gets a vote into the next block of any chain whose gas price is above it."""

REPRICE_PERCENT_MIN, REPRICE_PERCENT = 10, 20
"""By how much a transaction that takes another one's place must pay more to be accepted, and by how much ours do."""

Offer = Literal["accepted", "known", "outbid", "misnumbered", "underpriced"]
"""accepted: by the node, for now · known: it has it already · outbid: it holds another one of this number
· misnumbered: the number is used up, or too high · underpriced: no block would take it."""

_SERVER_ERROR = -32000
_POLL_S_FIRST, _POLL_S_MAX = 0.01, 0.2
_REFUSALS: dict[Offer, tuple[str, ...]] = {  # in the order in which they are looked for
    "known": ("already known", "already imported", "alreadyknown", "known transaction"),
    "outbid": ("replacement transaction underpriced", "replacement fee too low"),
    "misnumbered": ("nonce too low", "nonce too high", "invalid nonce"),
    "underpriced": ("less than block base fee", "underpriced", "fee cap", "max fee per gas"),
}


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
        self._lock = threading.RLock()
        self._chain_id: int | None = None
        self._nonce: int | None = None
        self._gas_price_wei: int | None = None

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

    @property
    def is_warm(self) -> bool:
        """Whether `prepare` will ask the chain nothing."""
        return None not in (self._chain_id, self._nonce, self._gas_price_wei)

    @property
    def fee_wei_max(self) -> int:
        """What a unit of gas would be worth to `prepare` now, at most; 0 while it has to ask."""
        price = self._gas_price_wei
        return 0 if price is None else sum(_fees(price))

    def prepare(
        self, to: bytes, data: bytes = b"", value_wei: int = 0, *, gas: int, held: Collection[int] = ()
    ) -> SignedTransaction:
        """Number, price and sign a transaction; its number is taken until it is offered or released.

        `held` are numbers of others that the chain may not have yet.

        Raises:
            RpcError: the wallet is not warm, and the chain could not be asked.
        """
        with self._lock:
            _, self._nonce, _ = self._fill()
            while self._nonce in held:
                self._nonce += 1
            return self._prepare(to, data, value_wei, gas)

    def offer(self, raw: bytes) -> Offer:
        """Hand signed bytes to the chain, for the first time or again: one call, harmless to repeat.

        Raises:
            RpcRefused: for a reason of its own (no funds, say); it has not been taken.
            RpcError: perhaps it was taken.
        """
        try:
            self._rpc.send_raw(raw)
        except RpcRefused as refusal:
            message = refusal.message.lower()
            for offer, phrases in _REFUSALS.items():
                if any(phrase in message for phrase in phrases):
                    return offer
            raise
        except RpcError:
            self.refresh()  # it may or may not have arrived: only the chain knows which number is next
            raise
        return "accepted"

    def reprice(self, stuck: Transaction) -> SignedTransaction:
        """The same transaction, signed with fees high enough to take its place. Raises RpcError."""
        with self._lock:
            self._gas_price_wei = None
            today = self._priced(stuck)
            higher = [
                max(now_wei, -(-fee_wei * (100 + REPRICE_PERCENT) // 100))
                for now_wei, fee_wei in (
                    (today.priority_fee_wei, stuck.priority_fee_wei),
                    (today.fee_wei_max, stuck.fee_wei_max),
                )
            ]
            return sign_transaction(stuck._replace(priority_fee_wei=higher[0], fee_wei_max=higher[1]), self._signer)

    def release(self, transaction: Transaction) -> None:
        """The number of a prepared transaction that the chain does not have may be used again."""
        with self._lock:
            self._release(transaction)

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
        with self._lock:  # in the order of their numbers: not every node keeps those that come early
            signed = self._prepare(to, data, value_wei, gas)
            if not self._is_taken(signed):
                self._forget()
                signed = self._prepare(to, data, value_wei, gas)
                if not self._is_taken(signed):
                    raise RpcRefused(_SERVER_ERROR, "the number or the fee of a transaction was refused twice")
        return signed.tx_hash

    def _is_taken(self, signed: SignedTransaction) -> bool:
        try:
            return self.offer(signed.raw) in {"accepted", "known"}
        except RpcRefused:
            self.release(signed.content)
            raise

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

    def _prepare(self, to: bytes, data: bytes, value_wei: int, gas: int) -> SignedTransaction:
        chain_id, nonce, _ = self._fill()
        unpriced = Transaction(chain_id, nonce, 0, 0, gas, to, value_wei, data)
        signed = sign_transaction(self._priced(unpriced), self._signer)
        self._nonce = nonce + 1
        return signed

    def _priced(self, transaction: Transaction) -> Transaction:
        _, _, price = self._fill()
        tip, base_fee = _fees(price)
        return transaction._replace(priority_fee_wei=tip, fee_wei_max=base_fee + tip)

    def _release(self, transaction: Transaction) -> None:
        if self._nonce == transaction.nonce + 1:
            self._nonce = transaction.nonce
        else:  # others were numbered after it: only the chain knows where the gap is now
            self._nonce = None

    def _forget(self) -> None:
        self._nonce = None
        self._gas_price_wei = None


def _fees(price_wei: int) -> tuple[int, int]:
    """The tip, and the base fee that is still paid: one doubles in six full blocks at the fastest."""
    return max(price_wei // 10, min(price_wei, PRIORITY_FEE_WEI_MIN)), 2 * price_wei
